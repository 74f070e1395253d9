"""Speed as ratios against something measured in the same run, so that a slow machine changes nothing.

    python -m tests.benchmarks.run                  # all; about two minutes and 2.5 GB of memory
    python -m tests.benchmarks.run help report      # some
    python -m tests.benchmarks.run --small report path memory

Each measurement runs in a process of its own; of several the fastest counts. The bars are those of the
design; a line that is over its bar ends in `over`, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from advisor.snapshot import write
from tests.benchmarks.generate import generate
from tests.benchmarks.terminal import until_first_frame, until_text

FEW, MANY = 10_000, 100_000


class Line(NamedTuple):
    """One measured ratio; `bar` None where nothing is asked for."""

    what: str
    ratio: float
    bar: float | None
    detail: str

    def __str__(self) -> str:
        bar = "" if self.bar is None else f"bar {self.bar:g}"
        over = "  over" if self.is_over else ""
        return f"{self.what:<58} {self.ratio:>7.2f}  {bar:<8} {self.detail}{over}"

    @property
    def is_over(self) -> bool:
        return self.bar is not None and self.ratio > self.bar


# --- one process for each measurement ---------------------------------------------------------------------


def _environment() -> dict[str, str]:
    """The environment with compiled modules kept, as in an installed program."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir(), "advisor-benchmarks-pycache"))}


def seconds(*command: str) -> float:
    """Wall time of a command that succeeds."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=_environment())
    return time.perf_counter() - start


def measured(code: str, *arguments: str) -> dict[str, float]:
    """What a snippet in a fresh interpreter prints as JSON."""
    command = [sys.executable, "-c", _PRELUDE + code, *arguments]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, env=_environment())
    found: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return found


_PRELUDE = """
import json, resource, sys, time
from pathlib import Path

def clock(work):
    # Processor time: all of this is one thread, and others may be at work on the machine.
    start = time.process_time()
    result = work()
    return result, time.process_time() - start

def megabytes():
    # Not getrusage: its peak is handed down from the process that started this one.
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    line = next(each for each in status.read_text().splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) / 1024
"""

_LOADS = """
content = Path(sys.argv[1]).read_bytes()
_, spent = clock(lambda: json.loads(content))
print(json.dumps({"seconds": spent, "megabytes": megabytes(), "size": len(content) / 2**20}))
"""

_REPORT = """
from advisor.methods.assess import assess
from advisor.rulebook import load
from advisor.snapshot import read

rulebook = load()
snapshot, reading = clock(lambda: read(sys.argv[1]))
estate, building = clock(snapshot.estate)
assessment, assessing = clock(lambda: assess(estate, rulebook))
print(json.dumps({
    "seconds": reading + building + assessing,
    "reading": reading,
    "building": building,
    "assessing": assessing,
    "targets": len(assessment.targets),
    "megabytes": megabytes(),
}))
"""

_COMMAND = """
import contextlib, io
from advisor.cli import main

sys.argv = ["advisor", "assess", "--snapshot", sys.argv[1], "--output", "json"]
sys.stdout = open("/dev/null", "w")
def run():
    with contextlib.suppress(SystemExit):
        main()
_, spent = clock(run)
sys.stdout = sys.__stdout__
print(json.dumps({"seconds": spent, "megabytes": megabytes()}))
"""

_PATH = """
from advisor.model.scope import Scope
from advisor.network.flow import End, Flow, Kind, Protocol
from advisor.network.network import Network
from advisor.snapshot import read

estate = read(sys.argv[1]).estate()
network = Network(estate)
places = [(scope, instance) for scope in estate.regional for instance in scope.instances.values()]
pairs = list(zip(places[::97], places[50::89]))[:100]

def flow(one, other):
    ends = [End(Kind.INSTANCE, i.instance_id, s.account, s.region) for s, i in (one, other)]
    return Flow(ends[0], ends[1], Protocol.TCP, 22)

flows = [flow(one, other) for one, other in pairs]
_, first = clock(lambda: network.trace(flows[0]))
times = sorted(clock(lambda each=each: network.trace(each))[1] for each in flows[1:])
print(json.dumps({"first": first, "median": times[len(times) // 2], "worst": times[-1]}))
"""


class Fleets:
    """Generated snapshots in a temporary folder, made when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cache  # noqa: B019  (lives as long as the program)
    def file(self, count: int) -> str:
        path = self._folder / f"{count}.json"
        write(generate(count).snapshot, path)
        return str(path)


def best(times: int, code: str, *arguments: str) -> dict[str, float]:
    """The fastest of several runs."""
    return min((measured(code, *arguments) for _ in range(times)), key=lambda each: each["seconds"])


# --- what is measured --------------------------------------------------------------------------------------


def help_(fleets: Fleets, few: int, many: int) -> Iterator[Line]:
    """`advisor --help` against an interpreter that does nothing."""
    advisor = str(Path(sys.executable).with_name("advisor"))
    bare = min(seconds(sys.executable, "-c", "pass") for _ in range(7))
    shown = min(seconds(advisor, "--help") for _ in range(7))
    yield Line(
        "advisor --help / python -c pass", shown / bare, 4, f"{shown * 1000:.0f} ms / {bare * 1000:.0f} ms"
    )


def report(fleets: Fleets, few: int, many: int) -> Iterator[Line]:
    """The full report against `json.loads` of the same bytes, and ten times as many instances."""
    small, large = fleets.file(few), fleets.file(many)
    loads, of_few = best(3, _LOADS, small), best(3, _REPORT, small)
    shares = ", ".join(f"{part} {of_few[part]:.2f} s" for part in ("reading", "building", "assessing"))
    ratio = of_few["seconds"] / loads["seconds"]
    yield Line(f"report of {few} instances / json.loads", ratio, 5, f"{shares} / {loads['seconds']:.2f} s")
    whole = best(3, _COMMAND, small)
    detail = f"{whole['seconds']:.2f} s, with the printing of JSON"
    yield Line(
        f"advisor assess, {few} instances / json.loads", whole["seconds"] / loads["seconds"], None, detail
    )
    of_many = best(3, _REPORT, large)
    detail = f"{of_many['seconds']:.1f} s / {of_few['seconds']:.2f} s"
    yield Line(
        f"report of {many} / of {few}", of_many["seconds"] / of_few["seconds"], 1.1 * many / few, detail
    )


def memory(fleets: Fleets, few: int, many: int) -> Iterator[Line]:
    """The peak of resident memory, less that of one instance, against the size of the JSON."""
    little = measured(_REPORT, fleets.file(1))["megabytes"]
    for count in (few, many):
        size = Path(fleets.file(count)).stat().st_size / 2**20
        peak = measured(_REPORT, fleets.file(count))["megabytes"] - little
        detail = f"{peak:.0f} MB / {size:.0f} MB"
        yield Line(f"memory of a report of {count} / its JSON", peak / size, 6, detail)


def path(fleets: Fleets, few: int, many: int) -> Iterator[Line]:
    """One path on a loaded account, in milliseconds."""
    found = measured(_PATH, fleets.file(few))
    detail = f"first {found['first'] * 1000:.1f} ms, worst of 100 {found['worst'] * 1000:.1f} ms"
    yield Line(f"one path among {few} instances, ms", found["median"] * 1000, 5, detail)


def frame(fleets: Fleets, few: int, many: int) -> Iterator[Line]:
    """The first frame of the demo in a terminal against that of a Textual app with nothing in it."""
    advisor = [str(Path(sys.executable).with_name("advisor")), "demo"]
    empty = [sys.executable, "-c", "from textual.app import App; App().run()"]
    environment = _environment()
    demo = min(until_first_frame(advisor, environment) for _ in range(5))
    bare = min(until_first_frame(empty, environment) for _ in range(5))
    detail = f"{demo:.2f} s / {bare:.2f} s"
    yield Line("first frame of advisor demo / of an empty app", demo / bare, 1.5, detail)
    rows = min(until_text(advisor, environment, b"i-0") for _ in range(3))
    yield Line("first instance on the screen / frame of an empty app", rows / bare, None, f"{rows:.2f} s")


MEASUREMENTS: dict[str, Callable[[Fleets, int, int], Iterator[Line]]] = {
    "help": help_,
    "report": report,
    "memory": memory,
    "path": path,
    "frame": frame,
}


def main() -> int:
    """Measure, print a line each, and say whether a bar was missed."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("what", nargs="*", help=f"of {', '.join(MEASUREMENTS)}; all if none is given")
    parser.add_argument("--small", action="store_true", help="a tenth of the sizes")
    options = parser.parse_args()
    if unknown := set(options.what) - MEASUREMENTS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    few, many = (FEW // 10, MANY // 10) if options.small else (FEW, MANY)
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        fleets = Fleets(Path(folder))
        for name in options.what or MEASUREMENTS:
            for line in MEASUREMENTS[name](fleets, few, many):
                print(line, flush=True)
                missed = missed or line.is_over
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
