"""What is to come, as promises count it: the stage that gives promises registers how it reads that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from flowrack.allocation.rules_pegs import Supply
from flowrack.platform import outbox, sql

Pair = tuple[int, int]  # item, site
NOTHING: Mapping[int, tuple[date | None, int]] = {}


class Quoted(NamedTuple):
    """Units of goods to come that an open quote holds, with what its rank follows from."""

    part_id: int
    item_id: int
    site_id: int
    units: int
    ships_on: date
    number: str
    customer_id: int
    tier: str
    placed_at: datetime
    min_life_days: int


class Elsewhere(NamedTuple):
    """Units that another site could send and still keep what it needs; sent today they can leave again from a day on
    (None = nobody can say)."""

    site_id: int
    site: str
    units: int
    keeps: int
    arrives_on: date | None
    ready_on: date | None


class Reader(Protocol):
    """How the stage that gives promises reads what they are given from."""

    def supplies(
        self, pairs: Sequence[Pair], now: datetime, as_if: Mapping[int, tuple[date | None, int]]
    ) -> dict[Pair, list[Supply]]:
        """Units that can leave later, each from the day that promises count: goods at the dock and in inspection,
        transfers, PO lines. `as_if` gives PO lines another day and other units. At most four queries."""
        ...

    def ask_quoted(self, item_ids: Sequence[int], site_ids: Sequence[int], now: datetime) -> sql.Asked:
        """The question which open quotes hold goods to come; rows are those of Quoted."""
        ...

    def leaves_on(self, order_id: int, days: Sequence[date], now: datetime) -> list[date | None]:
        """The first day, from each of some days on, on which what is ready can leave for the customer of an order, by
        the calendar and the cut-offs of its site; None within a year or so. Two queries."""
        ...

    def elsewhere(self, item_id: int, site_id: int, now: datetime) -> list[Elsewhere]:
        """Other sites with units of an item to spare, the first to bring them first. Five queries."""
        ...


_registered: list[Reader] = []


def register(reader: Reader) -> None:
    """Make it known; called once by the stage that gives promises."""
    _registered[:] = [reader]


def _reader() -> Reader:
    if not _registered:
        outbox.load_subscribers()
    return _registered[0]


def supplies(
    pairs: Sequence[Pair], now: datetime, as_if: Mapping[int, tuple[date | None, int]] = NOTHING
) -> dict[Pair, list[Supply]]:
    """What is to come of items at sites, each from the day on which promises count it. At most four queries."""
    return _reader().supplies(pairs, now, as_if) if pairs else {}


def ask_quoted(item_ids: Sequence[int], site_ids: Sequence[int], now: datetime) -> sql.Asked:
    """The question which open quotes hold goods to come."""
    return _reader().ask_quoted(item_ids, site_ids, now)


def leaves_on(order_id: int, days: Sequence[date], now: datetime) -> list[date | None]:
    """The first day, from each of some days on, on which what is ready can leave for the customer of an order, by the
    calendar and the cut-offs of its site; None within a year or so. Two queries."""
    return _reader().leaves_on(order_id, days, now)


def elsewhere(item_id: int, site_id: int, now: datetime) -> list[Elsewhere]:
    """Other sites with units of an item to spare, the first to bring them first. Five queries."""
    return _reader().elsewhere(item_id, site_id, now)
