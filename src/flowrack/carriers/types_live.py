"""What is asked of carriers' own systems and what they answer, and the accounts that say how they are reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from flowrack.shared.errors import FlowrackError, Invalid, NotFound

ACCOUNT = "carriers.account"


@dataclass(frozen=True, slots=True)
class AllowedHost:
    """A host that accounts may name. Inside: in the house's own network, where plain http and private addresses are
    allowed."""

    host: str
    port: int
    is_inside: bool = False


@dataclass(frozen=True, slots=True)
class AccountOf:
    """How a carrier's system is reached. The secret itself is in the environment, under the name that stands here; so
    is the path of a file (PEM) with the authority of its certificate, where that is none which this machine trusts."""

    address: str
    secret_env: str
    currency: str
    account_no: str = ""
    timeout_ms: int = 3_000
    tries: int = 2
    break_after: int = 3
    break_seconds: int = 300
    answer_minutes: int = 60
    ca_env: str = ""


@dataclass(frozen=True, slots=True)
class SaveAccount:
    """The account of a carrier (by code), as it should be; with `is_new` a carrier who has one is refused."""

    carrier: str
    account: AccountOf
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class SwitchAccount:
    """Ask the carrier's system from now on, or do not."""

    account_id: int
    is_on: bool


@dataclass(frozen=True, slots=True)
class AccountSaved:
    """The account."""

    account_id: int
    carrier_id: int
    is_on: bool


@dataclass(frozen=True, slots=True)
class SetHosts:
    """All hosts that accounts may name, in place of those before."""

    hosts: list[AllowedHost]


@dataclass(frozen=True, slots=True)
class HostsSet:
    """How many hosts are allowed."""

    hosts: int


@dataclass(frozen=True, slots=True)
class ServiceRate:
    """The price of a service of ours."""

    service_id: int
    total: Decimal | None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class LiveAnswer:
    """How a call ended; with the prices of all services that were asked about."""

    account_id: int
    purpose: str
    digest: str
    outcome: str
    words: str
    status: int
    took_ms: int
    rates: list[ServiceRate] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class KeepAnswers:
    """Keep what carriers' systems answered, in the order in which they did."""

    answers: list[LiveAnswer]


@dataclass(frozen=True, slots=True)
class AnswersKept:
    """How many were kept."""

    answers: int


@dataclass(frozen=True, slots=True)
class BookingOf:
    """What a carrier's system has booked: its number, tracking, price, the digest of the label's file; and beside the
    price the freight by which the service was chosen, and why the two differ."""

    booking: str
    tracking: str
    total: Decimal | None = None
    label: str = ""
    label_kind: str = ""
    expected: Decimal | None = None
    price_words: str = ""


@dataclass(frozen=True, slots=True)
class CallOff:
    """How the call ended that called a booking off."""

    booking_id: int
    outcome: str
    words: str


@dataclass(frozen=True, slots=True)
class TrackingOf:
    """Where goods are, as the carrier said."""

    state: str
    at: datetime | None = None
    place: str = ""
    signed_by: str = ""


class BadAccount(Invalid):
    """An account that makes no sense, or names a host that nobody allowed; names every bad field."""

    code = "bad_carrier_account"


class BadHost(Invalid):
    """A host that makes no sense; names every bad line."""

    code = "bad_carrier_host"


class AccountNotFound(NotFound):
    """There is no such account."""

    code = "carrier_account_not_found"


class NoRateCard(FlowrackError):
    """A carrier without a rate card in force cannot be asked: the card filters, and prices when nobody answers."""

    code = "no_rate_card"


def outcomes(answers: Sequence[LiveAnswer], account_id: int) -> list[str]:
    """How the calls of one account ended, in their order."""
    return [one.outcome for one in answers if one.account_id == account_id]
