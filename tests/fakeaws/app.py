"""A fake AWS: an HTTP service that answers from a scene, or passes on to moto, and can go wrong on purpose.

with FakeAws.of(scene) as aws:
    aws.rules.deny("ssm:*")
    session = open_session(endpoint_url=aws.url, …)
    assert aws.writing() == []
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from werkzeug.serving import WSGIRequestHandler, make_server

from advisor.snapshot.store import Snapshot
from tests.fakeaws.reads import read
from tests.fakeaws.rules import Recorded, Rules
from tests.fakeaws.select import page_of
from tests.fakeaws.wire import Answer, AwsError, Call, answered, refused, understand
from tests.fakeaws.world import world_of
from tests.fakeaws.writes import write
from tests.scenes.builder import Scene
from tests.scenes.place import World

ACCESS_KEY = "AKIAFAKEFAKEFAKEFAKE"
SECRET_KEY = "not-a-secret"
READING = ("Describe", "Get", "List", "Search", "Simulate", "Head")
# What moto does not know; the rest it answers itself when it stands behind.
LACKING = frozenset(
    f"{service}:{name}"
    for service, names in {
        "ec2": (
            "CreateInstanceConnectEndpoint DescribeInstanceConnectEndpoints ModifyInstanceConnectEndpoint "
            "DeleteInstanceConnectEndpoint GetSerialConsoleAccessStatus EnableSerialConsoleAccess "
            "DisableSerialConsoleAccess DescribeVpcBlockPublicAccessOptions "
            "DescribeVpcBlockPublicAccessExclusions CreateVpcBlockPublicAccessExclusion "
            "DeleteVpcBlockPublicAccessExclusion DescribeSecurityGroupVpcAssociations"
        ),
        "ssm": (
            "DescribeInstanceInformation GetConnectionStatus GetServiceSetting UpdateServiceSetting "
            "ResetServiceSetting DescribeActivations DescribeSessions"
        ),
        "iam": "SimulatePrincipalPolicy",
    }.items()
    for name in names.split()
)
Passed = Callable[[dict[str, Any], Any], Iterable[bytes]]


class FakeAws:
    """AWS as far as the tests need it: one or more accounts, told apart by access key."""

    def __init__(
        self, world: World | None = None, account: str = "111122223333", behind: Passed | None = None
    ) -> None:
        self.world = world or World()
        self.accounts = {ACCESS_KEY: account}
        self.rules = Rules()
        self.calls: list[Recorded] = []
        self.behind = behind
        self._cache: dict[Any, Answer] = {}
        self.cached = False
        self._lock = threading.Lock()
        self._server: Any = None

    @classmethod
    def of(cls, scene: Scene) -> FakeAws:
        """A fake AWS that answers what the scene holds."""
        scene.responses()  # lets the scene derive what it repeats
        return cls(scene.world, scene.account)

    @classmethod
    def before_moto(cls) -> FakeAws:
        """An empty account that moto keeps, with what moto lacks answered from this one's world."""
        from moto.server import DomainDispatcherApplication, create_backend_app

        scene = Scene("123456789012")
        return cls(scene.world, scene.account, DomainDispatcherApplication(create_backend_app))

    @classmethod
    def of_snapshot(cls, snapshot: Snapshot) -> FakeAws:
        """A fake AWS that answers what was read of an account."""
        (account,) = snapshot.estate().accounts
        return cls(world_of(snapshot), account)

    # --- HTTP --------------------------------------------------------------------------------------------

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """The WSGI application."""
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        service = ""
        try:
            call = understand(environ, body)
            service = call.service
            call.account = self.accounts.get(call.access_key, "")
            if not call.account:
                raise _rejected(call)
            self.calls.append(
                Recorded(
                    time.monotonic(), call.service, call.operation, call.region, call.access_key, call.name
                )
            )
            self.rules.check(call)
            answer = self._answer(call, body)
        except AwsError as error:
            answer = refused(service, error)
        if answer is None:
            return self._pass_on(environ, body, start_response)
        status, headers, content = answer
        if environ["REQUEST_METHOD"] == "HEAD":
            content = b""
        start_response(
            f"{status} {'OK' if status < 400 else 'Error'}", [*headers, ("Content-Length", str(len(content)))]
        )
        return [content]

    def _answer(self, call: Call, body: bytes) -> Answer | None:
        key = (call.account, call.region, call.name, body)
        if self.cached and key in self._cache:
            return self._cache[key]
        if self.behind is not None and call.name not in LACKING:
            return None
        with self._lock:
            if call.parameters.get("DryRun"):
                raise AwsError(
                    "DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412
                )
            result = read(self.world, call)
            if result is None:
                result = write(self.world, call)
            if result is None:
                raise AwsError("NotImplemented", f"The fake AWS does not know {call.name}", 501)
            answer = answered(call, page_of(call, result) if call.operation.startswith(READING) else result)
        if self.cached:
            self._cache[key] = answer
        return answer

    def _pass_on(self, environ: dict[str, Any], body: bytes, start_response: Any) -> Iterable[bytes]:
        from io import BytesIO

        assert self.behind is not None
        return self.behind({**environ, "wsgi.input": BytesIO(body)}, start_response)

    # --- life --------------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._server = make_server("127.0.0.1", 0, self, threaded=True, request_handler=_Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which the AWS CLI and boto3 talk to it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_PAGER": "",
        }

    def writing(self) -> list[str]:
        """The recorded calls that are not plainly reading ones."""
        return [call.name for call in self.calls if not call.operation.startswith(READING)]


def _rejected(call: Call) -> AwsError:
    if call.service == "ec2":
        return AwsError("AuthFailure", "AWS was not able to validate the provided access credentials", 401)
    return AwsError("InvalidClientTokenId", "The security token included in the request is invalid.", 403)


class _Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing."""
