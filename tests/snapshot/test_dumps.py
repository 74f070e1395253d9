"""Trees of dumps as people have them: recognised by content, placed by folders or fields, never a crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from advisor.model.coverage import Status
from advisor.model.errors import InputError
from advisor.model.scope import Scope
from advisor.snapshot import Snapshot, read, write
from tests.scenes.builder import CORE, Scene, everything, tcp
from tests.scenes.test_builder import grand_scene

ACCOUNT, REGION = "111122223333", "us-east-1"


def small_scene(region: str = REGION, account: str = ACCOUNT) -> Scene:
    scene = Scene(account, region)
    vpc = scene.vpc()
    subnet = vpc.subnet("10.0.1.0/24")
    scene.node(subnet.instance(groups=[vpc.group("web", [tcp(22)])]))
    return scene


KEYS = {"ec2:DescribeInstances": "Reservations", "ssm:DescribeInstanceInformation": "InstanceInformationList"}


def answers(scene: Scene, *operations: str) -> dict[str, Any]:
    """The CLI's output of these operations in the scene's own account and Region, by operation."""
    place = (scene.account, scene.region)
    found = {each.operation: each for each in scene.responses() if (each.account, each.region) == place}
    keys = {operation: KEYS.get(operation, operation.partition("Describe")[2]) for operation in operations}
    return {each: {keys[each]: json.loads(bytes(found[each].records))} for each in operations}


BASICS = (
    "ec2:DescribeInstances",
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeRouteTables",
    "ssm:DescribeInstanceInformation",
)


def put(path: Path, *values: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "\n".join(value if isinstance(value, str) else json.dumps(value, indent=4) for value in values)
    )


def only_scope(snapshot: Snapshot) -> Scope:
    (scope,) = snapshot.estate().regional
    return scope


def ids(scope: Scope) -> set[str]:
    tables = (scope.instances, scope.vpcs, scope.subnets, scope.security_groups, scope.route_tables)
    return {identity for table in tables for identity in table} | {
        f"node {each}" for each in scope.managed_nodes
    }


# --- the whole way ---------------------------------------------------------------------------------------


def test_a_scene_of_everything_comes_back_from_its_dumps_as_it_was(tmp_path: Path) -> None:
    scene = grand_scene()
    scene.deny("ec2:DescribeVpnGateways")
    scene.fail("ssm:DescribeSessions", "ThrottlingException")
    scene.deny("iam:GetRole", resource="ssm")
    scene.dump(tmp_path)
    snapshot = read(tmp_path)
    assert snapshot.warnings == ()
    assert comparable(snapshot) == comparable(Snapshot(responses=tuple(scene.responses())))


def comparable(snapshot: Snapshot) -> dict[tuple[str, str, str], Any]:
    return {
        (each.account, each.region, each.operation): (
            each.status,
            each.code,
            {(gap.resource, gap.status, gap.code) for gap in each.gaps},
            sorted(json.dumps(record, sort_keys=True) for record in json.loads(bytes(each.records))),
        )
        for each in snapshot.responses
    }


# --- forms of trees ----------------------------------------------------------------------------------------


def by_operation(folder: Path, scene: Scene) -> None:
    for operation, answer in answers(scene, *BASICS).items():
        service, _, name = operation.partition(":")
        kebab = "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")
        put(folder / f"{service}-{kebab}.json", answer)


def by_key(folder: Path, scene: Scene) -> None:
    for answer in answers(scene, *BASICS).values():
        (key,) = answer
        put(folder / f"{key}.json", answer)


def without_envelope(folder: Path, scene: Scene) -> None:
    for answer in answers(scene, *BASICS).values():
        ((key, records),) = answer.items()
        put(folder / f"{key}.json", records)


def meaningless_names(folder: Path, scene: Scene) -> None:
    for number, answer in enumerate(answers(scene, *BASICS).values()):
        put(folder / f"{number}.json", answer)


def one_object(folder: Path, scene: Scene) -> None:
    put(
        folder / "all.json",
        {key: value for each in answers(scene, *BASICS).values() for key, value in each.items()},
    )


def one_after_the_other(folder: Path, scene: Scene) -> None:
    put(folder / "all.json", *answers(scene, *BASICS).values())


def boto3_pages(folder: Path, scene: Scene) -> None:
    metadata = {"ResponseMetadata": {"HTTPHeaders": {"date": "Mon, 23 Nov 2026 12:00:00 GMT"}}}
    put(folder / "all.json", [answer | metadata for answer in answers(scene, *BASICS).values()])


def by_command(folder: Path, scene: Scene) -> None:
    put(
        folder / "all.json",
        {name.partition(":")[2]: answer for name, answer in answers(scene, *BASICS).items()},
    )


FORMS = [
    by_operation,
    by_key,
    without_envelope,
    meaningless_names,
    one_object,
    one_after_the_other,
    boto3_pages,
    by_command,
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: str(form.__name__))
@pytest.mark.parametrize("folder", [f"accounts/{ACCOUNT}/{REGION}", REGION, f"dump-{REGION}", "."])
def test_every_form_of_a_dump_gives_the_same_account(tmp_path: Path, form: Any, folder: str) -> None:
    scene = small_scene()
    form(tmp_path / folder, scene)
    snapshot = read(tmp_path)
    scope = only_scope(snapshot)
    assert (scope.account, scope.region) == (ACCOUNT, REGION)
    assert ids(scope) == ids(scene.estate().regional[0])
    assert snapshot.warnings == ()


def test_the_region_folder_itself_may_be_given(tmp_path: Path) -> None:
    by_key(tmp_path / "accounts" / ACCOUNT / "eu-west-1", small_scene("eu-west-1"))
    scope = only_scope(read(tmp_path / "accounts" / ACCOUNT / "eu-west-1"))
    assert (scope.account, scope.region) == (ACCOUNT, "eu-west-1")


def test_a_single_dump_file_is_an_account_with_one_answer(tmp_path: Path) -> None:
    by_key(tmp_path, small_scene())
    scope = only_scope(read(tmp_path / "Reservations.json"))
    assert len(scope.instances) == 1
    assert scope.region == REGION
    assert scope.vpcs.coverage.status is Status.NOT_ASKED


def test_a_bare_query_for_reservations_or_instances(tmp_path: Path) -> None:
    scene = small_scene()
    reservations = answers(scene, "ec2:DescribeInstances")["ec2:DescribeInstances"]["Reservations"]
    for name, value in (
        ("instances", [each for reservation in reservations for each in reservation["Instances"]]),
        ("nested", [reservation["Instances"] for reservation in reservations]),
        ("one", reservations[0]),
        ("reservations", reservations),
    ):
        put(tmp_path / f"{name}.json", value)
        assert len(only_scope(read(tmp_path / f"{name}.json")).instances) == 1, name


def test_a_query_that_left_the_rules_out_is_not_taken_for_groups_without_rules(tmp_path: Path) -> None:
    put(tmp_path / "groups.json", [{"GroupId": "sg-1", "GroupName": "web", "VpcId": "vpc-1"}])
    with pytest.raises(InputError):
        read(tmp_path)


def test_a_snapshot_among_the_dumps_is_read_too(tmp_path: Path) -> None:
    write(Snapshot(responses=tuple(small_scene().responses())), tmp_path / "a.json.gz")
    by_key(tmp_path / "eu-west-1", small_scene("eu-west-1"))
    assert read(tmp_path).estate().regions == ["eu-west-1", "us-east-1"]


def test_a_snapshot_of_a_newer_advisor_among_the_dumps_is_said(tmp_path: Path) -> None:
    put(tmp_path / "new.json", {"schema": "advisor.snapshot/12", "responses": []})
    by_key(tmp_path / REGION, small_scene())
    snapshot = read(tmp_path)
    assert "newer advisor" in snapshot.warnings[0]
    assert len(only_scope(snapshot).instances) == 1


# --- several Regions and accounts --------------------------------------------------------------------------


@pytest.mark.parametrize("echoed", [True, False])
def test_dumps_of_several_regions_one_after_the_other(tmp_path: Path, echoed: bool) -> None:
    regions = ("us-east-1", "eu-west-1", "ap-northeast-1")
    parts: dict[str, list[Any]] = {operation: [] for operation in BASICS}
    scene = small_scene("us-east-1")
    places = [scene, *(add_region(scene, region) for region in regions[1:])]
    for place in places:
        for operation, answer in answers(place, *BASICS).items():
            parts[operation] += [place.region, answer] if echoed else [answer]
    for operation, values in parts.items():
        put(tmp_path / f"{operation.partition(':')[2]}.json", *values)
    estate = read(tmp_path).estate()
    for region in regions:
        expected = scene.estate().scope(ACCOUNT, region)
        found = estate.scope(ACCOUNT, region)
        assert set(found.instances) == set(expected.instances)
        assert set(found.route_tables) == set(expected.route_tables)
        assert set(found.vpcs) == set(expected.vpcs)


def add_region(scene: Scene, region: str) -> Scene:
    place = scene.at(region=region)
    place.node(place.vpc().subnet("10.0.1.0/24").instance())
    return place


def test_lists_that_a_script_merged_over_regions_are_taken_apart(tmp_path: Path) -> None:
    scene = small_scene()
    other = add_region(scene, "eu-west-1")
    merged: dict[str, list[Any]] = {}
    for place in (scene, other):
        for answer in answers(place, *BASICS).values():
            for key, records in answer.items():
                merged.setdefault(key, []).extend(records)
    put(tmp_path / "all.json", merged)
    estate = read(tmp_path).estate()
    for place in (scene, other):
        expected = scene.estate().scope(ACCOUNT, place.region)
        assert ids(estate.scope(ACCOUNT, place.region)) == ids(expected)


def test_ids_may_repeat_in_other_accounts_and_regions(tmp_path: Path) -> None:
    places = [(ACCOUNT, REGION), (ACCOUNT, "eu-west-1"), ("444455556666", REGION)]
    for account, region in places:
        by_key(tmp_path / "accounts" / account / region, small_scene(region, account))
    estate = read(tmp_path).estate()
    assert [(scope.account, scope.region, len(scope.instances)) for scope in estate.regional] == [
        (account, region, 1) for account, region in sorted(places)
    ]


def test_a_participant_of_a_shared_vpc_keeps_its_own_account(tmp_path: Path) -> None:
    owner = Scene("444455556666")
    subnet = owner.vpc().subnet("10.0.1.0/24")
    participant = owner.at(account=ACCOUNT)
    shared = participant.shared(subnet)
    shared.instance(groups=[participant.group(subnet.vpc, "own")])
    for number, answer in enumerate(answers(participant, *BASICS[:5]).values()):
        put(tmp_path / f"{number}.json", answer)
    assert only_scope(read(tmp_path)).account == ACCOUNT


def test_a_folder_name_that_the_data_contradicts_is_said(tmp_path: Path) -> None:
    by_key(tmp_path / "us-west-2", small_scene("eu-west-1"))
    snapshot = read(tmp_path)
    assert any("us-west-2" in warning and "eu-west-1" in warning for warning in snapshot.warnings)


def test_a_time_in_a_file_name_is_no_account(tmp_path: Path) -> None:
    put(tmp_path / "vpcs-202611231200.json", {"Vpcs": [{"VpcId": "vpc-1", "OwnerId": ACCOUNT}]})
    assert only_scope(read(tmp_path)).account == ACCOUNT


def test_data_that_tells_no_place_has_an_unknown_one(tmp_path: Path) -> None:
    put(tmp_path / "nodes.json", {"InstanceInformationList": [{"InstanceId": "i-1", "PingStatus": "Online"}]})
    scope = only_scope(read(tmp_path))
    assert (scope.account, scope.region) == ("unknown", "unknown")


def test_what_could_be_of_either_region_is_left_out_and_said(tmp_path: Path) -> None:
    by_key(tmp_path / "us-east-1", small_scene("us-east-1"))
    by_key(tmp_path / "eu-west-1", small_scene("eu-west-1"))
    put(tmp_path / "nodes.json", {"InstanceInformationList": [{"InstanceId": "i-9", "PingStatus": "Online"}]})
    snapshot = read(tmp_path)
    assert "folder named after the Region" in snapshot.warnings[0]
    assert all("i-9" not in scope.managed_nodes for scope in snapshot.estate().regional)


def test_global_services_are_of_no_region_wherever_their_files_lie(tmp_path: Path) -> None:
    put(tmp_path / ACCOUNT / REGION / "profile.json", {"InstanceProfile": profile("web")})
    estate = read(tmp_path).estate()
    assert "web" in estate.global_scope(ACCOUNT).instance_profiles


# --- answers that need their file's name -------------------------------------------------------------------


def profile(name: str) -> dict[str, Any]:
    return {"InstanceProfileName": name, "InstanceProfileId": "AIPA1", "Roles": []}


def test_routes_of_a_transit_gateway_table_are_named_by_the_file(tmp_path: Path) -> None:
    route = {"DestinationCidrBlock": "10.0.0.0/8", "Type": "static", "State": "active"}
    put(tmp_path / REGION / "search-tgw-rtb-0123456789abcdef0.json", {"Routes": [route]})
    scope = only_scope(read(tmp_path))
    assert scope.transit_gateway_routes["tgw-rtb-0123456789abcdef0"].routes[0].state == "active"


def test_an_answer_that_nothing_names_is_left_out_and_said(tmp_path: Path) -> None:
    put(tmp_path / REGION / "entries.json", {"Entries": [{"Cidr": "10.0.0.0/8"}]})
    put(tmp_path / REGION / "vpcs.json", {"Vpcs": [{"VpcId": "vpc-1"}]})
    snapshot = read(tmp_path)
    assert "PrefixListId" in snapshot.warnings[0]
    assert only_scope(snapshot).prefix_list_entries.missing("pl-1").status == "not-asked"


def test_lists_with_the_same_key_are_told_apart_by_their_elements(tmp_path: Path) -> None:
    service = {
        "PrefixListId": "pl-1",
        "PrefixListName": "com.amazonaws.us-east-1.s3",
        "Cidrs": ["3.5.0.0/19"],
    }
    own = {"PrefixListId": "pl-2", "PrefixListName": "office", "State": "create-complete", "OwnerId": ACCOUNT}
    put(tmp_path / REGION / "a.json", {"PrefixLists": [service]})
    put(tmp_path / REGION / "b.json", {"PrefixLists": [own]})
    scope = only_scope(read(tmp_path))
    assert (list(scope.prefix_lists), list(scope.managed_prefix_lists)) == (["pl-1"], ["pl-2"])


def test_an_empty_list_that_two_operations_could_answer_is_told_by_the_name(
    tmp_path: Path,
) -> None:
    put(tmp_path / REGION / "describe-managed-prefix-lists.json", {"PrefixLists": []})
    put(tmp_path / REGION / "vpcs.json", {"Vpcs": []})
    scope = only_scope(read(tmp_path))
    assert scope.managed_prefix_lists.complete
    assert scope.prefix_lists.coverage.status is Status.NOT_ASKED


def test_policies_of_roles_are_found_by_role_and_policy_name(tmp_path: Path) -> None:
    role = {"RoleName": "WebRole", "Arn": f"arn:aws:iam::{ACCOUNT}:role/WebRole"}
    arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    put(tmp_path / "get-role-WebRole.json", {"Role": role})
    put(tmp_path / "list-attached-role-policies-WebRole.json", {"AttachedPolicies": [{"PolicyArn": arn}]})
    put(tmp_path / "list-role-policies" / "WebRole.json", {"PolicyNames": []})
    put(tmp_path / f"get-policy-version-{CORE}.json", {"PolicyVersion": {"Document": {}, "VersionId": "v1"}})
    put(tmp_path / "list-attached-user-policies-bob.json", {"AttachedPolicies": [{"PolicyArn": arn}]})
    home = read(tmp_path).estate().global_scope(ACCOUNT)
    assert list(home.role_attached_policies) == ["WebRole"]
    assert list(home.role_policy_names) == ["WebRole"]
    assert list(home.policy_versions) == [arn]


def test_instance_profiles_listed_are_as_good_as_asked_one_by_one(tmp_path: Path) -> None:
    put(tmp_path / ACCOUNT / "list.json", {"InstanceProfiles": [profile("a"), profile("b")]})
    assert set(read(tmp_path).estate().global_scope(ACCOUNT).instance_profiles) == {"a", "b"}


def test_roles_listed_are_not_taken_for_roles_asked_one_by_one(tmp_path: Path) -> None:
    # `list-roles` leaves out permissions boundaries: taking it for GetRole would say that there are none.
    put(tmp_path / ACCOUNT / "list-roles.json", {"Roles": [{"RoleName": "a"}]})
    put(tmp_path / ACCOUNT / "list.json", {"InstanceProfiles": [profile("a")]})
    assert read(tmp_path).estate().global_scope(ACCOUNT).roles.missing("a").status == "not-asked"


def test_key_policies_and_iam_policies_share_a_member(tmp_path: Path) -> None:
    key = "1234abcd-12ab-34cd-56ef-1234567890ab"
    put(
        tmp_path / ACCOUNT / REGION / f"kms-get-key-policy-{key}.json",
        {"Policy": "{}", "PolicyName": "default"},
    )
    put(
        tmp_path / ACCOUNT / "p.json",
        {"Policy": {"Arn": f"arn:aws:iam::{ACCOUNT}:policy/p", "PolicyName": "p"}},
    )
    estate = read(tmp_path).estate()
    assert key in estate.scope(ACCOUNT, REGION).key_policies
    assert len(estate.global_scope(ACCOUNT).policies) == 1


def test_answers_of_one_operation_may_stand_in_one_array_with_their_errors(tmp_path: Path) -> None:
    name = "ec2-get-managed-prefix-list-entries.json"
    read_one = {"PrefixListId": "pl-1", "Entries": [{"Cidr": "10.0.0.0/8"}]}
    refused = {"Error": {"Code": "UnauthorizedOperation", "Message": "no"}, "PrefixListId": "pl-2"}
    put(tmp_path / ACCOUNT / REGION / name, [read_one, refused])
    scope = only_scope(read(tmp_path))
    assert "pl-1" in scope.prefix_list_entries
    assert scope.prefix_list_entries.missing("pl-2").status == "denied"


# --- pages and what is cut off -----------------------------------------------------------------------------


def test_pages_in_several_files_are_one_answer(tmp_path: Path) -> None:
    put(tmp_path / REGION / "vpcs-1.json", {"Vpcs": [{"VpcId": "vpc-1"}], "NextToken": "more"})
    put(tmp_path / REGION / "vpcs-2.json", {"Vpcs": [{"VpcId": "vpc-2"}]})
    scope = only_scope(read(tmp_path))
    assert list(scope.vpcs) == ["vpc-1", "vpc-2"]
    assert scope.vpcs.complete


@pytest.mark.parametrize("token", ["NextToken", "NextMarker"])
def test_a_token_left_in_a_file_means_that_records_are_missing(tmp_path: Path, token: str) -> None:
    put(tmp_path / REGION / "vpcs.json", {"Vpcs": [{"VpcId": "vpc-1"}], token: "more"})
    snapshot = read(tmp_path)
    vpcs = only_scope(snapshot).vpcs
    assert vpcs.missing("vpc-2").status == "truncated"
    assert "further page" in snapshot.warnings[0]


def test_an_empty_token_means_nothing(tmp_path: Path) -> None:
    put(tmp_path / REGION / "vpcs.json", {"Vpcs": [{"VpcId": "vpc-1"}], "NextToken": ""})
    assert only_scope(read(tmp_path)).vpcs.complete


def test_pages_of_one_prefix_list_are_one_answer_and_a_missing_page_is_a_gap(tmp_path: Path) -> None:
    folder = tmp_path / REGION
    put(folder / "pl-0123456789abcdef1-1.json", {"Entries": [{"Cidr": "10.0.0.0/8"}], "NextToken": "more"})
    put(folder / "pl-0123456789abcdef1-2.json", {"Entries": [{"Cidr": "10.1.0.0/16"}]})
    put(folder / "pl-0123456789abcdef2.json", {"Entries": [{"Cidr": "10.0.0.0/8"}], "NextToken": "more"})
    lists = only_scope(read(tmp_path)).prefix_list_entries
    assert [entry.cidr for entry in lists["pl-0123456789abcdef1"].entries] == ["10.0.0.0/8", "10.1.0.0/16"]
    assert lists.missing("pl-0123456789abcdef2").status == "truncated"


# --- calls that failed -------------------------------------------------------------------------------------


def test_an_error_of_boto3_is_coverage(tmp_path: Path) -> None:
    error = {"Error": {"Code": "UnauthorizedOperation", "Message": "You are not authorized"}}
    put(tmp_path / ACCOUNT / REGION / "ec2-describe-vpcs.json", error)
    put(tmp_path / ACCOUNT / REGION / "subnets.json", {"Subnets": []})
    vpcs = only_scope(read(tmp_path)).vpcs
    assert (vpcs.coverage.status, vpcs.coverage.code) == (Status.DENIED, "UnauthorizedOperation")


def test_a_message_of_the_cli_is_coverage_too(tmp_path: Path) -> None:
    message = (
        "\nAn error occurred (AccessDeniedException) when calling the DescribeInstanceInformation operation: "
        "User: arn:aws:iam::111122223333:user/a is not authorized to perform this\n"
    )
    put(tmp_path / ACCOUNT / REGION / "nodes.json", message)
    put(tmp_path / ACCOUNT / REGION / "subnets.json", {"Subnets": []})
    nodes = only_scope(read(tmp_path)).managed_nodes
    assert nodes.coverage.status is Status.DENIED
    assert "not authorized" in (nodes.coverage.message or "")


# --- oddities ----------------------------------------------------------------------------------------------


def test_unknown_members_are_said_only_if_they_hold_data(tmp_path: Path) -> None:
    put(tmp_path / REGION / "a.json", {"Vpcs": [], "Volumes": [], "Ready": True, "Owner": None})
    assert read(tmp_path).warnings == ()
    put(tmp_path / REGION / "b.json", {"Volumes": [{"VolumeId": "vol-1"}]})
    put(tmp_path / REGION / "c.json", {"Volumes": [{"VolumeId": "vol-2"}]})
    assert read(tmp_path).warnings == (
        f"{REGION}/b.json and 1 more files: Volumes is nothing that advisor reads",
    )


def test_files_that_are_broken_or_none_of_aws_are_said_and_the_rest_is_read(tmp_path: Path) -> None:
    by_key(tmp_path / REGION, small_scene())
    put(tmp_path / REGION / "broken.json", '{"Vpcs": [')
    put(tmp_path / REGION / "package.json", {"name": "left-pad", "dependencies": {"a": "1"}})
    put(tmp_path / REGION / "numbers.json", [1, 2, 3])
    put(tmp_path / REGION / "empty.json", "")
    put(tmp_path / REGION / "notes.txt", "remember the milk")
    (tmp_path / REGION / "half.json.gz").write_bytes(b"\x1f\x8b\x08")
    snapshot = read(tmp_path)
    said = " ".join(snapshot.warnings)
    assert all(name in said for name in ("broken.json", "package.json", "numbers.json", "half.json.gz"))
    assert "notes.txt" not in said
    assert "empty.json" not in said
    assert len(only_scope(snapshot).instances) == 1


def test_one_bad_element_is_left_out_and_the_rest_loads(tmp_path: Path) -> None:
    put(tmp_path / REGION / "vpcs.json", {"Vpcs": [{"VpcId": "vpc-1"}, {"VpcId": 5}, {"VpcId": "vpc-3"}]})
    estate = read(tmp_path).estate()
    assert list(estate.regional[0].vpcs) == ["vpc-1", "vpc-3"]
    assert "$.Vpcs[1]" in estate.warnings[0]


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-23T11:58:00Z",
        "2026-11-23T11:58:00+00:00",
        "2026-11-23 11:58:00+00:00",
        1795424400,
        1795424400.5,
    ],
)
def test_times_in_every_form_load(tmp_path: Path, moment: Any) -> None:
    node = {"InstanceId": "i-1", "PingStatus": "Online", "LastPingDateTime": moment}
    put(tmp_path / REGION / "nodes.json", {"InstanceInformationList": [node]})
    snapshot = read(tmp_path)
    assert only_scope(snapshot).managed_nodes["i-1"].last_ping_date_time == moment
    assert snapshot.estate().warnings == ()


def test_powershell_files_load(tmp_path: Path) -> None:
    (tmp_path / REGION).mkdir()
    text = json.dumps({"Vpcs": [{"VpcId": "vpc-1", "Tags": [{"Key": "Name", "Value": "東京"}]}]})
    (tmp_path / REGION / "vpcs.json").write_bytes(text.encode("utf-16"))
    assert only_scope(read(tmp_path)).vpcs["vpc-1"].tags[0].value == "東京"


def test_nulls_are_absence(tmp_path: Path) -> None:
    put(tmp_path / REGION / "vpcs.json", {"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": None, "Tags": None}]})
    assert only_scope(read(tmp_path)).vpcs["vpc-1"].tags == ()


# --- when it was read, and by whom -------------------------------------------------------------------------


def test_the_time_is_that_of_the_newest_answer_if_boto3_kept_it(tmp_path: Path) -> None:
    boto3_pages(tmp_path, small_scene())
    assert read(tmp_path).collected_at == "2026-11-23T12:00:00Z"


def test_a_note_beside_the_dumps_tells_the_time_and_the_caller(tmp_path: Path) -> None:
    by_key(tmp_path, small_scene())
    note = {
        "schema": "advisor.dumps/1",
        "collected_at": "2026-01-02T03:04:05Z",
        "caller": "arn:aws:iam::1:user/a",
    }
    put(tmp_path / "advisor.json", note)
    snapshot = read(tmp_path)
    assert (snapshot.collected_at, snapshot.caller) == (note["collected_at"], note["caller"])


def test_the_caller_is_the_one_that_sts_tells(tmp_path: Path) -> None:
    caller = {"UserId": "AIDA1", "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:user/bob"}
    put(tmp_path / "identity.json", caller)
    put(tmp_path / "nodes.json", {"InstanceInformationList": []})
    snapshot = read(tmp_path)
    assert snapshot.caller == caller["Arn"]
    assert {each.account for each in snapshot.responses} == {ACCOUNT}


# --- nothing to read ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", '{"name": "x"}'), ("a.json", "{"), ("a.json", ""), ("a.csv", "x"), ("a.txt", "hi")],
)
def test_a_folder_without_anything_of_aws(tmp_path: Path, name: str, content: str) -> None:
    put(tmp_path / name, content)
    with pytest.raises(InputError) as caught:
        read(tmp_path)
    assert caught.value.hint


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no JSON file"):
        read(tmp_path)


def test_hidden_folders_are_nobodys_dumps(tmp_path: Path) -> None:
    by_key(tmp_path / ".cache", small_scene())
    with pytest.raises(InputError):
        read(tmp_path)


def test_dumps_and_snapshot_of_the_same_account_are_equal(tmp_path: Path) -> None:
    scene = small_scene()
    scene.dump(tmp_path / "dumps")
    write(Snapshot(responses=tuple(scene.responses())), tmp_path / "a.json")
    assert comparable(read(tmp_path / "dumps")) == comparable(read(tmp_path / "a.json"))


def test_hostile_names_stay_data(tmp_path: Path) -> None:
    scene = Scene()
    vpc = scene.vpc(name='"; rm -rf / \u202e[bold]${x}\n')
    vpc.group("$(reboot)", [everything("self")])
    scene.dump(tmp_path)
    found = only_scope(read(tmp_path))
    assert found.vpcs[vpc.id].tags[0].value == '"; rm -rf / \u202e[bold]${x}\n'
    assert msgspec.json.encode(read(tmp_path))
