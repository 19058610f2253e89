from dataclasses import replace

import pytest
from tests.cast import DI, ED, EVE, KIM, LOU, NOW, OZ, bearer, signed_in
from tests.supply import house

from flowrack.approvals import queries
from flowrack.approvals.tests.papers import CONTROLLER, KIND, MANAGER, decide, paper, policy, state, submit
from flowrack.approvals.types import KINDS, Condition, PolicyStep
from flowrack.platform import sql
from flowrack.platform.http import now

pytestmark = pytest.mark.django_db
BIG = Condition("amount", ">", "150")


@pytest.fixture
def site():
    return house().site


def text(page, status=200):
    assert page.status_code == status, page.content.decode()[:2000]
    return page.content.decode()


def test_the_inbox_shows_the_dearest_first_with_what_asks_and_similar_decisions(site):
    policy("big", MANAGER, when=(BIG,))
    [old, small, big] = submit(
        *(
            paper(n, site=site, amount=f"{n}00", partner="p:1", partner_name="Ostler", sentence=f"Sentence {n}.")
            for n in (2, 3, 4)
        )
    )
    decide(ED, old, verdict="reject", reason="Too dear then")
    shown = text(signed_in(ED).get("/approvals"))
    assert shown.index("Paper 4") < shown.index("Paper 3")
    assert "Sentence 4." in shown and "Sentence 3." not in shown
    assert "“Policy big” version 1: amount 400.00 is more than 150.00." in shown
    assert old.number in shown and "Too dear then" in shown
    assert text(signed_in(ED).get(f"/approvals?request={small.request_id}")).count("Sentence 3.") == 1
    assert "Nothing waits for you." in text(signed_in(LOU).get("/approvals"))
    assert signed_in(EVE).get("/approvals").status_code == 403
    assert big.state == "waiting"


def test_who_asked_sees_what_became_of_it_but_no_buttons(site):
    policy("always", MANAGER)
    [asked] = submit(paper(1, site=site))
    shown = text(signed_in(DI).get("/approvals"))
    assert "Paper 1" in shown and "You asked for it, so somebody else decides." in shown
    assert 'value="approve"' not in shown and "To approve" not in shown
    assert signed_in(DI).post("/approvals/decide", {"ids": asked.request_id}).status_code == 403


def test_one_and_many_are_decided_as_they_were_seen(site):
    policy("always", MANAGER)
    a, b, c = submit(*(paper(n, site=site) for n in (1, 2, 3)))
    browser = signed_in(ED)
    form = {"ids": [a.request_id, b.request_id], "verdict": "approve", "idempotency_key": "k",
            **{f"hash-{o.request_id}": o.content_hash for o in (a, b)}}  # fmt: skip
    assert browser.post("/approvals/decide", form).headers["Location"] == "/approvals"
    assert (state(a), state(b), state(c)) == ("approved", "approved", "waiting")
    one = {"ids": c.request_id, f"hash-{c.request_id}": c.content_hash, "verdict": "reject", "idempotency_key": "k2"}
    refused = text(browser.post("/approvals/decide", {**one, "reason": ""}), 422)
    assert "A rejection needs a reason." in refused and "Paper 3" in refused
    stale = {**one, f"hash-{c.request_id}": "0" * 64, "reason": "No", "idempotency_key": "k3"}
    assert "is not what you saw" in text(browser.post("/approvals/decide", stale), 412)
    assert browser.post("/approvals/decide", {**one, "reason": "No", "idempotency_key": "k4"}).status_code == 303
    assert state(c) == "rejected"


def test_a_verdict_that_is_not_the_last_says_that_others_follow(site):
    policy("both", MANAGER, CONTROLLER)
    [asked] = submit(paper(1, site=site))
    form = {"ids": asked.request_id, f"hash-{asked.request_id}": asked.content_hash, "verdict": "approve"}
    browser = signed_in(ED)
    after = browser.post("/approvals/decide", {**form, "idempotency_key": "k"}, follow=True)
    assert "Approved, others follow" in text(after) and "Nothing waits for you." in text(after)
    shown = text(browser.get(f"/approvals?request={asked.request_id}"))
    assert "You had your part in it. It waits for others." in shown


def test_a_person_lets_another_stand_in_and_ends_it(site):
    browser = signed_in(ED)
    assert LOU.id and OZ.id
    form = {"to": LOU.id, "of": ED.id, "until": now().date().isoformat(), "idempotency_key": "k"}
    assert "Let somebody stand in" in text(browser.get("/approvals/delegations/new"))
    assert browser.post("/approvals/delegations/new", form).headers["Location"] == "/approvals/delegations"
    shown = text(browser.get("/approvals/delegations"))
    assert "Lou Sales" in shown and "everything" in shown
    long = {**form, "until": "2099-01-01", "idempotency_key": "k2"}
    assert "At most 14 days." in text(browser.post("/approvals/delegations/new", long), 422)
    policy("always", MANAGER)
    submit(paper(1, site=site))
    lou = text(signed_in(LOU).get("/approvals"))
    assert "for Ed Purchasing" in lou and "You decide in the place of Ed Purchasing." in lou
    lent = sql.fetch_value("SELECT id FROM approvals_delegation")
    end = {"batch": "end", "ids": lent, "idempotency_key": "k3", "query": "?", "all": ""}
    assert browser.post("/approvals/delegations", end).status_code == 303
    assert sql.fetch_value("SELECT revoked_by_id FROM approvals_delegation") == ED.id


def test_a_policy_is_shown_as_a_sentence_and_changed_by_a_new_version(site):
    first = policy("big", PolicyStep(1, ("purchasing_manager", "sales_manager", "finance_controller")), when=(BIG,))
    assert "amount is more than 150.00" in text(signed_in(KIM).get("/approvals/policies"))
    assert signed_in(KIM).get(f"/approvals/policies/{first}/change").status_code == 403
    browser = signed_in(OZ)
    assert 'value="150"' in text(browser.get(f"/approvals/policies/{first}/change"))
    form = {
        "kind": KIND.code, "name": "Bigger", "is_active": "on", "reason": "Prices rose", "idempotency_key": "k",
        "c-TOTAL_FORMS": 2, "c-INITIAL_FORMS": 0, "s-TOTAL_FORMS": 1, "s-INITIAL_FORMS": 0,
        "c-0-field": "amount", "c-0-operator": ">", "c-0-value": "500", "c-1-operator": ">",
        "s-0-sequence": 1, "s-0-roles": ["finance_controller"], "s-0-needed": 1, "s-0-deadline_hours": 8,
        "s-0-escalation_role": "warehouse_manager",
    }  # fmt: skip
    saved = browser.post(f"/approvals/policies/{first}/change", form)
    assert saved.status_code == 303, text(saved, 422)
    [found] = queries.policies_at([KIND.code], now())
    assert (found.version, found.conditions) == (2, (Condition("amount", ">", "500"),))
    assert found.steps == (PolicyStep(1, ("finance_controller",), 1, 8, "warehouse_manager"),)
    shown = text(browser.get(saved.headers["Location"]))
    assert "Finance controller within 8 h, after that Warehouse manager too" in shown and "150.00" in shown
    bad = text(
        browser.post(f"/approvals/policies/{first}/change", {**form, "c-0-value": "much", "idempotency_key": "k2"}), 422
    )
    assert "“much” is not a number." in bad and 'value="much"' in bad
    off = text(browser.get(f"/approvals/policies/{first}/change?turn=1"))
    assert "checked" not in off.split('name="is_active"')[1].split(">")[0]
    new = browser.post(
        "/approvals/policies/new", {**form, "name": "Any paper", "c-0-field": "", "idempotency_key": "k3"}
    )
    assert new.status_code == 303
    assert {p.code for p in queries.policies_at([KIND.code], now())} == {"big", "any-paper"}
    assert now() > NOW


def test_money_of_a_kind_is_shown_to_who_may_see_it_asked_is_asked_or_decided(site, monkeypatch):
    policy("always", PolicyStep(1, ("sales_manager",)))
    monkeypatch.setitem(KINDS, KIND.code, replace(KIND, view="purchasing.view"))
    [open_one, other] = submit(paper(1, site=site, amount="7531"), paper(2, site=site, amount="8642", by=KIM))
    url, api = f"/approvals?request={open_one.request_id}", f"/api/v1/approvals/requests/{open_one.request_id}"
    assert "7,531.00" in text(signed_in(LOU).get(url)), "Lou is asked, and sees no purchases otherwise"
    assert signed_in(KIM).get(url).status_code == 404
    assert signed_in(KIM).get(api, headers=bearer(KIM)).status_code == 404
    decide(LOU, open_one)
    shown = text(signed_in(KIM).get("/approvals?tab=decided")) + text(signed_in(KIM).get("/approvals?tab=mine"))
    assert "7,531.00" not in shown and "8,642.00" in shown
    assert "7,531.00" in text(signed_in(LOU).get("/approvals?tab=decided"))
    assert "7,531.00" in text(signed_in(DI).get("/approvals?tab=decided")) and other.state == "waiting"


def test_an_inbox_of_more_than_a_page_shows_the_rest_on_the_next_and_counts_all(site):
    policy("always", MANAGER)
    asked = submit(*(paper(n, site=site, amount=f"{1000 - n}") for n in range(1, 63)))
    browser = signed_in(ED)
    first = text(browser.get("/approvals"))
    assert "1 to 50 of 62" in first and 'href="?page=2"' in first and '<span class="ct">62</span>' in first
    assert ">Paper 50<" in first and ">Paper 51<" not in first
    second = text(browser.get("/approvals?page=2"))
    assert "51 to 62 of 62" in second and ">Paper 62<" in second and ">Paper 50<" not in second
    last = asked[61]
    opened = text(browser.get(f"/approvals?page=2&request={last.request_id}"))
    assert 'value="reject"' in opened and f"?page=2&amp;request={asked[60].request_id}" in opened
    assert "1 to 50 of 62" in text(browser.get("/approvals?page=9")), "there is no such page any more"
    mine = text(signed_in(DI).get("/approvals?tab=mine"))
    assert "1 to 50" in mine and "?tab=mine&amp;page=2" in mine
    assert "51 to 62" in text(signed_in(DI).get("/approvals?tab=mine&page=2"))
