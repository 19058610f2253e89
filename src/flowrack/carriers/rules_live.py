"""What a carrier's own system says of goods, as the choice reads it: a price, a refusal, or no answer. Pure.

An answer belongs to the goods, the place and the day that were asked about; their digest is its key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from flowrack.carriers.rules_rates import Destination, Parcel


class Outcome(StrEnum):
    """How a call of a carrier's system ended."""

    OK = "ok"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    ERROR = "error"
    GARBAGE = "garbage"
    BLOCKED = "blocked"
    UNTRUSTED = "untrusted"
    NO_SECRET = "no_secret"  # noqa: S105 - a word
    SKIPPED = "skipped"


# What counts against the carrier's system; a refusal is an answer, and a fault of our own settings is not its fault.
FAILURES = frozenset({Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.ERROR, Outcome.GARBAGE, Outcome.UNTRUSTED})
WORDS = {
    Outcome.OK: "answered",
    Outcome.REFUSED: "does not take it",
    Outcome.TIMEOUT: "did not answer in time",
    Outcome.UNREACHABLE: "could not be reached",
    Outcome.ERROR: "had an error",
    Outcome.GARBAGE: "answered what cannot be read",
    Outcome.BLOCKED: "is not at an allowed address",
    Outcome.UNTRUSTED: "has a certificate that is not trusted",
    Outcome.NO_SECRET: "lacks its secret here",
    Outcome.SKIPPED: "was not asked",
}
NOT_ASKED = "nobody has asked the carrier"
MOST = Decimal(1_000_000)
FAILED_FOR = timedelta(minutes=2)  # a failed answer counts for the choice that it was asked for


class Source(StrEnum):
    """Where a price comes from."""

    CARD = "card"
    LIVE = "live"
    FALLBACK = "fallback"


class Live(NamedTuple):
    """A service by the carrier's own system: its price, why it does not take the goods, or why nothing is known."""

    total: Decimal | None = None
    days: int | None = None
    refused: str = ""
    missing: str = ""


class Breaker(NamedTuple):
    """Failures in a row, and until when a carrier's system is left alone."""

    failures: int = 0
    open_until: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether it is left alone."""
        return self.open_until is not None and now < self.open_until


def after(was: Breaker, outcomes: Sequence[str], now: datetime, *, most: int, seconds: int) -> Breaker:
    """The breaker after some calls: so many failures in a row open it, an answer closes it."""
    failures, open_until = was
    for outcome in outcomes:
        if outcome in FAILURES:
            failures += 1
            if failures >= most:
                open_until = now + timedelta(seconds=seconds)
        elif outcome in (Outcome.OK, Outcome.REFUSED):
            failures, open_until = 0, None
    return Breaker(failures, open_until)


def digest_of(site_id: int, origin_country: str, to: Destination, parcels: Sequence[Parcel], leaves_on: date) -> str:
    """The key of a question: the same goods for the same place on the same day."""
    goods = sorted(
        f"{one.weight_g}/{one.sides}/{','.join(sorted(str(h) for h in one.hazards))}/{one.is_pallet}" for one in parcels
    )
    said = "|".join([str(site_id), origin_country, repr(tuple(to)), leaves_on.isoformat(), *goods])
    return hashlib.sha256(said.encode()).hexdigest()


def live_of(outcome: str, words: str, total: Decimal | None, days: int | None) -> Live:
    """An answer that was kept, as the choice reads it."""
    if outcome == Outcome.OK:
        return Live(total, days) if total is not None else Live(refused="does not offer this service for it")
    if outcome == Outcome.REFUSED:
        return Live(refused=words)
    return Live(missing=words)
