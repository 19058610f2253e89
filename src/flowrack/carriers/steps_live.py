"""Writes of carriers' own systems: accounts, allowed hosts, calls, answers and breakers, inside somebody's command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from flowrack.carriers import rules_bookings, rules_live
from flowrack.carriers.models_accounts import Booking, CarrierAccount, CarrierHost
from flowrack.carriers.queries_live import AccountRow
from flowrack.carriers.rules_bookings import Ends
from flowrack.carriers.rules_live import FAILED_FOR, Breaker, Outcome
from flowrack.carriers.types_live import AccountOf, AllowedHost, BookingOf, CallOff, LiveAnswer, TrackingOf
from flowrack.platform import sql
from flowrack.platform.runner import Context, refuse_on
from flowrack.shared.errors import Invalid

CALLS_KEPT = timedelta(days=90)
RATES_KEPT = timedelta(days=7)  # what was chosen by them keeps its own copy
AS_THEY_ARE = (
    *("tries", "timeout_ms", "break_after", "break_seconds", "answer_minutes"), *("account_no", "secret_env", "ca_env")
)  # fmt: skip


def save_account(ctx: Context, carrier_id: int, account: AccountOf) -> int:
    """The account of a carrier; what was saved before is closed anew. One statement."""
    made, _ = CarrierAccount.objects.update_or_create(
        carrier_id=carrier_id,
        defaults={
            **{name: getattr(account, name) for name in AS_THEY_ARE},
            "address": account.address.strip().rstrip("/"), "currency": account.currency, "failures": 0,
            "open_until": None, "saved_by_id": ctx.actor_id, "saved_at": ctx.now,
        },
    )  # fmt: skip
    return made.pk


def switch(account_id: int, *, is_on: bool) -> None:
    """Ask it, or do not; its breaker begins anew. One statement."""
    CarrierAccount.objects.filter(pk=account_id).update(is_on=is_on, failures=0, open_until=None)


def set_hosts(hosts: Sequence[AllowedHost]) -> None:
    """The allowed hosts, in place of those before. Two statements."""
    CarrierHost.objects.all().delete()
    CarrierHost.objects.bulk_create(
        CarrierHost(host=one.host.lower(), port=one.port, is_inside=one.is_inside) for one in hosts
    )


def keep_calls(ctx: Context, answers: Sequence[LiveAnswer]) -> None:
    """The calls as they ended. Two statements."""
    rows = [
        (a.account_id, a.purpose, a.took_ms, a.outcome, a.status, a.words[:200])
        for a in answers
        if a.outcome != Outcome.SKIPPED
    ]
    sql.execute(
        """
        INSERT INTO carriers_livecall (account_id, purpose, at, took_ms, outcome, status, words)
        SELECT c.account_id, c.purpose, %s, c.took_ms, c.outcome, c.status, c.words
        FROM (SELECT unnest(%s::bigint[]) AS account_id, unnest(%s::text[]) AS purpose, unnest(%s::int[]) AS took_ms,
                     unnest(%s::text[]) AS outcome, unnest(%s::int[]) AS status, unnest(%s::text[]) AS words) AS c
        """,
        (ctx.now, *([list(column) for column in zip(*rows, strict=True)] or [[]] * 6)),
    )
    sql.execute("DELETE FROM carriers_livecall WHERE at < %s", (ctx.now - CALLS_KEPT,))


def keep_rates(ctx: Context, answers: Sequence[LiveAnswer], minutes: dict[int, int]) -> None:
    """The prices, or why there is none; the last answer counts. Two statements."""
    rows = {}
    for a in answers:
        is_final = a.outcome in (Outcome.OK, Outcome.REFUSED)
        good = timedelta(minutes=minutes[a.account_id]) if is_final else FAILED_FOR
        for one in a.rates if a.digest else []:
            rows[a.digest, one.service_id] = (
                a.account_id, a.digest, one.service_id, a.outcome, one.total, one.days, a.words[:200], ctx.now + good,
            )  # fmt: skip
    sql.execute("DELETE FROM carriers_liverate WHERE good_until < %s", (ctx.now - RATES_KEPT,))
    if not rows:
        return
    sql.execute(
        """
        INSERT INTO carriers_liverate (account_id, digest, service_id, outcome, total, days, words, good_until,
                                       asked_at)
        SELECT r.*, %s FROM (SELECT unnest(%s::bigint[]), unnest(%s::text[]), unnest(%s::bigint[]), unnest(%s::text[]),
                                    unnest(%s::numeric[]), unnest(%s::int[]), unnest(%s::text[]),
                                    unnest(%s::timestamptz[])) AS r
        ON CONFLICT (digest, service_id) DO UPDATE SET account_id = excluded.account_id, outcome = excluded.outcome,
            total = excluded.total, days = excluded.days, words = excluded.words, good_until = excluded.good_until,
            asked_at = excluded.asked_at
        """,
        (ctx.now, *[list(column) for column in zip(*rows.values(), strict=True)]),
    )


def move_breaker(ctx: Context, account: AccountRow, outcomes: Sequence[str]) -> Breaker:
    """The breaker after some calls. One statement."""
    found = rules_live.after(
        account.breaker, outcomes, ctx.now, most=account.break_after, seconds=account.break_seconds
    )
    CarrierAccount.objects.filter(pk=account.id).update(failures=found.failures, open_until=found.open_until)
    return found


def insert_booking(ctx: Context, account_id: int, reference: str, service_id: int, given: BookingOf) -> None:
    """What a carrier has booked. One statement."""
    Booking.objects.create(
        account_id=account_id, reference=reference, service_id=service_id, booking=given.booking,
        tracking=given.tracking, total=given.total, label=given.label, label_kind=given.label_kind,
        expected=given.expected, price_words=given.price_words[:160], booked_by_id=ctx.actor_id, booked_at=ctx.now,
    )  # fmt: skip


def end_booking(ctx: Context, reference: str) -> int:
    """The carrier called the booking off; 0 when there was none. One statement."""
    return Booking.objects.filter(reference=reference, is_live=True).update(
        is_live=False, ends=Ends.ENDED, end_at=ctx.now
    )


def let_go(ctx: Context, whys: Mapping[int, str]) -> None:
    """Bookings (id: why) that count no more; their carriers are told as soon as can be. One statement."""
    sql.execute(
        """
        UPDATE carriers_booking b SET is_live = false, ends = 'waiting', end_why = w.why, end_at = %s
        FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::text[]) AS why) AS w WHERE b.id = w.id AND b.is_live
        """,
        (ctx.now, list(whys), [why[:200] for why in whys.values()]),
    )


def keep_call_offs(ctx: Context, call_offs: Sequence[CallOff], tries: Mapping[int, int]) -> dict[int, str]:
    """What came of calls that called bookings off, with how often each was tried before; the states. One statement."""
    rows = []
    for one in call_offs:
        n = tries[one.booking_id] + 1
        ends = rules_bookings.ends_after(one.outcome)
        at = rules_bookings.again_at(n, ctx.now) if ends == Ends.WAITING else ctx.now
        rows.append((one.booking_id, str(ends), one.words[:200], n, at))
    sql.execute(
        """
        UPDATE carriers_booking b SET ends = c.ends, end_said = c.said, end_tries = c.tries, end_at = c.at
        FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::text[]) AS ends, unnest(%s::text[]) AS said,
                     unnest(%s::int[]) AS tries, unnest(%s::timestamptz[]) AS at) AS c
        WHERE b.id = c.id AND b.ends IN ('waiting', 'refused')
        """,
        [list(column) for column in zip(*rows, strict=True)] or [[]] * 5,
    )
    return {row[0]: row[1] for row in rows}


def note_call_off(ctx: Context, booking_id: int, note: str) -> int:
    """A person told the carrier; 0 when nothing waited for that. One statement."""
    return Booking.objects.filter(pk=booking_id, ends__in=(Ends.WAITING, Ends.REFUSED)).update(
        ends=Ends.ENDED, end_said=note[:200], end_at=ctx.now
    )


def keep_tracking(ctx: Context, reference: str, said: TrackingOf) -> int:
    """Where the goods are, as the carrier said; 0 when nothing is booked. One statement."""
    return Booking.objects.filter(reference=reference, is_live=True).update(
        state=said.state, state_at=said.at, place=said.place, signed_by=said.signed_by, asked_at=ctx.now
    )


refuse_on(
    "carrier_booking_once",
    lambda: Invalid("The shipment is booked already.", fix="Call that booking off first."),
)
