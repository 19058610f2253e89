"""Two people press Urgent at once, and a verdict meets a picker: one end state, and no unit promised twice."""

from __future__ import annotations

import threading

import pytest

from flowrack.allocation import commands_displacement as commands
from flowrack.allocation import steps_displacement as steps
from flowrack.allocation.tests.urgent import Pilot, pilot
from flowrack.allocation.types_displacement import NothingToMove, PriorityRequested, RequestPriority
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import FlowrackError
from tests import outbound
from tests.cast import KIM, LOU, ctx
from tests.races.together import at_the_same_time

pytestmark = pytest.mark.django_db(transaction=True)


def promised(at: Pilot) -> int:
    return sum(held + picked for held, picked, _ in at.counts())


def press_together(at: Pilot, order_ids: list[int]) -> list[object]:
    people = [ctx(KIM), ctx(LOU)]
    asked = [RequestPriority(order_id, "It burns") for order_id in order_ids]
    return at_the_same_time([lambda n=n: commands.request_priority(people[n], asked[n]) for n in (0, 1)])


def test_without_the_locks_both_take_the_same_units(monkeypatch):
    """The set-up catches the race: both have judged the same scene before either moves, and one is thrown out."""
    at = pilot()
    both_have_looked = threading.Barrier(2, timeout=20)
    judge = commands.queries.judge

    def late(*args, **kwargs):
        found = judge(*args, **kwargs)
        both_have_looked.wait()
        return found

    monkeypatch.setattr(steps, "hold_all", lambda line_ids, keys: None)
    monkeypatch.setattr(commands.queries, "judge", late)
    outcomes = press_together(at, [at.urgent.order_id] * 2)
    assert sum(isinstance(one, FlowrackError) for one in outcomes) == 1, outcomes


def test_two_people_on_one_order_get_one_request_and_the_same_end_state():
    at = pilot()
    outcomes = press_together(at, [at.urgent.order_id] * 2)
    assert all(isinstance(one, PriorityRequested) for one in outcomes), outcomes
    assert len({one.request_id for one in outcomes}) == 1
    assert at.counts() == [(0, 30, 50), (40, 0, 0), (50, 0, 10)]
    assert sql.fetch_value("SELECT count(*) FROM allocation_priorityrequest") == 1
    assert verify() == []


def test_two_urgent_orders_at_once_never_promise_a_unit_twice():
    at = pilot(coming=300)
    outbound.customer("CLINIC", tier="A")
    other = outbound.order(at.at.site, "CLINIC", ("X", 60), on=outbound.date(2026, 3, 2))
    outcomes = press_together(at, [at.urgent.order_id, other.order_id])
    assert not any(isinstance(one, FlowrackError) and not isinstance(one, NothingToMove) for one in outcomes), outcomes
    second = outbound.counts(other.line_ids[0]).get("allocated", 0)
    assert at.counts()[:2] == [(0, 30, 50), (40, 0, 0)]
    assert at.counts()[2][0] + second == 50
    assert promised(at) + second == 120
    assert verify() == []


def test_urgent_against_the_release_to_pickers_leaves_every_unit_once():
    at = pilot()
    kim = ctx(KIM)
    outcomes = at_the_same_time(
        [
            lambda: commands.request_priority(kim, RequestPriority(at.urgent.order_id, "It burns")),
            lambda: outbound.release(at.at.site, at.low, at.mid),
        ]
    )
    assert all(not isinstance(one, FlowrackError) or isinstance(one, NothingToMove) for one in outcomes), outcomes
    assert promised(at) == 120
    assert verify() == []
