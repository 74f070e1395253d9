"""The file of `advisor check` is read with lines, and refused with lines."""

import pytest

from advisor.model.errors import InputError
from advisor.rulebook import MethodAssertion, PathAssertion, as_yaml, read_assertions

GOOD = """\
assertions:
  - {id: web-to-ssm, from: i-0a, to: "service:ssm", port: 443, expect: reachable}
  - id: web-shell
    target: web-1
    method: session-manager
    expect: ready
  - {id: ping, from: i-0a, to: i-0b, protocol: icmp, expect: blocked}
"""


@pytest.fixture
def read(tmp_path):
    def from_text(text):
        path = tmp_path / "check.yaml"
        path.write_text(text, encoding="utf-8")
        return read_assertions(path)

    return from_text


def test_paths_and_methods_are_told_apart(read):
    path, method, ping = (each.assertion for each in read(GOOD))
    assert path == PathAssertion("web-to-ssm", "i-0a", "service:ssm", "reachable", "tcp", 443)
    assert method == MethodAssertion("web-shell", "web-1", "session-manager", "ready")
    assert ping.protocol == "icmp" and ping.port is None


def test_each_knows_its_line(read):
    assert [each.place.line for each in read(GOOD)] == [2, 3, 7]


def test_the_list_alone_will_do(read):
    bare = "\n".join(line[2:] for line in GOOD.splitlines()[1:]) + "\n"
    assert [each.assertion.id for each in read(bare)] == ["web-to-ssm", "web-shell", "ping"]


@pytest.mark.parametrize(
    ("change", "line", "what", "hint"),
    [
        (("expect: ready", "expect: redy"), 6, "invalid enum value 'redy'", "ready, blocked, unknown"),
        (("expect: reachable", "expect: ready"), 2, "invalid enum value 'ready'", "reachable"),
        (("method: session", "metod: session"), 5, "unknown key `metod`", "Did you mean `method`?"),
        (("id: ping", "id: web-shell"), 7, "`web-shell` is already in line 3", "id of its own"),
        (("port: 443, ", ""), 2, "needs a `port`", "port: 5432"),
        (("port: 443", "port: 70000"), 2, "`port` of assertion `web-to-ssm` is too large", "65535 or less"),
        (("port: 443", "port: ssh"), 2, "`web-to-ssm` is a text, not a whole number", "port: 5432"),
        (("id: ping", "id: 5"), 7, "`id` of this assertion is a whole number, not a text", "in quotes"),
        (("id: ping", "idd: ping"), 7, "unknown key `idd`", "Did you mean `id`?"),
        (("protocol: icmp", "protocol: icmp, port: 8"), 7, "says nothing about the protocol", ""),
        (("to: i-0b, ", ""), 7, "the key `to` is missing", ""),
        (("    target: web-1\n    method: session-manager\n", ""), 3, "neither about a path nor", "from, to"),
        (("target: web-1", "from: i-0a"), 3, "both about a path and about a method", "from, to"),
        (("assertions:", "assertion:"), 1, "unknown key `assertion`", "assertions"),
        (("id: web-shell", "id: ''"), 3, "assertion ``", ""),
    ],
)  # fmt: skip
def test_mistakes_are_named_with_their_line(read, tmp_path, change, line, what, hint):
    with pytest.raises(InputError) as caught:
        read(GOOD.replace(*change))
    assert caught.value.message.startswith(f"{tmp_path}/check.yaml:{line}: ")
    assert what in caught.value.message + caught.value.hint
    assert hint in caught.value.hint


@pytest.mark.parametrize("text", ["", "assertions: []", "assertions: {}", "assertions:", "text", "[]", "3"])
def test_a_file_without_assertions_is_an_error_and_not_a_pass(read, text):
    with pytest.raises(InputError, match="there are no assertions"):
        read(text)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_assertions(tmp_path / "none.yaml")


def test_thousands_are_read_at_once(read):
    many = [
        {"id": f"a{n}", "from": "i-0a", "to": "i-0b", "port": 22, "expect": "blocked"} for n in range(3_000)
    ]
    assert len(read(as_yaml({"assertions": many}))) == 3_000
