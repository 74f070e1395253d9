"""`advisor path`: one flow, hop by hop, both ways."""

from __future__ import annotations

import click

from advisor.cli.options import Output, Source, output_options, source_options


@click.command("path")
@click.argument("source_end", metavar="SOURCE")
@click.argument("destination_end", metavar="DESTINATION")
@click.option(
    "--protocol",
    type=click.Choice(["tcp", "udp", "icmp", "all"]),
    default="tcp",
    show_default=True,
)
@click.option(
    "--port",
    type=click.IntRange(-1, 65535),
    help="The destination's port (default: 22, 443 for a service); for ICMP the type.",
)
@click.option("--ip-version", type=click.Choice(["4", "6"]), help="Force IPv4 or IPv6.")
@source_options()
@output_options()
def command(
    source_end: str,
    destination_end: str,
    protocol: str,
    port: int | None,
    ip_version: str | None,
    source: Source,
    output: Output,
) -> int:
    """Follow one flow there and back: every hop with the rule that decides, everything that stops it.

    SOURCE and DESTINATION are an instance (id, name or its start), an interface eni-…, an address, subnet-…,
    vpce-…, eice-…, `internet`, `internet:203.0.113.7`, or `service:ssm`.

    \b
    advisor path web-1 db-1 --port 5432
    advisor path i-0abc service:ssmmessages --port 443
    advisor path internet bastion --port 22 --output json
    advisor path internet:203.0.113.7 i-0abc --port 3389 --snapshot dumps/

    Exit code: 0 reachable, 1 blocked, 3 unknown because data is missing.
    """
    from advisor.cli.codes import OF_VERDICT
    from advisor.cli.output import show
    from advisor.cli.reading import read_account
    from advisor.network.flow import Flow, Protocol
    from advisor.network.selectors import parse_ends
    from advisor.report.paths import hops_page, path_json, path_page, port_for

    read = read_account(source)
    start, end = parse_ends(source_end, destination_end, read.estate)
    flow = Flow(
        source=start,
        destination=end,
        protocol=Protocol(protocol),
        port=port_for(port, end, Protocol(protocol)),
        ip_version=int(ip_version) if ip_version else None,
    )
    trace = read.network.trace(flow)
    show(
        output,
        lambda: path_json(trace, read.codes),
        lambda: hops_page(trace) if output.format == "csv" else path_page(trace, read.words, read.codes),
        "advisor path",
    )
    return OF_VERDICT[trace.verdict]
