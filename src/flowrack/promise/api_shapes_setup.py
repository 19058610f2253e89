"""Shapes of the promise API for how sites promise: hours, closed days, cut-offs, policy, safety stock, limits."""

from __future__ import annotations

from datetime import date, time

from ninja import Field, Schema

from flowrack.platform.apipages import BigId


class HoursIn(Schema):
    """When a site works on a weekday, 1 = Monday."""

    weekday: int
    opens_at: time
    closes_at: time


class HoursOfSiteIn(Schema):
    """The working week of a site."""

    hours: list[HoursIn] = Field(max_length=50)


class CutOffIn(Schema):
    """The last minute for a carrier's service (0 = any) to a region on weekdays."""

    service_id: int = 0
    at: time
    weekdays: list[int] = Field(default_factory=lambda: [1, 2, 3, 4, 5], max_length=7)
    region: str = Field("", max_length=120)
    transit_days: int | None = Field(None, le=365)


class CutOffsIn(Schema):
    """All cut-offs of a site."""

    cut_offs: list[CutOffIn] = Field(max_length=500)


class ClosedIn(Schema):
    """A day on which the site does not work; without a reason it works after all."""

    on: date
    reason: str = Field("", max_length=80)


class ClosedDaysIn(Schema):
    """Closed days of sites, as a list; days that are not named stay as they are."""

    sites: list[BigId] = Field(max_length=1_000)
    days: list[ClosedIn] = Field(max_length=1_000)
    kept_open: list[ClosedIn] = Field(
        default_factory=list, max_length=1_000, description="holidays that are worked on all the same, by their names"
    )


class HolidayOut(Schema):
    """A public holiday, and whether the site is closed on it already, or works on it all the same."""

    on: date
    name: str
    is_closed: bool
    is_worked_on: bool


class HolidaysOut(Schema):
    """Public holidays of a country, or of a part of it; `regions` are the parts that it has."""

    country: str
    region: str
    regions: list[str]
    days: list[HolidayOut]


class PolicyIn(Schema):
    """How a site promises."""

    counts_at_percent: int = Field(80, le=100)
    unknown_days: int = Field(5, le=1_000)
    shelf_days: int = Field(1, le=1_000)
    inspection_days: int = Field(2, le=1_000)
    line_seconds: int = Field(90, le=86_400)
    hundred_seconds: int = Field(60, le=86_400)
    prepare_minutes: int = Field(15, le=10_000)
    refill_minutes: int = Field(25, le=10_000)
    transit_days: int = Field(1, le=365)
    kinds: list[str] = Field(default_factory=lambda: ["pick", "pack"], max_length=20)


class SafetyRowIn(Schema):
    """Units of an item that are kept back."""

    sku: str = Field(max_length=40)
    units: int = Field(le=1_000_000_000)


class SafetyIn(Schema):
    """Safety stock of items at a site; 0 = none."""

    items: list[SafetyRowIn] = Field(max_length=5_000)


class LimitsIn(Schema):
    """What customers of a tier may hold at a time."""

    tier: str = Field(max_length=1)
    minutes: int = Field(le=100_000)
    most_quotes: int = Field(le=1_000_000)
    most_units: int = Field(le=1_000_000_000)
    extensions: int = Field(1, le=1_000)


class SavedOut(Schema):
    """How many rows are in force now."""

    count: int
