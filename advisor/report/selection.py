"""Choosing targets by what people type: an id, a name, the start of either, or a tag."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from advisor.methods.assessment import Target
from advisor.model.errors import InputError
from advisor.model.text import plain

_SHOWN = 8


class Directory:
    """The targets of an estate, to be found by what people type."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self.targets = tuple(targets)
        self._exact: dict[str, list[Target]] = defaultdict(list)
        self._addresses: dict[str, list[Target]] = defaultdict(list)
        for each in self.targets:
            for word in dict.fromkeys((each.id, each.name, placed(each))):
                self._exact[word].append(each)
            for address in (each.private_ip, each.public_ip):
                if address:
                    self._addresses[address].append(each)

    def select(
        self, wanted: Iterable[str] = (), tags: Iterable[str] = (), vpcs: Iterable[str] = ()
    ) -> tuple[Target, ...]:
        """The targets that are meant, in their own order; all of them if nothing is asked for.

        Each word of `wanted` is an id, a name, the start of one, `account/region/id`, `tag:key=value`, or a
        pattern with `*` (which may mean several). `tags` (`key=value` or `key`) and `vpcs` narrow down
        further. Raises InputError for words that mean nothing, or more than one target.
        """
        words = list(wanted)
        chosen = list(self.targets)
        if words:
            meant = {id(each) for word in words for each in self.find(word)}
            chosen = [each for each in chosen if id(each) in meant]
        for tag in tags:
            chosen = self._kept([each for each in chosen if _has_tag(each, tag)], f"the tag {tag}")
        wanted_vpcs = list(vpcs)
        if wanted_vpcs:
            found = [each for each in chosen if each.vpc in wanted_vpcs]
            chosen = self._kept(found, f"VPC {' '.join(wanted_vpcs)}")
        return tuple(chosen)

    def find_one(self, word: str) -> Target:
        """The one target that a word means; InputError with the candidates if there are several."""
        found = self.find(word)
        if len(found) > 1:
            raise _ambiguous(word, found)
        return found[0]

    def find(self, word: str) -> tuple[Target, ...]:
        """What one word means: one target, or several for a tag or a pattern."""
        if word.startswith("tag:"):
            return tuple(self._kept([each for each in self.targets if _has_tag(each, word[4:])], word))
        if word and (found := self._exact.get(word)):
            return _single(word, found)
        if "*" in word:
            matching = [
                each for each in self.targets if fnmatchcase(each.name, word) or fnmatchcase(each.id, word)
            ]
            return tuple(self._kept(matching, word))
        if found := self._addresses.get(word):
            return _single(word, found)
        started = [each for each in self.targets if each.id.startswith(word) or each.name.startswith(word)]
        if word and started:
            return _single(word, started)
        raise _unknown(word, self.targets)

    def _kept(self, found: list[Target], asked: str) -> list[Target]:
        if found:
            return found
        count = len(self.targets)
        known = f"{count} targets were read" if count else "no instances or managed nodes were read"
        raise InputError(f"no target matches {plain(asked)}", f"{known}; list them with: advisor assess")


def _single(word: str, found: list[Target]) -> tuple[Target, ...]:
    if len(found) > 1:
        raise _ambiguous(word, found)
    return tuple(found)


def _has_tag(target: Target, tag: str) -> bool:
    key, equals, value = tag.partition("=")
    return any(
        each == key and (not equals or found == value or fnmatchcase(found, value))
        for each, found in target.tags
    )


def placed(target: Target) -> str:
    """The id with its account and Region, which names one target whatever repeats."""
    return f"{target.account}/{target.region}/{target.id}"


def _described(target: Target, with_place: bool) -> str:
    words = placed(target) if with_place else target.id
    return plain(f"{words} ({target.name})" if target.name else words)


def _ambiguous(word: str, found: Sequence[Target]) -> InputError:
    with_place = len({each.id for each in found}) < len(found)
    shown = ", ".join(_described(each, with_place) for each in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return InputError(f"'{plain(word)}' means {len(found)} targets", f"say which: {shown}{more}")


def _unknown(word: str, targets: Sequence[Target]) -> InputError:
    if not targets:
        return InputError(
            f"no target '{plain(word)}': no instances or managed nodes were read",
            "check --region and --profile, or the calls that were denied: advisor assess --output json",
        )
    names = {name: each for each in targets for name in (each.id, each.name) if name}
    close = get_close_matches(word, names, n=3)
    hint = (
        f"did you mean {' or '.join(_described(names[each], False) for each in close)}?"
        if close
        else "list the targets with: advisor assess"
    )
    return InputError(f"no target '{plain(word)}' among the {len(targets)} that were read", hint)
