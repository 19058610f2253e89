"""Reads of urgent orders: the scene that the rule judges, and the requests as people see them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from flowrack.allocation import queries_outlook, queries_pegs, queries_rank, rules_displacement, rules_judged_anew
from flowrack.allocation.rules import Claim, Pool
from flowrack.allocation.rules_displacement import Ask, ClaimLine, Plan, Promised, Scene
from flowrack.ledger.types import OWN
from flowrack.platform import sql
from flowrack.sales import queries_lots
from flowrack.sales.queries_lots import LotWish

PoolKey = tuple[int, int, int, int]  # item, lot, site, owner
Key = tuple[str, date, datetime, int, int]  # tier, day, age, number and line: the shipped rank


@dataclass(frozen=True, slots=True)
class UrgentOrder:
    """An order as it stands, with its lines that wait and are not held; `held` counts those on hold."""

    order_id: int
    number: str
    customer: str
    tier: str
    site_id: int
    state: str
    asks: list[tuple[int, Ask]]  # (item, what the line asks)
    held: int


def urgent_order(order_id: int, today: date | None = None) -> UrgentOrder | None:
    """The order; None when there is none. Units that cross-docks bring already are left out. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id, o.number, c.name, o.tier, o.site_id, o.state, l.item_id, l.id, o.ship_by_on,
               l.open_units - coalesce((SELECT sum(x.units) FROM allocation_crossdock x
                                        WHERE x.order_line_id = l.id AND x.state = 'planned'), 0)::bigint,
               o.min_life_days, l.lot_code, l.held_at_units IS NOT NULL
        FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id JOIN parties_party c ON c.id = o.customer_id
        WHERE o.id = %s ORDER BY l.line_no
        """,
        (order_id,),
    )
    if not rows:
        return None
    number, customer, tier, site_id, state = rows[0][1:6]
    asks = [
        (row[6], Ask(row[7], row[0], row[1], row[3], max(row[8], today or row[8]), row[9], row[10], row[11]))
        for row in rows
        if row[9] > 0 and not row[12]
    ]
    held = sum(1 for row in rows if row[12] and row[9] > 0)
    return UrgentOrder(order_id, number, customer, tier, site_id, state, asks, held)


def scenes(item_ids: Sequence[int], site_id: int, today: date, now: datetime) -> dict[int, Scene]:
    """All that the rule looks at, for each item at the site. At most nine queries, and more where a rule set ranks."""
    wanted = sorted(set(item_ids))
    pools: dict[int, list[Pool]] = {item_id: [] for item_id in wanted}
    for row in sql.fetch_all(
        """
        SELECT p.id, p.item_id, p.lot_id, CASE WHEN p.lot_id = 0 THEN '' ELSE t.code END, t.expires_on,
               (extract(epoch FROM p.arrived_at) * 1000000)::bigint, p.reserve + p.forward_pick - p.committed
        FROM unnest(%s::bigint[]) AS w(item_id)
        JOIN ledger_pool p ON p.item_id = w.item_id AND p.site_id = %s AND p.owner_id = 1
        JOIN catalog_lot t ON t.id = p.lot_id
        WHERE p.reserve + p.forward_pick > 0 ORDER BY p.id
        """,
        (wanted, site_id),
    ):
        pools[row[1]].append(Pool(*row))
    found: dict[int, list[tuple[Key, ClaimLine]]] = {item_id: [] for item_id in wanted}
    for item_id, *line, is_promised, ship_by_on, ordered_at, line_no in sql.fetch_all(
        """
        SELECT l.item_id, l.id, o.id, o.number, o.tier, greatest(l.promised_on, o.ship_by_on),
               CASE WHEN l.held_at_units IS NULL THEN l.open_units ELSE 0 END, l.picked_units,
               EXISTS (SELECT FROM allocation_priorityrequest r
                       WHERE r.order_id = o.id AND r.state IN ('waiting', 'granted', 'rejected')),
               l.promised_on IS NOT NULL, o.ship_by_on, o.ordered_at, l.line_no
        FROM unnest(%s::bigint[]) AS w(item_id)
        JOIN sales_orderline l ON l.item_id = w.item_id AND l.units > l.shipped_units + l.cancelled_units
        JOIN sales_order o ON o.id = l.order_id AND o.site_id = %s AND o.state IN ('confirmed', 'released')
        ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id, l.line_no
        """,
        (wanted, site_id),
    ):
        key = (line[3], ship_by_on, ordered_at, line[1], line_no)
        found[item_id].append((key, ClaimLine(*line)._replace(is_promised=is_promised)))
    quotes = [one.claim for one in queries_pegs.quotes_of(wanted, site_id, now)]
    for claim in quotes:
        row = ClaimLine(claim.line_id, 0, claim.number, claim.tier, claim.ship_on, claim.units, 0, True)
        found[claim.item_id].append(((claim.tier, claim.ship_on, queries_pegs.moment(claim), 0, 0), row))
    lines = {item_id: [line for _, line in sorted(of_item)] for item_id, of_item in found.items()}
    promises: dict[int, list[Promised]] = {item_id: [] for item_id in wanted}
    for item_id, *held in sql.fetch_all(
        """
        SELECT p.item_id, substr(c.ref, 12)::bigint, p.id, c.units, coalesce(r.units, 0)::bigint
        FROM unnest(%s::bigint[]) AS w(pool_id) JOIN ledger_pool p ON p.id = w.pool_id
        JOIN ledger_commitment c ON c.pool_id = p.id AND c.ref LIKE 'sales.line:%%'
        LEFT JOIN LATERAL (
            SELECT sum(r.units) AS units FROM ledger_reservation r JOIN ledger_cell e ON e.id = r.cell_id
            WHERE r.ref = c.ref AND e.item_id = p.item_id AND e.lot_id = p.lot_id AND e.owner_id = p.owner_id
              AND e.site_id = p.site_id AND e.state IN ('reserve', 'forward_pick')
        ) AS r ON true
        ORDER BY c.id
        """,
        ([pool.pool_id for of_item in pools.values() for pool in of_item],),
    ):
        promises[item_id].append(Promised(*held))
    coming = queries_outlook.coming([(item_id, site_id) for item_id in wanted], now)
    _place(lines, quotes, site_id, today)
    return {
        item_id: Scene(
            item_id,
            today,
            tuple(pools[item_id]),
            tuple(lines[item_id]),
            tuple(promises[item_id]),
            tuple(coming[item_id, site_id]),
            is_foreseen=True,
        )
        for item_id in wanted
    }


def _place(lines: dict[int, list[ClaimLine]], quotes: Sequence[Claim], site_id: int, today: date) -> None:
    """Bring lines into the rank of the rule set in force, where that is another than tier, day and number."""
    line_ids = [line.line_id for of_item in lines.values() for line in of_item if line.line_id > 0]
    found = queries_rank.places(line_ids, site_id, today, quotes)
    if found:
        for item_id, of_item in lines.items():
            placed = [
                line._replace(place=at.number, class_no=at.class_no, semantics=at.semantics)
                for line in of_item
                for at in [found[line.line_id]]
            ]
            lines[item_id] = sorted(placed, key=lambda line: line.place)


@dataclass(slots=True)
class Judged:
    """One urgent line with its plan and the scene that was looked at; `said` is what changed since it was asked."""

    item_id: int
    made: Plan
    scene: Scene
    allowed: Mapping[int, int] | None = None
    seen: Mapping[int, int | None] | None = None
    said: str = ""


def candidates(order: UrgentOrder, today: date, now: datetime) -> tuple[list[int], list[PoolKey]]:
    """Which lines and pools the rule may touch: the order's own lines, and all that are promised its items."""
    found = scenes([item_id for item_id, _ in order.asks], order.site_id, today, now)
    line_ids = {ask.line_id for _, ask in order.asks}
    keys: set[PoolKey] = set()
    for scene in found.values():
        line_ids |= {held.line_id for held in scene.promises}
        keys |= {(pool.item_id, pool.lot_id, order.site_id, OWN) for pool in scene.pools}
    return sorted(line_ids), sorted(keys)


def judge(
    order: UrgentOrder,
    today: date,
    line_ids: Sequence[int],
    now: datetime,
    *,
    allowed: Mapping[int, Mapping[int, int]] | None = None,
    seen: Mapping[int, int | None] | None = None,
) -> list[Judged]:
    """What each line of the order gets, one after the other; only what is locked may give way.

    `allowed` says by urgent line which lines may lose how much; None while nobody decided.
    """
    locked = set(line_ids)
    at_hand = scenes([item_id for item_id, _ in order.asks], order.site_id, today, now)
    lotted = sorted({pool.item_id for scene in at_hand.values() for pool in scene.pools if pool.lot_id})
    wishes = queries_lots.lot_wishes(order.site_id, lotted) if lotted else {}
    found: list[Judged] = []
    for item_id, plain in order.asks:
        scene = _only(at_hand[item_id], locked)
        ask = _classed(plain, scene, wishes.get(plain.line_id))
        if allowed is None:
            found.append(Judged(item_id, rules_displacement.plan(ask, scene), scene))
        else:
            mine, shown = dict(allowed.get(ask.line_id, {})), dict(seen or {})
            made, said = rules_judged_anew.judged_anew(ask, scene, mine, shown)
            found.append(Judged(item_id, made, scene, mine, shown, said))
        at_hand[item_id] = rules_displacement.after(scene, found[-1].made, is_allowed=True)
    return found


def _classed(ask: Ask, scene: Scene, wish: LotWish | None) -> Ask:
    """The ask with its class by the rule set in force, and the lots that its customer takes no more."""
    line = next((one for one in scene.lines if one.line_id == ask.line_id), None)
    if line is not None:
        ask = ask._replace(class_no=line.class_no, semantics=line.semantics)
    return ask._replace(had=wish.lots) if wish is not None and wish.rule == "new" else ask


def _only(scene: Scene, locked: set[int]) -> Scene:
    kept = tuple(held for held in scene.promises if held.line_id in locked)
    return replace(scene, promises=kept)


@dataclass(frozen=True, slots=True)
class LineFacts:
    """What letters and tables say of an order line."""

    line_id: int
    order_id: int
    number: str
    reference: str
    customer: str
    tier: str
    promised_on: date
    sku: str
    name: str
    unit_price: Decimal


def line_facts(line_ids: Sequence[int]) -> dict[int, LineFacts]:
    """Facts of order lines. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, o.id, o.number, o.reference, c.name, o.tier,
               greatest(l.promised_on, o.ship_by_on), i.sku, i.name, l.unit_price
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
        JOIN parties_party c ON c.id = o.customer_id JOIN catalog_item i ON i.id = l.item_id
        WHERE l.id = ANY(%s::bigint[])
        """,
        (sorted(set(line_ids)),),
    )
    return {row[0]: LineFacts(*row) for row in rows}


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A request as the door reads it."""

    request_id: int
    number: str
    order_id: int
    site_id: int
    asked_by_id: int
    reason: str


def asked(request_id: int) -> AskedRow | None:
    """The request; None when there is none. One query."""
    row = sql.fetch_one(
        "SELECT id, number, order_id, site_id, asked_by_id, reason FROM allocation_priorityrequest WHERE id = %s",
        (request_id,),
    )
    return AskedRow(*row) if row else None


def waiting_request(order_id: int) -> int:
    """The request of an order that waits; 0 when none. One query."""
    found = sql.fetch_value(
        "SELECT id FROM allocation_priorityrequest WHERE order_id = %s AND state = 'waiting'", (order_id,)
    )
    return int(found or 0)


def waiting_requests_of(order_ids: Sequence[int]) -> list[int]:
    """The requests of orders that wait. One query."""
    rows = sql.fetch_all(
        """
        SELECT id FROM allocation_priorityrequest WHERE order_id = ANY(%s::bigint[]) AND state = 'waiting' ORDER BY id
        """,
        (list(order_ids),),
    )
    return [row[0] for row in rows]


def slips_seen(request_id: int) -> dict[int, int | None]:
    """The days by which lines would slip, as the approver of a request saw them. One query."""
    content = sql.fetch_value(
        """
        SELECT content FROM approvals_request WHERE kind = 'allocation.priority'
        AND subject = 'allocation.priority:' || %s::bigint ORDER BY id DESC LIMIT 1
        """,
        (request_id,),
    )
    return {line_id: days for line_id, _, _, days in json.loads(content)["slips"]} if content else {}


def site_code(site_id: int) -> str:
    """What people call a site. One query."""
    return str(sql.fetch_value("SELECT code FROM locations_site WHERE id = %s", (site_id,)) or "")
