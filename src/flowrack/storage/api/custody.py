"""Goods that belong to others, for other systems."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from flowrack.locations import queries as places
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.shared.errors import Invalid, NotFound
from flowrack.storage import commands_custody as commands
from flowrack.storage import queries_custody as queries
from flowrack.storage import rules_custody as rules
from flowrack.storage.types_custody import (
    CustodyLine,
    CustodyMoved,
    CustodyRatesSet,
    GiveBack,
    SetCustodyRates,
    TakeIn,
)

MOST_DAYS = 366


class CustodyLineIn(Schema):
    """Units of an item at a place."""

    item: str = Field(max_length=60)
    units: int = Field(ge=1, le=10**12)
    place: str = Field(max_length=40)
    pallet: str = Field("", max_length=40)
    lot: str = Field("", max_length=60)
    expires_on: date | None = None


class CustodyIn(Schema):
    """Goods of another owner that come or leave."""

    site: str = Field(max_length=20)
    owner: str = Field(max_length=40)
    lines: list[CustodyLineIn] = Field(max_length=1000)


class CustodyMovedOut(Schema):
    """The posting, and the units that came or left."""

    posting_id: int
    units: int


class RatesIn(Schema):
    """What an owner is charged from a day on."""

    owner: str = Field(max_length=40)
    valid_from: date
    pallet_day: Decimal = Field(max_digits=14, decimal_places=6)
    pallet_in: Decimal = Field(max_digits=14, decimal_places=6)
    pallet_out: Decimal = Field(max_digits=14, decimal_places=6)


class RatesOut(Schema):
    """The rates that were written."""

    rates_id: int


class StatementDayOut(Schema):
    """A day of the statement; charges are empty where no rates were agreed."""

    on: date
    pallets: int
    units: int
    came: int
    left: int
    storage: Decimal | None
    handling: Decimal | None


class StatementOut(Schema):
    """What an owner is charged for some days at a site."""

    pallet_days: int
    storage: Decimal
    handling: Decimal
    days: list[StatementDayOut]


def _site(code: str) -> int:
    found = {site.code: site.site_id for site in places.sites()}.get(code)
    if found is None:
        raise NotFound(f"There is no site “{code}”.", fix="Use the code of a site.")
    return found


def _lines(body: CustodyIn) -> list[CustodyLine]:
    return [CustodyLine(**line.dict()) for line in body.lines]


def add_custody(router: Router) -> None:
    """Add the endpoints of goods that belong to others."""

    @router.post("/custody/take-in", response=CustodyMovedOut)
    @requires("storage.custody")
    def take_in(request: HttpRequest, body: CustodyIn) -> CustodyMoved:
        """Goods of another owner come into the house."""
        return commands.take_in(context_from(request), TakeIn(_site(body.site), body.owner, _lines(body)))

    @router.post("/custody/give-back", response=CustodyMovedOut)
    @requires("storage.custody")
    def give_back(request: HttpRequest, body: CustodyIn) -> CustodyMoved:
        """Goods of another owner leave with him."""
        return commands.give_back(context_from(request), GiveBack(_site(body.site), body.owner, _lines(body)))

    @router.put("/custody/rates", response=RatesOut)
    @requires("storage.custody_rates")
    def rates_of(request: HttpRequest, body: RatesIn) -> CustodyRatesSet:
        """What an owner is charged from a day on."""
        return commands.set_custody_rates(context_from(request), SetCustodyRates(**body.dict()))

    @router.get("/custody/statement", response=StatementOut)
    @requires("storage.statement")
    def statement(request: HttpRequest, owner: str, site: str, since: date, until: date) -> dict[str, Any]:
        """What an owner's goods are charged, day by day."""
        site_id, caller = _site(site), caller_of(request)
        found = next((one for one in queries.owners() if one.code == owner), None)
        if found is None or caller is None or not caller.may("storage.statement", site_id):
            raise NotFound(f"There is no owner “{owner}” here.", fix="Use the code of an owner.")
        if not 0 <= (until - since).days < MOST_DAYS:
            raise Invalid("A statement is of one day up to a year.", fix="Choose other days.")
        charged = rules.charge(queries.days_of(found.id, site_id, since, until), queries.rates_of(found.id))
        storage, handling = rules.total(charged)
        days = [
            {
                "on": one.day.on, "pallets": one.day.pallets, "units": one.day.units, "came": one.day.came,
                "left": one.day.left, "storage": one.storage, "handling": one.handling,
            }
            for one in charged
        ]  # fmt: skip
        pallet_days = sum(one.day.pallets for one in charged)
        return {"pallet_days": pallet_days, "storage": storage, "handling": handling, "days": days}
