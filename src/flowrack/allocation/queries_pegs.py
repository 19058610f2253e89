"""What a run must know of given promises: who else was promised, and what is to come. Read only where it matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from flowrack.allocation import queries_supply
from flowrack.allocation.queries_supply import Quoted
from flowrack.allocation.rules import Claim
from flowrack.allocation.rules_decide import Inputs
from flowrack.allocation.rules_pegs import KINDS, Beside
from flowrack.platform import sql

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = 1_000_000
NOBODY: Sequence[Claim] = ()
QUOTE, LINE, LINES = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Others:
    """Who was promised a day beside the claims of a run: these, or (`is_asked`) whoever waits at the site.

    `order` is a claim of the run's one order where the shipped rank decides: who ranks before it is then known at once.
    """

    claims: Sequence[Claim] = NOBODY
    is_asked: bool = False
    order: Claim | None = None


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * MICROSECOND + since.microseconds


def moment(claim: Claim) -> datetime:
    """When what a claim stands for was ordered."""
    return EPOCH + timedelta(microseconds=claim.ordered_at)


def with_promises(inputs: Inputs, site_id: int, now: datetime, others: Others, *, is_asked: bool = False) -> Inputs:
    """The inputs with what promises of a day need, where they need anything.

    That is so for items of which there is stock, but perhaps not for all, and of which somebody was promised a day. One
    query where nobody was, up to six elsewhere. `is_asked`: others ask for what is there, so it is never for all.
    """
    stock, wanted = _balance(inputs)
    items = sorted(item_id for item_id, units in stock.items() if units > 0)
    beside = _beside(inputs, items, site_id, now, others) if items else []
    promised = {claim.item_id for claim in inputs.claims if claim.promised_on is not None}
    for one in beside:
        promised.add(one.claim.item_id)
        wanted[one.claim.item_id] = wanted.get(one.claim.item_id, 0) + one.claim.units
    by_lot = {pool.item_id for pool in inputs.pools if pool.lot_id}
    short = {item for item in items if item in promised and (is_asked or item in by_lot or wanted[item] > stock[item])}
    if len(short) < len(promised):
        inputs = replace(inputs, claims=[_without_day(claim, short) for claim in inputs.claims])
    inputs = replace(inputs, watched=frozenset(one.claim.item_id for one in beside))
    if not short:
        return inputs
    found = queries_supply.supplies([(item_id, site_id) for item_id in sorted(short)], now)
    coming = [supply for pair in sorted(found) for supply in found[pair]]
    return replace(inputs, coming=coming, beside=[one for one in beside if one.claim.item_id in short])


def _without_day(claim: Claim, short: set[int]) -> Claim:
    """A claim on an item that suffices for all: its promise is kept whatever comes, and is not looked at."""
    return claim if claim.promised_on is None or claim.item_id in short else claim._replace(promised_on=None)


def _balance(inputs: Inputs) -> tuple[dict[int, int], dict[int, int]]:
    """Units of stock, and units that the claims want of it, by item."""
    stock: dict[int, int] = {}
    wanted: dict[int, int] = {}
    for pool in inputs.pools:
        stock[pool.item_id] = stock.get(pool.item_id, 0) + pool.free
    for claim in inputs.claims:
        wanted[claim.item_id] = wanted.get(claim.item_id, 0) + claim.units
    if inputs.holdings:
        of = {pool.pool_id: pool.item_id for pool in inputs.pools}
        for holding in inputs.holdings:
            stock[of[holding.pool_id]] += holding.units
            wanted[of[holding.pool_id]] = wanted.get(of[holding.pool_id], 0) + holding.units
    return stock, wanted


def _beside(inputs: Inputs, items: Sequence[int], site_id: int, now: datetime, others: Others) -> list[Beside]:
    """Promises of items that no claim of the run stands for."""
    quoted = queries_supply.ask_quoted(items, [site_id], now)
    if not others.is_asked:
        rows, groups = sql.fetch_all(*quoted), []
    else:
        lotted = sorted({pool.item_id for pool in inputs.pools if pool.lot_id})
        lines = [claim.line_id for claim in inputs.claims]
        rows, groups = sql.fetch_together([quoted, _ask_promised(items, site_id, lines, lotted, others.order)])
    found = [of_quote(Quoted(*row)) for row in rows]
    wanted = set(items)
    found += [beside_of(claim) for claim in others.claims if claim.item_id in wanted and claim.promised_on is not None]
    return found + [_of_lines(n, row) for n, row in enumerate(groups, start=1)]


def quotes_of(item_ids: Sequence[int], site_id: int, now: datetime) -> list[Beside]:
    """The open quotes that hold goods to come of items. One query."""
    return [of_quote(Quoted(*row)) for row in sql.fetch_all(*queries_supply.ask_quoted(item_ids, [site_id], now))]


def beside_of(claim: Claim) -> Beside:
    """A line that is not in the run, at its rank."""
    return Beside(claim._replace(line_id=-(claim.line_id * KINDS + LINE)))


def of_quote(quote: Quoted) -> Beside:
    """What a quote holds of goods to come, at its rank."""
    return Beside(
        Claim(
            -(quote.part_id * KINDS + QUOTE), 0, quote.number, quote.item_id, quote.units, quote.tier, quote.ships_on,
            "partial", quote.min_life_days, customer=quote.customer_id, ordered_at=micros(quote.placed_at),
            promised_on=quote.ships_on,
        )
    )  # fmt: skip


def part_of(line_id: int) -> int:
    """The part of a quote that stands as a line below zero."""
    return (-line_id - QUOTE) // KINDS


def _of_lines(n: int, row: Sequence[Any]) -> Beside:
    item_id, promised_on, lot, ship_on, is_ahead, units, lines, order_id, number = row
    claim = Claim(
        -(n * KINDS + LINES), order_id, number, item_id, units, "", ship_on, "partial", 0, lot, promised_on=promised_on
    )
    return Beside(claim, "ahead" if is_ahead else "behind", lines)


def _ask_promised(
    item_ids: Sequence[int], site_id: int, without_lines: Sequence[int], lotted: Sequence[int], order: Claim | None
) -> sql.Asked:
    """The question how much of items waits at a site for promised days, summed by day, by what lots must be and by
    whether it ranks before an order: a thousand lines may wait for an item. Lots of an item in lots must live until the
    day in the fourth column."""
    return (
        """
        SELECT l.item_id, l.promised_on, l.lot_code,
               max(CASE WHEN w.item_id = ANY(%(lotted)s::bigint[]) THEN o.ship_by_on + greatest(o.min_life_days, 0)
                        ELSE l.promised_on END) AS fresh,
               %(tier)s::text = '' OR (o.tier, o.ship_by_on, o.ordered_at, o.id)
                   < (%(tier)s, %(ship_by)s::date, %(ordered_at)s::timestamptz, %(order)s::bigint) AS is_ahead,
               sum(l.open_units)::bigint, count(*),
               (array_agg(o.id ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id))[1],
               (array_agg(o.number ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id))[1]
        FROM unnest(%(items)s::bigint[]) AS w(item_id)
        CROSS JOIN LATERAL (
            SELECT l.id, l.order_id, l.item_id, l.open_units, l.lot_code, l.promised_on FROM sales_orderline l
            WHERE l.item_id = w.item_id AND l.open_units > 0 AND l.promised_on IS NOT NULL
              AND l.held_at_units IS NULL AND l.id <> ALL (%(without)s::bigint[]) OFFSET 0
        ) AS l
        CROSS JOIN LATERAL (
            SELECT o.id, o.number, o.site_id, o.state, o.tier, o.ordered_at, o.ship_by_on, o.min_life_days
            FROM sales_order o
            WHERE o.id = l.order_id OFFSET 0
        ) AS o
        WHERE o.site_id = %(site)s AND o.state IN ('confirmed', 'released')
        GROUP BY l.item_id, l.promised_on, l.lot_code, is_ahead,
                 CASE WHEN w.item_id = ANY(%(lotted)s::bigint[]) THEN o.ship_by_on + greatest(o.min_life_days, 0) END
        ORDER BY l.item_id, l.promised_on, l.lot_code, fresh, is_ahead
        """,
        {
            "items": list(item_ids),
            "site": site_id,
            "without": list(without_lines),
            "lotted": list(lotted),
            "tier": order.tier if order else "",
            "ship_by": order.ship_on if order else None,
            "ordered_at": moment(order) if order else None,
            "order": order.order_id if order else 0,
        },
    )
