"""Charts of the network as GraphML, DOT, Mermaid and JSON (`advisor.graph/1`)."""

from __future__ import annotations

from collections import Counter
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import msgspec

from advisor.model.text import plain
from advisor.network.chart import Chart, Identity, Thing

SCHEMA: Final = "advisor.graph/1"


class NodeDocument(msgspec.Struct, frozen=True):
    """A node; `inside` is the id of what holds it."""

    id: str
    kind: str
    name: str
    detail: str
    state: str
    account: str
    region: str
    inside: str | None


class EdgeDocument(msgspec.Struct, frozen=True):
    """An edge."""

    source: str
    target: str
    kind: str
    label: str
    broken: bool


class GraphDocument(msgspec.Struct, frozen=True):
    """The whole graph."""

    schema: str
    nodes: tuple[NodeDocument, ...]
    edges: tuple[EdgeDocument, ...]


def graph_document(chart: Chart) -> GraphDocument:
    """The chart with one id for each node: AWS's own, with its place in front where two share it."""
    names = _names(chart)
    return GraphDocument(
        SCHEMA,
        tuple(
            NodeDocument(
                id=names[each.identity],
                kind=each.kind,
                name=plain(each.name),
                detail=plain(each.detail),
                state=plain(each.state),
                account=each.identity[0],
                region=each.identity[1],
                # What holds it may lie outside the chart (`--vpc`), or be in no response.
                inside=names.get(each.inside) if each.inside else None,
            )
            for each in chart.things
        ),
        tuple(
            EdgeDocument(names[each.source], names[each.target], each.kind, plain(each.label), each.broken)
            for each in chart.joints
        ),
    )


def _names(chart: Chart) -> dict[Identity, str]:
    counted = Counter(each.id for each in chart.things)
    return {
        each.identity: plain(each.id if counted[each.id] == 1 else "/".join(each.identity))
        for each in chart.things
    }


def as_json(chart: Chart) -> bytes:
    """The graph as UTF-8 JSON."""
    return msgspec.json.format(msgspec.json.encode(graph_document(chart)), indent=2) + b"\n"


_NODE_KEYS: Final = ("kind", "name", "detail", "state", "account", "region", "inside")
_EDGE_KEYS: Final = ("kind", "label", "broken")


def as_graphml(chart: Chart) -> str:
    """The graph as GraphML, which networkx, Gephi and yEd read."""
    graph = graph_document(chart)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        *(f'<key id="n_{key}" for="node" attr.name="{key}" attr.type="string"/>' for key in _NODE_KEYS),
        *(
            f'<key id="e_{key}" for="edge" attr.name="{key}" '
            f'attr.type="{"boolean" if key == "broken" else "string"}"/>'
            for key in _EDGE_KEYS
        ),
        '<graph id="network" edgedefault="directed">',
    ]
    for node in graph.nodes:
        data = "".join(
            f'<data key="n_{key}">{escape(value)}</data>'
            for key in _NODE_KEYS
            if (value := getattr(node, key))
        )
        lines.append(f"<node id={quoteattr(node.id)}>{data}</node>")
    for edge in graph.edges:
        data = f'<data key="e_kind">{edge.kind}</data><data key="e_label">{escape(edge.label)}</data>'
        data += f'<data key="e_broken">{str(edge.broken).lower()}</data>'
        lines.append(f"<edge source={quoteattr(edge.source)} target={quoteattr(edge.target)}>{data}</edge>")
    lines.append("</graph>\n</graphml>\n")
    return "\n".join(lines)


_SHAPES: Final = {
    "instance": "box",
    "route-table": "note",
    "internet": "ellipse",
    "security-group": "octagon",
    "network-acl": "octagon",
}


def as_dot(chart: Chart) -> str:
    """The graph in Graphviz's language: VPCs and subnets as clusters, what is broken dashed."""
    graph = graph_document(chart)
    children: dict[str | None, list[NodeDocument]] = {}
    for node in graph.nodes:
        children.setdefault(node.inside, []).append(node)
    lines = ["digraph network {", "  rankdir=LR;", "  node [fontsize=10];", "  edge [fontsize=9];"]

    def draw(node: NodeDocument, depth: int, above: frozenset[str]) -> None:
        indent = "  " * depth
        held = [] if node.id in above else children.get(node.id, [])
        shape = _SHAPES.get(node.kind, "box")
        if not held:
            lines.append(f"{indent}{_dot(node.id)} [label={_dot(_label(node))}, shape={shape}];")
            return
        lines.append(f"{indent}subgraph {_dot('cluster ' + node.id)} {{")
        lines.append(f"{indent}  label={_dot(_label(node))};")
        # Edges need a node to end at; the words are the cluster's.
        lines.append(f'{indent}  {_dot(node.id)} [label="", shape=point];')
        for each in held:
            draw(each, depth + 1, above | {node.id})
        lines.append(f"{indent}}}")

    for node in children.get(None, []):
        draw(node, 1, frozenset())
    for edge in graph.edges:
        style = ", style=dashed, color=red" if edge.broken else ""
        lines.append(f"  {_dot(edge.source)} -> {_dot(edge.target)} [label={_dot(edge.label)}{style}];")
    lines.append("}\n")
    return "\n".join(lines)


def _dot(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _label(node: NodeDocument) -> str:
    lines = (node.name or node.id, node.id if node.name else "", node.detail, node.state)
    return "\n".join(line for line in lines if line)


def as_mermaid(chart: Chart) -> str:
    """The graph as a Mermaid flowchart, which code hosts draw in Markdown."""
    graph = graph_document(chart)
    keys = {node.id: f"n{number}" for number, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    for node in graph.nodes:
        label = "<br>".join(_mermaid(line) for line in _label(node).split("\n"))
        lines.append(f'  {keys[node.id]}["{label}"]')
    for node in graph.nodes:
        if node.inside is not None:
            lines.append(f"  {keys[node.inside]} --- {keys[node.id]}")
    for edge in graph.edges:
        arrow = "-.->" if edge.broken else "-->"
        label = f'|"{_mermaid(edge.label)}"|' if edge.label else ""
        lines.append(f"  {keys[edge.source]} {arrow}{label} {keys[edge.target]}")
    return "\n".join(lines) + "\n"


def _mermaid(text: str) -> str:
    """The text with everything that Mermaid or HTML could read as its own written as an entity."""
    return "".join(c if c.isalnum() or c in " ./:-_" else f"#{ord(c)};" for c in text)


def things_of(chart: Chart, kind: str) -> tuple[Thing, ...]:
    """The chart's things of one kind."""
    return tuple(each for each in chart.things if each.kind == kind)
