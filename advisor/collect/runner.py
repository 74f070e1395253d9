"""Reads an account: all operations of the table, in all Regions at once, as far as each may be asked."""

from __future__ import annotations

import gc
import queue
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec

from advisor.collect.asking import Answer, ask
from advisor.collect.derive import Parameters
from advisor.collect.operations import OPERATIONS, Asked, Operation
from advisor.collect.retries import Stopped
from advisor.collect.session import WORKERS, Session
from advisor.model.coverage import Coverage, Status, Table
from advisor.model.estate import Estate
from advisor.model.responses import GLOBAL, Gap, Responses
from advisor.model.scope import FAMILIES, Scope
from advisor.model.times import spell_instant
from advisor.snapshot.store import Snapshot


class Progress(msgspec.Struct, frozen=True):
    """How far a collection is: calls done and known so far, the latest one, and what went wrong."""

    done: int
    total: int
    what: str
    failed: int = 0
    retries: int = 0


Listener = Callable[[Progress], None]


class Question(msgspec.Struct, frozen=True):
    """An operation in a Region (or `global`), with the requests to make; None: those of the table."""

    row: Operation
    region: str
    requests: tuple[Parameters, ...] | None = None


def silent(_: Progress) -> None:
    """Nobody listens."""


def never() -> bool:
    """Nobody cancels."""
    return False


def collect(
    session: Session,
    regions: Sequence[str] | None = None,
    progress: Listener = silent,
    cancelled: Callable[[], bool] = never,
) -> Snapshot:
    """Read the account in these Regions (the session's own if none are given).

    Never raises for a call that AWS refuses or that fails: that is the snapshot's coverage. When
    `cancelled` says so, what was read by then comes back; the rest was not asked.
    """
    regions = tuple(session.regions if regions is None else regions)
    started = datetime.now(UTC)
    rows = [row for row in OPERATIONS if row.asked is not Asked.TARGET]
    responses = gather(session, questions(rows, regions), (), progress, cancelled)
    return Snapshot(
        collected_at=spell_instant(started), caller=session.caller.arn or "", responses=tuple(responses)
    )


def questions(rows: Iterable[Operation], regions: Iterable[str]) -> list[Question]:
    """These operations in these Regions; those of global services once."""
    regions = list(regions)
    return [
        Question(row, region)
        for row in rows
        for region in ([GLOBAL] if FAMILIES[row.name].is_global else regions)
    ]


def gather(
    session: Session,
    wanted: Iterable[Question],
    known: Iterable[Responses],
    progress: Listener = silent,
    cancelled: Callable[[], bool] = never,
) -> list[Responses]:
    """The answers to these questions; `known` are earlier answers that requests may be derived from."""
    run = _Run(session, list(wanted), known, progress, cancelled)
    with _collector_paused():
        return run.all()


@contextmanager
def _collector_paused() -> Iterator[None]:
    """No garbage collection while parsing: it walks millions of live objects and frees none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Workers:
    """Threads that make the calls. Daemons: a process that ends waits for no call that hangs."""

    def __init__(self, count: int) -> None:
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._count = count
        for number in range(count):
            threading.Thread(target=self._work, name=f"collect-{number}", daemon=True).start()

    def submit(self, job: Callable[[], None]) -> None:
        self._jobs.put(job)

    def close(self) -> None:
        """Drop what waits; what is under way ends by itself."""
        with suppress(queue.Empty):
            while True:
                self._jobs.get_nowait()
        for _ in range(self._count):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()


class _Run:
    """One collection. Everything here runs in the caller's thread, except the calls themselves."""

    def __init__(
        self,
        session: Session,
        wanted: list[Question],
        known: Iterable[Responses],
        progress: Listener,
        cancelled: Callable[[], bool],
    ) -> None:
        self._session = session
        self._waiting = wanted
        self._open: dict[tuple[str, str], int] = {}
        self._answers: dict[tuple[str, str], dict[int, Answer]] = defaultdict(dict)
        self._questions = {(each.region, each.row.name): each for each in wanted}
        self._tables: dict[str, dict[str, Table[Any]]] = defaultdict(dict)
        self._found: list[Responses] = []
        self._progress = progress
        self._cancelled = cancelled
        self._arrived: queue.SimpleQueue[tuple[tuple[str, str], int, Answer | None]] = queue.SimpleQueue()
        self._done = self._total = self._failed = 0
        self._something_closed = True
        self._sources = {need for row in OPERATIONS for need in row.needs}
        for each in known:
            self._keep(each)

    def all(self) -> list[Responses]:
        """Ask everything; stop early when cancelled."""
        stopping = self._session.retries.stopping
        stopping.clear()
        workers = _Workers(WORKERS)
        try:
            while self._waiting or self._open:
                if self._something_closed:
                    self._start_what_can(workers)
                if self._cancelled():
                    break
                if self._open:
                    self._take(wait=True)
        finally:
            stopping.set()
            workers.close()
        self._take_all()
        for key in list(self._open):
            self._close(key, cut=True)
        return self._found

    def _start_what_can(self, workers: _Workers) -> None:
        self._something_closed = False
        unfinished = {key for key, question in self._questions.items() if key in self._open}
        unfinished.update((each.region, each.row.name) for each in self._waiting)
        free = [each for each in self._waiting if not self._needs(each) & unfinished]
        for question in free:
            if self._cancelled():
                return
            self._waiting.remove(question)
            self._start(question, workers)
            self._take_all()  # the first clients take a second to make; progress shall not wait for it

    def _needs(self, question: Question) -> set[tuple[str, str]]:
        """The other questions of this run whose answers this one's requests come from."""
        if question.requests is not None:
            return set()
        return {
            key
            for key in self._questions
            if key[1] in question.row.needs
            and (GLOBAL in (question.region, key[0]) or key[0] == question.region)
        }

    def _start(self, question: Question, workers: _Workers) -> None:
        row, key = question.row, (question.region, question.row.name)
        requests = self._requests(question)
        if not requests:
            self._something_closed = True
            return
        region = self._session.home if question.region == GLOBAL else question.region
        # Clients are made here, in one thread: botocore's loader is far slower in many.
        client = self._session.client(row.service, region)
        self._open[key] = len(requests)
        self._total += len(requests)
        for position, parameters in enumerate(requests):
            workers.submit(partial(self._call, key, position, client, row, parameters))

    def _requests(self, question: Question) -> tuple[Parameters, ...]:
        if question.requests is not None:
            return question.requests
        if isinstance(question.row.requests, tuple):
            return question.row.requests
        account = self._session.account
        estate = Estate(Scope(account, region, tables) for region, tables in self._tables.items())
        scope = estate.scope(account, question.region)
        return tuple(question.row.requests(estate, scope))

    def _call(
        self, key: tuple[str, str], position: int, client: Any, row: Operation, parameters: Parameters
    ) -> None:
        answer = None
        try:
            answer = ask(client, row, parameters, self._session.retries.stopping.is_set)
        finally:
            # Whatever happens, or the one who waits for answers would wait for ever.
            self._arrived.put((key, position, answer))

    def _take_all(self) -> None:
        while not self._arrived.empty():
            self._take()

    def _take(self, *, wait: bool = False) -> None:
        """One answer, or a tenth of a second without any."""
        try:
            key, position, answer = self._arrived.get(timeout=0.1 if wait else None)
        except queue.Empty:
            return
        if answer is None:
            raise RuntimeError(f"{key[1]} in {key[0]} ended without an answer")
        if answer.coverage.code == Stopped.__name__ and not answer.records:
            return
        self._answers[key][position] = answer
        self._done += 1
        self._failed += answer.coverage.status in (Status.DENIED, Status.FAILED)
        self._open[key] -= 1
        if not self._open[key]:
            self._close(key)
        self._progress(
            Progress(self._done, self._total, f"{key[1]} {key[0]}", self._failed, self._session.retries.count)
        )

    def _close(self, key: tuple[str, str], *, cut: bool = False) -> None:
        """Make the answers one, unless a cancelled run left none."""
        self._open.pop(key)
        self._something_closed = True
        answers = [answer for _, answer in sorted(self._answers.pop(key, {}).items())]
        if cut and not answers:
            return
        region, row = key[0], self._questions[key].row
        found = joined(self._session.account, region, row, answers, cut=cut)
        self._found.append(found)
        self._keep(found)

    def _keep(self, responses: Responses) -> None:
        if responses.operation in self._sources:
            scopes = Estate.of([responses]).scopes
            for scope in scopes.values():
                self._tables[responses.region].update(scope.tables)


def joined(
    account: str, region: str, row: Operation, answers: Sequence[Answer], *, cut: bool = False
) -> Responses:
    """The answers of all requests of one operation as one.

    What failed for one resource is a gap; what failed for all alike, the operation's own coverage.
    """
    parts = [record for answer in answers for record in answer.records]
    records = msgspec.Raw(b"[" + b",".join(parts) + b"]")
    failed = [each for each in answers if each.coverage.status is not Status.OK]
    whole = _whole(row, answers, failed, cut)
    gaps: Mapping[str, Gap] = {}
    if whole is None:
        gaps = {resource: _gap(resource, each) for each in failed for resource in [_resource(row, each)]}
        whole = Coverage()
    return Responses(
        account,
        region,
        row.name,
        whole.status.value,
        whole.code,
        whole.message,
        records,
        tuple(gaps.values()),
    )


def _whole(row: Operation, answers: Sequence[Answer], failed: Sequence[Answer], cut: bool) -> Coverage | None:
    """The coverage of the operation as a whole, or None if it is one of single resources."""
    if cut:
        return Coverage(Status.TRUNCATED, "Cancelled")
    if not failed:
        return Coverage()
    first = failed[0].coverage
    if FAMILIES[row.name].parameter is None:
        return first
    alike = len({(each.coverage.status, each.coverage.code) for each in failed}) == 1
    everything = len(failed) == len(answers) and alike
    if everything and (first.status is Status.DENIED or len(answers) > 2):
        return first
    return None


def _resource(row: Operation, answer: Answer) -> str:
    names = (FAMILIES[row.name].parameter or "").split(",")
    return "/".join(str(answer.parameters[name]) for name in names)


def _gap(resource: str, answer: Answer) -> Gap:
    coverage = answer.coverage
    return Gap(resource, coverage.status.value, coverage.code, coverage.message)
