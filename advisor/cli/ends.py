"""Both ends of a flow out of what people type."""

from __future__ import annotations

from advisor.model.estate import Estate
from advisor.network.flow import End
from advisor.network.selectors import parse_end


def parse_ends(source: str, destination: str, estate: Estate) -> tuple[End, End]:
    """The ends of a flow; `service:ssm` is that of the other end's account and Region.

    Raises InputError with the candidates for a word that means nothing or several things.
    """
    if source.startswith("service:"):
        end = parse_end(destination, estate)
        return parse_end(source, estate, near=end), end
    start = parse_end(source, estate)
    return start, parse_end(destination, estate, near=start)
