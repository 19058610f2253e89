"""Reads of what was chosen: the latest for orders, one choice with its options, and the same choice made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple

from flowrack.carriers import queries
from flowrack.carriers.rules_choice import Case, Departure, Guide, GuideRule, Option, Why, choose
from flowrack.carriers.rules_live import Live, Source
from flowrack.carriers.rules_rates import Destination, Hazard, Parcel, Tariff
from flowrack.carriers.types import ChoiceNotFound
from flowrack.platform import sql

ELSEWHERE = -1  # a service of the guide that no card has


@dataclass(frozen=True, slots=True)
class LatestChoice:
    """The choice that counts for an order."""

    order_id: int
    choice_id: int
    stage: str
    service_id: int | None
    carrier: str
    service: str
    cost: Decimal
    leaves_on: date | None
    leaves_time: time | None
    arrives_on: date | None
    days_late: int
    words: str
    made_at: datetime
    reason: str


def latest_of(order_ids: Sequence[int]) -> dict[int, LatestChoice]:
    """The choices that count for orders; orders without one are left out. One query."""
    rows = sql.fetch_all(
        """
        SELECT x.order_id, c.id, c.stage, c.service_id, coalesce(p.name, ''), coalesce(v.name, ''), c.cost,
               o.leaves_on, o.leaves_time, o.arrives_on, coalesce(o.days_late, 0), coalesce(o.words, ''), c.made_at,
               c.reason
        FROM carriers_choiceorder x JOIN carriers_choice c ON c.id = x.choice_id
        LEFT JOIN carriers_choiceoption o ON o.choice_id = c.id AND o.is_chosen
        LEFT JOIN parties_carrierservice v ON v.id = c.service_id LEFT JOIN parties_party p ON p.id = v.carrier_id
        WHERE x.order_id = ANY(%s::bigint[]) AND x.is_latest
        """,
        (sorted(set(order_ids)),),
    )
    return {row[0]: LatestChoice(*row) for row in rows}


def together_with(order_ids: Sequence[int]) -> list[list[int]]:
    """The orders for which the latest choice of each order was made. One query."""
    rows = sql.fetch_all(
        """
        SELECT array_agg(y.order_id ORDER BY y.order_id)
        FROM carriers_choiceorder y
        WHERE y.is_latest AND y.choice_id IN (
            SELECT x.choice_id FROM carriers_choiceorder x WHERE x.order_id = ANY(%s::bigint[]) AND x.is_latest)
        GROUP BY y.choice_id ORDER BY y.choice_id
        """,
        (sorted(set(order_ids)),),
    )
    return [row[0] for row in rows]


class OptionRow(NamedTuple):
    """A service as it was looked at, for pages and API."""

    rank: int
    service_id: int
    carrier: str
    service: str
    card_id: int
    version: int
    is_chosen: bool
    why: str
    words: str
    is_last_resort: bool
    guide: str
    account: str
    zone: str
    billable_g: int
    price: Decimal | None
    penalty: Decimal
    missed_on: date | None
    missed_time: time | None
    leaves_on: date | None
    leaves_time: time | None
    arrives_on: date | None
    days_late: int
    charges: str
    source: str
    live_days: int | None
    live_words: str
    closed_on: list[date]

    @property
    def freight(self) -> Decimal | None:
        """What the house pays: nothing on the customer's account; None where it was not priced."""
        if self.price is None:
            return None
        return Decimal(0) if self.account else self.price

    @property
    def landed(self) -> Decimal | None:
        """What the choice compared, freight and the price of lateness; None where it was not priced."""
        return None if self.freight is None else self.freight + self.penalty


def options_of(choice_id: int) -> list[OptionRow]:
    """Every service that was looked at, the best first. One query."""
    rows = sql.fetch_all(
        """
        SELECT o.rank, o.service_id, p.name, v.name, o.card_id, k.version, o.is_chosen, o.why, o.words,
               o.is_last_resort, o.guide, o.account, o.zone, o.billable_g, o.price, o.penalty, o.missed_on,
               o.missed_time, o.leaves_on, o.leaves_time, o.arrives_on, o.days_late,
               coalesce((SELECT string_agg(c.words || ' ' || round(c.amount, 2), ', ' ORDER BY c.id)
                         FROM carriers_choicecharge c WHERE c.option_id = o.id), ''),
               o.source, o.live_days, o.live_words, o.closed_on
        FROM carriers_choiceoption o JOIN parties_carrierservice v ON v.id = o.service_id
        JOIN parties_party p ON p.id = v.carrier_id JOIN carriers_ratecard k ON k.id = o.card_id
        WHERE o.choice_id = %s ORDER BY o.rank
        """,
        (choice_id,),
    )
    return [OptionRow(*row) for row in rows]


def in_time_of(choice_ids: Sequence[int]) -> dict[int, str]:
    """For choices: the best carrier and service that would have been in time and was passed over. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT ON (o.choice_id) o.choice_id, p.name || ' ' || v.name
        FROM carriers_choiceoption o JOIN parties_carrierservice v ON v.id = o.service_id
        JOIN parties_party p ON p.id = v.carrier_id
        WHERE o.choice_id = ANY(%s::bigint[]) AND o.why = '' AND NOT o.is_chosen AND NOT o.is_last_resort
          AND o.days_late = 0
        ORDER BY o.choice_id, o.rank
        """,
        (list(choice_ids),),
    )
    return dict(rows)


class ParcelRow(NamedTuple):
    """A parcel as the choice saw it; sides 0 = nobody measured it."""

    number: int
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    hazards: list[str]
    is_pallet: bool


def parcels_of(choice_id: int) -> list[ParcelRow]:
    """The parcels of a choice. One query."""
    rows = sql.fetch_all(
        """
        SELECT number, weight_g, length_mm, width_mm, height_mm, hazards, is_pallet FROM carriers_choiceparcel
        WHERE choice_id = %s ORDER BY number
        """,
        (choice_id,),
    )
    return [ParcelRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class KeptCase:
    """A kept choice as the rule sees it: all that it was given, and what it answered."""

    choice_id: int
    stage: str
    case: Case
    tariffs: list[Tariff]
    options: tuple[Option, ...]
    customer_id: int
    order_ids: list[int]
    lines: int
    wave_id: int | None


def case_of(choice_id: int) -> KeptCase:
    """All that a choice was made from, with the versions of the cards that it used, chosen again. Refuses with
    ChoiceNotFound. About ten queries."""
    head = sql.fetch_one(
        """
        SELECT c.site_id, c.origin_country, c.country, c.postcode, c.region, c.is_residential, c.ready_on, c.ready_time,
               c.leaves_by, c.arrives_by, c.late_day_cost, c.has_required, c.has_allowed, c.customer_id, c.lines,
               c.wave_id, c.stage,
               ARRAY (SELECT o.order_id FROM carriers_choiceorder o WHERE o.choice_id = c.id ORDER BY o.order_id)
        FROM carriers_choice c WHERE c.id = %s
        """,
        (choice_id,),
    )
    if head is None:
        raise ChoiceNotFound("There is no such choice of a carrier.", fix="Open the list of carrier choices.")
    options = options_of(choice_id)
    case = Case(
        site_id=head[0],
        origin_country=head[1],
        to=Destination(head[2], head[3], head[4], head[5]),
        parcels=tuple(_parcel(row) for row in parcels_of(choice_id)),
        ready_at=datetime.combine(head[6], head[7]),
        leaves_by=head[8],
        arrives_by=head[9],
        late_day_cost=head[10],
        guides=_guides(options, has_required=head[11], has_allowed=head[12]),
        departures={one.service_id: _departures(one) for one in options},
        live={one.service_id: live for one in options if (live := _live(one)) is not None},
    )
    closed = {one.service_id: tuple(one.closed_on) for one in options}
    cards = sorted({one.card_id for one in options})
    known = queries.tariffs_of(cards, only_active=False) if cards else []
    tariffs = [replace(t, closed=closed[t.service_id]) for t in known if t.service_id in closed]
    again = choose(case, tariffs).options
    return KeptCase(choice_id, head[16], case, tariffs, again, head[13], head[17], head[14], head[15])


def _parcel(row: ParcelRow) -> Parcel:
    sides = (row.length_mm, row.width_mm, row.height_mm)
    hazards = tuple(Hazard(text.removesuffix(" LQ"), text.endswith(" LQ")) for text in row.hazards)
    return Parcel(row.weight_g, sides if all(sides) else None, hazards, row.is_pallet)


def _guides(options: Sequence[OptionRow], *, has_required: bool, has_allowed: bool) -> tuple[Guide, ...]:
    found = [Guide(one.service_id, GuideRule(one.guide), one.account) for one in options if one.guide]
    rules = {guide.rule for guide in found}
    if has_required and GuideRule.REQUIRED not in rules:
        found.append(Guide(ELSEWHERE, GuideRule.REQUIRED))
    if has_allowed and GuideRule.ALLOWED not in rules:
        found.append(Guide(ELSEWHERE, GuideRule.ALLOWED))
    return tuple(found)


def _live(one: OptionRow) -> Live | None:
    """What the carrier had answered of the service; None where only its card was asked."""
    if one.source == Source.FALLBACK:
        return Live(missing=one.live_words)
    if one.source == Source.LIVE:
        return Live(refused=one.live_words) if one.why == Why.CARRIER else Live(one.price, one.live_days)
    return None


def _departures(one: OptionRow) -> tuple[Departure, ...]:
    pairs = ((one.missed_on, one.missed_time), (one.leaves_on, one.leaves_time))
    return tuple(Departure(on, at) for on, at in pairs if on is not None and at is not None)


def differences(choice_id: int) -> list[str]:
    """What a choice would say otherwise if it were made again from what was kept; nothing = the same answer."""
    kept = case_of(choice_id)
    options = options_of(choice_id)
    names = {one.service_id: f"{one.carrier} {one.service}" for one in options}
    was = {one.service_id: _said(one) for one in options}
    now = {one.service_id: (str(one.why), one.price.total if one.price else None, one.penalty, one.arrives_on)
           for one in kept.options}  # fmt: skip
    if kept.stage == "person":
        chosen = {one.service_id for one in options if one.is_chosen}
        was = {key: said for key, said in was.items() if key not in chosen}
    return [
        f"{names[service_id]}: {_words(was[service_id])} then, {_words(now.get(service_id))} now"
        for service_id in sorted(was)
        if was[service_id] != now.get(service_id)
    ]


def _said(one: OptionRow) -> tuple[Any, ...]:
    return one.why, one.price, one.penalty, one.arrives_on


def _words(said: tuple[Any, ...] | None) -> str:
    """An answer for people: why it is out, or price, lateness and the day of arrival."""
    if said is None:
        return "not asked"
    why, price, penalty, arrives_on = said
    if why or price is None:
        return f"out for its {why.replace('_', ' ')}" if why else "not priced"
    late = f" and {penalty:,.2f} for lateness" if penalty else ""
    return f"{price:,.2f}{late}, arrives {arrives_on:%a} {arrives_on.day} {arrives_on:%b}"
