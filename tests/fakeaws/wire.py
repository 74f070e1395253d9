"""AWS's protocols: which call a request is, and the bytes of its answer.

The only place that knows moto's internal parsers and serialisers; pinned in the development dependencies.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote
from xml.sax.saxutils import escape

from moto.core.parse import PROTOCOL_PARSERS
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.datastructures import Headers, MultiDict

_BOTO3_NAMES = {"elasticloadbalancing": "elbv2", "monitoring": "cloudwatch"}
_FAMILY_NAMES = {"elbv2": "elasticloadbalancing"}


class AwsError(Exception):
    """An error as AWS answers it."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


@dataclass
class Call:
    """A request, understood."""

    service: str
    operation: str
    region: str
    access_key: str
    protocol: str = "query"
    parameters: dict[str, Any] = field(default_factory=dict)
    account: str = ""

    @property
    def name(self) -> str:
        """`ec2:DescribeVpcs`, as the families of the product are named."""
        return f"{_FAMILY_NAMES.get(self.service, self.service)}:{self.operation}"

    @property
    def model(self) -> Any:
        return model_of(self.service).operation_model(self.operation)


@cache
def model_of(service: str) -> Any:
    """moto's own model of a service; its serialisers insist on it."""
    return get_service_model(service)


def understand(environ: dict[str, Any], body: bytes) -> Call:
    """The call that a signed request makes."""
    signature = environ.get("HTTP_AUTHORIZATION", "")
    scope = re.search(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request", signature)
    if scope is None:
        raise AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
    access_key, region, signing = scope.groups()
    service = _BOTO3_NAMES.get(signing, signing)
    model = model_of(service)
    query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    values = MultiDict(query)
    url: dict[str, str] = {}
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    protocol = "json" if target else model.protocol
    if protocol in ("ec2", "query"):
        values = MultiDict(parse_qsl(body.decode(), keep_blank_values=True))
        operation = values.get("Action", "")
    elif protocol == "json":
        operation = target.rpartition(".")[2]
    else:
        operation, url = _routed(model, environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/"), dict(query))
    call = Call(service, operation, region, access_key, protocol)
    headers = Headers(
        [(name[5:].replace("_", "-"), value) for name, value in environ.items() if name.startswith("HTTP_")]
    )
    request = {"body": body, "headers": headers, "url_params": url, "values": values}
    parsed = PROTOCOL_PARSERS[protocol](call.model).parse(request)
    call.parameters = {key: value for key, value in parsed.items() if value is not None}
    return call


def _routed(model: Any, method: str, path: str, query: dict[str, str]) -> tuple[str, dict[str, str]]:
    """The REST operation whose method, path and fixed query fit best."""
    fits: list[tuple[int, str, dict[str, str]]] = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        template, _, fixed = http["requestUri"].partition("?")
        if http["method"] != method:
            continue
        wanted = dict(parse_qsl(fixed, keep_blank_values=True))
        if any(key not in query or (value and query[key] != value) for key, value in wanted.items()):
            continue
        pattern = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", template)
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
        match = re.fullmatch(pattern.rstrip("/") + "/?", path.rstrip("/") or "/")
        if match:
            url = {key: unquote(value) for key, value in match.groupdict().items()}
            fits.append((len(wanted) * 100 - len(url), name, url))
    if not fits:
        raise AwsError("NotImplemented", f"No operation for {method} {path}", 501)
    _, name, url = max(fits)
    return name, url


Answer = tuple[int, list[tuple[str, str]], bytes]


def answered(call: Call, result: dict[str, Any]) -> Answer:
    """The HTTP answer that carries this result (in boto3's form)."""
    operation = call.model
    shape = operation.output_shape
    ready = _prepared(shape, result) if shape is not None else {}
    serializer = get_serializer_class(call.service, call.protocol)(operation)
    told = serializer.serialize(ready)
    body = told["body"]
    headers = [(name, str(value)) for name, value in told["headers"].items()]
    return told["status_code"], headers, body.encode() if isinstance(body, str) else body


def _prepared(shape: Any, value: Any) -> Any:
    """The value with what the wire wants: no nulls, policy documents URL-encoded."""
    if shape.type_name == "structure" and isinstance(value, dict):
        return {
            key: _prepared(shape.members[key], inner)
            for key, inner in value.items()
            if inner is not None and key in shape.members
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [_prepared(shape.member, each) for each in value if each is not None]
    if shape.name == "policyDocumentType" and isinstance(value, dict):
        return quote(json.dumps(value), safe="")
    return value


def refused(service: str, error: AwsError) -> Answer:
    """The HTTP answer that carries this error in the service's protocol."""
    protocol = model_of(service).protocol if service else "query"
    code, message = error.code, error.message
    if protocol == "json":
        body = json.dumps({"__type": code, "message": message})
        return error.status, [("Content-Type", "application/x-amz-json-1.1")], body.encode()
    inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    request = "00000000-0000-0000-0000-000000000000"
    if protocol == "ec2":
        body = f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>{request}</RequestID></Response>"
    elif service == "s3":
        body = f"<Error>{inner}<RequestId>{request}</RequestId></Error>"
    else:
        body = f"<ErrorResponse><Error><Type>Sender</Type>{inner}</Error><RequestId>{request}</RequestId>"
        body += "</ErrorResponse>"
    return (
        error.status,
        [("Content-Type", "text/xml")],
        b'<?xml version="1.0" encoding="UTF-8"?>\n' + body.encode(),
    )
