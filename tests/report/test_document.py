"""The JSON of an assessment has the shape that other programs build on, for every target its own id."""

from __future__ import annotations

import msgspec

from advisor.methods.assessment import Command, MethodAssessment, MethodId, Target
from advisor.model.evidence import SELF
from advisor.model.verdict import READY
from advisor.report.document import assessment_document, assessment_json
from advisor.report.rows import CauseText
from tests.tui import sample


def causes(id: str) -> CauseText:
    return CauseText(f"title of {id}", "meaning", f"remedy of {id}", "https://docs.example/x")


def commands(target: Target, method: MethodAssessment) -> tuple[Command, ...]:
    return (Command("shell", f"aws ssm start-session --target {target.id}"),)


DOCUMENT = assessment_document(sample.ASSESSMENT, causes, commands)


def method(name: str, id: MethodId) -> dict[str, object]:
    target = next(each for each in DOCUMENT["targets"] if each["name"] == name)
    found: dict[str, object] = next(each for each in target["methods"] if each["method"] == id.value)
    return found


def test_the_whole_has_the_keys_of_the_contract() -> None:
    assert DOCUMENT["schema"] == "advisor.assessment/1"
    assert DOCUMENT["accounts"] == [sample.ACCOUNT]
    assert DOCUMENT["regions"] == [sample.REGION]
    assert DOCUMENT["collected_at"] == "2026-11-20T08:00:00Z"
    (gap,) = DOCUMENT["gaps"]
    assert {key: gap[key] for key in ("account", "region", "operation", "status", "code")} == {
        "account": sample.ACCOUNT,
        "region": sample.REGION,
        "operation": "iam:GetInstanceProfile",
        "status": "denied",
        "code": "AccessDenied",
    }


def test_a_target_has_the_keys_of_the_contract() -> None:
    target = next(each for each in DOCUMENT["targets"] if each["name"] == "web-01")
    assert {key: target[key] for key in ("id", "kind", "platform", "state", "account", "region")} == {
        "id": sample.HEALTHY,
        "kind": "ec2",
        "platform": "linux",
        "state": "running",
        "account": sample.ACCOUNT,
        "region": sample.REGION,
    }
    assert target["private_ip"] == "10.0.1.10"
    assert target["public_ip"] is None
    assert target["tags"] == {"env": "prod"}
    assert target["recommended"]["method"] == "session-manager"
    assert target["recommended"]["verdict"] == "ready"
    assert target["recommended"]["reasons"][0] == "ready now, nothing to change"
    assert [each["method"] for each in target["methods"]] == [each.value for each in MethodId]


def test_a_blocked_method_names_cause_resource_certainty_evidence_and_remedies() -> None:
    found = method("app-02", MethodId.SESSION_MANAGER)
    assert found["verdict"] == "blocked"
    (blocker,) = found["blockers"]  # type: ignore[misc]
    assert blocker["cause"] == "vpce-sg-blocks-443"
    assert blocker["resource"] == sample.ENDPOINT_GROUP
    assert blocker["certainty"] == "certain"
    assert blocker["evidence"] == [
        {
            "operation": "ec2:DescribeSecurityGroups",
            "resource": sample.ENDPOINT_GROUP,
            "says": sample.GROUP_EVIDENCE.says,
            "field": "SecurityGroups[].IpPermissions",
        }
    ]
    assert blocker["remedies"] == ["remedy of vpce-sg-blocks-443"]
    assert found["missing"] == []
    assert found["notes"] == []
    assert found["monthly_cost_usd"] == 0.0


def test_an_unknown_method_names_the_call_that_is_missing() -> None:
    found = method("batch-03", MethodId.SESSION_MANAGER)
    assert found["verdict"] == "unknown"
    (missing,) = found["missing"]  # type: ignore[misc]
    assert (missing["operation"], missing["status"]) == ("iam:GetInstanceProfile", "denied")


def test_methods_that_targets_share_name_each_target_itself() -> None:
    assert SELF not in assessment_json(sample.ASSESSMENT, causes, commands).decode()
    for name, id in (("app-02", sample.BLOCKED_ONE), ("old [bold]db", sample.CUT_OFF)):
        (blocker,) = method(name, MethodId.SESSION_MANAGER)["blockers"]  # type: ignore[misc]
        assert f"{id} has 10.0.1.10" in blocker["says"]
        (direct,) = method(name, MethodId.DIRECT)["blockers"]  # type: ignore[misc]
        assert direct["resource"] == id


def test_commands_name_the_target() -> None:
    assert method("shop-till", MethodId.SESSION_MANAGER)["commands"] == [
        {"use": "shell", "command": f"aws ssm start-session --target {sample.HYBRID}"}
    ]


def test_a_hybrid_node_lists_only_the_methods_that_exist_for_it() -> None:
    target = next(each for each in DOCUMENT["targets"] if each["kind"] == "hybrid")
    assert [each["method"] for each in target["methods"]] == ["session-manager"]


def test_an_id_with_quotes_stays_inside_its_string() -> None:
    hostile = 'i-0"}],"verdict":"ready'
    one = msgspec.structs.replace(
        sample.named("app-02"), target=msgspec.structs.replace(sample.named("app-02").target, id=hostile)
    )
    document = assessment_document(msgspec.structs.replace(sample.ASSESSMENT, targets=(one,)))
    (target,) = document["targets"]
    assert target["id"] == hostile
    direct = next(each for each in target["methods"] if each["method"] == "direct")
    assert direct["blockers"][0]["resource"] == hostile


def test_a_shared_method_is_described_once_for_all_its_targets() -> None:
    asked: list[str] = []

    def counting(id: str) -> CauseText:
        asked.append(id)
        return causes(id)

    one = sample.named("app-02")
    many = tuple(
        msgspec.structs.replace(one, target=msgspec.structs.replace(one.target, id=f"i-{number:05}"))
        for number in range(1000)
    )
    document = assessment_json(msgspec.structs.replace(sample.ASSESSMENT, targets=many), counting)
    assert len(asked) == sum(len(each.blockers) for each in one.methods)
    assert document.count(b'"i-00999"') > 1


def test_a_recommendation_says_why_the_others_came_after() -> None:
    target = next(each for each in DOCUMENT["targets"] if each["name"] == "web-01")
    assert target["recommended"]["others"] == [
        "Instance Connect Endpoint: ready, but keeps no record of what was typed"
    ]
    assert next(e for e in DOCUMENT["targets"] if e["name"] == "old [bold]db")["recommended"] is None


def test_ready_methods_carry_the_evidence_they_stand_on() -> None:
    found = method("web-01", MethodId.SESSION_MANAGER)
    assert found["verdict"] == READY.value
    assert found["evidence"][0]["says"] == f"{sample.HEALTHY} is Online, agent 3.3.3270.0"  # type: ignore[index]
