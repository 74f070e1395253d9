"""This computer's own part in a verdict, as `advisor doctor` finds it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from advisor.cli.options import Source
    from advisor.doctor.examine import LocalFinding
    from advisor.rulebook import RuleBook


def examined(source: Source, rulebook: RuleBook, offline: bool = False) -> tuple[LocalFinding, ...]:
    """Examine this computer; `offline` leaves out what only AWS can tell."""
    from advisor.doctor.examine import examine
    from advisor.doctor.gather import asking, asking_nobody, gather

    region = next((each for each in source.region if each != "all"), None)
    ask = (
        asking_nobody(source.profile, region, os.environ)
        if offline
        else asking(source.profile, region, source.endpoint_url, os.environ)
    )
    return examine(gather(os.environ, ask), rulebook, datetime.now(UTC))
