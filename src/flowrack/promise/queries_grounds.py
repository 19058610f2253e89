"""What the choices of a site for many orders are made from, read at once: each order sees it without its own claims.

Whoever chooses for many goes through them in rank order. As long as nothing moves, all that was read stays true; what
an order moves is seen by those after it, for which it is read again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from flowrack.allocation.queries_sites import company_rules
from flowrack.allocation.queries_supply import CLAIMED_ON
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
    choose,
    days_late,
    to_cents,
)
from flowrack.allocation.types_rules import InForce
from flowrack.carriers import queries as carriers
from flowrack.carriers import rules_choice
from flowrack.carriers.rules_choice import ANY_SERVICE, Departure, Guide
from flowrack.carriers.rules_choice import Case as CarrierCase
from flowrack.carriers.rules_rates import Parcel, Tariff
from flowrack.platform import sql
from flowrack.promise import queries, rules
from flowrack.promise.queries_freight import packed_of
from flowrack.promise.queries_sites import MovableLine, MovableOrder, movable
from flowrack.promise.rules_case import Ask, Case, Site, Source, Stock
from flowrack.promise.rules_freight import IN_TIME_FIRST, Packed, To, parcels_of
from flowrack.promise.rules_house import send_days, there_on

SOON = timedelta(days=14)
LONG = 99  # days on the way of a site from which nothing goes there
FEW, MOST = 5, 400  # orders that are read at once: few where one has just moved, then more


class Claimed(NamedTuple):
    """Units that a line waits for at a site."""

    line_id: int
    site_id: int
    on: date
    units: int
    is_promised: bool


class Working(NamedTuple):
    """Seconds of work that a promised line asks of its site on a day."""

    line_id: int
    on: date
    seconds: int


# Claims that not every order of a batch sees: those of the batch's own lines, and of lines without a promise that came
# after the first of them. Read as the queries of promises read them.
_CLAIMED = f"""
    SELECT l.item_id, l.id, o.site_id, {CLAIMED_ON}, l.open_units, l.promised_on IS NOT NULL
    FROM (SELECT w.id, w.item_id, w.order_id, w.promised_on, w.open_units FROM sales_orderline w
          WHERE w.item_id = ANY(%(items)s::bigint[]) AND w.open_units > 0 AND w.held_at_units IS NULL
            AND (w.id = ANY(%(lines)s::bigint[]) OR (w.promised_on IS NULL AND w.id >= %(first)s))
          OFFSET 0) AS l
    CROSS JOIN LATERAL (
        SELECT h.site_id, h.ship_by_on, h.policy, h.state FROM sales_order h WHERE h.id = l.order_id OFFSET 0) AS o
    WHERE o.site_id = ANY(%(sites)s::bigint[]) AND o.state IN ('confirmed', 'released') ORDER BY l.id
"""  # noqa: S608 - a constant
_WORKING = """
    SELECT p.site_id, p.line_id, p.ships_on, p.seconds
    FROM promise_linepromise p JOIN sales_orderline l ON l.id = p.line_id
    WHERE p.line_id = ANY(%(lines)s::bigint[]) AND p.site_id = ANY(%(sites)s::bigint[])
      AND p.change >= coalesce((SELECT max(x.upto) FROM promise_dayload x WHERE x.site_id = p.site_id), 0)
      AND l.open_units + l.allocated_units > 0
    ORDER BY p.line_id
"""


@dataclass(slots=True)
class Grounds:
    """What choices for some orders are made from: the case without any of their claims and work, these by item and by
    site, and freight."""

    site_ids: Sequence[int]
    case: Case
    claims: dict[int, list[Claimed]]
    work: dict[int, list[Working]]
    freight: Freights

    def for_order(self, order: MovableOrder) -> Case:
        """The case as one of the orders sees it: the others claim and work, and its own lines do not."""
        mine = {line.line_id for line in order.lines}
        first, items = min(mine, default=0), {line.item_id for line in order.lines}
        known = {(one.item_id, one.site_id): one for one in self.case.stocks if one.item_id in items}
        for item_id in items:
            for one in self.claims.get(item_id, ()):
                if one.line_id not in mine and (one.is_promised or one.line_id < first):
                    stock = known.get((item_id, one.site_id)) or Stock(item_id, one.site_id)
                    pegged = sum(own.supply.units for own in stock.own if own.line_id == one.line_id)
                    change = Change(one.on, pegged - one.units)
                    if one.is_promised:
                        stock = replace(stock, claims=(*stock.claims, change))
                    else:
                        stock = replace(stock, waiting=(*stock.waiting, change))
                    known[item_id, one.site_id] = stock
        sites = tuple(self._site(site, mine) for site in self.case.sites)
        return Case((), sites, tuple(known[pair] for pair in sorted(known)), self.case.records)

    def _site(self, site: Site, mine: set[int]) -> Site:
        others = [one for one in self.work.get(site.site_id, ()) if one.line_id not in mine]
        if not others:
            return site
        load = dict(site.house.load)
        for one in others:
            day = max(one.on, site.now.date())
            load[day] = load.get(day, 0) + one.seconds
        return replace(site, house=replace(site.house, load=dict(sorted(load.items()))))

    def placed(self, order: MovableOrder, site_id: int) -> None:
        """An order of which nobody knows yet claims its units at another site from now on."""
        mine = {line.line_id for line in order.lines}
        for item_id in {line.item_id for line in order.lines}:
            self.claims[item_id] = [
                one._replace(site_id=site_id) if one.line_id in mine else one for one in self.claims.get(item_id, ())
            ]


def grounds_of(orders: Sequence[MovableOrder], site_ids: Sequence[int], now: datetime) -> Grounds:
    """What the choices for orders that have lines are made from, as things stand. Five queries where no rate card is in
    force, else some fifteen, whatever the number of orders."""
    lines = [line.line_id for order in orders for line in order.lines]
    asks = [_ask(order, line, site_id) for site_id in site_ids for order in orders for line in order.lines]
    items = sorted({ask.item_id for ask in asks})
    about = {"items": items, "lines": lines, "first": min(lines, default=0), "sites": list(site_ids)}
    case, (claimed, working) = queries.case_after(
        [(_CLAIMED, about), (_WORKING, {"lines": lines, "sites": list(site_ids)})], asks, now, without_lines=lines
    )
    claims: dict[int, list[Claimed]] = {}
    for item_id, *claim in claimed:
        claims.setdefault(item_id, []).append(Claimed(*claim))
    work: dict[int, list[Working]] = {}
    for site_id, *job in working:
        work.setdefault(site_id, []).append(Working(*job))
    return Grounds(site_ids, case, claims, work, _freights(case, orders, items))


class Ahead:
    """The grounds of orders in their turn, read for many of them at a time."""

    def __init__(self, orders: Sequence[MovableOrder], site_ids: Sequence[int], now: datetime) -> None:
        self._orders, self._site_ids, self._now = orders, site_ids, now
        self._until, self._size = 0, FEW
        self._read: Grounds | None = None

    def reads(self, n: int) -> bool:
        """Whether the grounds of an order, by its place, are still to be read: what was decided is written before."""
        return n >= self._until or self._read is None

    def of(self, n: int) -> Grounds:
        """The grounds of an order by its place."""
        if self.reads(n) or self._read is None:
            part = self._orders[n : n + self._size]
            self._read = grounds_of(part, self._site_ids, self._now)
            self._until, self._size = n + len(part), min(self._size * 2, MOST)
        return self._read

    def moved(self) -> None:
        """Something moved: what was read is not true any more."""
        self._until, self._size = 0, FEW


def is_free(order: MovableOrder) -> bool:
    """Whether an order may move at all: nothing of it is in work, on hold or kept at its site."""
    return bool(order.lines) and not order.in_work and not any(line.why_not for line in order.lines)


def from_first_to_move(order_ids: Sequence[int], now: datetime) -> list[int]:
    """Orders, from the first on that the rules would send from elsewhere as things stand; those before it stay, for
    none of them changes what the next one sees. Nothing is locked: whoever moves these decides anew. Some ten queries
    for up to four hundred orders."""
    site_ids, force = queries.selling_sites(), company_rules()
    at, size = 0, FEW
    while at < len(order_ids):
        part = order_ids[at : at + size]
        found = {order.order_id: order for order in movable(part)}
        orders = [found[order_id] for order_id in part if order_id in found]
        orders = [one for one in orders if one.any_site and one.state == "confirmed" and is_free(one)]
        grounds = grounds_of(orders, site_ids, now) if orders else None
        for order in orders:
            assert grounds is not None
            choice = choose(case_from(grounds, order, force, home=order.site_id))
            if choice is not None and choice.plan.sites != (order.site_id,):
                return list(order_ids[at + part.index(order.order_id) :])
        at, size = at + len(part), min(size * 2, MOST)
    return []


def case_of(order: MovableOrder, site_ids: Sequence[int], now: datetime, force: InForce, *, home: int) -> SitesCase:
    """Everything that the choice of a site for one order is made from, as things stand. A dozen queries at most."""
    return case_from(grounds_of([order], site_ids, now), order, force, home=home)


def case_from(grounds: Grounds, order: MovableOrder, force: InForce, *, home: int) -> SitesCase:
    """Everything that the choice of a site for an order is made from; `home` is where it stays while nothing is late
    there, 0 = nowhere."""
    case, site_ids = grounds.for_order(order), grounds.site_ids
    asks = {site_id: [_ask(order, line, site_id) for line in order.lines] for site_id in site_ids}
    days = {site_id: _days(case, order, site_id) for site_id in site_ids}
    reach = {site_id: _reach(case, order, asks[site_id], force) for site_id in site_ids}
    wants = tuple(
        Want(
            line.line_id, line.sku, line.units, to_cents(line.unit_price * line.units),
            order.policy == "partial" and not line.lot_code,
        )
        for line in order.lines
    )  # fmt: skip
    quotes = grounds.freight.of_order(order)
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
            source = Source(case, case.site(part.site_id), case.stock(part.item_id, part.site_id), ask)
            more = part.units - source.mine_by(part.ships_on)
            case = case.with_claim(part.item_id, part.site_id, Change(part.ships_on, -max(more, 0)))
    return found


def _days(case: Case, order: MovableOrder, site_id: int) -> int:
    """The calendar days on the way by the fastest service of the next day on which one goes."""
    site = case.site(site_id)
    today = site.now.date()
    sends = send_days(site.house, order.region, today, today + SOON)
    if not sends:
        return LONG
    leaves, service = sends[0]
    return (there_on(site.house, service, leaves, order.way) - leaves).days


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
        chosen = rules_choice.choose(case, self.tariffs).chosen
        return None if chosen is None or chosen.price is None else to_cents(chosen.freight)


@dataclass(frozen=True, slots=True)
class Freights:
    """What freight of some orders is worked out from; nothing is known of it where no rate card is in force."""

    days: dict[int, date]
    tariffs: tuple[Tariff, ...]
    countries: Mapping[int, str]
    guides: Mapping[int, tuple[Guide, ...]]
    packed: dict[int, Packed]

    def of_order(self, order: MovableOrder) -> _Quotes:
        """The same for one of them."""
        to = To(order.to, self.guides.get(order.customer_id, ()), dict(self.countries)) if self.tariffs else None
        return _Quotes(order, self.days, self.tariffs, to, self.packed)


def _freights(case: Case, orders: Sequence[MovableOrder], items: Sequence[int]) -> Freights:
    """Where no rate card is in force, one query, else a dozen."""
    days = {site.site_id: site.now.date() for site in case.sites}
    tariffs = carriers.tariffs(min(days.values())) if days else []
    if not tariffs:
        return Freights(days, (), {}, {}, {})
    countries = dict(sql.fetch_all("SELECT id, country FROM locations_site ORDER BY id"))
    guides = carriers.guides([order.customer_id for order in orders])
    return Freights(days, tuple(tariffs), countries, guides, packed_of(set(items)))
