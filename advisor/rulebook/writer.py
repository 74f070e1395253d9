"""Plain values as YAML text, for `--output yaml` and for files of assertions that people go on writing."""

from __future__ import annotations

from typing import Any

import yaml

try:
    from yaml import CSafeDumper as Dumper
except ImportError:  # PyYAML without libyaml: the same text, more slowly
    from yaml import SafeDumper as Dumper  # type: ignore[assignment]


class _Dumper(Dumper):
    """Without anchors: a value that occurs twice is written twice, which every reader understands."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def as_yaml(value: Any) -> str:
    """The value as a YAML document, keys in their own order, text of every language as it is."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text
