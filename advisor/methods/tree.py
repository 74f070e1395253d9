"""The tree of checks that a method's rules write down, compiled to answer for the cases of one scope."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from advisor.methods.answer import Answer, consistent, either, observed
from advisor.methods.case import Case
from advisor.methods.checks import CHECKS, Check, Key
from advisor.model.errors import InputError

if TYPE_CHECKING:
    from advisor.rulebook import Step


class Leaf:
    """A check with its parameters, and the answers it has given by key."""

    __slots__ = ("_answers", "check", "parameters")

    def __init__(self, check: Check, parameters: dict[str, Any]) -> None:
        self.check = check
        self.parameters = parameters
        self._answers: dict[Hashable, Answer] = {}

    def answer(self, case: Case) -> Answer:
        """The check's answer, worked out once per key."""
        key = self.check.key(case)
        found = self._answers.get(key)
        if found is None:
            found = self._answers[key] = self.check.answer(case, self.parameters)
        return found

    def leaves(self) -> Iterator[Leaf]:
        """This leaf."""
        yield self

    def joined(self, answers: Mapping[int, Answer]) -> Answer:
        """This leaf's answer among those given."""
        return answers[id(self)]


class Branch:
    """Answers of several nodes, combined."""

    __slots__ = ("combine", "nodes")

    def __init__(self, combine: Callable[[list[Answer]], Answer], nodes: Sequence[Node]) -> None:
        self.combine = combine
        self.nodes = tuple(nodes)

    def leaves(self) -> Iterator[Leaf]:
        """The checks below, from left to right."""
        for node in self.nodes:
            yield from node.leaves()

    def joined(self, answers: Mapping[int, Answer]) -> Answer:
        """The combination of the leaves' answers."""
        return self.combine([node.joined(answers) for node in self.nodes])


Node = Leaf | Branch


class Tree:
    """A compiled tree; `key_functions` are the distinct keys that its checks ask for.

    Combining is remembered too, by the identity of the answers: most cases differ in one answer only from
    another, and many in none.
    """

    def __init__(self, root: Node) -> None:
        self.root = root
        self.leaves = tuple(root.leaves())
        self.key_functions: tuple[Key, ...] = tuple(dict.fromkeys(leaf.check.key for leaf in self.leaves))
        self._combined: dict[tuple[int, ...], Answer] = {}

    def answer(self, case: Case) -> Answer:
        """What the whole tree says of a case; equal answers of its checks give the very same object."""
        answers = [leaf.answer(case) for leaf in self.leaves]
        identity = tuple(map(id, answers))
        found = self._combined.get(identity)
        if found is None:
            by_leaf = {id(leaf): answer for leaf, answer in zip(self.leaves, answers, strict=True)}
            found = self._combined[identity] = self.root.joined(by_leaf)
        return found


def compile_tree(step: Step, where: str) -> Tree:
    """The tree that the rules write down; `where` says where they stand, for errors.

    Raises InputError for an unknown check or a wrong parameter.
    """
    return Tree(_node(step, where))


def _node(step: Step, where: str) -> Node:
    if step.check:
        return _leaf(step.check, dict(step.parameters), where)
    if step.observed is not None and step.inferred is not None:
        nodes = [_node(step.observed, where), _node(step.inferred, where)]
        return Branch(lambda answers: observed(answers[0], answers[1]), nodes)
    if step.any:
        return Branch(either, [_node(each, where) for each in step.any])
    return Branch(consistent, [_node(each, where) for each in step.all])


def _leaf(identity: str, parameters: dict[str, Any], where: str) -> Leaf:
    check = CHECKS.get(identity)
    if check is None:
        near = difflib.get_close_matches(identity, CHECKS, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else "`advisor rules list` names what there is"
        raise InputError(f"{where}: there is no check called {identity!r}", hint)
    for name in parameters:
        if name not in check.parameters:
            raise InputError(
                f"{where}: the check {identity} has no parameter {name!r}",
                f"it takes {', '.join(check.parameters) or 'none'}",
            )
    for name, needed in check.parameters.items():
        if needed and name not in parameters:
            raise InputError(
                f"{where}: the check {identity} needs the parameter {name!r}", "write it below `with`"
            )
    return Leaf(check, parameters)
