"""Verdicts: who may, in which order, on which content; and what is told."""

import pytest
from django.db import IntegrityError, transaction
from tests.cast import ADA, BO, DI, ED, OZ, Person, ctx
from tests.supply import house

from flowrack.approvals import commands
from flowrack.approvals.tests.papers import CONTROLLER, MANAGER, decide, paper, policy, rows, state, submit
from flowrack.approvals.types import ContentChanged, Decide, NotYourStep, PolicyStep, ReasonMissing, Seen
from flowrack.platform import sql
from flowrack.shared.errors import DutiesConflict, Invalid, NotFound, NotPermitted, WrongState

pytestmark = pytest.mark.django_db
ELI = Person("eli", "Eli Second", ("purchasing_manager",))


@pytest.fixture
def site():
    return house().site


def events():
    return sql.fetch_all("SELECT body::json FROM platform_outboxevent WHERE kind = 'approvals.decided' ORDER BY id")


def test_one_approval_is_enough_where_one_is_asked_and_the_stages_hear_of_it(site):
    policy("always", MANAGER)
    [asked] = submit(paper(1, site=site))
    [done] = decide(ED, asked)
    assert (done.state, state(asked)) == ("approved", "approved")
    [(body,)] = events()
    assert body["requests"] == [
        {"request_id": asked.request_id, "number": asked.number, "document": "house.paper", "subject": "house.paper:1",
         "state": "approved", "content_hash": asked.content_hash}
    ]  # fmt: skip
    assert sql.fetch_one("SELECT subject FROM platform_commandrecord WHERE command = 'approvals.decide'") == (
        "house.paper:1",
    )


def test_steps_are_asked_one_after_the_other_and_those_of_one_place_together(site):
    policy("chain", MANAGER, CONTROLLER, PolicyStep(2, ("warehouse_manager",), deadline_hours=24))
    [asked] = submit(paper(1, site=site))
    with pytest.raises(NotYourStep) as refused:
        decide(ADA, asked)
    assert "waits for finance controller or purchasing manager" in refused.value.message
    assert decide(OZ, asked)[0].state == "waiting"
    with pytest.raises(NotYourStep):
        decide(ADA, asked)
    assert decide(ED, asked)[0].state == "waiting"
    assert sql.fetch_one("SELECT state, due_at - opened_at FROM approvals_step WHERE sequence = 2")[0] == "open"
    assert decide(ADA, asked)[0].state == "approved"
    assert len(events()) == 1


def test_a_step_may_need_several_people_and_nobody_counts_twice(site):
    policy("two", PolicyStep(1, ("purchasing_manager",), needed=2))
    [asked] = submit(paper(1, site=site))
    decide(ED, asked)
    with pytest.raises(DutiesConflict):
        decide(ED, asked)
    assert decide(ELI, asked)[0].state == "approved"


def test_one_rejection_ends_it_and_needs_a_reason(site):
    policy("two", PolicyStep(1, ("purchasing_manager",), needed=2))
    [asked] = submit(paper(1, site=site))
    decide(ED, asked)
    with pytest.raises(ReasonMissing):
        decide(ELI, asked, verdict="reject", reason="  ")
    assert decide(ELI, asked, verdict="reject", reason="Too dear")[0].state == "rejected"
    assert sql.fetch_all("SELECT verdict, reason FROM approvals_verdict ORDER BY id") == [
        ("approve", ""),
        ("reject", "Too dear"),
    ]
    with pytest.raises(WrongState):
        decide(OZ, asked)


def test_neither_the_requester_nor_a_writer_approves(site):
    policy("always", MANAGER)
    [asked] = submit(paper(1, site=site, by=ED, writer_ids=(ELI.id,)))
    for person in (ED, ELI):
        with pytest.raises(DutiesConflict) as refused:
            decide(person, asked)
        assert refused.value.details == {"rule": "requester_is_not_approver"}


def test_only_what_was_seen_is_approved(site):
    policy("always", MANAGER)
    [first] = submit(paper(1, site=site))
    by = ctx(ED)
    submit(paper(1, site=site, amount="999"))
    with pytest.raises(WrongState):
        decide(ED, first)
    second = sql.fetch_value("SELECT max(id) FROM approvals_request")
    with pytest.raises(ContentChanged):
        commands.decide(by, Decide([Seen(second, first.content_hash)], "approve"))
    assert sql.fetch_value("SELECT count(*) FROM approvals_verdict") == 0


def test_many_are_decided_together_or_none_with_every_bad_one_named(site):
    policy("always", MANAGER)
    asked = submit(*(paper(n, site=site, by=ED if n == 2 else DI) for n in (1, 2, 3)))
    decide(ELI, asked[2])
    before, who = rows(), ctx(ED)
    with pytest.raises(DutiesConflict) as refused:
        commands.decide(who, Decide([Seen(o.request_id, o.content_hash) for o in asked], "approve"))
    assert [b.line for b in refused.value.lines] == [2, 3]
    assert rows() == before
    assert [d.state for d in decide(ELI, asked[0], asked[1])] == ["approved", "approved"]


def test_a_retry_is_answered_from_the_record(site):
    policy("always", MANAGER)
    [asked] = submit(paper(1, site=site))
    first = decide(ED, asked, key="k")
    assert decide(ED, asked, key="k") == first
    assert sql.fetch_value("SELECT count(*) FROM approvals_verdict") == 1


def test_who_may_not_decide_here_finds_nothing(site):
    policy("always", MANAGER)
    [asked] = submit(paper(1, site=site))
    with pytest.raises(NotPermitted):
        decide(BO, asked)
    elsewhere = ctx(ED)
    elsewhere.grants = {**elsewhere.grants, "approvals.decide": frozenset({site + 1})}
    with pytest.raises(NotFound):
        commands.decide(elsewhere, Decide([Seen(asked.request_id, asked.content_hash)], "approve"))
    for bad in (
        Decide([], "approve"),
        Decide([Seen(1, "x"), Seen(1, "x")], "approve"),
        Decide([Seen(1, "x")], "maybe"),
        Decide([Seen(n, "x") for n in range(501)], "approve"),
    ):
        with pytest.raises(Invalid):
            commands.decide(ctx(ED), bad)


def test_a_role_at_another_site_does_not_count_here(site):
    policy("always", MANAGER)
    [asked] = submit(paper(1, site=site))
    sql.execute("UPDATE platform_userrole SET site_id = %s WHERE user_id = %s", (site + 1, ELI.id))
    roaming = ctx(ELI)
    roaming.grants = {**roaming.grants, "approvals.decide": frozenset({0})}
    with pytest.raises(NotYourStep):
        commands.decide(roaming, Decide([Seen(asked.request_id, asked.content_hash)], "approve"))


def test_the_database_takes_no_verdict_of_the_requester_nor_of_another_content(site):
    policy("always", MANAGER)
    [asked] = submit(paper(1, site=site))
    step = sql.fetch_value("SELECT id FROM approvals_step")
    statement = """
        INSERT INTO approvals_verdict (request_id, step_id, verdict, given_by_id, given_for_id, content_hash, reason,
                                       given_at)
        VALUES (%s, %s, 'approve', %s, %s, %s, '', now())
    """
    for who, content in ((DI, asked.content_hash), (ED, "0" * 64)):
        with pytest.raises(IntegrityError), transaction.atomic():
            sql.execute(statement, (asked.request_id, step, who.id, who.id, content))
    decide(ED, asked)
    for spoil in ("UPDATE approvals_verdict SET verdict = 'reject'", "DELETE FROM approvals_verdict"):
        with pytest.raises(IntegrityError), transaction.atomic():
            sql.execute(spoil)
