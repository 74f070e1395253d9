"""The tables of the rule book: prices, endpoints of services, checks of AWS's runbooks, single texts."""

from __future__ import annotations

import string
from typing import Annotated, ClassVar, Literal

import msgspec

from advisor.rulebook.texts import Id, Text


class PriceList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The prices of one region as they were on a day; the id is the region's name.

    An item's name ends in its unit (`nat-gateway-hour`, `gp3-gb-month`); an item of several sizes is a
    mapping. `unconfirmed` names the items that no price list of AWS could be found for.
    """

    id: str
    as_of: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    source: str
    items: dict[str, float | dict[str, float]]
    unconfirmed: tuple[str, ...] = ()
    currency: Literal["USD"] = "USD"


class Prices(msgspec.Struct, frozen=True):
    """All price lists; a region that is not in `regions` has no known prices, which is not free of charge."""

    lists: dict[str, PriceList]

    hours_per_month: ClassVar[int] = 730

    @property
    def regions(self) -> dict[str, dict[str, float | dict[str, float]]]:
        """The items by region."""
        return {region: prices.items for region, prices in self.lists.items()}

    @property
    def as_of(self) -> str:
        """The day of the oldest list: nothing here is older."""
        return min((prices.as_of for prices in self.lists.values()), default="")

    @property
    def source(self) -> str:
        """Where the prices come from, each source once."""
        return "; ".join(dict.fromkeys(prices.source for prices in self.lists.values()))

    def of(self, region: str, item: str, size: str = "") -> float | None:
        """The price of an item in USD per its unit; None where it is not known, which is not free."""
        prices = self.lists.get(region)
        found = prices.items.get(item) if prices else None
        return found.get(size) if isinstance(found, dict) else found


class Endpoint(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A VPC endpoint's service: its name and DNS name by partition (with `$region`), and what it is for."""

    id: Id
    type: Literal["Interface", "Gateway"]
    names: dict[str, str]
    hosts: dict[str, str]
    meaning: Text
    needed: Literal["always", "old-agents", "preferences", "optional"] = "optional"

    def __post_init__(self) -> None:
        for text in (*self.names.values(), *self.hosts.values()):
            template = string.Template(text)
            if not template.is_valid() or template.get_identifiers() != ["region"]:
                raise ValueError(f"`{text}` must hold `$region` and no other variable")

    def name(self, region: str) -> str | None:
        """The service's name in a region (`com.amazonaws.us-east-1.ssm`); None in an unknown partition."""
        template = self.names.get(partition_of(region))
        return string.Template(template).substitute(region=region) if template else None

    def host(self, region: str) -> str | None:
        """The DNS name that clients ask for; None in an unknown partition."""
        template = self.hosts.get(partition_of(region))
        return string.Template(template).substitute(region=region) if template else None


def partition_of(region: str) -> str:
    """The AWS partition that a region's name belongs to, by its prefix."""
    prefixes = {
        "cn-": "aws-cn",
        "us-gov-": "aws-us-gov",
        "us-iso-": "aws-iso",
        "us-isob-": "aws-iso-b",
        "us-isof-": "aws-iso-f",
        "eu-isoe-": "aws-iso-e",
        "eusc-": "aws-eusc",
    }
    return next((name for prefix, name in prefixes.items() if region.startswith(prefix)), "aws")


class RunbookCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A check of one of AWS's own runbooks and tools, and the causes that cover it here."""

    id: Id
    runbook: str
    check: str
    causes: tuple[Id, ...]
    note: Text | None = None
    outdated: bool = False


class NamedText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text that is no part of another entry: headings, names of layers."""

    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_.-]+$")]
    en: Annotated[str, msgspec.Meta(min_length=1)]
    ja: Annotated[str, msgspec.Meta(min_length=1)]

    @property
    def both(self) -> Text:
        """The text without its name."""
        return Text(self.en, self.ja)

    def in_(self, lang: str) -> str:
        """The text in a language (English for one that is not known)."""
        return self.ja if lang == "ja" else self.en
