"""What goes wrong on purpose: calls that are denied, fail, are throttled or slow."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from fnmatch import fnmatchcase
from typing import NamedTuple

from tests.fakeaws.wire import AwsError, Call


class Recorded(NamedTuple):
    """A call that came in."""

    at: float
    service: str
    operation: str
    region: str
    access_key: str
    name: str


class Rules:
    """Checked before every answer: latency, throttling, denials, failures. Patterns are `ec2:Describe*`."""

    def __init__(self) -> None:
        self.denied: dict[str, str | None] = {}
        self.failing: dict[str, tuple[str, str, int, int | None]] = {}
        self.latency = 0.0
        self.jitter = 0.0
        self.expired = False
        self.rate: float | None = None
        self.burst = 0
        self.unknown_regions: set[str] = set()
        self._buckets: dict[tuple[str, str, str], tuple[float, float]] = {}
        self._failures: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()

    def deny(self, pattern: str, region: str | None = None) -> None:
        """Refuse the calls that fit, in one Region or in all."""
        self.denied[pattern] = region

    def fail(
        self, pattern: str, code: str = "InternalError", status: int = 500, times: int | None = None
    ) -> None:
        """Answer with an error, always or so many times."""
        self.failing[pattern] = (code, "It failed on purpose.", status, times)

    def throttle(self, rate: float, burst: int) -> None:
        """A token bucket per account, Region and service."""
        self.rate, self.burst = rate, burst

    def check(self, call: Call) -> None:
        """Wait as long as the latency says, and raise what is to go wrong."""
        if self.latency:
            time.sleep(self.latency + random.uniform(0, self.jitter))
        if self.expired:
            code = "RequestExpired" if call.service == "ec2" else "ExpiredToken"
            code = "ExpiredTokenException" if call.service in _JSON else code
            raise AwsError(code, "The security token included in the request is expired", 400)
        self._throttled(call)
        for pattern, region in self.denied.items():
            if fnmatchcase(call.name, pattern) and region in (None, call.region):
                raise denial(call)
        for pattern, (code, message, status, times) in self.failing.items():
            if fnmatchcase(call.name, pattern):
                with self._lock:
                    self._failures[pattern] += 1
                    if times is not None and self._failures[pattern] > times:
                        continue
                raise AwsError(code, message, status)

    def _throttled(self, call: Call) -> None:
        if self.rate is None:
            return
        key = (call.account, call.region, call.service)
        with self._lock:
            now = time.monotonic()
            tokens, last = self._buckets.get(key, (float(self.burst), now))
            tokens = min(float(self.burst), tokens + (now - last) * self.rate)
            enough = tokens >= 1
            self._buckets[key] = (tokens - 1 if enough else tokens, now)
        if not enough:
            if call.service == "ec2":
                raise AwsError("RequestLimitExceeded", "Request limit exceeded.", 503)
            raise AwsError(
                "Throttling" if call.service == "iam" else "ThrottlingException", "Rate exceeded", 400
            )


_JSON = {"ssm", "kms", "logs", "route53resolver", "ec2-instance-connect"}


def denial(call: Call) -> AwsError:
    """AWS's sentence and code for a call that is not allowed."""
    who = f"arn:aws:iam::{call.account}:user/alice"
    why = "because no identity-based policy allows the action"
    sentence = f"User: {who} is not authorized to perform: {call.name} {why}"
    if call.service == "ec2":
        return AwsError(
            "UnauthorizedOperation", "You are not authorized to perform this operation. " + sentence, 403
        )
    if call.service in ("iam", "sts", "s3", "elbv2", "rds", "route53"):
        return AwsError("AccessDenied", sentence, 403)
    return AwsError("AccessDeniedException", sentence, 400)
