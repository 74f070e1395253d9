"""Tracing a scene and saying what the trace must be."""

from __future__ import annotations

from advisor.model.estate import Estate
from advisor.network.flow import Flow
from advisor.network.network import Network
from advisor.network.trace import Trace
from tests.network.test_conformance import shown, told
from tests.scenes.builder import Scene


def traced(scene: Scene | Estate, flow: Flow) -> Trace:
    """The flow through a scene, or through an estate with part of its answers."""
    return Network(scene if isinstance(scene, Estate) else scene.estate()).trace(flow)


def expect(trace: Trace, verdict: str, *texts: str) -> None:
    """The trace has this verdict and tells these texts; else it is shown whole."""
    assert trace.verdict.of_path == verdict, shown(trace)
    for text in texts:
        assert text in told(trace), shown(trace)
