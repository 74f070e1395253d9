"""Records of the Systems Manager API (2014-11-06)."""

from __future__ import annotations

import msgspec

from advisor.model.records.shape import Record
from advisor.model.times import Timestamp


class InstanceInformation(Record, frozen=True, gc=False, kw_only=True):
    """A managed node as Systems Manager knows it; stopped and terminated instances are left out by AWS."""

    instance_id: str
    ping_status: str | None = None
    last_ping_date_time: Timestamp | None = None
    agent_version: str | None = None
    is_latest_version: bool | None = None
    platform_type: str | None = None
    platform_name: str | None = None
    platform_version: str | None = None
    activation_id: str | None = None
    iam_role: str | None = None
    registration_date: Timestamp | None = None
    resource_type: str | None = None
    name: str | None = None
    ip_address: str | None = msgspec.field(name="IPAddress", default=None)
    computer_name: str | None = None
    association_status: str | None = None
    source_id: str | None = None
    source_type: str | None = None


class ConnectionStatus(Record, frozen=True, gc=False, kw_only=True):
    """Whether the session channel of a node is open: `connected` or `notconnected`."""

    target: str
    status: str | None = None


class ServiceSetting(Record, frozen=True, gc=False, kw_only=True):
    """An account's setting of Systems Manager in a Region."""

    setting_id: str
    setting_value: str | None = None
    status: str | None = None


class ServiceSettingAnswer(Record, frozen=True, gc=False, kw_only=True):
    """`GetServiceSetting`."""

    service_setting: ServiceSetting


class Document(Record, frozen=True, gc=False, kw_only=True):
    """A document's content, as `GetDocument` gives it."""

    name: str
    content: str | None = None
    document_type: str | None = None
    document_format: str | None = None
    status: str | None = None


class Activation(Record, frozen=True, gc=False, kw_only=True):
    """A hybrid activation."""

    activation_id: str
    iam_role: str | None = None
    registration_limit: int | None = None
    registrations_count: int | None = None
    expiration_date: Timestamp | None = None
    expired: bool | None = None


class Session(Record, frozen=True, gc=False, kw_only=True):
    """A session of the last 30 days."""

    session_id: str
    target: str | None = None
    status: str | None = None
    start_date: Timestamp | None = None
    end_date: Timestamp | None = None
    owner: str | None = None
    document_name: str | None = None
    access_type: str | None = None
