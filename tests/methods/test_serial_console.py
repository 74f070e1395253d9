"""The serial console's odd cases: Macs, uses that it does not carry, nodes outside EC2."""

from __future__ import annotations

import pytest

from advisor.methods.options import Options, Use
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from tests.methods.stages import at_console, on_premises
from tests.methods.stories import SERIAL


@pytest.mark.parametrize(
    ("type", "verdict"),
    [("mac1.metal", BLOCKED), ("mac2.metal", BLOCKED), ("mac2-m2.metal", UNKNOWN), ("m5.metal", READY)],
)
def test_a_mac_that_awss_list_does_not_name_is_unknown(type: str, verdict: Verdict) -> None:
    assert at_console(type=type).method(SERIAL).verdict is verdict


@pytest.mark.parametrize("use", [each for each in Use if each is not Use.SHELL])
def test_it_is_a_text_console_and_carries_nothing_else(use: Use) -> None:
    method = at_console(platform="windows", type="m5.large").method(SERIAL, Options(use=use))
    assert (method.verdict, [each.cause for each in method.blockers]) == (BLOCKED, ["use-not-offered"])


def test_the_accounts_switch_is_no_matter_of_a_node_outside_ec2() -> None:
    stage = on_premises()
    stage.scene.serial_console(False)
    assert [each.cause for each in stage.method(SERIAL).blockers] == ["hybrid-not-applicable"]
