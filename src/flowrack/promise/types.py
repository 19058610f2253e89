"""What promise is asked, answers and tells: questions, quotes, promises of lines, set-up, events and refusals."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from flowrack.sales.types import EnteredOrder
from flowrack.shared.errors import FlowrackError, Invalid, NotFound

PROMISED = "promise.line"
QUOTE = "promise.quote"
RULE = "promise/3"
TIERS = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class Question:
    """What a customer asks, as it is written: codes, a quantity perhaps of a pack, a day. Site 0 = any site.

    `no_day` was written as a day and stands in no calendar; `typed` is the quantity as a person typed it, if one did.
    """

    customer: str
    item: str
    quantity: Decimal
    pack: str = ""
    wanted_on: date | None = None
    site_id: int = 0
    no_day: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True)
class PlaceQuote:
    """Hold an option for the customer. `override` says why a day that is full is promised all the same."""

    question: Question
    option: str
    override: str = ""


@dataclass(frozen=True, slots=True)
class ExtendQuote:
    """Hold a quote for the minutes of the customer's tier once more, from now on."""

    quote_id: int


@dataclass(frozen=True, slots=True)
class QuoteExtended:
    """Until when the quote holds now, and how often it may still be extended."""

    quote_id: int
    number: str
    expires_at: datetime
    extensions_left: int


@dataclass(frozen=True, slots=True)
class QuotePlaced:
    """The quote that now holds the units, and until when."""

    quote_id: int
    number: str
    expires_at: datetime
    ships_on: date
    arrives_on: date
    units: int
    on_hand_units: int


@dataclass(frozen=True, slots=True)
class EndQuote:
    """A quote that is not wanted any more."""

    quote_id: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ExpireQuotes:
    """Give the units of quotes back whose time is over."""


@dataclass(frozen=True, slots=True)
class TakeQuote:
    """The quote becomes the promise of an order line, which gets its units. `new_day` as in OrderQuote."""

    quote_id: int
    line_id: int
    new_day: date | None = None


@dataclass(frozen=True, slots=True)
class OrderQuote:
    """Enter the orders for what a quote holds, under the customer's reference, and give them its units.

    `new_day` is the day on which the last of it leaves by now, where the day of the quote cannot be kept any more and
    the customer takes the new one.
    """

    quote_id: int
    reference: str = ""
    new_day: date | None = None


@dataclass(frozen=True, slots=True)
class WatchQuotes:
    """Look whether open quotes can still be kept, for what moved."""

    quote_ids: list[int]
    cause: str = ""


@dataclass(frozen=True, slots=True)
class QuotesWatched:
    """The quotes that cannot be kept any more since now, and those that can again."""

    at_risk: list[int]
    fine: list[int]


@dataclass(frozen=True, slots=True)
class QuoteOrdered:
    """The orders that the quote became, one for each site, and how many units of stock they have of it."""

    quote_id: int
    orders: list[EnteredOrder]
    units: int


@dataclass(frozen=True, slots=True)
class QuoteEnded:
    """The quotes that ended, and how many units they held from stock."""

    quote_ids: list[int]
    units: int


@dataclass(frozen=True, slots=True)
class PromiseLines:
    """Give order lines their promise. `only_first`: those alone that have none, where somebody can say one. With a
    `letter`, the reason, a letter is drafted for the customer of each line whose promise moves to another day."""

    line_ids: list[int]
    only_first: bool = False
    letter: str = ""


@dataclass(frozen=True, slots=True)
class LinePromised:
    """The day on which a line is to leave (None: nobody can say), and when it arrives."""

    line_id: int
    ships_on: date | None
    arrives_on: date | None


@dataclass(frozen=True, slots=True)
class LinesPromised:
    """The promises that were given."""

    lines: list[LinePromised]


@dataclass(frozen=True, slots=True)
class MovePromise:
    """A new day for a line; None = the earliest possible. Where a day was shown for it before, another is refused."""

    line_id: int
    ships_on: date | None = None
    seen_on: date | None = None


@dataclass(frozen=True, slots=True)
class MovePromises:
    """Tell customers other days, and why."""

    lines: list[MovePromise]
    reason: str


@dataclass(frozen=True, slots=True)
class HoursOf:
    """When a site works on a weekday, 1 = Monday."""

    weekday: int
    opens_at: time
    closes_at: time


@dataclass(frozen=True, slots=True)
class SetHours:
    """The working week of a site; no rows = Monday to Friday, 8 to 17."""

    site_id: int
    hours: list[HoursOf]


@dataclass(frozen=True, slots=True)
class SetClosed:
    """A day on which a site does not work, or (without a reason) works after all."""

    site_id: int
    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class RenewDays:
    """Work out anew by when open orders must leave."""


@dataclass(frozen=True, slots=True)
class CutOffOf:
    """The last minute for a carrier's service (0 = any) to a region ("" = any) on weekdays, and its days on the way."""

    service_id: int
    at: time
    weekdays: list[int] = field(default_factory=lambda: [1, 2, 3, 4, 5])
    region: str = ""
    transit_days: int | None = None


@dataclass(frozen=True, slots=True)
class SetCutOffs:
    """All cut-offs of a site."""

    site_id: int
    cut_offs: list[CutOffOf]


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """How a site promises; see rules_house.Policy for the meaning and units of each."""

    site_id: int
    counts_at_percent: int = 80
    unknown_days: int = 5
    shelf_days: int = 1
    inspection_days: int = 2
    line_seconds: int = 90
    hundred_seconds: int = 60
    prepare_minutes: int = 15
    refill_minutes: int = 25
    transit_days: int = 1
    kinds: list[str] = field(default_factory=lambda: ["pick", "pack"])


@dataclass(frozen=True, slots=True)
class SafetyOf:
    """Units of an item that are kept back at a site; 0 = none."""

    item_id: int
    units: int


@dataclass(frozen=True, slots=True)
class SetSafety:
    """Safety stock of items at a site, and why it becomes another."""

    site_id: int
    items: list[SafetyOf]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SetQuoteLimits:
    """What customers of a tier may hold at a time, for how long, and how often a quote may last so long once more."""

    tier: str
    minutes: int
    most_quotes: int
    most_units: int
    extensions: int = 1


@dataclass(frozen=True, slots=True)
class Saved:
    """How many rows are in force now."""

    count: int


@dataclass(frozen=True, slots=True)
class Learn:
    """Read anew how late suppliers deliver, and what work is promised."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Suppliers with deliveries on record, and sites with work."""

    suppliers: int
    sites: int


@dataclass(frozen=True, slots=True)
class LinesPromisedEvent:
    """Event: order lines got a promise."""

    line_ids: list[int]
    kind: str = "promise.lines_promised"


@dataclass(frozen=True, slots=True)
class PromisesMoved:
    """Event: the promise of lines moved to other days."""

    line_ids: list[int]
    reason: str
    kind: str = "promise.promises_moved"


@dataclass(frozen=True, slots=True)
class QuoteEndedEvent:
    """Event: a quote was taken, released or lapsed; `freed` are items by site of which stock is free again."""

    quote_ids: list[int]
    state: str
    freed: dict[int, list[int]]
    kind: str = "promise.quote_ended"


@dataclass(frozen=True, slots=True)
class QuotesAtRisk:
    """Event: open quotes cannot be kept any more; told once, until they can again."""

    quote_ids: list[int]
    kind: str = "promise.quotes_at_risk"


class AskRefused(Invalid):
    """The question makes no sense; every fault is named."""

    code = "ask_refused"


class NoSuchOption(FlowrackError):
    """The option is not possible, or not any more."""

    code = "no_such_option"


class QuoteLimit(FlowrackError):
    """The customer holds as much as his tier may."""

    code = "quote_limit"


class QuoteOver(FlowrackError):
    """The quote was taken, released or has lapsed."""

    code = "quote_over"


class QuoteChanged(FlowrackError):
    """The days of the quote cannot be kept any more."""

    code = "quote_changed"


class QuoteNotFound(NotFound):
    """There is no such quote."""

    code = "quote_not_found"


class LineDoesNotFit(FlowrackError):
    """The line wants something else than the quote holds."""

    code = "line_does_not_fit"


class OverCapacity(FlowrackError):
    """The day is full."""

    code = "over_capacity"


class BadSetup(Invalid):
    """Values that make no sense; every bad field is named."""

    code = "bad_setup"
