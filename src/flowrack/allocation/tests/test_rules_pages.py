"""The workbench, runs and the Why page of a line, as people and other systems see them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.core.files.base import ContentFile
from tests import outbound
from tests.cast import ADA, KIM, LOU, MAY, bearer, signed_in

from flowrack.allocation import queries_rules
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ClassRule, RuleSet, Weights
from flowrack.platform import jobs, sql

pytestmark = pytest.mark.django_db(transaction=True)

C_FIRST = RuleSet(
    classes=(ClassRule("C first", tiers=("C",)), ClassRule("Rest", weights=Weights(tier=2, margin=3))), promises="rank"
)
FIELDS = {
    "name": "Clinics first",
    "classes": "Clinics: keep; tier C\nRest: keep; score tier 4, date 3",
    "quotas": "",
    "fairness_percent": "40",
    "horizon_days": "",
    "date_days": "28",
    "promises": "rank",
    "order": "fefo",
    "min_life_days": "0",
    "note": "they cannot wait",
}


def short_item() -> tuple[int, int, int]:
    """Ten units, and two orders that want eight each: the site and both lines, the better tier first."""
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 10, "1")
    lines = []
    for code, tier in (("BIG", "A"), ("SMALL", "C")):
        outbound.customer(code, tier=tier)
        lines.append(outbound.order(at.site, code, ("4711", 8)).line_ids[0])
    return at.site, lines[0], lines[1]


def text_of(html: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.decode()))


def test_a_planner_writes_a_draft_tries_it_and_asks_for_it():
    site, _, _ = short_item()
    may = signed_in(MAY)
    assert "The rules as shipped decide" in text_of(may.get("/allocation/rules").content)
    saved = may.post("/allocation/rules/new", {**FIELDS, "site_id": site})
    assert saved.status_code == 303
    draft = sql.fetch_value("SELECT id FROM allocation_rulesetversion")
    assert queries_rules.rule_set(draft).rules.classes[1].weights == Weights(tier=4, date=3)
    page = text_of(may.get(f"/allocation/rules/{draft}").content)
    assert "Not tried on today&#x27;s open orders and history as it is now." in page
    assert "Most for one customer, % 100 40" in page
    assert "Promised days are kept where they can be do not count, the rank alone decides" in page
    tried = may.post(f"/allocation/rules/{draft}/try")
    assert tried.status_code == 303
    page = text_of(may.get(tried["Location"]).content)
    assert "A promised now 1 0 8 0.0 0" in page.replace("\u202f", "") or "promised now" in page
    assert "Who gains" in page and "Who loses" in page
    refused = may.post(f"/allocation/rules/{draft}/ask", {"instead_of": "0"})
    assert refused.status_code == 409 and "was not tried on history" in text_of(refused.content)
    asked = may.post(f"/allocation/rules/{draft}/ask", {"instead_of": "0", "untried_because": "no history yet"})
    assert asked.status_code == 303 and rulebook.state(draft) == "asked"
    rulebook.decide()
    assert "Active" in text_of(signed_in(LOU).get("/allocation/rules").content)
    assert "Clinics: keep; tier C" in may.get(f"/allocation/rules/new?like={draft}").content.decode()


def test_other_systems_ask_for_the_first_rules_of_a_site(client):
    site, _, _ = short_item()
    assert signed_in(MAY).post("/allocation/rules/new", {**FIELDS, "site_id": site}).status_code == 303
    draft = sql.fetch_value("SELECT id FROM allocation_rulesetversion")
    url = f"/api/v1/allocation-rules/{draft}/ask"

    def ask(instead_of: int):
        body = {"instead_of": instead_of, "untried_because": "no history yet"}
        return client.post(url, body, content_type="application/json", headers=bearer(MAY))

    bad = ask(-1)
    [fault] = bad.json()["errors"]
    assert (bad.status_code, fault["message"], fault["fix"]) == (422, "This value is too small.", "Use 0 or more.")
    asked = ask(0)
    assert (asked.status_code, asked.json()["state"]) == (200, "asked")


def test_lines_that_cannot_be_read_and_rules_that_contradict_are_named_on_the_form():
    site, _, _ = short_item()
    may = signed_in(MAY)
    bad = may.post("/allocation/rules/new", {**FIELDS, "site_id": site, "classes": "Clinics: win"})
    assert bad.status_code == 422 and "nothing that a class can do" in text_of(bad.content)
    pair = may.post("/allocation/rules/new", {**FIELDS, "site_id": site, "classes": "All: keep\nKey: keep; tier A"})
    assert pair.status_code == 422 and "“All” takes every order that “Key” is for." in text_of(pair.content)
    assert "All: keep" in pair.content.decode()
    assert not sql.fetch_value("SELECT count(*) FROM allocation_rulesetversion")


def test_the_form_says_what_each_line_means_while_it_is_typed():
    short_item()
    may = signed_in(MAY)
    said = may.post("/allocation/rules/check", {"classes": "Key: guarantee; customer BIG", "quotas": ""})
    assert text_of(said.content).strip() == "Key : guarantee; customer BIG"
    wrong = text_of(may.post("/allocation/rules/check", {"classes": "Key: keep; customer SMA"}).content)
    assert "There is no customer SMA. Perhaps SMALL (SMALL Ltd)." in wrong
    pair = text_of(may.post("/allocation/rules/check", {"classes": "All: keep\nKey: keep; tier A"}).content)
    assert "“All” takes every order that “Key” is for." in pair
    assert "What a class does" in text_of(may.get("/allocation/rules/new").content)


def test_rules_are_saved_as_a_file_read_back_and_compared():
    site, _, _ = short_item()
    may = signed_in(MAY)
    first = rulebook.draft(site, C_FIRST, name="Clinics").rule_set_id
    file = may.get(f"/allocation/rules/{first}/file")
    assert file["Content-Disposition"] == 'attachment; filename="allocation-rules-w1-v1.txt"'
    text = file.content.decode().replace("horizon: none", "horizon: 9 days")
    sent = may.post("/allocation/rules/import", {"site_id": site, "file": ContentFile(text.encode(), "rules.txt")})
    assert sent.status_code == 303, text_of(sent.content)
    second = sql.fetch_value("SELECT max(id) FROM allocation_rulesetversion")
    assert queries_rules.rule_set(second).rules == replace(C_FIRST, horizon_days=9)
    page = text_of(may.get(f"/allocation/rules/{second}/compare?with={first}").content)
    assert "Promised at most days ahead none 9" in page
    bad = may.post("/allocation/rules/import", {"site_id": site, "file": ContentFile(b"lots: lifo\n", "rules.txt")})
    assert bad.status_code == 422 and "Line 0: The file has no classes." in text_of(bad.content)


def test_a_draft_of_a_site_is_held_against_what_decides_there_by_name():
    site, _, _ = short_item()
    may = signed_in(MAY)
    draft = rulebook.draft(site, C_FIRST, name="Clinics").rule_set_id
    page = text_of(may.get(may.post(f"/allocation/rules/{draft}/try")["Location"]).content)
    assert "In force then the rules as shipped (one class: tier, requested date, age of the order)" in page
    assert "tried, site v1" in page and "Rules in force" not in page
    company = rulebook.in_force(0, replace(C_FIRST, horizon_days=9))
    page = text_of(may.get(f"/allocation/rules/{draft}").content)
    assert "Not tried on today&#x27;s open orders and history as it is now." in page, "other rules decide now"
    assert "In force at W1: company version 1, Rules, in force since" in page
    assert "Promised at most days ahead 9 none" in page
    trial = may.post(f"/allocation/rules/{draft}/try")["Location"]
    assert sql.fetch_value("SELECT max(instead_of) FROM allocation_ruletrial") == company
    page = text_of(may.get(trial).content)
    assert "In force then company version 1, Rules, in force since" in page and "in force, company v1" in page
    page = text_of(may.get(f"/allocation/rules/{draft}/compare").content)
    assert "Clinics beside company version 1, Rules, in force since" in page
    assert "Clinics beside the rules as shipped" in text_of(
        may.get(f"/allocation/rules/{draft}/compare?with=0").content
    )


def test_a_full_run_is_started_on_its_page_and_seen_in_the_list():
    site, _, _ = short_item()
    ada = signed_in(ADA)
    assert ada.post("/allocation/runs/start", {"site_id": site}).status_code == 303
    assert "Queued" in text_of(ada.get("/allocation/runs").content)
    jobs.run_next()
    page = text_of(ada.get("/allocation/runs").content)
    assert "Done" in page and "Ada Manager" in page


def test_why_a_line_waits_is_told_in_full_with_what_changed_since():
    site, big, _ = short_item()
    rulebook.in_force(site, C_FIRST)
    outbound.allocate(site)
    page = text_of(signed_in(MAY).get(f"/order-lines/{big}/why").content)
    assert "2 of 8 reserved, 6 wait" in page
    assert "2 of 2" in page and "C first" in page
    assert "Margin" in page and "Score" in page  # a planner sees margins
    hidden = text_of(signed_in(KIM).get(f"/order-lines/{big}/why").content)
    assert "Margin" not in hidden and "Score" not in hidden and "2 of 8 reserved" in hidden
    assert signed_in(KIM).get("/order-lines/999/why").status_code == 404
    order_id = sql.fetch_value("SELECT order_id FROM sales_orderline WHERE id = %s", (big,))
    ladder = text_of(signed_in(KIM).get(f"/orders/{order_id}?line={big}").content)
    assert ladder.index("SMALL Ltd") < ladder.index("BIG Ltd", ladder.index("Claims in rank order"))


def test_other_systems_read_certificates_and_try_rules(client):
    site, big, _ = short_item()
    rulebook.in_force(site, C_FIRST)
    outbound.allocate(site)
    found = client.get(f"/api/v1/order-lines/{big}/certificate", headers=bearer(KIM)).json()
    assert (found["rank"], found["of"], found["got"], found["wanted"]) == (2, 2, 2, 8)
    assert [(c["got"], c["score"], c["points"]) for c in found["claims"]] == [
        (8, None, {"tier": 0}),
        (2, None, {"tier": 100}),
    ]
    assert "margin" not in found["claims"][0]["points"]
    assert {row["what"]: row["is_changed"] for row in found["then_and_now"]}["Free of the item"] is True
    shipped = client.get("/api/v1/allocation-rules/shipped", headers=bearer(MAY)).json()
    made = client.post(
        "/api/v1/allocation-rules",
        {"site_id": site, "name": "As shipped", "rules": shipped},
        content_type="application/json",
        headers=bearer(MAY),
    )
    assert made.status_code == 200, made.content
    draft = made.json()["rule_set_id"]
    trial = client.get(f"/api/v1/allocation-rules/{draft}/trial", headers=bearer(MAY)).json()
    assert (trial["tried"], trial["open"]) == (2, 2)
    assert [(s["before"], s["after"]) for s in trial["shifts"]] == [(2, 8), (8, 2)]
    run = client.post(
        "/api/v1/allocation-runs", {"site_id": site}, content_type="application/json", headers=bearer(MAY)
    )
    assert run.json()["lines"] == 1
    assert client.get("/api/v1/allocation-runs", headers=bearer(MAY)).json()[0]["state"] == "queued"
