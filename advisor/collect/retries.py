"""When not to try again: an address that does not answer, and a collection that was cancelled."""

from __future__ import annotations

import threading
from typing import Any

from botocore import exceptions as aws

_ATTEMPTS_TO_CONNECT = 3
_UNREACHABLE = (aws.EndpointConnectionError, aws.ConnectTimeoutError, aws.ProxyConnectionError)


class Stopped(aws.BotoCoreError):  # type: ignore[misc]
    """The collection was cancelled while this call was to be tried again."""

    fmt = "Cancelled"


class Retries:
    """Counts retries and says when there shall be no more; one for all clients of a session."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.count = 0

    def watch(self, client: Any) -> None:
        """Have a say in whether this client tries again."""
        client.meta.events.register_first("needs-retry", self._consider)

    def _consider(
        self, attempts: int = 1, response: Any = None, caught_exception: Exception | None = None, **_: Any
    ) -> None:
        # To raise is the only way to say no: botocore takes any handler's number as leave to retry. The
        # standard mode would spend about a minute on a service that a Region does not offer.
        if isinstance(caught_exception, _UNREACHABLE) and attempts >= _ATTEMPTS_TO_CONNECT:
            raise caught_exception
        failed = caught_exception is not None or (response and response[0].status_code >= 400)
        if failed and self.stopping.is_set():
            raise Stopped
        self.count += attempts > 1
