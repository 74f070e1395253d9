"""What a test holds of a scene: ids and the raw records behind them."""

from __future__ import annotations

from typing import Any

from tests.scenes.place import Place, Record


class Handle:
    """Something of a scene: its id, and the raw record itself, to be changed by a test as it likes."""

    def __init__(self, place: Place, id: str, record: Record) -> None:
        self.place = place
        self.id = id
        self.record = record

    def __str__(self) -> str:
        return self.id

    def __repr__(self) -> str:
        return f"<{self.id}>"


def tags(name: str | None, extra: dict[str, str] | None = None) -> list[Record]:
    """The tags of a resource of this name."""
    pairs = ({"Name": name} if name else {}) | (extra or {})
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def identifier(thing: Any) -> Any:
    """The id of a handle, or the id itself."""
    return getattr(thing, "id", thing)


def zone_id(place: Place, zone: str) -> str:
    """`us-east-1a` as `use1-az1`."""
    parts = place.region.split("-")
    short = "".join(part[:1] if not part[:1].isdigit() else part for part in parts[1:])
    return f"{parts[0]}{short}-az{ord(zone[-1]) - 96}"
