"""How fast an account is read: many calls at once, and answers parsed only as far as they are used.

    python -m tests.benchmarks.collect [--instances 10000]

The fake AWS runs in another process, answers from cached bytes, and every figure is a ratio against plain
boto3 in the same run (design, section 5): 144 calls at 60 ms at least 5 times, 10,000 instances at least
2.5 times as fast.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any

import boto3

from advisor.collect.operations import OPERATIONS, Asked, Operation
from advisor.collect.runner import Question, collect, gather
from advisor.collect.session import open_session
from tests.fakeaws.app import FakeAws
from tests.scenes.builder import CORE, Scene, tcp

REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1", "sa-east-1"]
BIG = ("ec2:DescribeInstances", "ec2:DescribeNetworkInterfaces")


def fleet(instances: int, regions: list[str]) -> Scene:
    """So many instances in each Region, 250 to a VPC."""
    scene = Scene()
    role = scene.role("managed", [CORE])
    for region in regions:
        here = scene.at(region=region)
        for number in range(0, instances, 250):
            vpc = here.vpc(f"10.{number // 250}.0.0/16")
            subnets = [vpc.subnet(f"10.{number // 250}.{n}.0/24") for n in range(4)]
            groups = [vpc.group(f"app-{n}", [tcp(22, "10.0.0.0/8"), tcp(443)]) for n in range(10)]
            for each in range(number, min(number + 250, instances)):
                subnets[each % 4].instance(
                    name=f"app-{each}", groups=[groups[each % 10]], profile=role, key="k"
                )
    return scene


def _serve(pipe: Connection, instances: int, regions: list[str], latency: float) -> None:
    with FakeAws.of(fleet(instances, regions)) as aws:
        aws.cached = True
        pipe.send((aws.url, aws.environment))
        while pipe.recv() != "stop":
            aws.rules.latency = latency
            pipe.send("slow")


@contextmanager
def served(instances: int, regions: list[str], latency: float) -> Iterator[tuple[str, Callable[[], None]]]:
    """A fake AWS in another process: its URL, and what makes it slow once its answers are cached."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, instances, regions, latency))
    process.start()
    url, environment = ours.recv()
    os.environ.update(environment)

    def slow() -> None:
        ours.send("slow")
        ours.recv()

    try:
        yield url, slow
    finally:
        ours.send("stop")
        process.join()


def timed(work: Callable[[], object]) -> float:
    """Seconds of the faster of two runs; the first one also fills the server's cache."""
    found = []
    for _ in range(2):
        started = time.perf_counter()
        work()
        found.append(time.perf_counter() - started)
    return min(found)


def plainly(url: str, names: list[str], regions: list[str]) -> None:
    """The same operations with boto3 as people write it: one after another, all pages."""
    session = boto3.Session()
    for region in regions:
        clients: dict[str, Any] = {}
        for row in OPERATIONS:
            if row.name in names and isinstance(row.requests, tuple):
                if row.service not in clients:
                    clients[row.service] = session.client(row.service, region_name=region, endpoint_url=url)
                for parameters in row.requests:
                    _all_pages(clients[row.service], row.method, dict(parameters), row.page)
        for client in clients.values():
            client.close()


def _all_pages(client: Any, method: str, parameters: dict[str, Any], page: int | None) -> list[Any]:
    if client.can_paginate(method):
        paging = {"PageSize": page} if page else {}
        return list(client.get_paginator(method).paginate(**parameters, PaginationConfig=paging))
    return [getattr(client, method)(**parameters)]


def many_calls() -> None:
    """36 operations in four Regions at 60 ms a call."""
    names = [row.name for row in OPERATIONS if row.asked is Asked.REGION and _is_one_call(row)][:36]
    rows = [row for row in OPERATIONS if row.name in names]
    with served(250, REGIONS, 0.06) as (url, slow):
        session = open_session(regions=REGIONS, endpoint_url=url)
        wanted = [Question(row, region) for row in rows for region in REGIONS]
        gather(session, wanted, ())
        slow()
        ours = timed(lambda: gather(session, list(wanted), ()))
        plain = timed(lambda: plainly(url, names, REGIONS))
        whole = timed(lambda: collect(session))
        session.close()
    report(f"{len(rows)} operations x {len(REGIONS)} Regions at 60 ms", plain, ours, 5)
    print(f"  everything, {len(OPERATIONS)} operations and what follows from them: {whole:.2f} s")


def _is_one_call(row: Operation) -> bool:
    return (
        len(row.requests) == 1 and row.name != "ssm:GetDocument" if isinstance(row.requests, tuple) else False
    )


def many_instances(count: int) -> None:
    """One Region with many instances: parsing decides."""
    with served(count, ["us-east-1"], 0) as (url, _):
        session = open_session(regions=["us-east-1"], endpoint_url=url)
        rows = [row for row in OPERATIONS if row.name in BIG]
        ours = timed(lambda: gather(session, [Question(row, "us-east-1") for row in rows], ()))
        plain = timed(lambda: plainly(url, list(BIG), ["us-east-1"]))
        session.close()
    report(f"{count:,} instances and their interfaces", plain, ours, 2.5)


def report(what: str, plain: float, ours: float, bar: float) -> None:
    """A line with the ratio and whether it meets the bar."""
    ratio = plain / ours
    verdict = "ok" if ratio >= bar else "MISSED"
    print(
        f"{what}: plain boto3 {plain:.2f} s, advisor {ours:.2f} s: {ratio:.1f} x faster (bar {bar}) {verdict}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--instances", type=int, default=10_000)
    given = parser.parse_args()
    many_calls()
    many_instances(given.instances)
