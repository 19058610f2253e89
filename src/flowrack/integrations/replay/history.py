"""Turns an order history into a world and its days: who buys what, when, what comes back and what gets lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from flowrack.integrations.orders.reader import read_days
from flowrack.integrations.orders.rules import SoldBook, cancelled_pairs
from flowrack.integrations.orders.types import Day, Line, LineClass
from flowrack.integrations.replay import rules
from flowrack.integrations.replay.types import (
    ReplayRefused,
    Settings,
    SimCustomer,
    SimDay,
    SimLine,
    SimLoss,
    SimOrder,
    SimReturn,
    World,
)

Seen = TypeVar("Seen", str, Decimal)

COUNTRY_CODES = {
    "United Kingdom": "GB",
    "EIRE": "IE",
    "Germany": "DE",
    "France": "FR",
    "Netherlands": "NL",
    "Spain": "ES",
    "Portugal": "PT",
    "Switzerland": "CH",
    "Belgium": "BE",
    "Sweden": "SE",
    "Denmark": "DK",
    "Norway": "NO",
    "Finland": "FI",
    "Italy": "IT",
    "Austria": "AT",
    "Poland": "PL",
    "Greece": "GR",
    "Cyprus": "CY",
    "Malta": "MT",
    "Lithuania": "LT",
    "Iceland": "IS",
    "Channel Islands": "JE",
    "USA": "US",
    "Canada": "CA",
    "Brazil": "BR",
    "Australia": "AU",
    "Japan": "JP",
    "Korea": "KR",
    "Singapore": "SG",
    "Thailand": "TH",
    "Hong Kong": "HK",
    "Israel": "IL",
    "Lebanon": "LB",
    "Bahrain": "BH",
    "United Arab Emirates": "AE",
    "Nigeria": "NG",
    "RSA": "ZA",
    "Bermuda": "BM",
}


def country_code(country: str) -> str:
    """The two letters of a country of the history; GB where it says "Unspecified" or something unheard of."""
    return COUNTRY_CODES.get(country.strip(), "GB")


class _Gatherer:
    """Counts over the file what the world is derived from."""

    def __init__(self) -> None:
        self.names: dict[str, Counter[str]] = {}
        self.prices: dict[str, Counter[Decimal]] = {}
        self.value: dict[str, Decimal] = {}
        self.units: Counter[str] = Counter()
        self.first_units: Counter[str] = Counter()
        self.spent: dict[str, Decimal] = {}
        self.countries: dict[str, str] = {}
        self.wanted: set[tuple[str, str]] = set()
        self.worked: set[date] = set()
        self.first_on: date | None = None
        self.last_on: date | None = None

    def add(self, day: Day) -> None:
        """Count one day."""
        on = day.on.date()
        self.first_on = self.first_on or on
        self.last_on = on
        self.worked.add(on)
        self.wanted |= cancelled_pairs(day.lines)
        opening = on < self.first_on + timedelta(days=30)
        for line in day.lines:
            if line.kind is LineClass.SALE:
                self._sale(line, opening)

    def _sale(self, line: Line, opening: bool) -> None:
        raw, sku = line.raw, line.code
        self.names.setdefault(sku, Counter())[" ".join(raw.description.split())] += 1
        self.prices.setdefault(sku, Counter())[raw.price] += 1
        self.value[sku] = self.value.get(sku, Decimal(0)) + raw.value
        self.units[sku] += raw.units
        if opening:
            self.first_units[sku] += raw.units
        if raw.customer:
            self.spent[raw.customer] = self.spent.get(raw.customer, Decimal(0)) + raw.value
            self.countries[raw.customer] = raw.country


def _read(path: Path, from_on: date | None) -> Iterator[Day]:
    for day in read_days(path):
        if from_on is None or day.on.date() >= from_on:
            yield day


def survey_world(path: Path, seed: int, from_on: date | None = None) -> tuple[World, set[tuple[str, str]]]:
    """The world around the file's orders, and the pairs of customer and item that are cancelled in it."""
    seen = _Gatherer()
    for day in _read(path, from_on):
        seen.add(day)
    if seen.first_on is None or seen.last_on is None:  # a file without lines is refused by the reader
        raise ReplayRefused(f"The file has no lines from {from_on} on.", fix="Begin on an earlier day.")
    velocity = rules.velocity_classes(seen.value)
    tier = rules.tiers(seen.spent)
    items = {
        sku: rules.derive_item(
            seed,
            sku=sku,
            name=(_most_common(seen.names[sku]) or sku).capitalize(),
            price=_most_common(seen.prices[sku]),
            velocity=velocity[sku],
            units_first_month=seen.first_units[sku],
            units_in_all=seen.units[sku],
        )
        for sku in sorted(seen.units)
    }
    customers = {
        code: SimCustomer(code, rules.customer_name(code), country_code(seen.countries[code]), tier[code])
        for code in sorted(seen.spent)
    }
    customers[rules.ANONYMOUS] = SimCustomer(rules.ANONYMOUS, "Counter sales (no account)", "GB", "C")
    taken_back, closed = frozenset(seen.wanted), rules.closed_days(seen.worked)
    world = World(items, rules.suppliers(), customers, seen.first_on, seen.last_on, taken_back, closed)
    return world, seen.wanted


def _most_common(counts: Counter[Seen]) -> Seen:
    """The value seen most; of equals the first in order, so that the same file gives the same world."""
    return min(counts, key=lambda value: (-counts[value], value))


def days(
    path: Path, wanted: set[tuple[str, str]], shift_days: int = 0, from_on: date | None = None
) -> Iterator[SimDay]:
    """Each day of the file, moved by whole days; orders by time, returns from cancellations, losses from write-offs."""
    book = SoldBook(wanted)
    for day in _read(path, from_on):
        orders: dict[str, SimOrder] = {}
        returns: list[SimReturn] = []
        losses: list[SimLoss] = []
        unplaced = 0
        for line in day.lines:
            if line.kind is LineClass.SALE:
                book.sell(line)
                _add_to_order(orders, line, shift_days)
            elif line.kind is LineClass.CANCELLATION:
                match = book.cancel(line)
                unplaced += match.unmatched_units
                returns += [
                    SimReturn(line.raw.document, part.document, line.raw.customer, line.code, part.units)
                    for part in match.parts
                ]
            elif line.kind is LineClass.WRITE_OFF:
                losses.append(SimLoss(line.code, line.raw.units, line.raw.description.strip()))
        in_time = sorted(orders.values(), key=lambda o: (o.at, o.reference))
        on = day.on.date() + timedelta(days=shift_days)
        yield SimDay(on, in_time, returns, losses, unplaced)


def shared_out(world: World, day: SimDay, settings: Settings) -> list[SimDay]:
    """The day as each site sees it. What is lost is lost at the first."""

    def number(customer: str, reference: str) -> int:
        known = world.customers.get(customer)
        return rules.site_number(
            settings.seed,
            sites=len(settings.sites),
            home_percent=settings.home_percent,
            country=known.country if known else "GB",
            customer=customer,
            reference=reference,
        )

    parts = [SimDay(day.on, [], [], [], 0) for _ in settings.sites]
    for order in day.orders:
        parts[number(order.customer, order.reference)].orders.append(order)
    for back in day.returns:
        parts[number(back.customer, back.sale)].returns.append(back)
    parts[0].losses.extend(day.losses)
    return parts


def _add_to_order(orders: dict[str, SimOrder], line: Line, shift_days: int) -> None:
    raw = line.raw
    order = orders.get(raw.document)
    if order is None:
        order = orders[raw.document] = SimOrder(
            reference=raw.document,
            customer=raw.customer or rules.ANONYMOUS,
            country=country_code(raw.country),
            at=raw.at + timedelta(days=shift_days),
            lines=[],
        )
    order.lines.append(SimLine(line.code, raw.units, raw.price))


def moved(world: World, shift_days: int) -> World:
    """The same world some days later."""
    by = timedelta(days=shift_days)
    closed = tuple(on + by for on in world.closed)
    return replace(world, first_on=world.first_on + by, last_on=world.last_on + by, closed=closed)
