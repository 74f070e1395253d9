"""What remains to be looked at by hand: only where nothing else explains it, only what fits."""

from __future__ import annotations

from advisor.methods.assessment import MethodId
from advisor.methods.checklist import checklist
from advisor.methods.options import ANYBODY, Options, Use
from tests.methods.stages import BOOK, Stage, isolated, public, tunnelled
from tests.methods.stories import DIRECT, SESSION, TUNNEL


def by_hand(stage: Stage, method: MethodId, options: Options = ANYBODY) -> set[str]:
    assessed = stage.assessed()
    found = checklist(assessed.target, assessed.method(method), BOOK, options)
    assert all(cause.by_hand for cause in found)
    return {cause.id for cause in found}


def test_a_silent_agent_without_a_visible_reason_is_looked_at_on_the_machine() -> None:
    stage = isolated()
    stage.silence()
    found = by_hand(stage, SESSION)
    assert {"agent-stopped-or-crashed", "agent-clock-skew", "agent-os-firewall"} <= found
    assert not {"windows-sysprep-incomplete", "hybrid-fingerprint-change", "rdp-nla"} & found


def test_a_reason_that_is_certain_comes_before_any_guessing() -> None:
    stage = isolated()
    stage.door.record["IpPermissions"] = []
    stage.silence()
    assert by_hand(stage, SESSION) == set()


def test_an_agent_that_pings_needs_no_looking_at() -> None:
    assert "agent-stopped-or-crashed" not in by_hand(isolated(), SESSION)


def test_a_ready_way_to_ssh_leaves_the_daemon_and_the_firewall() -> None:
    found = by_hand(tunnelled(), TUNNEL)
    assert {"sshd-down-or-misconfigured", "os-firewall-22-3389"} <= found
    assert "rdp-service-stopped" not in found


def test_a_desktop_leaves_the_service_of_windows() -> None:
    found = by_hand(public(port=3389, platform="windows"), DIRECT)
    assert "rdp-service-stopped" in found
    assert "sshd-down-or-misconfigured" not in found


def test_what_was_asked_for_decides() -> None:
    assert "dest-port-not-listening" not in by_hand(isolated(), SESSION)
    assert "dest-port-not-listening" in by_hand(isolated(), SESSION, Options(use=Use.PORT_FORWARD))
