"""Pasted error texts: which symptoms they show, and what the target says of each cause."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

import advisor
from advisor.methods.answer import Certainty, Finding
from advisor.methods.assess import assess
from advisor.methods.assessment import MethodAssessment, MethodId, Target, TargetAssessment
from advisor.methods.options import Options, Use
from advisor.methods.pasted import Denial, mentions
from advisor.methods.why import UNTESTED, Explained, Explanation, Standing, explain
from advisor.model.evidence import SELF, Missing
from advisor.model.verdict import BLOCKED, READY, UNKNOWN, Verdict
from advisor.rulebook import load
from tests.growth import growth
from tests.scenes.builder import CORE, Scene, tcp

BOOK = load()
NOT_CONNECTED = (
    "An error occurred (TargetNotConnected) when calling the StartSession operation: "
    "i-0123456789abcdef0 is not connected."
)
NODE = "i-0123456789abcdef0"


def assessed(
    verdict: Verdict,
    *blockers: Finding,
    missing: tuple[Missing, ...] = (),
    notes: tuple[Finding, ...] = (),
    method: MethodId = MethodId.SESSION_MANAGER,
) -> TargetAssessment:
    target = Target(NODE, "web", "ec2", "linux", "running", "111122223333", "us-east-1")
    return TargetAssessment(target, (MethodAssessment(method, verdict, blockers, missing, notes),))


def of(explanation: Explanation, cause: str) -> Explained:
    return next(each for each in explanation.causes if each.cause == cause)


# --- recognising -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "symptom", "near"),
    [
        (NOT_CONNECTED, "target-not-connected", False),
        ("TARGETNOTCONNECTED", "target-not-connected", False),
        ("Error: TargetNotConected when caling StartSession operation", "target-not-connected", True),
        ("kex_exchange_identfication: Conection closd by remote host", "kex-closed", True),
        ("SSM エージェントはオンラインではありません", "agent-not-online", False),
        ("SSM エージェントはオンラインではありませ", "agent-not-online", True),
        (
            "lots of log\n\n2026-11-23 Websocket Closure Reason: Unable to connect to target\n",
            "eice-cannot-connect",
            False,
        ),
    ],
)
def test_texts_exact_and_nearly_so_in_both_languages(text: str, symptom: str, near: bool) -> None:
    first = explain(text, BOOK).shown[0]
    assert (first.symptom, first.near) == (symptom, near)
    assert (first.score < 1) is near


def test_colours_of_a_terminal_make_no_difference() -> None:
    link = "\x1b]8;;https://example.com\x07i-0123456789abcdef0\x1b]8;;\x1b\\"
    found = explain(f"\x1b[1;31mTarget\x1b[0mNotConnected\x1b[K {link} is not connected", BOOK)
    assert (found.shown[0].symptom, found.shown[0].near) == ("target-not-connected", False)
    assert found.mentions.targets == ("i-0123456789abcdef0",)


@pytest.mark.parametrize(
    "text",
    [
        "An error occurred (InvalidDocument) when calling the StartSession operation",
        "An error occurred (Throttling) when calling the StartSession operation (reached max retries: 2)",
        "ping: connection type",
    ],
)
def test_what_every_error_of_the_cli_says_is_not_a_likeness(text: str) -> None:
    assert explain(text, BOOK).causes == ()


@pytest.mark.parametrize(
    ("text", "symptoms", "without"),
    [
        (
            "An error occurred (AccessDeniedException) when calling the SendSSHPublicKey operation: User: "
            "arn:aws:iam::111122223333:user/x is not authorized to perform: "
            "ec2-instance-connect:SendSSHPublicKey on resource: *",
            ["send-key-denied"],
            {"caller-no-startsession", "fleet-rdp-iam", "vpce-policy-denies"},
        ),
        (
            f"{NOT_CONNECTED}\nkex_exchange_identification: Connection closed by remote host\n"
            "Connection closed by UNKNOWN port 65535",
            ["target-not-connected"],
            {"eice-sg-egress-missing", "caller-no-document"},
        ),
        (
            "channel 0: open failed: connect failed: Connection timed out\nstdio forwarding failed",
            ["bastion-second-hop-timeout"],
            {"sg-inbound-22-missing", "no-public-ip"},
        ),
        (
            "SSM Agent unable to acquire credentials: error calling RequestManagedInstanceRoleToken: "
            "AccessDeniedException: Systems Manager's instance management role is not configured for account",
            ["management-role-not-configured"],
            {"caller-no-startsession", "eice-no-opentunnel"},
        ),
    ],
)
def test_a_general_text_adds_nothing_to_a_telling_one(
    text: str, symptoms: list[str], without: set[str]
) -> None:
    found = explain(text, BOOK)
    assert [each.symptom for each in found.shown] == symptoms
    assert not without & {each.cause for each in found.causes}


def test_a_general_text_alone_counts() -> None:
    assert explain("AccessDeniedException", BOOK).causes
    assert explain("ssh: connect to host 203.0.113.9 port 22: Connection timed out", BOOK).causes


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Setting up data channel with id alice-01 failed: failed", "instance-role-missing-ssmmessages"),
        ("Plugin with name Port not found. Step name: Port", "agent-too-old-for-feature"),
        ("dial tcp: lookup ssm.us-east-1.amazonaws.com: no such host", "vpc-dns-support-off"),
        ('Post "https://ssm.us-east-1.amazonaws.com/": dial tcp 10.0.1.5:443: i/o timeout', "no-path-to-ssm"),
        ("x509: certificate signed by unknown authority", "firewall-or-gwlb-in-path"),
        (
            "Couldn't start the session because we are unable to validate encryption on Amazon S3 bucket",
            "session-log-role-permission",
        ),
        ("is not authorized to perform: kms:GenerateDataKey on resource: *", "session-kms-caller-permission"),
        ("is not authorized to perform: ec2-instance-connect:SendSerialConsoleSSHPublicKey", "serial-iam"),
        ("is not authorized to perform: ssm-guiconnect:StartConnection on resource: *", "fleet-rdp-iam"),
        (
            "ssm:StartSession on resource: arn:aws-cn:ssm:cn-north-1:111122223333:managed-instance/mi-0a",
            "hybrid-session-arn",
        ),
        (
            "ssm:StartSession on resource: arn:aws-us-gov:ssm:us-gov-west-1::document/AWS-StartSSHSession",
            "caller-no-document",
        ),
        ("error registering the instance with AWS SSM. InvalidActivation", "hybrid-activation-expired"),
        ("client_loop: send disconnect: Broken pipe", "session-timeout-short"),
        ("Unable to start shell: invalid uid and gid", "session-runas-user-missing"),
        (
            "We weren’t able to connect to your instance. Common reasons for this include:",
            "ssm-node-never-registered",
        ),
        (
            "インスタンスに接続できませんでした。この問題の一般的な原因は次のとおりです。",
            "ssm-node-never-registered",
        ),
        ("インスタンスへの SSH 接続を確立する際にエラーが発生しました", "eic-prefix-list-missing"),
        ("Instance reachability check failed", "status-check-instance-failed"),
        ("blank screen", "session-logs-endpoint-missing"),
    ],
)
def test_the_likeliest_cause_of_what_agents_and_consoles_print(text: str, cause: str) -> None:
    assert explain(text, BOOK).causes[0].cause == cause


def test_every_known_text_of_a_symptom_is_recognised_as_it() -> None:
    for symptom in BOOK.symptoms.values():
        for piece in symptom.exact:
            shown = {each.symptom for each in explain(piece.replace("*", "x"), BOOK).shown}
            assert symptom.id in shown, piece


def test_a_cause_is_found_by_the_text_that_people_see_of_it() -> None:
    found = explain("Forwarding to IP address 169.254.169.254 is forbidden.", BOOK)
    assert found.causes[0].cause == "remote-host-denylisted"


@pytest.mark.parametrize("text", ["", "hello world", "エラー", "*", "%s {0} \x00"])
def test_an_unknown_text_is_not_guessed_at(text: str) -> None:
    found = explain(text, BOOK)
    assert (found.shown, found.causes) == ((), ())
    assert [each.en for each in found.asks] == [BOOK.text("why.ask-text", "en")]


def test_a_huge_hostile_text_costs_no_more_than_what_is_read_of_it() -> None:
    def paste(lines: int) -> None:
        explain("\n".join(f"{n} connection closd by remote hst kex exchang " * 6 for n in range(lines)), BOOK)

    assert growth(paste, 1_000, 10_000) < 10
    assert growth(lambda size: explain("a" * size, BOOK), 300_000, 3_000_000) < 10


def test_the_likeliest_cause_of_a_symptom_comes_first() -> None:
    found = explain(NOT_CONNECTED, BOOK)
    listed = BOOK.symptoms["target-not-connected"].causes
    assert tuple(each.cause for each in found.causes)[: len(listed)] == listed
    assert {each.standing for each in found.causes} == {Standing.UNKNOWN}


# --- testing against the target --------------------------------------------------------------------------

SURE = Finding("no-path-to-ssm", SELF, f"{SELF} has no path", Certainty.CERTAIN)
GUESS = Finding("agent-stopped-or-crashed", SELF, "perhaps", Certainty.LIKELY)


def test_a_cause_that_was_found_is_confirmed_and_comes_first() -> None:
    found = explain(NOT_CONNECTED, BOOK, assessed(BLOCKED, SURE, GUESS))
    first, second = found.causes[:2]
    assert (first.cause, first.standing) == ("no-path-to-ssm", Standing.CONFIRMED)
    assert (second.cause, second.standing) == ("agent-stopped-or-crashed", Standing.LIKELY)
    assert first.findings[0].resource == NODE, "the target is named, not its placeholder"
    assert NODE in first.findings[0].says


def test_what_a_settled_method_does_not_name_is_ruled_out_and_comes_last() -> None:
    found = explain(NOT_CONNECTED, BOOK, assessed(BLOCKED, SURE))
    assert of(found, "vpce-sg-blocks-443").standing is Standing.RULED_OUT
    assert found.causes[-1].standing is Standing.RULED_OUT


def test_a_ready_method_rules_out_what_would_block_it() -> None:
    found = explain(NOT_CONNECTED, BOOK, assessed(READY))
    assert of(found, "no-path-to-ssm").standing is Standing.RULED_OUT
    assert of(found, "wrong-region-or-account").standing is Standing.UNKNOWN, "the person's own settings"
    assert of(found, "agent-stopped-or-crashed").standing is Standing.UNKNOWN, "cannot be seen from outside"
    assert of(found, "agent-stopped-or-crashed").by_hand


def test_missing_data_leaves_a_cause_open_and_is_named() -> None:
    gap = Missing("ec2:DescribeSecurityGroups", "denied", "UnauthorizedOperation")
    other = Missing("iam:GetRole", "denied", "AccessDenied")
    found = of(
        explain(NOT_CONNECTED, BOOK, assessed(UNKNOWN, missing=(gap, other))), "node-sg-egress-blocks-443"
    )
    assert (found.standing, found.missing) == (Standing.UNKNOWN, (gap,))


def test_a_method_that_does_not_apply_here_rules_nothing_out() -> None:
    found = explain(NOT_CONNECTED, BOOK, assessed(READY, method=MethodId.DIRECT))
    assert of(found, "no-path-to-ssm").standing is Standing.UNKNOWN


def test_a_note_confirms_a_cause_too() -> None:
    note = Finding("session-timeout-short", SELF, "20 minutes")
    found = explain("SessionId: alice-0123 timed out", BOOK, assessed(READY, notes=(note,)))
    assert (found.causes[0].cause, found.causes[0].standing) == ("session-timeout-short", Standing.CONFIRMED)


def test_permissions_are_ruled_out_only_if_somebodys_were_looked_at() -> None:
    text = "AccessDeniedException) when calling the StartSession operation"
    without = explain(text, BOOK, assessed(READY))
    assert of(without, "caller-no-startsession").standing is Standing.UNKNOWN
    assert BOOK.text("why.ask-caller", "en") in [each.en for each in without.asks]
    caller = Options(caller="arn:aws:iam::111122223333:user/alice")
    looked = explain(text, BOOK, assessed(READY), caller)
    assert of(looked, "caller-no-startsession").standing is Standing.RULED_OUT


def test_tools_are_ruled_out_only_if_this_machine_was_looked_at() -> None:
    text = "SessionManagerPlugin is not found"
    assert of(explain(text, BOOK, assessed(READY)), "plugin-missing").standing is Standing.UNKNOWN
    looked = explain(text, BOOK, assessed(READY), looked_here=True)
    assert of(looked, "plugin-missing").standing is Standing.RULED_OUT


def test_a_cause_of_one_use_is_open_while_the_use_is_not_said() -> None:
    cause = msgspec.structs.replace(BOOK.causes["no-path-to-ssm"], uses=("ssh",))
    book = msgspec.structs.replace(BOOK, causes={**BOOK.causes, "no-path-to-ssm": cause})
    assert of(explain(NOT_CONNECTED, book, assessed(READY)), "no-path-to-ssm").standing is Standing.UNKNOWN


def test_other_sure_blockers_of_the_same_method_are_told() -> None:
    tier = Finding("hybrid-tier-standard", SELF)
    found = explain(NOT_CONNECTED, BOOK, assessed(BLOCKED, tier, GUESS))
    assert [each.cause for each in found.others] == ["hybrid-tier-standard"]
    serial = assessed(BLOCKED, Finding("serial-account-disabled", SELF), method=MethodId.SERIAL_CONSOLE)
    assert explain(NOT_CONNECTED, BOOK, serial).others == ()


def test_without_a_target_it_asks_for_one() -> None:
    asks = [each.en for each in explain(NOT_CONNECTED, BOOK).asks]
    assert BOOK.text("why.ask-target", "en") in asks
    own = BOOK.symptoms["target-not-connected"].asks
    assert own is not None and own.en[0] in asks


def test_what_can_be_ruled_out_is_looked_for_somewhere() -> None:
    """A cause that no check ever names would be ruled out by silence."""
    root = Path(advisor.__file__).parent
    sources = [*root.rglob("*.py"), *(root.parent / "rules" / "methods").glob("*.yaml")]
    own = {"why.py", "evidence_files.py"}
    words = {
        word
        for path in sources
        if path.name not in own
        for word in re.findall(r"[a-z0-9-]+", path.read_text())
    }
    certain = {each.id for each in BOOK.causes.values() if each.certainty == "certain"}
    assert certain - words <= UNTESTED
    assert BOOK.causes.keys() >= UNTESTED


def test_a_whole_account() -> None:
    scene = Scene()
    vpc = scene.vpc()
    subnet = vpc.subnet("10.0.1.0/24")
    closed = vpc.group("endpoints", ingress=[tcp(22, "10.0.0.0/8")])
    instance = subnet.instance(profile=scene.role("node", [CORE]))
    for service in ("ssm", "ssmmessages"):
        vpc.endpoint(service, subnets=[subnet], groups=[closed])
    (target,) = assess(scene.estate(), BOOK).targets
    found = explain(NOT_CONNECTED, BOOK, target)
    standing = {each.cause: each.standing for each in found.causes}
    assert standing["vpce-sg-blocks-443"] is Standing.CONFIRMED
    assert standing["instance-role-missing-ssm-core"] is Standing.RULED_OUT
    assert of(found, "vpce-sg-blocks-443").findings
    assert instance.id == target.target.id


# --- what the text names ---------------------------------------------------------------------------------

WHO = "arn:aws:sts::111122223333:assumed-role/ops/alice"


def test_nodes_and_regions_in_the_text() -> None:
    found = explain(f"{NOT_CONNECTED} in ap-northeast-1, then mi-0123456789abcdef0", BOOK).mentions
    assert found.targets == (NODE, "mi-0123456789abcdef0")
    assert found.regions == ("ap-northeast-1",)


@pytest.mark.parametrize(
    ("rest", "layer", "explicit"),
    [
        (" because no identity-based policy allows the ssm:StartSession action", "identity-based", False),
        (" because no permissions boundary policy allows the action", "permissions boundary", False),
        (" with an explicit deny in a service control policy", "service control", True),
        (" with an explicit deny in an identity-based policy: arn:x", "identity-based", True),
        (" with an explicit deny in a permissions boundary", "permissions boundary", True),
        ("", None, False),
    ],
)
def test_the_refused_permission(rest: str, layer: str | None, explicit: bool) -> None:
    document = "arn:aws:ssm:us-east-1::document/AWS-StartSSHSession"
    text = f"User: {WHO} is not authorized to perform: ssm:StartSession on resource: {document}{rest}"
    assert mentions(text).denial == Denial(WHO, "ssm:StartSession", document, layer, explicit)


def test_a_refusal_without_resource_and_a_text_without_refusal() -> None:
    found = mentions(f"User: {WHO} is not authorized to perform: ec2:DescribeInstances").denial
    assert found == Denial(WHO, "ec2:DescribeInstances")
    assert mentions("permission denied").denial is None


def test_a_shell_is_what_sessions_are_assessed_for_unless_another_use_is_named() -> None:
    sure = Finding("session-log-role-permission", SELF, "not allowed", Certainty.CERTAIN)
    found = explain("blank screen", BOOK, assessed(BLOCKED, sure))
    assert of(found, "session-logs-endpoint-missing").standing is Standing.RULED_OUT
    forwarded = explain(
        "blank screen", BOOK, assessed(BLOCKED, sure), Options(use=Use.PORT_FORWARD, remote_port=80)
    )
    assert of(forwarded, "session-logs-endpoint-missing").standing is Standing.UNKNOWN


def test_what_only_windows_can_have_is_none_of_linux() -> None:
    found = explain("Connection timed out", BOOK, assessed(UNKNOWN, method=MethodId.DIRECT))
    assert of(found, "sg-inbound-3389-missing").standing is Standing.RULED_OUT
    assert of(found, "rdp-windows-firewall").standing is Standing.RULED_OUT
    assert of(found, "sg-inbound-22-missing").standing is Standing.UNKNOWN


def test_a_target_that_was_named_is_not_asked_for() -> None:
    asked = [each.en for each in explain(NOT_CONNECTED, BOOK, assessed(BLOCKED, SURE)).asks]
    assert not [each for each in asked if "instance" in each.lower()]
