"""Events reach their subscribers in order, at least once, and their commands happen once."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

import pytest
from django.db import connection
from tests.cast import ADA, NOW, ctx

from flowrack.platform import outbox, runner
from flowrack.platform.models import CommandRecord, OutboxEvent
from flowrack.shared.errors import Invalid, KeyReused

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Happened:
    number: int
    kind: str = "platform.test_happened"


@dataclass(frozen=True)
class Tell:
    numbers: list[int]


def _tell(ctx: runner.Context, req: Tell) -> int:
    """Tell that something happened."""
    for number in req.numbers:
        ctx.emit(Happened(number))
    return len(req.numbers)


_tell.__module__ = "flowrack.platform.test"
_tell.__annotations__ = {"ctx": runner.Context, "req": Tell, "return": int}
tell = runner.command(permission="platform.jobs", result=int)(_tell)


@pytest.fixture
def handlers(monkeypatch):
    registry: dict = {}
    outbox.load_subscribers()  # else the stages would register in this test's registry, and nowhere afterwards
    monkeypatch.setattr(outbox, "_handlers", registry)

    def add(function):
        function.__module__ = "flowrack.platform.test"
        return outbox.subscriber("platform.test_happened")(function)

    return add


def test_events_come_in_order_with_the_time_at_which_they_occurred(handlers):
    seen = []

    @handlers
    def listen(ctx, message):
        seen.append((message.as_type(Happened).number, ctx.now, ctx.key, ctx.may("tasks.view")))

    tell(ctx(ADA), Tell([3, 1, 2]))
    assert outbox.drain() == 3
    first = OutboxEvent.objects.order_by("id").first()
    assert [s[0] for s in seen] == [3, 1, 2]
    assert seen[0] == (3, NOW, f"outbox:{first.pk}:platform.listen", True)
    assert outbox.drain() == 0
    assert not OutboxEvent.objects.filter(done_at=None).exists()


def test_a_delivery_that_comes_twice_does_its_command_once(handlers):
    @handlers
    def follow(ctx, message):
        tell(ctx, Tell([]))

    tell(ctx(ADA), Tell([1]))
    outbox.drain()
    OutboxEvent.objects.update(done_at=None)
    outbox.drain()
    assert CommandRecord.objects.count() == 2


def test_a_failure_is_raised_when_strict_and_the_event_stays_open(handlers):
    @handlers
    def fail(ctx, message):
        raise Invalid("no room")

    tell(ctx(ADA), Tell([1]))
    with pytest.raises(outbox.DeliveryFailed, match="no room"):
        outbox.drain()
    assert OutboxEvent.objects.get().done_at is None


@pytest.mark.django_db(transaction=True)
def test_a_failing_event_is_retried_later_and_parked_with_its_reason(handlers):
    ok = []

    @handlers
    def fail(ctx, message):
        if message.body["number"] == 1:
            raise Invalid("no room")
        ok.append(message.body["number"])

    tell(ctx(ADA), Tell([1, 2]))
    for _ in range(outbox.MAX_ATTEMPTS):
        outbox.drain(strict=False)
        OutboxEvent.objects.update(next_try_at=NOW)
    assert ok == [2]
    event = OutboxEvent.objects.get(done_at=None)
    assert (event.attempts, event.parked_reason) == (8, "platform.fail: Invalid: no room")
    assert outbox.drain(strict=False) == 0


def test_a_worker_that_comes_too_late_does_not_open_what_another_has_done(handlers):
    tell(ctx(ADA), Tell([1]))
    [late] = outbox._claim(1)
    OutboxEvent.objects.update(leased_until=NOW)
    assert outbox.drain() == 1
    outbox._finish([], [late.id])
    assert OutboxEvent.objects.get().done_at is not None


def test_a_drain_for_one_device_leaves_the_others_events_and_acts_in_its_name(handlers):
    seen = []

    @handlers
    def follow(ctx, message):
        number = message.as_type(Happened).number
        seen.append((number, ctx.device))
        if number < 10:
            tell(ctx, Tell([number * 10]))

    for device, number in (("site A", 1), ("site B", 2)):
        tell(ctx(ADA, device=device), Tell([number]))
    assert outbox.drain(device="site A") == 2
    assert seen == [(1, "site A"), (10, "site A")]
    assert outbox.drain() == 2
    assert seen[2:] == [(2, "worker"), (20, "worker")]


def test_a_delivery_that_comes_again_is_done_also_where_it_would_ask_otherwise_by_now(handlers):
    waiting = [[], [7]]

    @handlers
    def follow(ctx, message):
        if message.as_type(Happened).number == 1:
            tell(ctx.keyed("site"), Tell(waiting.pop()))

    tell(ctx(ADA), Tell([1]))
    assert outbox.drain() == 2
    first = OutboxEvent.objects.order_by("id").first()
    OutboxEvent.objects.filter(id=first.pk).update(done_at=None)
    assert outbox.drain() == 1
    assert (CommandRecord.objects.count(), OutboxEvent.objects.count(), waiting) == (2, 2, [])
    assert not OutboxEvent.objects.filter(done_at=None).exists()


def test_a_subscriber_that_uses_one_key_for_two_wishes_is_told_so(handlers):
    @handlers
    def follow(ctx, message):
        tell(ctx, Tell([]))
        tell(ctx, Tell([5]))

    tell(ctx(ADA), Tell([1]))
    with pytest.raises(outbox.DeliveryFailed) as failed:
        outbox.drain()
    assert isinstance(failed.value.__cause__, KeyReused)


def test_the_same_key_of_a_person_stays_one_request(handlers):
    tell(ctx(ADA, "mine"), Tell([]))
    with pytest.raises(KeyReused):
        tell(ctx(ADA, "mine"), Tell([5]))


@pytest.mark.django_db(transaction=True)
def test_an_event_is_done_before_the_next_begins_so_that_a_kill_costs_one(handlers):
    seen = []

    @handlers
    def look(ctx, message):
        seen.append(sorted(OutboxEvent.objects.filter(done_at=None).values_list("body__number", flat=True)))

    tell(ctx(ADA), Tell([1, 2, 3]))
    assert outbox.deliver_due() == 3
    assert seen == [[1, 2, 3], [2, 3], [3]]


@pytest.mark.django_db(transaction=True)
def test_what_comes_after_a_mark_waits_for_the_disk_as_before(handlers):
    @handlers
    def nothing(ctx, message):
        pass

    tell(ctx(ADA), Tell([1]))
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = on")
        outbox.drain()
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("on",)
        cursor.execute("RESET synchronous_commit")


@pytest.mark.django_db(transaction=True)
def test_a_subscriber_that_fails_keeps_no_other_from_the_event_which_ends_when_all_have_done_their_part(handlers):
    is_mended, calls = [], []

    @handlers
    def a_fails(ctx, message):
        if not is_mended:
            raise Invalid("no room")
        calls.append("a")

    @handlers
    def b_works(ctx, message):
        calls.append("b")
        tell(ctx, Tell([]))

    @handlers
    def c_fails(ctx, message):
        if not is_mended:
            raise Invalid("no bin")

    tell(ctx(ADA), Tell([1]))
    outbox.deliver_due()
    event = OutboxEvent.objects.get()
    assert (calls, event.done_at, event.attempts, CommandRecord.objects.count()) == (["b"], None, 1, 2)
    assert event.last_error == "platform.a_fails: Invalid: no room; platform.c_fails: Invalid: no bin"
    is_mended.append(True)
    OutboxEvent.objects.update(next_try_at=NOW)
    outbox.deliver_due()
    assert OutboxEvent.objects.get().done_at is not None
    assert (calls, CommandRecord.objects.count()) == (["b", "a", "b"], 2)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_commit_and_mark_loses_nothing_and_does_nothing_twice(handlers):
    """The request counts what there is, so it reads otherwise when the event comes again."""
    told, is_to_die = [], []

    @handlers
    def a_counts(ctx, message):
        tell(ctx, Tell([100] * CommandRecord.objects.count() if message.body["number"] < 100 else []))
        if message.body["number"] == 2 and is_to_die:
            os.kill(os.getpid(), signal.SIGKILL)

    @handlers
    def b_hears(ctx, message):
        told.append(message.body["number"])

    tell(ctx(ADA), Tell([1, 2, 3]))
    connection.close()
    worker = os.fork()
    if not worker:
        is_to_die.append(True)
        try:
            outbox.deliver_due()
        finally:
            os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(worker, 0)[1])
    left = OutboxEvent.objects.filter(done_at=None, body__number__lt=100).order_by("id")
    assert list(left.values_list("body__number", flat=True)) == [2, 3]
    OutboxEvent.objects.update(leased_until=None)
    assert outbox.drain() == 2 + 1 + 2 + 3
    assert told == [2, 3] + [100] * 6
    assert (OutboxEvent.objects.count(), OutboxEvent.objects.filter(done_at=None).count()) == (9, 0)
