"""The words of cover: what is coming already, who knows of it, and the refusal to buy it twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.shared.errors import FlowrackError

RULE = "purchasing.cover/1"
DRAFT_DAYS = 3  # that a draft counts as coming without being sent for approval

Key = tuple[int, int]  # site, item


@dataclass(frozen=True, slots=True)
class Cover:
    """Units of an item that are coming to a site already, and the document that says so.

    `due_on` None = under way without a date: counts from now on. `po_line_id` names the PO line whose units these are,
    so that goods which a notice announces are not counted on the order, too. `ends_on` is the last day on which it
    counts: of a draft that nobody has sent for approval.
    """

    kind: str
    site_id: int
    item_id: int
    units: int
    number: str
    document_id: int
    due_on: date | None
    party: str = ""
    po_line_id: int = 0
    ends_on: date | None = None


@dataclass(frozen=True, slots=True)
class CoverSource:
    """A kind of document by which goods come: how it is called, which page shows one, and how to find them."""

    kind: str
    label: str
    url_name: str
    find: Callable[[Sequence[Key]], list[Cover]]


SOURCES: dict[str, CoverSource] = {}

ClaimSource = Callable[[Mapping[Key, date], datetime], dict[Key, int]]
CLAIMS: dict[str, ClaimSource] = {}


def register_source(source: CoverSource) -> None:
    """Make a kind of cover known; called once by its stage, in subscribers.py."""
    SOURCES[source.kind] = source


def register_claims(name: str, find: ClaimSource) -> None:
    """Make known who says what leaves until a day beyond what is there; called once by its stage, in subscribers.py."""
    CLAIMS[name] = find


@dataclass(frozen=True, slots=True)
class Want:
    """Units of an item that somebody wants to buy for a site, and the day until which what comes counts as cover.

    `counted` units of cover were taken off when the units were decided, and what leaves was part of the need; None =
    a plain order, which nothing was taken off. `reason` buys in spite of cover.
    """

    line: int
    site_id: int
    item_id: int
    units: int
    until: date
    counted: int | None = None
    reason: str = ""

    @property
    def key(self) -> Key:
        """Site and item."""
        return self.site_id, self.item_id


@dataclass(frozen=True, slots=True)
class NetNeed:
    """A need against what is coming inside its window.

    `coming` units come, `claimed` of them leave again within the window, `free` are left, `net` must be bought.
    """

    site_id: int
    item_id: int
    need: int
    until: date
    covers: tuple[Cover, ...]
    claimed: int
    free: int
    net: int

    @property
    def coming(self) -> int:
        """Units that come inside the window."""
        return sum(cover.units for cover in self.covers)

    @property
    def covered(self) -> int:
        """Units of the need that need not be bought."""
        return self.need - self.net


class AlreadyCovered(FlowrackError):
    """Somebody buys, or asks for, what is coming already."""

    code = "already_covered"
    status = 409
