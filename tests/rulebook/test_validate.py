"""A rule book that names what does not exist is told so, entry by entry."""

import msgspec

from advisor.rulebook import Remedy, Step, load
from advisor.rulebook.validate import validate

BOOK = load()
CHECKS = {step.check for method in BOOK.methods.values() for step in method.checks.checks()}


def changed(kind: str, id: str, **fields):
    entries = {**getattr(BOOK, kind), id: msgspec.structs.replace(getattr(BOOK, kind)[id], **fields)}
    return msgspec.structs.replace(BOOK, **{kind: entries})


def only_problem(book, checks=CHECKS):
    (problem,) = validate(book, checks)
    return problem


def test_a_book_that_holds_together_has_no_problems():
    assert validate(BOOK, CHECKS) == ()


def test_an_unknown_check_is_refused_with_the_nearest_one():
    book = changed("methods", "bastion", checks=Step(all=(Step(check="instance.runing"),)))
    problem = only_problem(book)
    assert "names the check `instance.runing`, which does not exist" in str(problem)
    assert problem.hint == "Did you mean `instance.running`?"
    assert problem.place.endswith("methods/bastion.yaml:1")


def test_rules_cannot_reach_a_check_that_the_program_does_not_offer():
    assert len(validate(BOOK, ())) == sum(len(method.checks.checks()) for method in BOOK.methods.values())


def test_an_unknown_cause_in_a_symptom_or_runbook_is_found():
    assert "`no-such-cause`" in only_problem(changed("symptoms", "disk-full", causes=("no-such-cause",))).what
    assert (
        "`no-such-cause`" in only_problem(changed("runbooks", "diagnose-01", causes=("no-such-cause",))).what
    )


def test_an_unknown_action_is_found():
    book = changed("causes", "blackhole-route", remedy=Remedy(actions=("no-such-action",)))
    assert "the action `no-such-action`" in only_problem(book).what


def test_an_unknown_criterion_or_trait_of_a_profile_is_found():
    assert "criterion `luck`" in only_problem(changed("profiles", "cost", weights={"luck": 100})).what
    assert "trait `lucky`" in only_problem(changed("profiles", "cost", requires=("lucky",))).what


def test_a_score_beyond_one_is_found():
    scores = {**BOOK.methods["direct"].scores, "security": 1.5}
    assert "1.5" in only_problem(changed("methods", "direct", scores=scores)).what


def test_a_condition_that_is_no_jmespath_is_found():
    assert "not JMESPath" in only_problem(changed("policies", "no-open-ssh", when="this.[")).what
