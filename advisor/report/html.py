"""Pages as one HTML file: everything escaped, nothing loaded from anywhere, readable in light and dark."""

from __future__ import annotations

from html import escape

from advisor.report.page import Block, Bullets, Code, Content, Heading, Page, Paragraph, Table, Tone
from advisor.report.page import text_of as words
from advisor.report.page import tone_of as tone

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --line: #d0d7de; --head: #f3f5f7;
  --good: #0b5cad; --bad: #a8400a; --doubt: #6b5900; --faint: #59636e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ec; --paper: #14171a; --line: #3a4149;
  --head: #1f2428; --good: #6cb6ff; --bad: #f5954b; --doubt: #e3c34a; --faint: #9aa4ae; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 96rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3, h4 { line-height: 1.25; margin: 1.6em 0 .5em; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--line); }
th { background: var(--head); position: sticky; top: 0; }
pre { background: var(--head); padding: .7rem; overflow-x: auto; border-radius: 4px; }
td.short { white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); } .doubt { color: var(--doubt); }
.faint { color: var(--faint); } .strong { font-weight: 600; }
@media print { body { max-width: none; } th { position: static; } }
"""
_SHORT = 32
# A saved report must not make a browser run or fetch anything, whatever an account's tags say.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def render(page: Page, title: str, lang: str = "en") -> str:
    """The page as a complete document."""
    body = "\n".join(_block(block) for block in page)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(lang)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level}>{_span(block.text)}</h{block.level}>"
    if isinstance(block, Paragraph):
        return f"<p>{_span(block.text)}</p>"
    if isinstance(block, Bullets):
        return _bullets(block)
    if isinstance(block, Code):
        return f"<pre><code>{escape(block.text)}</code></pre>"
    return _table(block)


def _bullets(block: Bullets) -> str:
    lines: list[str] = []
    level = -1
    for depth, item in block.each():
        # A list may start deep or skip levels only by mistake; one level at a time keeps the tags balanced.
        wanted = min(depth, level + 1)
        lines.append("<ul>" if wanted > level else "</li>" + "</ul></li>" * (level - wanted))
        lines.append(f"<li>{_span(item)}")
        level = wanted
    return "".join(lines) + ("</li></ul>" * (level + 1))


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in table.columns)
    rows = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in table.rows)
    return (
        f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>'
    )


def _cell(content: Content) -> str:
    # An id or a verdict broken over two lines is hard to read and harder to copy.
    kind = ' class="short"' if len(words(content)) <= _SHORT else ""
    return f"<td{kind}>{_span(content)}</td>"


def _span(content: Content) -> str:
    text = escape(words(content))
    kind = tone(content)
    return text if kind is Tone.PLAIN else f'<span class="{kind.value}">{text}</span>'
