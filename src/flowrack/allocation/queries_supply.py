"""What is to come of items: one reading for the sentences, the ladder, runs and promises. From which day it counts the
stage that gives promises says, which registers how it reads that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple, Protocol

from flowrack.allocation.rules_pegs import Supply
from flowrack.platform import outbox, sql
from flowrack.purchasing.queries_confirmations import SAID, SAID_ON, SAID_OWED
from flowrack.storage.queries_transfers import COMING

# Units of `{items}` (an array) that are not free yet and will be at `{sites}`: at the dock, in inspection, by transfers
# on the day on which they are due or else since the day on which they left (`has_left`), by POs as suppliers said last.
# `{without}` are PO lines that are left out. The line that brings them, its document, who owes them. LATERAL and OFFSET
# 0 keep items first, and documents are found by their id alone: a plan kept from when tables were small looked for each
# line's document among all open ones of the site.
TO_COME = f"""
    SELECT x.kind, p.item_id, p.site_id, 0::bigint AS id, '' AS number, NULL::date AS due_on,
           sum(x.units)::bigint AS units, 0::bigint AS supplier_id, 0::bigint AS document_id, false AS has_left
    FROM ledger_pool p
    CROSS JOIN LATERAL (VALUES ('dock', p.receiving), ('inspection', p.inspection)) AS x(kind, units)
    WHERE p.item_id = ANY({{items}}) AND p.site_id = ANY({{sites}}) AND p.owner_id = 1 AND x.units > 0
    GROUP BY x.kind, p.item_id, p.site_id
    UNION ALL
    SELECT 'transfer', l.item_id, t.to_site_id, l.id, t.number, coalesce(t.due_on, t.sent_at::date),
           l.units - l.received_units, 0, t.id, t.due_on IS NULL
    FROM storage_transfer t JOIN storage_transferline l ON l.transfer_id = t.id
    WHERE {COMING} AND t.to_site_id = ANY({{sites}})
      AND l.item_id = ANY({{items}}) AND l.quality = 'available' AND l.units > l.received_units
    UNION ALL
    SELECT 'po', l.item_id, po.site_id, l.id, po.number, {SAID_ON}, {SAID_OWED}, po.supplier_id, l.po_id, false
    FROM (SELECT * FROM purchasing_poline
          WHERE item_id = ANY({{items}}) AND received_units < units - short_units AND id <> ALL ({{without}})
          OFFSET 0) AS l
    CROSS JOIN LATERAL (
        SELECT h.site_id, h.number, h.supplier_id, h.state FROM purchasing_po h WHERE h.id = l.po_id OFFSET 0) AS po
    {SAID}
    WHERE po.site_id = ANY({{sites}}) AND po.state IN ('approved', 'receiving') AND {SAID_OWED} > 0
"""  # noqa: S608 - constants
NO_LINES = "ARRAY[]::bigint[]"

# From which day on a line `l` of an order `o` claims its units, as `rules_free.claimed_on` says.
CLAIMED_ON = """CASE WHEN o.policy = 'complete' THEN coalesce(l.promised_on, o.ship_by_on)
                ELSE least(l.promised_on, o.ship_by_on) END"""

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

    def free_elsewhere(self, item_ids: Sequence[int], site_id: int, now: datetime) -> dict[Pair, int]:
        """Units of items at other sites that can leave today and that nobody there has a claim on, nor safety stock
        keeps. Three queries."""
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


def free_elsewhere(item_ids: Sequence[int], site_id: int, now: datetime) -> dict[Pair, int]:
    """Units of items at other sites that can leave today and that nobody there has a claim on, nor safety stock keeps:
    what somebody new could be promised from there. Three queries."""
    return _reader().free_elsewhere(item_ids, site_id, now)


def elsewhere(item_id: int, site_id: int, now: datetime) -> list[Elsewhere]:
    """Other sites with units of an item to spare, the first to bring them first. Five queries."""
    return _reader().elsewhere(item_id, site_id, now)
