"""Two approvers at once, an approval against a change, and two submissions under one limit."""

from __future__ import annotations

import threading

import pytest
from django.db import transaction

from flowrack.approvals import commands
from flowrack.approvals.tests.papers import MANAGER, paper, policy, state, submit
from flowrack.approvals.types import Condition, Decide, Seen
from flowrack.platform import sql
from flowrack.shared.errors import WrongState
from tests.cast import DI, ED, Person, ctx
from tests.races.together import at_the_same_time
from tests.supply import house

pytestmark = pytest.mark.django_db(transaction=True)
ELI = Person("eli", "Eli Second", ("purchasing_manager",))


@pytest.mark.parametrize(("way", "told_yes"), [("naive", 2), ("guarded", 1)])
def test_two_approvers_at_once_on_a_step_that_needs_one(way, told_yes):
    """The naive row proves that this set-up catches the race: both read "waiting" and both are told yes."""
    policy("always", MANAGER)
    [asked] = submit(paper(1, site=house().site))
    contexts = [ctx(ED), ctx(ELI)]
    both_have_read = threading.Barrier(2, timeout=10)

    def naive(n: int) -> bool:
        with transaction.atomic():
            seen = sql.fetch_value("SELECT state FROM approvals_request WHERE id = %s", (asked.request_id,))
            both_have_read.wait()
            return seen == "waiting"

    def guarded(n: int) -> bool:
        try:
            commands.decide(contexts[n], Decide([Seen(asked.request_id, asked.content_hash)], "approve"))
        except WrongState:
            return False
        return True

    run = {"naive": naive, "guarded": guarded}[way]
    outcomes = at_the_same_time([lambda: run(0), lambda: run(1)])

    assert outcomes.count(True) == told_yes
    assert sql.fetch_value("SELECT count(*) FROM approvals_verdict") == (1 if way == "guarded" else 0)
    assert state(asked) == ("approved" if way == "guarded" else "waiting")


def test_a_verdict_and_a_change_at_once_never_leave_an_approved_document_of_unseen_content():
    policy("always", MANAGER)
    site = house().site
    for number in range(1, 9):
        [asked] = submit(paper(number, site=site))
        approve, change = ctx(ED), ctx(DI)
        seen = Decide([Seen(asked.request_id, asked.content_hash)], "approve")
        at_the_same_time(
            [
                lambda seen=seen, approve=approve: commands.decide(approve, seen),
                lambda n=number, change=change: submit(paper(n, site=site, amount="999"), by=change),
            ]
        )
        found = sql.fetch_all(
            "SELECT state, content_hash = %s FROM approvals_request WHERE subject = %s ORDER BY id",
            (asked.content_hash, f"house.paper:{number}"),
        )
        assert found == [("voided", True), ("waiting", False)]


@pytest.mark.parametrize(("way", "free"), [("naive", 2), ("guarded", 1)])
def test_two_submissions_of_one_person_cannot_both_slip_under_the_limit(way, free):
    limit = Condition("day_total", ">", "150")
    policy("day", MANAGER, when=(limit,))
    site = house().site
    contexts = [ctx(DI), ctx(DI)]
    both_have_read = threading.Barrier(2, timeout=10)

    def naive(n: int) -> bool:
        before = sql.fetch_value("SELECT coalesce(sum(amount), 0) FROM approvals_request")
        both_have_read.wait()
        return bool(before + 100 <= 150)

    def guarded(n: int) -> bool:
        return submit(paper(n, site=site), by=contexts[n])[0].is_approved

    run = {"naive": naive, "guarded": guarded}[way]
    assert at_the_same_time([lambda: run(0), lambda: run(1)]).count(True) == free
