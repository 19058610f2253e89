"""Reads of carriers' own systems: accounts, allowed hosts, the last calls, and answers that count now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from flowrack.carriers.rules_choice import Case
from flowrack.carriers.rules_live import NOT_ASKED, Breaker, Live, digest_of, live_of
from flowrack.carriers.types_live import AccountNotFound, AllowedHost
from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account with its breaker and what it answered last."""

    id: int
    carrier_id: int
    code: str
    carrier: str
    is_on: bool
    address: str
    account_no: str
    secret_env: str
    ca_env: str
    currency: str
    timeout_ms: int
    tries: int
    break_after: int
    break_seconds: int
    answer_minutes: int
    failures: int
    open_until: datetime | None
    saved_by: str
    saved_at: datetime
    services: int
    calls_day: int
    failed_day: int
    last_at: datetime | None
    last_outcome: str
    last_words: str

    @property
    def breaker(self) -> Breaker:
        """Whether it is left alone."""
        return Breaker(self.failures, self.open_until)


_ACCOUNTS = """
    SELECT a.id, a.carrier_id, p.code, p.name AS carrier, a.is_on, a.address, a.account_no, a.secret_env,
           a.ca_env, a.currency, a.timeout_ms, a.tries, a.break_after, a.break_seconds, a.answer_minutes,
           a.failures, a.open_until,
           u.full_name AS saved_by, a.saved_at,
           (SELECT count(*) FROM carriers_cardservice s WHERE s.card_id = (
                SELECT c.id FROM carriers_ratecard c WHERE c.carrier_id = a.carrier_id AND c.state = 'approved'
                  AND c.valid_from <= now()::date ORDER BY c.valid_from DESC, c.version DESC LIMIT 1)) AS services,
           d.calls AS calls_day, d.failed AS failed_day, l.at AS last_at, coalesce(l.outcome, '') AS last_outcome,
           coalesce(l.words, '') AS last_words
    FROM carriers_carrieraccount a JOIN parties_party p ON p.id = a.carrier_id
    JOIN platform_user u ON u.id = a.saved_by_id
    LEFT JOIN LATERAL (SELECT * FROM carriers_livecall x WHERE x.account_id = a.id ORDER BY x.id DESC LIMIT 1) AS l
        ON true
    CROSS JOIN LATERAL (
        SELECT count(*) AS calls, count(*) FILTER (WHERE x.outcome NOT IN ('ok', 'refused')) AS failed
        FROM carriers_livecall x WHERE x.account_id = a.id AND x.at > now() - interval '1 day'
    ) AS d
"""


def account_list(query: ListQuery) -> Page[AccountRow]:
    """Accounts of carriers' systems. Two queries."""
    return sql_page(query, AccountRow, _ACCOUNTS, search=("code", "carrier", "address"))


def accounts_after(account_id: int, *, limit: int) -> list[AccountRow]:
    """The next accounts by id, for cursor pages. One query."""
    rows = sql.fetch_all(_ACCOUNTS + " WHERE a.id > %s ORDER BY a.id LIMIT %s", (account_id, limit))
    return [AccountRow(*row) for row in rows]


def has_account(carrier_id: int) -> bool:
    """Whether a carrier has an account. One query."""
    return bool(
        sql.fetch_value("SELECT EXISTS (SELECT FROM carriers_carrieraccount WHERE carrier_id = %s)", [carrier_id])
    )


def account_row(account_id: int) -> AccountRow:
    """One account. Refuses with AccountNotFound. One query."""
    row = sql.fetch_one(_ACCOUNTS + " WHERE a.id = %s", (account_id,))
    if row is None:
        raise AccountNotFound("There is no such account.", fix="Open the list of carriers' systems.")
    return AccountRow(*row)


def account_of(carrier_id: int) -> int:
    """The account of a carrier; 0 = none. One query."""
    return int(sql.fetch_value("SELECT id FROM carriers_carrieraccount WHERE carrier_id = %s", (carrier_id,)) or 0)


def accounts_on() -> list[AccountRow]:
    """The accounts that are asked. One query."""
    return [AccountRow(*row) for row in sql.fetch_all(_ACCOUNTS + " WHERE a.is_on ORDER BY a.id")]


def hosts() -> list[AllowedHost]:
    """The hosts that accounts may name. One query."""
    rows = sql.fetch_all("SELECT host, port, is_inside FROM carriers_carrierhost ORDER BY host, port")
    return [AllowedHost(*row) for row in rows]


def accounts_at() -> list[tuple[str, str]]:
    """Carrier and address of every account. One query."""
    rows = sql.fetch_all(
        "SELECT p.name, a.address FROM carriers_carrieraccount a JOIN parties_party p ON p.id = a.carrier_id ORDER BY 1"
    )
    return [(row[0], row[1]) for row in rows]


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call and how it ended."""

    id: int
    at: datetime
    purpose: str
    outcome: str
    status: int
    took_ms: int
    words: str


@dataclass(frozen=True, slots=True)
class AccountCallsRow(AccountRow):
    """An account with its last calls, the newest first."""

    calls: list[CallRow]


def account_calls(account_id: int, *, limit: int) -> AccountCallsRow:
    """One account with its last calls. Refuses with AccountNotFound. Two queries."""
    row = account_row(account_id)
    fields = {name: getattr(row, name) for name in AccountRow.__slots__}
    return AccountCallsRow(**fields, calls=calls_of(account_id, limit=limit))


def calls_of(account_id: int, *, limit: int) -> list[CallRow]:
    """The last calls of an account, the newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT id, at, purpose, outcome, status, took_ms, words FROM carriers_livecall WHERE account_id = %s
        ORDER BY id DESC LIMIT %s
        """,
        (account_id, limit),
    )
    return [CallRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class RateRow:
    """What a service cost for some goods, or why there was no price."""

    id: int
    asked_at: datetime
    good_until: datetime
    service: str
    outcome: str
    total: Decimal | None
    days: int | None
    words: str


def rates_of(account_id: int, *, limit: int) -> list[RateRow]:
    """The last prices of an account, the newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT r.id, r.asked_at, r.good_until, v.name, r.outcome, r.total, r.days, r.words
        FROM carriers_liverate r JOIN parties_carrierservice v ON v.id = r.service_id
        WHERE r.account_id = %s ORDER BY r.asked_at DESC, r.id DESC LIMIT %s
        """,
        (account_id, limit),
    )
    return [RateRow(*row) for row in rows]


def digest_of_case(case: Case) -> str:
    """The key of the question that a case puts to carriers."""
    return digest_of(case.site_id, case.origin_country, case.to, case.parcels, case.ready_at.date())


def live_for(cases: Sequence[Case], now: datetime) -> list[dict[int, Live]]:
    """For each case what carriers' systems say, by service: of every service of a carrier that is asked, if only that
    there is no answer. One query where no carrier is asked, else two."""
    switched = sql.fetch_all(
        """
        SELECT v.id, a.open_until FROM carriers_carrieraccount a
        JOIN parties_carrierservice v ON v.carrier_id = a.carrier_id WHERE a.is_on
        """
    )
    if not switched:
        return [{} for _ in cases]
    none = {
        service_id: Live(missing=f"its system is left alone until {open_until:%H:%M} UTC" if open_until
                         and now < open_until else NOT_ASKED)
        for service_id, open_until in switched
    }  # fmt: skip
    digests = [digest_of_case(case) for case in cases]
    rows = sql.fetch_all(
        """
        SELECT digest, service_id, outcome, words, total, days FROM carriers_liverate
        WHERE digest = ANY(%s::text[]) AND good_until >= %s
        """,
        (sorted(set(digests)), now),
    )
    answers: dict[str, dict[int, Live]] = {}
    for digest, service_id, outcome, words, total, days in rows:
        if service_id in none:
            answers.setdefault(digest, {})[service_id] = live_of(outcome, words, total, days)
    return [none | answers.get(digest, {}) for digest in digests]


def fresh(digests: Sequence[str], now: datetime) -> set[tuple[int, str]]:
    """The questions (account, digest) that were answered and need not be asked again. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT account_id, digest FROM carriers_liverate
        WHERE digest = ANY(%s::text[]) AND good_until >= %s AND outcome IN ('ok', 'refused')
        """,
        (sorted(set(digests)), now),
    )
    return {(row[0], row[1]) for row in rows}


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking that was not called off."""

    id: int
    account_id: int
    service_id: int
    service: str
    booking: str
    tracking: str
    total: Decimal | None
    label: str
    label_kind: str
    booked_by: str
    booked_at: datetime
    state: str
    state_at: datetime | None
    place: str
    signed_by: str
    asked_at: datetime | None
    expected: Decimal | None
    price_words: str


def bookings_of(reference: str) -> int:
    """How often goods were booked under a reference of ours, called off or not. One query."""
    return int(sql.fetch_value("SELECT count(*) FROM carriers_booking WHERE reference = %s", (reference,)))


def booking_of(reference: str) -> BookingRow | None:
    """The booking under a reference of ours. One query."""
    row = sql.fetch_one(
        """
        SELECT b.id, b.account_id, b.service_id, p.name || ' ' || v.name, b.booking, b.tracking, b.total, b.label,
               b.label_kind, u.full_name, b.booked_at, b.state, b.state_at, b.place, b.signed_by, b.asked_at,
               b.expected, b.price_words
        FROM carriers_booking b JOIN parties_carrierservice v ON v.id = b.service_id
        JOIN parties_party p ON p.id = v.carrier_id JOIN platform_user u ON u.id = b.booked_by_id
        WHERE b.reference = %s AND b.is_live
        """,
        (reference,),
    )
    return BookingRow(*row) if row else None
