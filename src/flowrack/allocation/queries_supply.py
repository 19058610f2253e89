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

# Units of `{items}` that transfers bring to `{sites}` for order lines that they were planned for: as many as the line
# waits for, of the first transfer first. What they bring besides is for whoever comes, and so is all of it once the
# line waits no more, is held or ships from elsewhere.
PEGGED = f"""
    SELECT x.item_id, o.site_id, x.id, x.number, x.due_on, x.transfer_id, l.id AS line_id, l.promised_on,
           least(x.units, l.open_units - x.before)::bigint AS units, {CLAIMED_ON} AS claimed_on
    FROM (SELECT b.item_id, b.id, t.number, t.due_on, t.id AS transfer_id, t.to_site_id,
                 b.units - b.received_units AS units,
                 CASE WHEN t.for_ref ~ '^sales.line:[0-9]{{{{1,18}}}}$' THEN substr(t.for_ref, 12)::bigint END AS line,
                 sum(b.units - b.received_units) OVER (
                     PARTITION BY t.for_ref, b.item_id ORDER BY t.due_on NULLS LAST, t.id, b.id
                 ) - (b.units - b.received_units) AS before
          FROM storage_transfer t JOIN storage_transferline b ON b.transfer_id = t.id
          WHERE t.for_ref <> '' AND {COMING} AND t.to_site_id = ANY({{sites}}) AND b.item_id = ANY({{items}})
            AND b.quality = 'available' AND b.units > b.received_units OFFSET 0) AS x
    CROSS JOIN LATERAL (
        SELECT w.id, w.order_id, w.item_id, w.open_units, w.promised_on FROM sales_orderline w
        WHERE w.id = x.line AND w.held_at_units IS NULL OFFSET 0) AS l
    CROSS JOIN LATERAL (
        SELECT h.site_id, h.ship_by_on, h.policy, h.state FROM sales_order h WHERE h.id = l.order_id OFFSET 0) AS o
    WHERE l.item_id = x.item_id AND l.open_units > x.before AND o.site_id = x.to_site_id
      AND o.state IN ('confirmed', 'released')
"""  # noqa: S608 - constants

_PEGS = PEGGED.format(items="%(items)s::bigint[]", sites="%(sites)s::bigint[]")

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

    def sent_from(self, site_ids: Sequence[int], site_id: int, now: datetime) -> dict[int, date]:
        """From which day on what other sites send today can leave a site again; without those of which nobody can say.
        One query."""
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


def pegs(item_ids: Sequence[int], site_id: int) -> dict[tuple[int, str], tuple[int, int]]:
    """By item and number of a transfer to a site: the line that it was planned for, and how many units are this line's.
    One query."""
    rows = sql.fetch_all(
        f"SELECT item_id, number, line_id, sum(units)::bigint FROM ({_PEGS}) AS g GROUP BY 1, 2, 3",  # noqa: S608
        {"items": list(item_ids), "sites": [site_id]},
    )
    return {(item_id, number): (line_id, units) for item_id, number, line_id, units in rows}


def ask_quoted(item_ids: Sequence[int], site_ids: Sequence[int], now: datetime) -> sql.Asked:
    """The question which open quotes hold goods to come."""
    return _reader().ask_quoted(item_ids, site_ids, now)


def leaves_on(order_id: int, days: Sequence[date], now: datetime) -> list[date | None]:
    """The first day, from each of some days on, on which what is ready can leave for the customer of an order, by the
    calendar and the cut-offs of its site; None within a year or so. Two queries."""
    return _reader().leaves_on(order_id, days, now)


def sent_from(site_ids: Sequence[int], site_id: int, now: datetime) -> dict[int, date]:
    """From which day on what other sites send today can leave a site again; without those of which nobody can say. One
    query."""
    return _reader().sent_from(site_ids, site_id, now)


def free_elsewhere(item_ids: Sequence[int], site_id: int, now: datetime) -> dict[Pair, int]:
    """Units of items at other sites that can leave today and that nobody there has a claim on, nor safety stock keeps:
    what somebody new could be promised from there. Three queries."""
    return _reader().free_elsewhere(item_ids, site_id, now)


def elsewhere(item_id: int, site_id: int, now: datetime) -> list[Elsewhere]:
    """Other sites with units of an item to spare, the first to bring them first. Five queries."""
    return _reader().elsewhere(item_id, site_id, now)
