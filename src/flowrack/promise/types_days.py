"""Closed days of sites as a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class ClosedOn:
    """A day on which nobody works, and why; without a reason it is worked on after all."""

    on: date
    reason: str


@dataclass(frozen=True, slots=True)
class SetClosedDays:
    """Closed days of sites at once; others stay as they are. `kept_open` are holidays, by name, that are worked on: at
    all of the sites, or only at `kept_open_at`."""

    site_ids: list[int]
    days: list[ClosedOn]
    kept_open: list[ClosedOn] = field(default_factory=list)
    kept_open_at: list[int] = field(default_factory=list)
