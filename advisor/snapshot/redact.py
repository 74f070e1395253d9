"""A snapshot that tells the same story of somebody else: names, tags, accounts and addresses replaced.

Names are replaced word by word, the same word always by the same stand-in, and what joins the words stays:
`arn:aws:iam::111122223333:role/shop-*` still matches the role `shop-web`. So every verdict stays as it was.
Resource ids, Regions, ports and private addresses stay; console output and messages of calls go.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote, unquote

import msgspec

from advisor.model.addresses import Address, is_public, parse_address, parse_prefix
from advisor.model.responses import Gap, Responses
from advisor.snapshot.store import Snapshot

_NAMES = re.compile(
    "Bucket|ComputerName|DBInstanceIdentifier|Description|DomainName|GroupName|IamRole|InstanceProfileName"
    "|KeyName|LoadBalancerName|Name|Path|PolicyName|PolicyNames|PrefixListName|RoleName|SettingValue|Sid"
    "|TargetGroupName|UserName|cloudWatchLogGroupName|logGroupName|runAsDefaultUser|s3BucketName|s3KeyPrefix"
)
"""Members whose text is a person's own."""
_STATES: Final = frozenset({"CurrentState", "Details", "InstanceState", "PreviousState", "State"})
"""Members whose `Name` is a state."""
_GONE: Final = frozenset({"Output", "shellProfile"})
"""Members whose text is free and long; nothing that is decided stands on its words."""
_DOCUMENTS: Final = frozenset({"AssumeRolePolicyDocument", "Content", "Document", "Policy", "PolicyDocument"})
"""Members that may hold a JSON document as text."""

_KEPT = re.compile(
    "(?i)advanced|all|allow|amazon|amazonaws|any|api|arn|aws|com|compute|core|default|deny|dev|ec2|ec2messages"
    "|endpoint|false|group|host|iam|instance|internal|kms|linux|local|localhost|log|logs|macos|managed|net|none"
    "|null|org|policy|prod|profile|role|s3|security|server|service|session|sg|ssh|ssm|ssmmessages|stage"
    "|standard|subnet|system|systems|test|true|user|vpc|windows"
)
"""Words that say nothing about anybody, and that decisions may look at."""
_AWS_NAME = re.compile(
    r"(?i)(?:aws|amazon|ssm-sessionmanagerrunshell|com\.amazonaws|service-role/a(?:ws|mazon)|\$none).*"
    r"|.*(?:\.amazonaws\.com(?:\.cn)?|\.aws|\.compute\.internal|ec2\.internal)\.?"
)
_BASTION = re.compile(r"(?i)bastion|jump|踏み台|バスティオン")
"""Names that say what an instance is for; the search for bastions looks at them."""
_WORD = re.compile(r"[^\W_]+")
_ACCOUNT = re.compile(r"(?<![0-9A-Za-z-])\d{12}(?![0-9A-Za-z])")
_ARN = re.compile(r"arn:aws[\w-]*:(?P<service>[\w*-]*):[\w*-]*:[\w*]*:(?P<resource>[^\s\"',]*)")
_TAG_KEY = re.compile(r"(?P<head>[\w-]+:\w*[tT]ag/)(?P<key>.+)")
_ADDRESS = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\d.])")
_VERSION = re.compile(r"\d+(?:\.\d+)*")
_DASHED = re.compile(r"(?<=ec2-)\d{1,3}(?:-\d{1,3}){3}(?=\.)")
_NAMED_RESOURCES: Final = frozenset({"iam", "sts", "s3", "elasticloadbalancing", "logs", "rds", "sso"})
"""Services whose ARNs end in names that people gave; those of EC2 end in ids."""
_FIXED = re.compile(
    "role|user|policy|instance-profile|assumed-role|federated-user|loadbalancer|targetgroup|listener|net|app|gwy"
    "|log-group|log-stream|db|root|group"
)
"""Words of ARNs that are AWS's own."""
_PUBLIC_BITS_KEPT: Final = 16


def redact(snapshot: Snapshot, *, addresses: bool = False, secret: bytes = b"") -> Snapshot:
    """The snapshot with stand-ins for whatever names people, projects and accounts.

    With `addresses`, public IPv4 addresses are replaced too: their last 16 bits, in such a way that what
    lay in a common block still does; `secret` makes that impossible to turn back by trying.
    """
    stand_ins = _StandIns(addresses, secret)
    return Snapshot(
        collected_at=snapshot.collected_at,
        caller=stand_ins.text(snapshot.caller),
        responses=tuple(_redacted(each, stand_ins) for each in snapshot.responses),
    )


def _redacted(responses: Responses, stand_ins: _StandIns) -> Responses:
    records = msgspec.json.decode(responses.records)
    # The owners of images are publishers that everybody knows, and image names tell the system.
    if responses.operation != "ec2:DescribeImages":
        records = stand_ins.value(records, "")
    return Responses(
        stand_ins.text(responses.account),
        responses.region,
        responses.operation,
        responses.status,
        responses.code,
        None,
        msgspec.Raw(msgspec.json.encode(records)),
        tuple(Gap(stand_ins.resource(gap.resource), gap.status, gap.code) for gap in responses.gaps),
    )


class _StandIns:
    """What stands for what; made when a word is met first, the same ever after."""

    def __init__(self, addresses: bool, secret: bytes) -> None:
        self._words: dict[str, str] = {}
        self._accounts: dict[str, str] = {}
        self._addresses = addresses
        self._secret = secret

    # --- values of JSON ----------------------------------------------------------------------------------

    def value(self, value: Any, key: str) -> Any:
        """A JSON value that stands under this key."""
        if isinstance(value, dict):
            return {self._key(name): self._member(name, inner, key) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.value(each, key) for each in value]
        return self._string(value, key) if isinstance(value, str) else value

    def _member(self, name: str, value: Any, above: str) -> Any:
        if above in {"Tags", "TagSet"} and name in {"Key", "Value"} and isinstance(value, str):
            is_aws = value == "Name" or value.startswith("aws:")
            return value if name == "Key" and is_aws else self.name(value)
        if name in _GONE:
            return self._each(value, lambda text: "(removed)" if text else "")
        if name == "Name" and above in _STATES:
            return value
        if _TAG_KEY.fullmatch(name):
            return self._each(value, self.name)
        return self.value(value, name)

    def _each(self, value: Any, change: Callable[[str], str]) -> Any:
        if isinstance(value, dict):
            return {key: self._each(inner, change) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._each(each, change) for each in value]
        return change(value) if isinstance(value, str) else value

    def _key(self, name: str) -> str:
        """Condition keys name tags: `ssm:resourceTag/Team`."""
        found = _TAG_KEY.fullmatch(name)
        if found is None or found["key"] == "Name":
            return name
        return found["head"] + self.name(found["key"])

    def _string(self, value: str, key: str) -> str:
        if key in _DOCUMENTS:
            return self._document(value)
        if key.endswith("Version") and _VERSION.fullmatch(value):
            return value  # an agent's 2.3.50.0 is no address
        if _NAMES.fullmatch(key) and not value.startswith("arn:"):
            return self.name(value)
        return self.text(value)

    def _document(self, value: str) -> str:
        for decode, encode in ((str, str), (unquote, quote)):
            try:
                return encode(json.dumps(self.value(json.loads(decode(value)), "")))
            except json.JSONDecodeError:
                continue
        return self.text(value)

    # --- texts -------------------------------------------------------------------------------------------

    def resource(self, resource: str) -> str:
        """The resource of a gap: an id, an ARN, or a name."""
        if re.fullmatch(r"[a-z-]+-[0-9a-f]{8,}|/ssm/.*", resource):
            return resource
        return self.text(resource) if resource.startswith("arn:") else self.name(resource)

    def text(self, text: str) -> str:
        """Text that is no name, with the accounts, ARNs and addresses in it replaced."""
        text = _ARN.sub(self._arn, text)
        text = _ACCOUNT.sub(self._account, text)
        if self._addresses:
            text = _ADDRESS.sub(lambda found: self._address(found[0]), text)
            text = _DASHED.sub(
                lambda found: self._address(found[0].replace("-", ".")).replace(".", "-"), text
            )
        return text

    def name(self, name: str) -> str:
        """A name, word by word; AWS's own names stay."""
        if _AWS_NAME.fullmatch(name) or parse_prefix(name) is not None:
            return self.text(name)
        return _WORD.sub(self._word, self.text(name))

    def _arn(self, found: re.Match[str]) -> str:
        resource = found["resource"]
        if found["service"] not in _NAMED_RESOURCES or ":aws:policy/" in found[0]:
            return found[0]
        head = found[0][: len(found[0]) - len(resource)]
        parts = re.split(r"([/:])", resource)
        return head + "".join(part if _FIXED.fullmatch(part) else self.name(part) for part in parts)

    def _word(self, found: re.Match[str]) -> str:
        word = found[0]
        if _KEPT.fullmatch(word) or (word.isdigit() and len(word) < 6) or word in self._accounts.values():
            return word
        if _BASTION.search(word):
            return "bastion"
        return self._words.setdefault(word, f"x{len(self._words) + 1}")

    def _account(self, found: re.Match[str]) -> str:
        account = found[0]
        if account in self._accounts.values():
            return account
        return self._accounts.setdefault(account, f"{len(self._accounts) + 1:012}")

    def _dashed(self, found: re.Match[str]) -> str:
        """`203-0-113-5` in a public DNS name."""
        return self._address(found[0].replace("-", ".")).replace(".", "-")

    def _address(self, text: str) -> str:
        block, slash, length = text.partition("/")
        address = parse_address(block)
        if address is None or not is_public(address):
            return text
        bits = int(length) if length.isdigit() else 32
        return f"{Address(4, self._scrambled(address.value, bits))}{slash}{length}"

    def _scrambled(self, value: int, length: int) -> int:
        """Bit by bit, each depending on those before it: what shares a prefix shares one afterwards."""
        result = value
        for position in range(_PUBLIC_BITS_KEPT, min(length, 32)):
            above = value >> (32 - position)
            digest = hashlib.blake2b(f"{position}/{above}".encode(), key=self._secret[:64]).digest()
            result ^= (digest[0] & 1) << (31 - position)
        return result
