"""Writes of promise: quotes and what they hold, promises of lines, what is learned and set up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flowrack.ledger import steps as ledger
from flowrack.ledger.types import PoolClaim
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.promise import locks
from flowrack.promise.locks import LockedQuote, PartRow
from flowrack.promise.rules_case import Case
from flowrack.promise.rules_options import Option
from flowrack.promise.types import QUOTE, RULE, QuoteNotFound
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, UnitsChange
from flowrack.shared.refs import ref


@dataclass(frozen=True, slots=True)
class Hold:
    """Units that a quote holds: of a lot in stock, or (`is_committed` false) of what is to come."""

    item_id: int
    site_id: int
    lot_id: int
    units: int
    is_committed: bool
    ships_on: date


def holds_of(case: Case, option: Option) -> list[Hold]:
    """What an option takes: lots that expire first, then those without a date; the rest is a claim on what comes."""
    used: dict[tuple[int, int, int], int] = {}
    found = []
    for part in option.parts:
        stock = case.stock(part.item_id, part.site_id)
        left = part.on_hand
        for lot in sorted(stock.lots, key=lambda one: (one.expires_on or date.max, one.lot_id)):
            key = (part.item_id, part.site_id, lot.lot_id)
            is_fit = lot.expires_on is None or ((lot.expires_on - part.arrives_on).days >= case.asks[0].min_life_days)
            units = min(left, lot.units - used.get(key, 0)) if is_fit else 0
            if units > 0:
                used[key] = used.get(key, 0) + units
                left -= units
                found.append(Hold(part.item_id, part.site_id, lot.lot_id, units, True, part.ships_on))
        rest = part.units - part.on_hand + left
        if rest:
            found.append(Hold(part.item_id, part.site_id, 0, rest, False, part.ships_on))
    return found


def insert_quote(
    ctx: Context, quote_id: int, *, customer_id: int, item_id: int, units: int, wanted_on: date | None, option: Option,
    expires_at: datetime, holds: Sequence[Hold],
) -> str:  # fmt: skip
    """Write a quote with its parts, with the commit of the command; its number. One statement."""
    number = f"QT-{1000 + quote_id}"
    sql.execute_at_commit(
        """
        WITH quote AS (
            INSERT INTO promise_quote (id, number, customer_id, item_id, units, wanted_on, option, ships_on, arrives_on,
                                       state, placed_by_id, placed_at, expires_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'open', %s, %s, %s)
            RETURNING id
        )
        INSERT INTO promise_quotepart (quote_id, item_id, site_id, lot_id, units, is_committed, ships_on)
        SELECT quote.id, p.item, p.site, p.lot, p.units, p.is_committed, p.ships_on
        FROM quote, unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[], %s::date[])
             AS p(item, site, lot, units, is_committed, ships_on)
        """,
        (
            quote_id, number, customer_id, item_id, units, wanted_on, option.kind, option.ships_on, option.arrives_on,
            ctx.actor_id, ctx.now, expires_at, [h.item_id for h in holds], [h.site_id for h in holds],
            [h.lot_id for h in holds], [h.units for h in holds], [h.is_committed for h in holds],
            [h.ships_on for h in holds],
        ),
    )  # fmt: skip
    return number


def left_by(case: Case, holds: Sequence[Hold]) -> list[int] | None:
    """How many units must stay free beside each of the holds for those who wait; None when the pair is needed alone:
    something is still to come, or several lots are there and others wait.

    The ledger looks at one lot's pool under its lock, so it can count only where that is all there is.
    """
    left = []
    for hold in holds:
        stock = case.stock(hold.item_id, hold.site_id)
        if not hold.is_committed or (stock.spoken_for and len(stock.lots) > 1):
            return None
        left.append(stock.spoken_for)
    return left


def claims_of(quote_id: int, holds: Sequence[Hold] | Sequence[PartRow]) -> list[PoolClaim]:
    """The commitments of a quote."""
    return [PoolClaim(h.item_id, h.site_id, h.units, ref(QUOTE, quote_id), h.lot_id) for h in holds if h.is_committed]


def locked(ctx: Context, quote_id: int, permission: str) -> tuple[LockedQuote, list[PartRow]]:
    """A quote, locked, and what it holds; refuses with QuoteNotFound, and who may not at one of its sites."""
    held = locks.quote(quote_id)
    if held is None:
        raise QuoteNotFound("There is no such quote.", fix="Look at the list of quotes.")
    parts = locks.parts([quote_id])
    for part in parts:
        ctx.require(permission, part.site_id)
    return held, parts


def end_quotes(
    ctx: Context, quotes: Sequence[LockedQuote], parts: Sequence[PartRow], state: str, *, reason: str, line_id: int = 0
) -> int:
    """Quotes that are locked end; what they hold of stock is free. The units. Two statements."""
    claims = [claim for part in parts for claim in claims_of(part.quote_id, [part])]
    ledger.uncommit(ctx, claims)
    sql.execute(
        """
        WITH part AS (UPDATE promise_quotepart SET is_open = false WHERE quote_id = ANY(%s::bigint[]) AND is_open)
        UPDATE promise_quote SET state = %s, ended_by_id = %s, ended_at = %s, end_reason = left(%s, 200), line_id = %s
        WHERE id = ANY(%s::bigint[])
        """,
        (
            [q.quote_id for q in quotes], state, ctx.actor_id, ctx.now, reason, line_id or None,
            [q.quote_id for q in quotes],
        ),
    )  # fmt: skip
    return sum(claim.units for claim in claims)


def freed_by(parts: Sequence[PartRow], taken: Sequence[Taken] = ()) -> dict[int, list[int]]:
    """Items by site of which a quote that ended leaves stock to others: what was taken of its parts is left out."""
    of = {one.part: one.units for one in taken}
    found: dict[int, set[int]] = {}
    for part in parts:
        if part.is_committed and part.units > of.get(part, 0):
            found.setdefault(part.site_id, set()).add(part.item_id)
    return {site_id: sorted(found[site_id]) for site_id in sorted(found)}


@dataclass(frozen=True, slots=True)
class Taken:
    """Units of a part of a quote that an order line gets."""

    part: PartRow
    line_id: int
    units: int


def hand_over(
    ctx: Context, held: LockedQuote, parts: Sequence[PartRow], state: str, taken: Sequence[Taken], *,
    line_id: int, reason: str = "",
) -> int:  # fmt: skip
    """A quote that is locked becomes the promise of order lines: they get what is `taken` of its stock, the rest is
    free. The units that it held. Nobody comes in between, for the pools stay locked. Seven statements at most."""
    units = end_quotes(ctx, [held], parts, state, reason=reason, line_id=line_id)
    ledger.commit(
        ctx, [PoolClaim(t.part.item_id, t.part.site_id, t.units, ref(LINE, t.line_id), t.part.lot_id) for t in taken]
    )
    sales.apply_units(UnitsChange(t.line_id, allocated=t.units) for t in taken)
    got: dict[int, int] = {}
    for one in taken:
        got[one.line_id] = got.get(one.line_id, 0) + one.units
    why = f"reserved: held by quote {held.number}."
    detail = {"quote": held.number}
    decisions.record(
        ctx, [DecisionRow("allocation", ref(LINE, key), f"{n} {why}", RULE, detail) for key, n in got.items()]
    )
    return units


@dataclass(frozen=True, slots=True)
class NewPromise:
    """What a line is promised: the days, and the work that it asks of the site."""

    line_id: int
    site_id: int
    ships_on: date
    arrives_on: date
    seconds: int


def write_promises(ctx: Context, promises: Sequence[NewPromise]) -> None:
    """The latest promise of lines; the first stays. One statement. The lines are locked by the caller."""
    if not promises:
        return
    sql.execute(
        """
        INSERT INTO promise_linepromise AS p (line_id, site_id, first_ships_on, ships_on, arrives_on, seconds,
                                              promised_at, change)
        SELECT n.line, n.site, n.ships, n.ships, n.arrives, n.seconds, %s, pg_current_xact_id()::text::bigint
        FROM unnest(%s::bigint[], %s::bigint[], %s::date[], %s::date[], %s::int[])
             AS n(line, site, ships, arrives, seconds)
        ON CONFLICT (line_id) DO UPDATE SET site_id = excluded.site_id, ships_on = excluded.ships_on,
            arrives_on = excluded.arrives_on,
            seconds = excluded.seconds, promised_at = excluded.promised_at, change = excluded.change
        """,
        (
            ctx.now,
            [p.line_id for p in promises],
            [p.site_id for p in promises],
            [p.ships_on for p in promises],
            [p.arrives_on for p in promises],
            [p.seconds for p in promises],
        ),
    )


def write_safety(ctx: Context, site_id: int, wanted: Mapping[int, int], reason: str) -> None:
    """Safety stock of items at a site, and what became another. Two statements; the caller has the site's lock."""
    sql.execute(
        """
        INSERT INTO promise_safetychange (site_id, item_id, before, after, reason, changed_by_id, changed_at)
        SELECT %s, i.id, coalesce(f.units, 0), w.units, left(%s, 200), %s, %s
        FROM unnest(%s::bigint[], %s::bigint[]) AS w(item, units) JOIN catalog_item i ON i.id = w.item
        LEFT JOIN promise_safetystock f ON f.item_id = i.id AND f.site_id = %s
        WHERE coalesce(f.units, 0) <> w.units ORDER BY i.id
        """,
        (site_id, reason, ctx.actor_id, ctx.now, list(wanted), list(wanted.values()), site_id),
    )
    sql.execute(
        """
        WITH wanted AS (
            SELECT w.item, w.units FROM unnest(%(items)s::bigint[], %(units)s::bigint[]) AS w(item, units)
        ), gone AS (
            DELETE FROM promise_safetystock f USING wanted w
            WHERE f.site_id = %(site)s AND f.item_id = w.item AND w.units = 0
        )
        INSERT INTO promise_safetystock AS f (site_id, item_id, units)
        SELECT %(site)s, i.id, w.units FROM wanted w JOIN catalog_item i ON i.id = w.item
        WHERE w.units > 0 ORDER BY i.id
        ON CONFLICT (item_id, site_id) DO UPDATE SET units = excluded.units WHERE f.units <> excluded.units
        """,
        {"site": site_id, "items": list(wanted), "units": list(wanted.values())},
    )


def write_lateness(rows: Mapping[tuple[int, int], Mapping[int, int]]) -> None:
    """Deliveries on record by (supplier, item): days late and how many; what is gone goes. Two statements.

    Arrays of one length are written as text: PostgreSQL has no ragged arrays of arrays.
    """
    keys = sorted(rows)
    sql.execute(
        """
        DELETE FROM promise_lateness l WHERE NOT EXISTS (
            SELECT FROM unnest(%s::bigint[], %s::bigint[]) AS k(supplier, item)
            WHERE k.supplier = l.supplier_id AND k.item = l.item_id)
        """,
        ([s for s, _ in keys], [i for _, i in keys]),
    )
    sql.execute(
        """
        INSERT INTO promise_lateness AS l (supplier_id, item_id, days, lines)
        SELECT n.supplier, n.item, n.days::int[], n.lines::int[]
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS n(supplier, item, days, lines)
        ON CONFLICT (supplier_id, item_id) DO UPDATE SET days = excluded.days, lines = excluded.lines
        WHERE (l.days, l.lines) IS DISTINCT FROM (excluded.days, excluded.lines)
        """,
        (
            [s for s, _ in keys],
            [i for _, i in keys],
            [_array(sorted(rows[key])) for key in keys],
            [_array([rows[key][day] for day in sorted(rows[key])]) for key in keys],
        ),
    )


def _array(values: Sequence[Any]) -> str:
    return "{" + ",".join(map(str, values)) + "}"


def write_loads() -> int:
    """The work that is promised for each site and day, as far as all transactions before are over. One statement.

    What is written later has a change of at least `upto`, and is added by whoever reads. A day long past keeps the mark
    of a site without work.
    """
    return int(
        sql.fetch_value(
            """
            WITH past AS (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS upto), work AS (
                SELECT o.site_id, p.ships_on AS on, sum(p.seconds)::bigint AS seconds
                FROM sales_order o
                JOIN sales_orderline l ON l.order_id = o.id AND l.open_units + l.allocated_units > 0
                JOIN promise_linepromise p ON p.line_id = l.id AND p.change < (SELECT upto FROM past)
                WHERE o.state IN ('confirmed', 'released') GROUP BY 1, 2
                UNION ALL
                SELECT id, date '1970-01-01', 0 FROM locations_site
            ), gone AS (
                DELETE FROM promise_dayload d
                WHERE NOT EXISTS (SELECT FROM work w WHERE w.site_id = d.site_id AND w.on = d.on)
            ), kept AS (
                INSERT INTO promise_dayload AS d (site_id, "on", seconds, upto)
                SELECT w.site_id, w.on, w.seconds, past.upto FROM work w, past
                ON CONFLICT (site_id, "on") DO UPDATE SET seconds = excluded.seconds, upto = excluded.upto
                RETURNING d.site_id
            )
            SELECT count(DISTINCT site_id) FROM kept
            """
        )
    )
