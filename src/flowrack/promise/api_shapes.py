"""Shapes of the promise API."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal

from ninja import Field, Schema

from flowrack.platform.apipages import BigId
from flowrack.promise import reasons
from flowrack.promise.queries_ask import Answered
from flowrack.promise.rules_freight import Freight
from flowrack.promise.rules_options import Option, OptionKind, Part

OptionName = Literal["one_day", "split", "substitute"]


class QuestionIn(Schema):
    """What a customer asks: codes, a quantity perhaps of a pack, a day. No site = any; no customer = anybody."""

    customer: str = Field("", max_length=40)
    item: str = Field(max_length=80)
    quantity: Decimal = Field(max_digits=18, decimal_places=6)
    pack: str = Field("", max_length=40)
    wanted_on: date | None = None
    site: str = Field("", max_length=20)
    with_freight: bool = False


class TextIn(Schema):
    """A question in one's own words, such as "40 x 4711 fri acme"."""

    text: str = Field(max_length=200)


class PartOut(Schema):
    """Units that leave one site on one day; `stands_for` units of what was asked."""

    sku: str
    units: int
    stands_for: int
    site: str
    source: str
    on_hand: int
    ships_on: date
    cut_off: time
    service: str
    arrives_on: date
    bound_by: str
    deliveries_in_time: int | None
    deliveries: int | None


class OptionOut(Schema):
    """One way to serve; without parts it is not possible and `why_not` says why."""

    kind: str
    name: str
    is_possible: bool
    parts: list[PartOut]
    ships_on: date | None
    arrives_on: date | None
    days_late: int
    half_by: date | None
    nine_tenths_by: date | None
    confidence: str
    bound_by: str
    needs_consent: bool
    same_as: str | None
    from_one_site_on: date | None = None  # where several sites are sooner: when the best of them alone has all of it
    why_not: str
    sites: int = Field(0, description="how many sites send it")
    split_cost: Decimal = Field(Decimal(0), description="what it costs that several do, by the company's rules")


class AnswerOut(Schema):
    """The answer: the news, the options, and what was left out."""

    sku: str
    units: int
    wanted_on: date | None
    news: str
    sentence: str
    options: list[OptionOut]
    alert: str
    records: list[str]
    not_considered: list[str]
    freight: dict[str, Freight] = Field(default_factory=dict)  # by kind of option, where it was asked for


def part_out(part: Part) -> dict[str, Any]:
    """A part as the API shows it."""
    return {
        "sku": part.sku,
        "units": part.units,
        "stands_for": part.stands_for,
        "site": part.site,
        "source": reasons.source_of(part),
        "on_hand": part.on_hand,
        "ships_on": part.ships_on,
        "cut_off": part.cut_off,
        "service": part.service,
        "arrives_on": part.arrives_on,
        "bound_by": reasons.bound_words(part.bound),
        "deliveries_in_time": part.chance.there if part.chance else None,
        "deliveries": part.chance.of if part.chance else None,
    }


def option_out(found: Answered, option: Option) -> dict[str, Any]:
    """An option as the API shows it."""
    return {
        "kind": option.kind,
        "name": reasons.NAMES[OptionKind(option.kind)],
        "is_possible": bool(option.parts),
        "parts": [part_out(part) for part in option.parts],
        "ships_on": option.ships_on,
        "arrives_on": option.arrives_on,
        "days_late": option.days_late,
        "half_by": option.p50,
        "nine_tenths_by": option.p90,
        "confidence": reasons.confidence(option, found.case) if option.parts else "",
        "bound_by": reasons.bound_words(option.bound) if option.bound else "",
        "needs_consent": option.needs_consent,
        "same_as": option.same_as,
        "from_one_site_on": option.alone.arrives_on if option.alone else None,
        "why_not": "" if option.parts else reasons.not_possible(found.answer.ask, option),
        "sites": len({part.site_id for part in option.parts}),
        "split_cost": found.cost_of_split(option),
    }


def answer_out(found: Answered) -> dict[str, Any]:
    """An answer as the API shows it."""
    ask = found.answer.ask
    news, sentence = reasons.headline(found.answer)
    return {
        "sku": ask.sku,
        "units": ask.units,
        "wanted_on": ask.wanted_on,
        "news": news,
        "sentence": sentence,
        "options": [option_out(found, option) for option in found.answer.options],
        "alert": reasons.alert(found.answer.overload) if found.answer.overload else "",
        "records": reasons.records_used(found.case, found.answer),
        "not_considered": found.left_out(),
    }


class AvailabilityIn(Schema):
    """Items by SKU, at a site (none = all sites together, each on its own line)."""

    items: list[str] = Field(max_length=1_000)
    site: str = Field("", max_length=20)


class StepOut(Schema):
    """From this day on so many units are free."""

    on: date
    free: int


class AvailabilityRowOut(Schema):
    """Free units of an item at a site over time, and what is kept back. The last step holds to the horizon."""

    sku: str
    site: str
    free_now: int
    safety: int
    steps: list[StepOut]


class AvailabilityOut(Schema):
    """Items in the order of the request, by site; `unknown` are codes that no item has."""

    rows: list[AvailabilityRowOut]
    unknown: list[str]


class QuoteIn(QuestionIn):
    """Hold an option. `override` says why a day that is full is promised all the same."""

    option: OptionName = "one_day"
    override: str = Field("", max_length=200)


class QuotePlacedOut(Schema):
    """The quote that now holds the units, and until when."""

    quote_id: int
    number: str
    expires_at: datetime
    ships_on: date
    arrives_on: date
    units: int
    on_hand_units: int


class ReasonIn(Schema):
    """Why."""

    reason: str = Field("", max_length=200)


class TakeIn(Schema):
    """The order line that the quote becomes the promise of; and, where the quote cannot be kept any more, the new day
    of leaving that the customer takes."""

    line_id: BigId
    new_day: date | None = None


class OrderQuoteIn(Schema):
    """The customer's reference for the order; empty = none. Where the quote cannot be kept any more: the new day of
    leaving that the customer takes."""

    reference: str = Field("", max_length=60)
    new_day: date | None = None


class QuoteOrderOut(Schema):
    """An order that a quote became."""

    order_id: int
    number: str
    line_ids: list[int]


class QuoteOrderedOut(Schema):
    """The orders that a quote became, one for each site, and how many units of stock they have of it."""

    quote_id: int
    orders: list[QuoteOrderOut]
    units: int


class QuoteEndedOut(Schema):
    """The quotes that ended, and how many units they held from stock."""

    quote_ids: list[int]
    units: int


class QuoteExtendedOut(Schema):
    """Until when the quote holds now, and how often it may still be extended."""

    quote_id: int
    number: str
    expires_at: datetime
    extensions_left: int


class QuoteOut(Schema):
    """A quote in a list; `doubt` says why an open one cannot be kept any more, `can_ship_on` when all of it can leave
    then (none: nobody can say)."""

    id: int
    number: str
    state: str
    doubt: str
    can_ship_on: date | None
    customer_code: str
    customer: str
    sku: str
    units: int
    from_stock: int
    option: str
    ships_on: date
    arrives_on: date
    placed_by: str
    placed_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    order: str
    sentence: str


class LinePromiseOut(Schema):
    """What an order line is promised: the first day ever told and the latest, both days of leaving, and why."""

    line_id: int
    order: str
    sku: str
    units: int
    waiting: int
    allocated: int
    shipped: int
    first_ships_on: date | None
    ships_on: date | None
    arrives_on: date | None
    promised_at: datetime | None
    why: str


class MoveIn(Schema):
    """A new day for a line; none = the earliest possible."""

    line_id: BigId
    ships_on: date | None = None


class MovesIn(Schema):
    """Tell customers other days, and why."""

    lines: list[MoveIn] = Field(max_length=500)
    reason: str = Field(max_length=200)


class LinePromisedOut(Schema):
    """The day on which a line is to leave, and when it arrives."""

    line_id: int
    ships_on: date | None
    arrives_on: date | None


class LinesPromisedOut(Schema):
    """The promises that were given."""

    lines: list[LinePromisedOut]
