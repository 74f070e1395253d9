"""What is true of the demo account, decided by hand: a verdict per method, and the faults that were planted.

The letters are Session Manager, EC2 Instance Connect Endpoint, bastion, serial console, each ready,
blocked or unknown, for a person who comes from the office's addresses. `causes` are of Session Manager,
`entry` of the EC2 Instance Connect Endpoint.
"""

from __future__ import annotations

from typing import NamedTuple


class Truth(NamedTuple):
    """One machine."""

    verdicts: str
    causes: frozenset[str] = frozenset()
    entry: frozenset[str] = frozenset()


def _truth(verdicts: str, causes: str = "", entry: str = "eice-none-in-vpc") -> Truth:
    return Truth(verdicts, frozenset(causes.split()), frozenset(entry.split()))


_FAILED = "eice-subnet-no-ip-or-slr"
_HYBRID = "hybrid-not-applicable"
_DARK = "no-instance-profile-no-dhmc no-path-to-ssm"

TRUTH: dict[str, Truth] = {
    # edge: public, with the bastion
    "edge-bastion-1": _truth("rbbr"),
    "edge-bastion-2": _truth("bbbb", "instance-not-running", "eice-none-in-vpc instance-not-running"),
    "web-1": _truth("rbrr"),
    "web-2": _truth("bbrr", "vpce-private-dns-off session-logs-endpoint-missing"),
    "web-3": _truth("bbrr", "instance-role-missing-ssm-core"),
    "web-4": _truth("bbrr", "node-sg-egress-blocks-443"),
    "web-5": _truth("bbrr", "nacl-blocks-ephemeral-in"),
    "web-6": _truth("bbrr", "imds-disabled"),
    "win-jump-1": _truth("rbrr"),
    "legacy-ftp-1": _truth("bbrb", "no-instance-profile-no-dhmc"),
    "mac-build-1": _truth("rbrb"),
    # orders: private, with NAT
    "orders-api-1": _truth("rbbr", "", _FAILED),
    "orders-api-2": _truth("bbbr", "session-log-role-permission", _FAILED),
    "orders-api-3": _truth("bbbr", "ssm-ping-connection-lost", _FAILED),
    "orders-worker-1": _truth("bbbr", "blackhole-route", _FAILED),
    "orders-worker-2": _truth("bbbr", "nat-gateway-unusable", _FAILED),
    "orders-db-1": _truth("bbbr", "nacl-blocks-443-out", _FAILED),
    "orders-batch-1": _truth("bbbr", "no-instance-profile-no-dhmc", _FAILED),
    "orders-batch-2": _truth("bbbr", "instance-role-trust-wrong", _FAILED),
    "orders-batch-3": _truth("bbbr", "instance-profile-without-role", _FAILED),
    "orders-report-1": _truth(
        "bbbr", "instance-role-missing-ssmmessages session-log-role-permission", _FAILED
    ),
    "orders-win-1": _truth("rbbr", "", f"{_FAILED} rdp-password-unavailable"),
    "orders-migrate-1": _truth("bbbb", "instance-not-running", f"instance-not-running {_FAILED}"),
    "orders-reconcile-1": _truth("bbbr", "instance-role-denied-by-boundary-or-scp", _FAILED),
    "orders-ci-1": _truth(
        "bbbr",
        "status-check-instance-failed ssm-ping-connection-lost",
        f"status-check-instance-failed {_FAILED}",
    ),
    "orders-vpn-1": _truth("bbbr", "igw-route-no-public-ip", _FAILED),
    # partner: a spoke that depends on edge
    "partner-edi-1": _truth("rbrr"),
    "partner-edi-2": _truth("bbbr", "no-path-to-ssm session-logs-endpoint-missing"),
    "partner-db-1": _truth("bbrr", "node-sg-egress-blocks-443"),
    # 受注システム: isolated, with endpoints
    "受注API-1": _truth("rbbb"),
    "受注API-2": _truth("ubbb", "vpce-ec2messages-missing-old-agent"),
    "受注バッチ-1": _truth("bbbb", "vpce-sg-blocks-443"),
    "受注バッチ-2": _truth("bbbb", "nacl-endpoint-subnet"),
    "受注帳票-1": _truth("rbbb"),
    "在庫照会-1": _truth("bbbb", "agent-too-old-for-sessions vpce-ec2messages-missing-old-agent"),
    "取引先連携-1": _truth("ubbb"),
    "受注検証-1": _truth("bbbb", "instance-not-running", "eice-none-in-vpc instance-not-running"),
    # データ分析: isolated, with an EC2 Instance Connect Endpoint
    "分析-1": _truth("brbb", _DARK, ""),
    "分析-2": _truth("bbbb", _DARK, "eice-instance-sg-inbound"),
    "分析GPU-1": _truth("bbbb", _DARK, "eice-sg-egress-missing"),
    "分析Windows-1": _truth("brbb", _DARK, ""),
    "分析保管-1": _truth("bbbb", _DARK, "eice-nacl"),
    # outside AWS
    "hq-backup-1": _truth("bbbb", "hybrid-tier-standard", _HYBRID),
    "hq-print-1": _truth("bbbb", "hybrid-tier-standard", _HYBRID),
    "本社ファイル-1": _truth("rbbb", "", _HYBRID),
    "工場ゲートウェイ-1": _truth("bbbb", "ssm-ping-connection-lost hybrid-not-reaching-endpoints", _HYBRID),
}
