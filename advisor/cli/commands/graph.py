"""`advisor graph`: the network, or one flow through it, for other tools to draw."""

from __future__ import annotations

import click

from advisor.cli.options import Source, source_options


@click.command("graph")
@click.option(
    "--format",
    "form",
    type=click.Choice(["graphml", "dot", "json", "mermaid"]),
    default="dot",
    show_default=True,
)
@click.option("--vpc", "vpcs", metavar="ID", multiple=True, help="Only this VPC; repeatable.")
@click.option("--flow", nargs=2, metavar="SOURCE DESTINATION", help="The network as this flow sees it.")
@click.option("--port", type=click.IntRange(-1, 65535), help="The flow's port (default: 22 or 443).")
@click.option(
    "--protocol", type=click.Choice(["tcp", "udp", "icmp", "all"]), default="tcp", show_default=True
)
@source_options()
def command(
    form: str,
    vpcs: tuple[str, ...],
    flow: tuple[str, str] | None,
    port: int | None,
    protocol: str,
    source: Source,
) -> None:
    """Export the topology: VPCs, subnets, route tables, gateways, endpoints, attachments, instances.

    \b
    advisor graph --format dot | dot -Tsvg > network.svg
    advisor graph --vpc vpc-0abc --format mermaid
    advisor graph --flow web-1 service:ssm --format json
    """
    from advisor.cli.output import write_bytes
    from advisor.cli.reading import read_account
    from advisor.model.errors import InputError
    from advisor.network.chart import chart, chart_of
    from advisor.network.flow import Flow, Protocol
    from advisor.network.selectors import parse_ends
    from advisor.report import graph
    from advisor.report.paths import port_for

    read = read_account(source)
    if flow is not None:
        start, end = parse_ends(*flow, read.estate)
        asked = Protocol(protocol)
        trace = read.network.trace(Flow(start, end, asked, port_for(port, end, asked)))
        drawing = chart_of(trace)
    else:
        for vpc in vpcs:
            if not any(vpc in scope.vpcs for scope in read.estate.regional):
                known = [each for scope in read.estate.regional for each in scope.vpcs]
                raise InputError(
                    f"no VPC {vpc} was read", f"there is: {', '.join(known[:8]) or 'none at all'}"
                )
        drawing = chart(read.estate, vpcs)
    if form == "json":
        write_bytes(graph.as_json(drawing))
    else:
        spell = {"graphml": graph.as_graphml, "dot": graph.as_dot, "mermaid": graph.as_mermaid}[form]
        write_bytes(spell(drawing).encode())
