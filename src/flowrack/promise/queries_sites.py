"""What the choice of a site looks at: orders that any site may send, how each site could serve them, and freight."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from flowrack.allocation.rules_free import Change
from flowrack.allocation.rules_sites import (
    Goods,
    Quoted,
    Reach,
    SiteOffer,
    SitesCase,
    Want,
    all_goods,
    asked_of,
    days_late,
    to_cents,
)
from flowrack.allocation.types_rules import InForce
from flowrack.carriers import queries as carriers
from flowrack.carriers.rules_choice import ANY_SERVICE, Departure, choose
from flowrack.carriers.rules_choice import Case as CarrierCase
from flowrack.carriers.rules_rates import Destination, Parcel, Tariff
from flowrack.platform import sql
from flowrack.platform.outbox import load_subscribers
from flowrack.promise import queries, rules
from flowrack.promise.queries_freight import packed_of
from flowrack.promise.rules_case import Ask, Case
from flowrack.promise.rules_freight import IN_TIME_FIRST, Packed, To, parcels_of
from flowrack.promise.rules_house import after_weekdays, send_days

SOON = timedelta(days=14)
LONG = 99  # days on the way of a site from which nothing goes there


@dataclass(frozen=True, slots=True)
class MovableLine:
    """What a line still wants that no picker has; `allocated` of it is promised at the site of the order."""

    line_id: int
    line_no: int
    item_id: int
    sku: str
    units: int
    allocated: int
    unit_price: Decimal
    lot_code: str
    why_not: str  # what keeps it where it is, if anything does


@dataclass(frozen=True, slots=True)
class MovableOrder:
    """An order with all that its choice of a site needs."""

    order_id: int
    number: str
    site_id: int
    state: str
    any_site: bool
    customer_id: int
    policy: str
    requested_on: date
    life_days: int
    region: str
    way: int | None
    may_split: bool
    in_work: bool
    to: Destination
    lines: tuple[MovableLine, ...]


_ORDERS = """
    SELECT o.id, o.number, o.site_id, o.state, o.any_site, o.customer_id, o.policy, o.requested_on,
           o.min_life_days - o.transit_days, coalesce(a.region, ''),
           coalesce(a.transit_days, nullif(t.transit_days, 0)),
           o.policy <> 'complete' AND o.max_shipments IS NULL AND o.min_shipment_value = 0,
           EXISTS (SELECT FROM sales_orderline l WHERE l.order_id = o.id
                   AND (l.released_units > 0 OR l.picked_units > 0 OR l.shipped_units > 0)),
           coalesce(nullif(a.country, ''), p.country), coalesce(a.postcode, ''), coalesce(a.is_residential, false)
    FROM sales_order o JOIN parties_party p ON p.id = o.customer_id
    LEFT JOIN parties_address a ON a.id = o.ship_to_id
    LEFT JOIN parties_customerterms t ON t.party_id = o.customer_id
    WHERE o.id = ANY(%s::bigint[]) AND o.state IN ('confirmed', 'released') ORDER BY o.id
"""
_LINES = """
    SELECT l.order_id, l.id, l.line_no, l.item_id, i.sku, l.open_units + l.allocated_units - l.released_units,
           l.allocated_units - l.released_units, l.unit_price, l.lot_code,
           CASE WHEN l.held_at_units IS NOT NULL THEN 'it is on hold'
                WHEN EXISTS (SELECT FROM sales_substitution s
                             WHERE s.undone_at IS NULL AND l.id IN (s.line_id, s.original_id))
                THEN 'something is sent instead of it'
                WHEN EXISTS (SELECT FROM allocation_crossdock c WHERE c.order_line_id = l.id AND c.state = 'planned')
                THEN 'goods at the dock go straight to it'
                WHEN EXISTS (SELECT FROM allocation_overrideline x JOIN allocation_override v ON v.id = x.override_id
                             WHERE x.order_line_id = l.id AND v.ended_at IS NULL)
                THEN 'a person decided about its stock'
                WHEN EXISTS (SELECT FROM allocation_priorityrequest r
                             WHERE r.order_id = l.order_id AND r.state = 'waiting')
                THEN 'somebody is asked about its order, which is urgent' ELSE '' END
    FROM sales_orderline l JOIN catalog_item i ON i.id = l.item_id
    WHERE l.order_id = ANY(%s::bigint[]) AND l.open_units + l.allocated_units - l.released_units > 0
    ORDER BY l.order_id, l.line_no
"""


Keeper = Callable[[Sequence[int]], Mapping[int, str]]
_keepers: list[Keeper] = []


def register_keeper(keeper: Keeper) -> None:
    """Make known which of some orders a later stage keeps at their site, and why: a truck waits for them there."""
    _keepers.append(keeper)


def movable(order_ids: Sequence[int]) -> list[MovableOrder]:
    """Open orders of some with their lines that no picker has all of. Two queries, and one of each keeper."""
    load_subscribers()  # later stages make themselves known with them
    kept: dict[int, str] = {}
    for keeper in _keepers:
        kept |= keeper(order_ids)
    lines: dict[int, list[MovableLine]] = {}
    for row in sql.fetch_all(_LINES, (list(order_ids),)):
        line = MovableLine(*row[1:])
        lines.setdefault(row[0], []).append(replace(line, why_not=line.why_not or kept.get(row[0], "")))
    found = []
    for row in sql.fetch_all(_ORDERS, (list(order_ids),)):
        to = Destination(row[13], row[14], row[9], row[15])
        found.append(MovableOrder(*(*row[:13], to, tuple(lines.get(row[0], ())))))
    return found


def waiting_elsewhere(item_ids: Sequence[int], site_id: int, *, most: int) -> list[int]:
    """Orders of other sites that any site may send and that wait for items, the best rank first. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id FROM (
            SELECT DISTINCT l.order_id FROM sales_orderline l
            WHERE l.item_id = ANY(%s::bigint[]) AND l.open_units > 0 AND l.held_at_units IS NULL OFFSET 0) AS w
        CROSS JOIN LATERAL (
            SELECT h.id, h.site_id, h.state, h.any_site, h.tier, h.ship_by_on, h.ordered_at
            FROM sales_order h WHERE h.id = w.order_id OFFSET 0) AS o
        WHERE o.any_site AND o.state = 'confirmed' AND o.site_id <> %s
        ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id LIMIT %s
        """,
        (list(item_ids), site_id, most),
    )
    return [row[0] for row in rows]


def waiting_at(site_ids: Sequence[int]) -> list[int]:
    """Orders of sites that any site may send and that wait for something, the best rank first. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id FROM sales_order o
        WHERE o.state = 'confirmed' AND o.any_site AND o.site_id = ANY(%s::bigint[])
          AND EXISTS (SELECT FROM sales_orderline l
                      WHERE l.order_id = o.id AND l.open_units > 0 AND l.held_at_units IS NULL)
        ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id
        """,
        (list(site_ids),),
    )
    return [row[0] for row in rows]


def of_any_site(order_ids: Sequence[int] = (), *, line_ids: Sequence[int] = ()) -> list[int]:
    """Those of orders, and of the orders of lines, that any site may send and that wait for something, the best rank
    first. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.id FROM sales_order o
        WHERE (o.id = ANY(%s::bigint[])
               OR o.id IN (SELECT l.order_id FROM sales_orderline l WHERE l.id = ANY(%s::bigint[])))
          AND o.any_site AND o.state = 'confirmed'
        ORDER BY o.tier, o.ship_by_on, o.ordered_at, o.id
        """,
        (list(order_ids), list(line_ids)),
    )
    return [row[0] for row in rows]


def code_of(site_id: int) -> str:
    """The code of a site. One query."""
    return str(sql.fetch_value("SELECT code FROM locations_site WHERE id = %s", (site_id,)) or "")


def case_of(order: MovableOrder, site_ids: Sequence[int], now: datetime, force: InForce, *, home: int) -> SitesCase:
    """Everything that the choice of a site for an order is made from, as things stand; `home` is where it stays while
    nothing is late there, 0 = nowhere. A dozen queries at most."""
    asks = {site_id: [_ask(order, line, site_id) for line in order.lines] for site_id in site_ids}
    flat = [ask for of in asks.values() for ask in of]
    case = queries.case_of(flat, now, without_lines=[line.line_id for line in order.lines])
    days = {site_id: _days(case, order, site_id) for site_id in site_ids}
    reach = {site_id: _reach(case, order, asks[site_id], force) for site_id in site_ids}
    wants = tuple(
        Want(
            line.line_id, line.sku, line.units, to_cents(line.unit_price * line.units),
            order.policy == "partial" and not line.lot_code,
        )
        for line in order.lines
    )  # fmt: skip
    quotes = _quotes(case, order)
    whole = tuple((n, want.units) for n, want in enumerate(wants))
    offers = tuple(
        SiteOffer(site_id, case.site(site_id).code, days[site_id], quotes.of(site_id, whole), tuple(reach[site_id]))
        for site_id in site_ids
    )
    found = SitesCase(
        order.requested_on, home, order.may_split and not order.in_work, wants, offers, (), force.rules.sites,
        order.customer_id, order.region, force.rule_set_id,
    )  # fmt: skip
    assert whole == all_goods(found)
    asked = asked_of(found)
    return replace(found, quoted=tuple(Quoted(site_id, goods, quotes.of(site_id, goods)) for site_id, goods in asked))


def _ask(order: MovableOrder, line: MovableLine, site_id: int) -> Ask:
    return Ask(
        item_id=line.item_id,
        sku=line.sku,
        units=line.units,
        site_ids=(site_id,),
        wanted_on=order.requested_on,
        min_life_days=order.life_days,
        region=order.region,
        way=order.way,
        lot_code=line.lot_code,
        line_id=line.line_id,
        allocated=line.allocated if site_id == order.site_id else 0,
    )


def _reach(case: Case, order: MovableOrder, asks: Sequence[Ask], force: InForce) -> list[Reach]:
    """How a site could serve each line, what is promised to the first not being free for the second."""
    rule, found = force.rules.sites, []
    probe = SitesCase(order.requested_on, 0, False, (), (), (), rule)
    for ask in asks:
        one, split, _ = rules.answer(case, ask).options
        on, some = one.arrives_on or split.arrives_on, 0
        if on is not None and days_late(probe, on) <= rule.late_days:
            some = ask.units
        elif split.parts:
            some = sum(p.units for p in split.parts if days_late(probe, p.arrives_on) <= rule.late_days)
        elif days_late(probe, split.most_on or one.most_on) <= rule.late_days:
            some = split.most or one.most
        most = split if split.most else one
        found.append(Reach(on, min(some, ask.units), most.most, most.most_on))
        for part in (one if one.parts else split).parts:
            more = part.units - ask.allocated
            case = case.with_claim(part.item_id, part.site_id, Change(part.ships_on, -max(more, 0)))
    return found


def _days(case: Case, order: MovableOrder, site_id: int) -> int:
    """The calendar days on the way by the fastest service of the next day on which one goes."""
    site = case.site(site_id)
    today = site.now.date()
    sends = send_days(site.house, order.region, today, today + SOON)
    if not sends:
        return LONG
    leaves, usual = sends[0]
    return (after_weekdays(leaves, usual if order.way is None else order.way) - leaves).days


@dataclass(frozen=True, slots=True)
class _Quotes:
    """What it costs to send goods of an order: by the rate cards in force, nothing known without them."""

    order: MovableOrder
    days: dict[int, date]
    tariffs: tuple[Tariff, ...]
    to: To | None
    packed: dict[int, Packed]

    def of(self, site_id: int, goods: Goods) -> int | None:
        """The least freight in cents of goods from a site; None where nobody can say."""
        if self.to is None:
            return None
        parcels: list[Parcel] = []
        for line, units in goods:
            found = parcels_of(units, self.packed[self.order.lines[line].item_id])
            if found is None:
                return None
            parcels += found
        on = self.days[site_id]
        case = CarrierCase(
            site_id=site_id, origin_country=self.to.countries.get(site_id, ""), to=self.to.destination,
            parcels=tuple(parcels), ready_at=datetime.combine(on, time.min), arrives_by=self.order.requested_on,
            late_day_cost=IN_TIME_FIRST, guides=self.to.guides,
            departures={ANY_SERVICE: (Departure(on, time(23, 59)),)},
        )  # fmt: skip
        chosen = choose(case, self.tariffs).chosen
        return None if chosen is None or chosen.price is None else to_cents(chosen.freight)


def _quotes(case: Case, order: MovableOrder) -> _Quotes:
    """What freight is worked out from; where no rate card is in force, two queries, else a dozen."""
    days = {site.site_id: site.now.date() for site in case.sites}
    tariffs = carriers.tariffs(min(days.values())) if days else []
    if not tariffs:
        return _Quotes(order, days, (), None, {})
    countries = dict(sql.fetch_all("SELECT id, country FROM locations_site ORDER BY id"))
    to = To(order.to, carriers.guides([order.customer_id]).get(order.customer_id, ()), countries)
    return _Quotes(order, days, tuple(tariffs), to, packed_of({line.item_id for line in order.lines}))
