"""Which service takes goods: hard filters, then the least landed cost with a price on lateness. Pure and replayable.

Every service that was looked at is an option of the answer, the rejected ones with the reason. Ties go to the earlier
arrival, then to the lower freight, then to the older service.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from flowrack.carriers.rules_live import Live, Source
from flowrack.carriers.rules_rates import (
    Charge,
    ChargeKind,
    Destination,
    Hazard,
    Parcel,
    Price,
    Tariff,
    price,
    too_heavy,
    zone_of,
)

DAY = timedelta(days=1)
ZERO = Decimal(0)
ANY_SERVICE = 0


class Why(StrEnum):
    """Why a service does not take the goods; "" = it could."""

    NONE = ""
    NO_CARD = "no_card"
    GUIDE = "guide"
    ZONE = "zone"
    HAZARD = "hazard"
    SIZE = "size"
    WEIGHT = "weight"
    PALLETS = "pallets"
    SERVICE_DAY = "service_day"
    CUT_OFF = "cut_off"
    CARRIER = "carrier"


LATE = (Why.CUT_OFF, Why.SERVICE_DAY)  # what would only be too late
# What a person may set aside with a reason: rules of customers and of the clock, never those of safety or of the card.
MAY_OVERRIDE = frozenset({Why.NONE, Why.GUIDE, Why.PALLETS, *LATE})


class GuideRule(StrEnum):
    """What a customer's routing guide says of a service."""

    ALLOWED = "allowed"
    REQUIRED = "required"
    BARRED = "barred"


class Guide(NamedTuple):
    """A line of a customer's routing guide; with an account the customer pays the freight himself."""

    service_id: int
    rule: GuideRule
    account: str = ""


class Departure(NamedTuple):
    """A day on which goods of the site leave with a service, and until when they must be there, by the site's clock."""

    on: date
    cut_off: time


@dataclass(frozen=True, slots=True)
class Case:
    """Goods for one place: all that the choice is made from, besides the tariffs. Times are the site's own clock."""

    site_id: int
    origin_country: str
    to: Destination
    parcels: tuple[Parcel, ...]
    ready_at: datetime
    leaves_by: date | None = None
    arrives_by: date | None = None
    late_day_cost: Decimal = ZERO
    guides: tuple[Guide, ...] = ()
    departures: Mapping[int, tuple[Departure, ...]] = field(default_factory=dict)  # by service; 0 = any other
    live: Mapping[int, Live] = field(default_factory=dict)  # by service, of carriers that are asked


@dataclass(frozen=True, slots=True)
class Option:
    """A service as it was looked at: why not, or what it costs and when it brings the goods."""

    service_id: int
    card_id: int
    carrier: str
    name: str
    why: Why
    words: str
    price: Price | None = None
    penalty: Decimal = ZERO
    account: str = ""
    guide: str = ""
    leaves: Departure | None = None
    missed: Departure | None = None
    arrives_on: date | None = None
    days_late: int = 0
    is_last_resort: bool = False
    source: Source = Source.CARD
    live: Live | None = None
    closed: tuple[date, ...] = ()  # holidays of the carrier from when the goods are ready until they arrive

    @property
    def freight(self) -> Decimal:
        """What the house pays the carrier: nothing on the customer's account."""
        return ZERO if self.price is None or self.account else self.price.total

    @property
    def cost(self) -> Decimal:
        """What the choice compares: freight and the price of lateness."""
        return self.freight + self.penalty


@dataclass(frozen=True, slots=True)
class Choice:
    """The options, the best first and then the rejected ones; the chosen one, if any, is the first."""

    options: tuple[Option, ...]
    is_chosen: bool

    @property
    def chosen(self) -> Option | None:
        """The service that takes the goods."""
        return self.options[0] if self.is_chosen else None


def choose(case: Case, tariffs: Sequence[Tariff]) -> Choice:
    """The service for the goods, with every other and why it is not.

    What would only be late is kept for the case that nothing else is left: late is better than not at all.
    """
    looked = [look_at(case, tariff) for tariff in sorted(tariffs, key=lambda one: one.service_id)]
    able = [one for one in looked if one.why == Why.NONE]
    if not able:
        able = [_as_last_resort(one) for one in looked if one.why in LATE and one.leaves]
    ranked = sorted(able, key=rank)
    names = {one.service_id for one in ranked}
    rest = sorted((one for one in looked if one.service_id not in names), key=lambda one: (one.why, one.service_id))
    return Choice((*ranked, *rest), bool(ranked))


def rank(option: Option) -> tuple[Decimal, date, Decimal, int]:
    """The least landed cost first."""
    return option.cost, option.arrives_on or date.max, option.freight, option.service_id


def _as_last_resort(one: Option) -> Option:
    return replace(one, why=Why.NONE, words=f"nothing is in time: {one.words}", is_last_resort=True)


def look_at(case: Case, tariff: Tariff) -> Option:
    """One service for the goods: the first filter that it does not pass, or its cost and days."""
    guide, account, barred = _guide(case.guides, tariff)
    blank = Option(
        tariff.service_id, tariff.card_id, tariff.carrier, tariff.name, Why.GUIDE, barred, guide=guide, account=account
    )
    if barred:
        return blank
    zone = zone_of(tariff.lanes, case.site_id, case.origin_country, case.to)
    refused = _does_not_take(case, tariff) or _does_not_go(case, tariff, zone)
    if refused is not None:
        return replace(blank, why=refused[0], words=refused[1])
    live = case.live.get(tariff.service_id)
    if live is not None:
        blank = replace(blank, source=Source.FALLBACK if live.missing else Source.LIVE, live=live)
        if live.refused:
            return replace(blank, why=Why.CARRIER, words=f"the carrier says: {live.refused}")
    leaves, missed = first_departure(case, tariff)
    if leaves is None:
        known = (Why.CUT_OFF, f"its cut-off {_at(missed)} is missed, and no later day is known") if missed else None
        why, words = known or (Why.SERVICE_DAY, "goes on no day on which the site sends goods")
        return replace(blank, why=why, words=words, missed=missed)
    cost = _priced(case, tariff, zone, leaves.on, live)
    if cost is None:
        words = too_heavy(tariff, zone, case.parcels)
        return replace(blank, why=Why.WEIGHT, words=words, leaves=leaves, missed=missed)
    days = tariff.days.get(zone, 1) if live is None or live.days is None else live.days
    arrives_on = after_days(leaves.on, days, tariff.delivers_on, tariff.closed)
    days_late = max((arrives_on - case.arrives_by).days, 0) if case.arrives_by else 0
    why, words = _when(case, leaves, missed, arrives_on, days_late)
    words += _of_live(live)
    return replace(
        blank, why=why, words=words, price=cost, penalty=case.late_day_cost * days_late, leaves=leaves, missed=missed,
        arrives_on=arrives_on, days_late=days_late,
        closed=tuple(day for day in tariff.closed if case.ready_at.date() <= day <= arrives_on),
    )  # fmt: skip


def _priced(case: Case, tariff: Tariff, zone: str, on: date, live: Live | None) -> Price | None:
    """What the carrier itself asks, else what its rate card says; None when the goods are heavier than that knows."""
    by_card = price(tariff, zone, case.parcels, case.to, on)
    if live is None or live.total is None:
        return by_card
    return Price(
        zone, by_card.billable_g if by_card else 0, (Charge(ChargeKind.FREIGHT, "as the carrier answered", live.total),)
    )


def _of_live(live: Live | None) -> str:
    """Where the price comes from, when the carrier is one that is asked."""
    if live is None:
        return ""
    return f"; by the rate card, for {live.missing}" if live.missing else "; at the price that the carrier gave"


def _when(case: Case, leaves: Departure, missed: Departure | None, arrives_on: date, days_late: int) -> tuple[Why, str]:
    """Whether leaving then is in time: what leaves after its day and arrives late is out while others can go."""
    late = f"{days_late} {'day' if days_late == 1 else 'days'} late"
    if days_late and case.leaves_by is not None and leaves.on > case.leaves_by:
        if missed is not None:
            return Why.CUT_OFF, f"misses its cut-off {_at(missed)}: would arrive {late}"
        return Why.SERVICE_DAY, f"does not go before {leaves.on:%a %d %b}: would arrive {late}"
    return Why.NONE, f"arrives {arrives_on:%a %d %b}" + (f", {late}" if days_late else "")


def _does_not_go(case: Case, tariff: Tariff, zone: str) -> tuple[Why, str] | None:
    if zone and zone in tariff.breaks:
        return None
    return Why.ZONE, f"does not go to {case.to.country} {case.to.postcode}".strip()


def _guide(guides: Sequence[Guide], tariff: Tariff) -> tuple[str, str, str]:
    """What the customer's routing guide says of a service, the account, and why it is out ("" = it is not)."""
    mine = next((one for one in guides if one.service_id == tariff.service_id), None)
    required = [one for one in guides if one.rule == GuideRule.REQUIRED]
    allowed = [one for one in guides if one.rule == GuideRule.ALLOWED]
    rule, account = (str(mine.rule), mine.account) if mine else ("", "")
    if mine and mine.rule == GuideRule.BARRED:
        return rule, account, "the customer bars it"
    if required and (mine is None or mine.rule != GuideRule.REQUIRED):
        return rule, account, "the customer requires another service"
    if not required and allowed and mine is None:
        return rule, account, "not among the services that the customer allows"
    return rule, account, ""


def _does_not_take(case: Case, tariff: Tariff) -> tuple[Why, str] | None:
    """The first thing about the goods that the service does not take."""
    for n, parcel in enumerate(case.parcels, 1):
        for hazard in parcel.hazards:
            if not takes(tariff, hazard):
                by = " by air" if tariff.mode == "air" else ""
                return Why.HAZARD, f"does not take class {hazard}{by} (parcel {n})"
        if 0 < tariff.max_length_mm < parcel.length_mm:
            return Why.SIZE, f"parcel {n} is {parcel.length_mm:,} mm long, it takes {tariff.max_length_mm:,}"
        if 0 < tariff.max_girth_mm < parcel.girth_mm:
            return Why.SIZE, f"length and girth of parcel {n} are {parcel.girth_mm:,} mm, it takes " + (
                f"{tariff.max_girth_mm:,}"
            )
        if 0 < tariff.max_parcel_g < parcel.weight_g:
            return Why.WEIGHT, f"parcel {n} weighs {parcel.weight_g:,} g, it takes {tariff.max_parcel_g:,}"
    pallets = sum(parcel.is_pallet for parcel in case.parcels)
    if pallets < tariff.min_pallets:
        return Why.PALLETS, f"takes {tariff.min_pallets} pallets or more, these are {pallets}"
    return None


def takes(tariff: Tariff, hazard: Hazard) -> bool:
    """Whether the service takes a hazard: the class in full covers its divisions and limited quantities of it."""
    names = {hazard.hazard, hazard.hazard[:1]}
    return any(one.hazard in names and (not one.is_limited or hazard.is_limited) for one in tariff.takes)


def _days(case: Case, tariff: Tariff) -> list[Departure]:
    """The days on which both the site sends goods with the service and the service goes."""
    days = case.departures.get(tariff.service_id, case.departures.get(ANY_SERVICE, ()))
    return sorted(day for day in days if day.on.isoweekday() in tariff.goes_on and day.on not in tariff.closed)


def first_departure(case: Case, tariff: Tariff) -> tuple[Departure | None, Departure | None]:
    """The first departure that the goods catch, the dock's minutes included, and the last one that they miss."""
    missed = None
    for day in _days(case, tariff):
        if case.ready_at + timedelta(minutes=tariff.dock_minutes) <= datetime.combine(day.on, day.cut_off):
            return day, missed
        missed = day
    return None, missed


def after_days(start: date, days: int, delivers_on: Sequence[int], closed: Collection[date] = ()) -> date:
    """The day on which goods arrive that are so many days of delivery on the way; none of them is a closed one."""
    assert delivers_on, "a service delivers on some weekday"
    day = start
    while days > 0:
        day += DAY
        days -= day.isoweekday() in delivers_on and day not in closed
    return day


def _at(day: Departure) -> str:
    return f"{day.cut_off:%H:%M} on {day.on:%a %d %b}"
