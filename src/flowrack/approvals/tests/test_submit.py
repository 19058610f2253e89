"""Documents ask: at once approved or waiting, once per content, with the reasons kept."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from tests.cast import DI, ED, NOW, OZ, ctx
from tests.supply import house

from flowrack.approvals import queries, steps
from flowrack.approvals.tests.papers import CONTROLLER, KIND, MANAGER, decide, paper, policy, state, submit
from flowrack.approvals.types import Condition, PolicyStep, RejectedBefore
from flowrack.platform import decisions, sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    return house().site


def test_what_no_policy_asks_about_is_approved_at_once(site):
    policy("big", MANAGER, when=(Condition("amount", ">", "1000"),))
    [small, big] = submit(paper(1, site=site, amount="1000"), paper(2, site=site, amount="1000.01"))
    assert (small.state, big.state) == ("approved", "waiting")
    assert sql.fetch_all("SELECT request_id, sequence, roles, needed, given, state FROM approvals_step") == [
        (big.request_id, 1, ["purchasing_manager"], 1, 0, "open")
    ]


def test_why_says_which_policies_asked_which_did_not_and_what_they_saw(site):
    policy("big", MANAGER, when=(Condition("amount", ">", "1000"),))
    policy("new", CONTROLLER, when=(Condition("new_supplier", "=", "yes"),))
    [asked] = submit(paper(1, site=site, amount="1200", facts={"new_supplier": False, "price_up_pct": None}))
    [why] = decisions.why("house.paper:1")
    assert why.sentence == (
        f"{asked.number} waits for Purchasing manager. “Policy big” asks. amount 1,200.00 is more than 1,000.00."
    )
    assert why.rule == "big:1 new:1"
    assert why.detail == {
        "asked": "“Policy big” version 1: amount 1,200.00 is more than 1,000.00.",
        "did_not_ask": "“Policy new” version 1: new supplier: no.",
        "amount": "1200",
        "new_supplier": "no",
        "price_up_pct": "not known",
        "content_hash": asked.content_hash,
    }
    facts = dict(sql.fetch_all("SELECT name, value FROM approvals_requestfact"))
    assert facts == {"amount": "1200", "new_supplier": "no", "price_up_pct": ""}


def test_the_same_content_keeps_its_decisions_and_another_one_voids_them(site):
    policy("always", PolicyStep(1, ("purchasing_manager", "finance_controller"), needed=2))
    [first] = submit(paper(1, site=site))
    decide(ED, first)
    assert submit(paper(1, site=site, summary="Told anew")) == [first]
    [second] = submit(paper(1, site=site, amount="101"))
    assert (state(first), second.state, second.request_id != first.request_id) == ("voided", "waiting", True)
    assert sql.fetch_value("SELECT given FROM approvals_step WHERE request_id = %s", (second.request_id,)) == 0
    decide(ED, second)
    decide(OZ, second)
    assert submit(paper(1, site=site, amount="101")) == [replace(second, state="approved")]
    submit(paper(1, site=site, amount="102"))
    assert state(second) == "voided"


def test_the_very_content_that_was_rejected_is_refused_until_it_changes(site):
    policy("always", MANAGER)
    [asked] = submit(paper(1, site=site))
    decide(ED, asked, verdict="reject", reason="Too dear")
    with pytest.raises(RejectedBefore) as refused:
        submit(paper(2, site=site), paper(1, site=site))
    assert [(b.line, b.message) for b in refused.value.lines] == [
        (2, f"{asked.number} was rejected by Ed Purchasing: Too dear")
    ]
    [again] = submit(paper(1, site=site, amount="90"))
    assert again.state == "waiting"


def test_withdrawn_waits_no_more_and_may_be_submitted_again(site):
    policy("always", MANAGER)
    [asked] = submit(paper(1, site=site))
    assert steps.withdraw(ctx(DI), KIND.code, ["house.paper:1", "house.paper:9"], reason="not needed") == 1
    assert state(asked) == "withdrawn"
    assert submit(paper(1, site=site))[0].request_id != asked.request_id


def test_what_a_person_submits_in_a_day_is_added_up(site):
    policy("day", MANAGER, when=(Condition("day_total", ">", "250"),))
    outcomes = submit(*(paper(n, site=site) for n in (1, 2, 3)))
    assert [o.state for o in outcomes] == ["approved", "approved", "waiting"]
    assert [o.state for o in submit(paper(4, site=site))] == ["waiting"]
    assert [o.state for o in submit(paper(5, site=site, by=ED))] == ["approved"]
    [tomorrow] = submit(paper(6, site=site), by=ctx(DI, now=NOW + timedelta(days=1)))
    assert tomorrow.state == "approved"
    seen = sql.fetch_all("SELECT value FROM approvals_requestfact WHERE name = 'day_total' ORDER BY id")
    assert [Decimal(v) for (v,) in seen] == [100, 200, 300, 400, 100, 100]


def test_an_order_in_slices_to_one_partner_is_added_up_over_seven_days(site):
    policy("slices", MANAGER, when=(Condition("week_total", ">", "150"),))
    for day, partner, expected in (
        (0, "p:1", "approved"),
        (6, "p:1", "waiting"),
        (6, "p:2", "approved"),
        (7, "p:1", "waiting"),
        (20, "p:1", "approved"),
    ):
        [one] = submit(
            paper(10 * day + int(partner[-1]), site=site, partner=partner), by=ctx(DI, now=NOW + timedelta(days=day))
        )
        assert one.state == expected, (day, partner)


def test_standing_tells_what_became_of_a_document(site):
    policy("always", MANAGER, CONTROLLER)
    [asked, other] = submit(paper(1, site=site), paper(2, site=site))
    decide(ED, other, verdict="reject", reason="No")
    found = queries.standing(["house.paper:1", "house.paper:2", "house.paper:3"], KIND.code)
    assert set(found) == {"house.paper:1", "house.paper:2"}
    one, two = found["house.paper:1"], found["house.paper:2"]
    assert (one.request_id, one.state, one.waits_for) == (
        asked.request_id, "waiting", ["finance_controller", "purchasing_manager"],
    )  # fmt: skip
    assert (two.state, two.waits_for, two.last_by, two.last_reason) == ("rejected", [], "Ed Purchasing", "No")


def test_a_thousand_documents_ask_with_as_many_statements_as_two(site, django_assert_max_num_queries):
    policy("big", MANAGER, when=(Condition("day_total", ">", "500"),))
    by = ctx(DI)
    asked = [paper(n, site=site) for n in range(1000)]
    with django_assert_max_num_queries(19):
        outcomes = submit(*asked, by=by)
    assert [o.state for o in outcomes].count("approved") == 5


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE approvals_request SET content_hash = 'x'",
        "UPDATE approvals_request SET barred_ids = '{}'",
        "UPDATE approvals_request SET state = 'approved'",
        "DELETE FROM approvals_request",
        "UPDATE approvals_requestfact SET value = '1'",
        "UPDATE approvals_policy SET is_active = false",
        "DELETE FROM approvals_policystep",
        "UPDATE approvals_step SET given = 2",
        "UPDATE approvals_step SET state = 'done'",
        """INSERT INTO approvals_request (number, kind, subject, site_id, amount, currency, partner, partner_name,
                  summary, sentence, reason, content, content_hash, requester_id, barred_ids, state, submitted_at,
                  submitted_on, end_reason)
           SELECT 'AP-X', kind, subject, site_id, 1, '', '', '', '', '', '', '', 'y', requester_id, barred_ids, state,
                  submitted_at, submitted_on, '' FROM approvals_request""",
    ],
)
def test_the_database_refuses_what_no_command_does(site, statement):
    policy("always", MANAGER)
    submit(paper(1, site=site))
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.execute(statement)
