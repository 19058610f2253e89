"""Bookings with carriers' own systems: what an address must say, why a price is another, when a call comes again.

Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from flowrack.carriers.rules_live import Outcome, Source
from flowrack.carriers.rules_rates import Destination, Parcel

# Countries that use no postcodes, as the Universal Postal Union lists them.
WITHOUT_POSTCODE = (
    "AE AG AO AW BF BI BJ BO BS BW BZ CD CF CG CI CK CM DJ DM ER FJ GA GD GH GM GQ GY HK JM KI KM KN KP ML MO MR MW NR "
    "NU QA RW SB SC SL SR ST TD TG TK TL TO TT TV UG VU YE ZW"
)
LONGEST = timedelta(hours=1)


class Ends(StrEnum):
    """How far the end of a booking is; empty = it is not called off."""

    LIVE = ""
    WAITING = "waiting"
    ENDED = "ended"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Consignee:
    """Who gets goods, and where."""

    name: str
    lines: tuple[str, ...]
    city: str
    to: Destination


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a choice expected: the freight of the house, by whom it was priced, and for what."""

    freight: Decimal
    source: Source
    parcels: tuple[Parcel, ...]
    to: Destination
    account: str = ""


def lacking(one: Consignee) -> list[str]:
    """What a carrier needs and the address does not say, in plain words."""
    found = [
        ("a street", bool(one.lines)), ("a town", bool(one.city.strip())), ("a country", bool(one.to.country)),
        ("a postcode", bool(one.to.postcode.strip()) or one.to.country in WITHOUT_POSTCODE.split()),
    ]  # fmt: skip
    return [what for what, is_there in found if not is_there]


def price_words(total: Decimal | None, chosen: Sequence[Chosen], parcels: Sequence[Parcel], to: Destination) -> str:
    """Why the booked price is not the one by which the service was chosen; "" where it is."""
    if total is None:
        return "the carrier named no price"
    if not chosen or total == sum(one.freight for one in chosen):
        return ""
    then = [parcel for one in chosen for parcel in one.parcels]
    is_live = any(one.source == Source.LIVE for one in chosen)
    found = [
        (any(one.account for one in chosen), "the customer pays the carrier himself"),
        (_size(then) != _size(parcels), f"booked {_goods(parcels)}, chosen for {_goods(then)}"),
        (len(chosen) > 1, f"chosen as {len(chosen)} shipments, booked as one"),
        (chosen[0].to != to, "the address is another than when it was chosen"),
        (is_live, "the carrier asks another price than when it was chosen"),
        (True, "the carrier asks another price than his rate card says"),
    ]
    return next(words for is_so, words in found if is_so)


def _size(parcels: Sequence[Parcel]) -> tuple[int, int]:
    return len(parcels), sum(one.weight_g for one in parcels)


def _goods(parcels: Sequence[Parcel]) -> str:
    count, weight_g = _size(parcels)
    return f"{count:,} parcel{'' if count == 1 else 's'} of {weight_g / Decimal(1_000):,.1f} kg"


def ends_after(outcome: str) -> Ends:
    """What came of a call that calls a booking off: who refuses is not asked again, who did not answer is."""
    if outcome == Outcome.OK:
        return Ends.ENDED
    return Ends.REFUSED if outcome == Outcome.REFUSED else Ends.WAITING


def again_at(tries: int, now: datetime) -> datetime:
    """When a call that failed so often is made again: after a minute, then twice as long each time, an hour at most."""
    return now + min(timedelta(minutes=1 << min(tries - 1, 10)), LONGEST)
