"""All that a promise is decided from, as plain values: what is asked, where, of which stock and supply. Pure.

A case is stored with its promise; the same case gives the same answer for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from flowrack.allocation.rules_free import HORIZON, Change, Step, counted, free_by_day
from flowrack.promise.rules_house import House, Policy, Work
from flowrack.promise.rules_lateness import NOTHING, Arrival, Chance, Record, arrival, chance

RULE = "promise/3"
SHARED_OWN = "promise/1"  # what a line held already was spoken for by others too
ALONE_FIRST = (SHARED_OWN, "promise/2")  # several sites were tried only where none had all of it alone
HORIZON_DAYS = HORIZON.days


class SupplyKind(StrEnum):
    """Where units come from that are not free yet."""

    DOCK = "dock"
    INSPECTION = "inspection"
    TRANSFER = "transfer"
    PO = "po"


class Share(StrEnum):
    """Which share of comparable deliveries decides when a PO counts."""

    POLICY = "on"
    HALF = "p50"
    NINE_TENTHS = "p90"


class LotStock(NamedTuple):
    """Free units of one lot (0 = no lot), and how many of them lie in a pick face."""

    lot_id: int
    code: str
    units: int
    face: int
    expires_on: date | None


class Supply(NamedTuple):
    """Units that are expected at the site on a day; `record` is the place in the case's records, -1 = none."""

    kind: SupplyKind
    id: int
    name: str
    units: int
    expected_on: date
    record: int = -1


class Own(NamedTuple):
    """Units of a supply that come for one line, and are nobody else's."""

    line_id: int
    supply: Supply


class Aside(NamedTuple):
    """Units of a state that nobody may promise."""

    state: str
    units: int


@dataclass(frozen=True, slots=True)
class Stock:
    """One item at one site: free lots, supply, claims, and what is kept back.

    `waiting` is what lines want that were told no day, on the days by which they should leave: what is free goes to
    them as soon as it comes. What a transfer brings for one line is neither in the supplies nor in the claims; it is
    the line's `own` where that asks itself.
    """

    item_id: int
    site_id: int
    lots: tuple[LotStock, ...] = ()
    supplies: tuple[Supply, ...] = ()
    claims: tuple[Change, ...] = ()
    safety: int = 0
    has_face: bool = False
    aside: tuple[Aside, ...] = ()
    waiting: tuple[Change, ...] = ()
    own: tuple[Own, ...] = ()

    @property
    def spoken_for(self) -> int:
        """Units that others wait for, whenever, and those that are kept back: so many must stay free."""
        return self.safety - sum(claim.units for claim in (*self.claims, *self.waiting))

    def counted(self, today: date) -> list[Change]:
        """All claims on the day from which they count."""
        return counted(self.claims, self.waiting, today=today)


@dataclass(frozen=True, slots=True)
class Site:
    """Where goods may leave from: its clock and its house."""

    site_id: int
    code: str
    name: str
    now: datetime
    house: House


class Substitute(NamedTuple):
    """`num` units of another item stand for `den` of the one asked for."""

    item_id: int
    sku: str
    num: int
    den: int
    needs_consent: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """What one customer wants: units of an item, by a day (None = as soon as possible), from sites in this order.

    `allocated` of the units are committed to it already and stand beside what is free. Who was told a day, and asks
    whether a sooner one can be had, claims on the day `told_on` while others are before him, if that day holds.
    """

    item_id: int
    sku: str
    units: int
    site_ids: tuple[int, ...]
    wanted_on: date | None = None
    min_life_days: int = 0
    takes_parts: bool = True
    takes_substitutes: bool = False
    substitutes: tuple[Substitute, ...] = ()
    region: str = ""
    lot_code: str = ""
    line_id: int = 0
    allocated: int = 0
    way: int | None = None  # weekdays on the way that the customer's address names
    told_on: date | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """Everything that is known when a promise is made."""

    asks: tuple[Ask, ...]
    sites: tuple[Site, ...]
    stocks: tuple[Stock, ...]
    records: tuple[Record, ...] = ()
    rule: str = field(default=RULE)

    def site(self, site_id: int) -> Site:
        """A site of the case."""
        return next(site for site in self.sites if site.site_id == site_id)

    def stock(self, item_id: int, site_id: int) -> Stock:
        """An item at a site; nothing where the case says nothing."""
        for stock in self.stocks:
            if (stock.item_id, stock.site_id) == (item_id, site_id):
                return stock
        return Stock(item_id, site_id)

    def told(self, ask: Ask) -> int:
        """Units of an ask that others keep for the day that it was told: what is not its own already."""
        site_id = ask.site_ids[0]
        coming = sum(one.supply.units for one in self.stock(ask.item_id, site_id).own if one.line_id == ask.line_id)
        return max(ask.units - ask.allocated - coming, 0) if ask.told_on else 0

    def with_claim(self, item_id: int, site_id: int, claim: Change) -> Case:
        """The case for whoever comes next, when units of an item are spoken for."""
        mine = self.stock(item_id, site_id)
        others = tuple(s for s in self.stocks if (s.item_id, s.site_id) != (item_id, site_id))
        return replace(self, stocks=(*others, replace(mine, claims=(*mine.claims, claim))))


def arrival_of(supply: Supply, record: Record, policy: Policy, *, today: date) -> Arrival:
    """When a supply is at the door, by the deliveries on record."""
    if supply.kind != SupplyKind.PO:
        on = max(supply.expected_on, today)
        return Arrival(on, on, on, NOTHING.scope, 0)
    return arrival(
        record,
        supply.expected_on,
        today=today,
        percent=policy.counts_at_percent,
        unknown_days=policy.unknown_days,
    )


def free_from(
    supply: Supply, record: Record, policy: Policy, *, today: date, share: Share = Share.POLICY
) -> date | None:
    """The first day on which a supply can leave again; None when nobody can say."""
    on: date | None = getattr(arrival_of(supply, record, policy, today=today), share)
    if on is None:
        return None
    days = policy.inspection_days if supply.kind == SupplyKind.INSPECTION else 0
    return on + timedelta(days=days + policy.shelf_days)


def with_own(steps: Sequence[Step], own: Sequence[Change]) -> list[Step]:
    """The same steps with units that are the asker's own beside what is free, each from its day on."""
    own = [change for change in own if change.units]
    if not own or not steps:
        return list(steps)
    found = []
    for day in sorted({one.on for one in steps} | {change.on for change in own}):
        at = [one for one in steps if one.on <= day][-1]
        mine = sum(change.units for change in own if change.on <= day)
        found.append(Step(day, at.free + mine, at.balance + mine))
    return found


@dataclass(frozen=True, slots=True)
class Source:
    """One item at one site as one ask sees it."""

    case: Case
    site: Site
    stock: Stock
    ask: Ask

    @property
    def today(self) -> date:
        """The business day of the site."""
        return self.site.now.date()

    def _record(self, supply: Supply) -> Record:
        return self.case.records[supply.record] if supply.record >= 0 else NOTHING

    def arrival_of(self, supply: Supply) -> Arrival:
        """When a supply is at the door."""
        return arrival_of(supply, self._record(supply), self.site.house.policy, today=self.today)

    def free_from(self, supply: Supply, share: Share = Share.POLICY) -> date | None:
        """The first day on which a supply can leave again; None when nobody can say."""
        return free_from(supply, self._record(supply), self.site.house.policy, today=self.today, share=share)

    def chance_of(self, supply: Supply, ships_on: date) -> Chance | None:
        """How often comparable deliveries were there early enough to leave on a day; None where nothing is measured."""
        if supply.kind != SupplyKind.PO or supply.record < 0:
            return None
        by = ships_on - timedelta(days=self.site.house.policy.shelf_days)
        return chance(self.case.records[supply.record], supply.expected_on, by, today=self.today)

    def is_fit(self, lot: LotStock, arrives_on: date) -> bool:
        """Whether a lot may go to the customer, arriving on a day."""
        if self.ask.lot_code and lot.code != self.ask.lot_code:
            return False
        return lot.expires_on is None or (lot.expires_on - arrives_on).days >= self.ask.min_life_days

    def steps(
        self, arrives_on: date, *, share: Share = Share.POLICY, without: frozenset[tuple[str, int]] = frozenset()
    ) -> list[Step]:
        """Free units by day, for goods that must still be fresh on a day; some supplies may be left out."""
        is_shared = self.case.rule == SHARED_OWN
        own = [] if is_shared else [Change(self.today, self._mine)]
        own += [
            Change(max(day, self.today), supply.units)
            for supply in self._own
            if (day := self.free_from(supply, share)) is not None and (supply.kind, supply.id) not in without
        ]
        on_hand = sum(lot.units for lot in self.stock.lots if self.is_fit(lot, arrives_on))
        coming = []
        if not self.ask.lot_code:
            for supply in self.stock.supplies:
                day = self.free_from(supply, share)
                if day is not None and (supply.kind, supply.id) not in without:
                    coming.append(Change(day, supply.units))
        steps = free_by_day(
            on_hand + (self._mine if is_shared else 0),
            [*coming, *self.stock.counted(self.today)],
            safety=self.stock.safety,
            today=self.today,
            until=self.today + HORIZON,
        )
        return with_own(steps, own)

    @property
    def supplies(self) -> tuple[Supply, ...]:
        """What is to come that may serve the ask, also what comes for its line alone."""
        return (*self.stock.supplies, *self._own)

    @property
    def _own(self) -> tuple[Supply, ...]:
        line_id = self.ask.line_id
        return tuple(one.supply for one in self.stock.own if one.line_id == line_id) if line_id else ()

    def mine_by(self, day: date) -> int:
        """Units that are the ask's own by a day: committed to it, or on their way for its line alone."""
        days = ((self.free_from(supply), supply.units) for supply in self._own)
        return self._mine + sum(units for on, units in days if on is not None and on <= day)

    @property
    def _mine(self) -> int:
        return self.ask.allocated if self.stock.item_id == self.ask.item_id else 0

    def work(self, units: int, ships_on: date) -> Work:
        """What picking so many units asks of the house."""
        in_face = sum(lot.face for lot in self.stock.lots) + self._mine
        needs_refill = self.stock.has_face and ships_on == self.today and in_face < units
        return Work(self.site.house.policy.seconds_for(units), needs_refill)
