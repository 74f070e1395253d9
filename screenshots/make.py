"""Render the terminal app on the demo account to screenshots/*.svg, and with --png to PNG as well.

    .venv/bin/python screenshots/make.py          # SVG only; the same bytes on every machine
    .venv/bin/python screenshots/make.py --png    # also PNG, with Debian's chromium and fonts-noto-cjk
    .venv/bin/python screenshots/make.py --check  # fail if the committed SVG files are not what this makes

The SVG names no web font and loads nothing from anywhere.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

for name in [*os.environ]:
    if name.startswith("TEXTUAL") or name in ("NO_COLOR", "COLORTERM"):
        del os.environ[name]
os.environ["TEXTUAL_ANIMATIONS"] = "none"

from rich.cells import cell_len  # noqa: E402

from advisor.tui.app import AdvisorApp  # noqa: E402
from advisor.tui.desk import Source  # noqa: E402

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 23, 12, 5, tzinfo=UTC)
FONTS = "DejaVu Sans Mono, Menlo, Consolas, Noto Sans Mono CJK JP, Noto Sans CJK JP, monospace"


class Shot(NamedTuple):
    """A picture: its name, the window, the theme, and the keys that lead there (`/text` types a filter)."""

    name: str
    size: tuple[int, int]
    keys: tuple[str, ...]
    theme: str = "advisor-dark"


SHOTS = (
    Shot("fleet", (132, 38), ()),
    Shot("instance", (132, 42), ("/web-2", "enter", "enter", *["k"] * 6)),
    Shot("comparison", (150, 42), ("/web-2", "enter", "c", *["h"] * 6)),
    Shot("plan", (132, 38), ("/web-2", "enter", "enter", *["k"] * 6, "p")),
    Shot("trace", (132, 34), ("/web-2", "enter", "t", "=service:ssmmessages", "tab", "tab", "=443", "enter")),
    Shot("map", (120, 34), ("m", "x")),
    Shot("light", (120, 32), (), "advisor-light"),
    Shot("fleet-80x24", (80, 24), ()),
)


async def render(shot: Shot) -> str:
    """The shot as SVG."""
    app = AdvisorApp(Source("demo"), clock=lambda: NOW)
    async with app.run_test(size=shot.size) as pilot:
        await _settle(app, pilot)
        app.theme = shot.theme
        for key in shot.keys:
            if key[0] in "/=" and len(key) > 1:
                if key[0] == "/":
                    await pilot.press("slash")
                line = app.focused
                assert line is not None, key
                line.value = key[1:]  # type: ignore[attr-defined]
            else:
                await pilot.press(key)
            await _settle(app, pilot)
        app.clear_notifications()
        await pilot.pause()
        return tidy(app.export_screenshot(title="advisor demo", simplify=True))


async def _settle(app: AdvisorApp, pilot: object) -> None:
    await pilot.pause()  # type: ignore[attr-defined]
    await app.workers.wait_for_complete()
    await pilot.pause()  # type: ignore[attr-defined]


def tidy(svg: str) -> str:
    """Without web fonts, and with full-width characters as wide as two."""
    svg = re.sub(r"@font-face\s*{[^}]*}\s*", "", svg)
    svg = re.sub(r"font-family: Fira Code[^;]*;", f"font-family: {FONTS};", svg)
    svg = re.sub(r"font-family:\s*arial;", "font-family: sans-serif;", svg)
    return re.sub(r'textLength="([\d.]+)"([^>]*)>([^<]*)</text>', _wider, svg)


def _wider(found: re.Match[str]) -> str:
    text = html.unescape(found[3])
    length = float(found[1])
    if text and cell_len(text) != len(text):
        length = length / len(text) * cell_len(text)
    return f'textLength="{length:g}"{found[2]}>{found[3]}</text>'


def photograph(svg: Path, png: Path) -> None:
    """The SVG as chromium draws it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        sys.exit("PNG files need chromium (and fonts-noto-cjk for Japanese names).")
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text(encoding="utf-8"))
    assert box is not None, svg
    width, height = round(float(box[1])), round(float(box[2]))
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(
            f'<body style="margin:0;background:transparent"><img src="{svg.resolve().as_uri()}" '
            f'width="{width}" height="{height}"></body>',
            encoding="utf-8",
        )
        subprocess.run(
            [
                program,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--force-device-scale-factor=1.5",
                "--default-background-color=00000000",
                f"--window-size={width},{height}",
                f"--screenshot={png}",
                page.as_uri(),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--png", action="store_true")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("names", nargs="*", help="only these shots")
    arguments = parser.parse_args()
    stale = []
    for shot in SHOTS:
        if arguments.names and shot.name not in arguments.names:
            continue
        svg = asyncio.run(render(shot))
        path = HERE / f"{shot.name}.svg"
        if arguments.check:
            if not path.exists() or path.read_text(encoding="utf-8") != svg:
                stale.append(path.name)
            continue
        path.write_text(svg, encoding="utf-8")
        if arguments.png:
            photograph(path, path.with_suffix(".png"))
        print(path.name)
    if stale:
        print(
            f"not what the program shows today: {', '.join(stale)}; run screenshots/make.py", file=sys.stderr
        )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
