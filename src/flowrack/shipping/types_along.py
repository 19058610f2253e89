"""The words of trucks that devices have along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from flowrack.shared.errors import FlowrackError

HOLDS_FOR = timedelta(hours=1)  # for so long a device has a truck along, unless it asks again


class HoldEnd(StrEnum):
    """How a device's hold of a truck ended before its time."""

    TAKEN_BACK = "taken_back"
    CLOSED = "closed"
    CALLED_OFF = "called_off"


@dataclass(frozen=True, slots=True)
class TakeLoadsAlong:
    """A device takes trucks along, or keeps them for another hour."""

    site_id: int
    load_ids: list[int]


@dataclass(frozen=True, slots=True)
class LoadsTaken:
    """The trucks that the device has along now."""

    load_ids: list[int]


@dataclass(frozen=True, slots=True)
class TakeBackLoad:
    """A device's hold of a truck ends: what it has not sent by now goes before a person."""

    load_id: int
    device: str


@dataclass(frozen=True, slots=True)
class LoadTakenBack:
    """The truck, and the device that had it along."""

    load_id: int
    device: str


@dataclass(frozen=True, slots=True)
class AlongOn:
    """A device that has a truck along, whose it is, since when and until when it is held for it."""

    load_id: int
    load: str
    device: str
    person: str
    since: datetime
    until: datetime


class NotAlong(FlowrackError):
    """The device does not have the truck along."""

    code = "not_along"


class TakenBackFrom(FlowrackError):
    """The truck was taken back from the device before its scan came in."""

    code = "taken_back_from"
