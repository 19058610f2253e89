"""What parcels would cost by the cards in force or by the drafts: a question that writes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from flowrack.carriers import queries, rules_try
from flowrack.carriers.rules_choice import ANY_SERVICE, Case, Departure, choose
from flowrack.carriers.rules_rates import Destination, Hazard, Parcel, Tariff
from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotFound

WEEKS = 3
END_OF_DAY = time(23, 59)


class SiteOf(NamedTuple):
    """A site from which goods leave."""

    id: int
    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Tried:
    """Equal parcels for a place. Sides 0 or missing: nobody measured them. `drafts`: by drafts where there are any."""

    site: int | str
    country: str
    leaves: datetime
    weight_g: int
    postcode: str = ""
    region: str = ""
    is_residential: bool = False
    parcels: int = 1
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    hazard: str = ""
    is_limited: bool = False
    drafts: bool = False


class TriedRow(NamedTuple):
    """What a service would cost, or why it does not take the parcels."""

    service_id: int
    carrier: str
    name: str
    card_id: int
    version: int
    zone: str
    billable_g: int
    price: Decimal | None
    parts: str
    arrives_on: date | None
    why: str


def sites() -> list[SiteOf]:
    """Sites in use. One query."""
    rows = sql.fetch_all("SELECT id, name, country FROM locations_site WHERE is_active ORDER BY code")
    return [SiteOf(*row) for row in rows]


def tried(asked: Tried) -> list[TriedRow]:
    """Every service for the parcels, the cheapest first. About ten queries."""
    site = next((one for one in sites() if one.id == int(asked.site)), None)
    if site is None:
        raise NotFound("There is no such site.", fix="Choose one of the list.")
    sides = (asked.length_mm or 0, asked.width_mm or 0, asked.height_mm or 0)
    bad = rules_try.faults(asked.country, asked.hazard, sides)
    if bad:
        raise Invalid(bad[0].message, lines=bad, fix=bad[0].fix)
    tariffs = _tariffs(asked.leaves.date(), drafts=asked.drafts)
    hazards = (Hazard(asked.hazard.strip(), asked.is_limited),) if asked.hazard.strip() else ()
    parcel = Parcel(asked.weight_g, sides if all(sides) else None, hazards)
    days = [asked.leaves.date() + timedelta(days=n) for n in range(7 * WEEKS)]
    case = Case(
        site_id=site.id,
        origin_country=site.country,
        to=Destination(asked.country.strip().upper(), asked.postcode, asked.region, asked.is_residential),
        parcels=(parcel,) * asked.parcels,
        ready_at=asked.leaves,
        departures={ANY_SERVICE: tuple(Departure(day, END_OF_DAY) for day in days)},
    )
    versions = {tariff.service_id: tariff.version for tariff in tariffs}
    return [
        TriedRow(
            one.service_id, one.carrier, one.name, one.card_id, versions[one.service_id],
            one.price.zone if one.price else "", one.price.billable_g if one.price else 0,
            one.price.total if one.price else None,
            ", ".join(f"{charge.words} {charge.amount:,.2f}" for charge in one.price.charges) if one.price else "",
            one.arrives_on, one.words if one.why else "",
        )
        for one in choose(case, tariffs).options
    ]  # fmt: skip


def _tariffs(on: date, *, drafts: bool) -> list[Tariff]:
    """The tariffs of a day; with `drafts` a carrier's draft in place of what is in force."""
    found = queries.tariffs(on)
    if not drafts:
        return found
    ids = [row[0] for row in sql.fetch_all("SELECT id FROM carriers_ratecard WHERE state = 'draft' ORDER BY id")]
    tried_out = queries.tariffs_of(ids, on=on) if ids else []
    theirs = {tariff.carrier_id for tariff in tried_out}
    return [tariff for tariff in found if tariff.carrier_id not in theirs] + tried_out
