"""The putaway rules on their pages and over the API: written, tried, activated by somebody else."""

from __future__ import annotations

import json

import pytest
from tests.cast import ADA, BO, EVE, HAL, bearer, signed_in
from tests.supply import item

from flowrack.platform import sql
from flowrack.storage import queries_rules
from flowrack.storage.tests.house import shelves
from flowrack.storage.tests.rule_sets import draft, simulated
from flowrack.storage.tests.test_simulate_putaways import put_away
from flowrack.storage.types_putaway import BUILT_IN, NUMBERS, RuleSetSaved

pytestmark = pytest.mark.django_db

FORM = {
    **{name: str(getattr(BUILT_IN, name)) for name in NUMBERS},
    "name": "Spring",
    "never_within": "zone",
    "mixes_lots": "on",
    "zones_A": "forward_pick, reserve",
    "classes": "food = reserve",
    "apart": "3 x 5.1 = x",
    "idempotency_key": "k",
}


def test_a_version_is_written_on_the_page_and_shown_with_what_it_says():
    here = shelves()
    hal = signed_in(HAL)
    assert "Built in" not in hal.get("/putaway-rules/new").content.decode().split("</form>")[0].split("name=")[1]
    bad = hal.post("/putaway-rules/new", {**FORM, "zones_A": "P9", "apart": "3 and 5"})
    assert bad.status_code == 422
    page = bad.content.decode()
    assert "This site has no zone P9." in page and "is no cell" in page
    refused = hal.post("/putaway-rules/new", {**FORM, "apart": "3 x 77 = X", "idempotency_key": "r"})
    assert refused.status_code == 422 and "is no cell" in refused.content.decode()

    saved = hal.post("/putaway-rules/new", FORM)
    assert saved.status_code == 303
    page = signed_in(BO).get(saved.headers["Location"]).content.decode()
    for words in ("Putaway rules v1", "Spring", "food goods only in", "3 x 5.1 = X", "Not tried on past receipts yet"):
        assert words in page
    assert "Activate" not in page  # Bo may only look
    assert "Spring" in signed_in(BO).get("/putaway-rules").content.decode()
    assert signed_in(EVE).get("/putaway-rules").status_code == 403
    [row] = queries_rules.rule_sets([here.site])
    again = hal.get(f"/putaway-rules/{row.id}/edit").content.decode()
    assert "forward_pick, reserve" in again and "food = reserve" in again and "3 x 5.1 = X" in again
    summer = {**FORM, "name": "Summer", "idempotency_key": "e"}
    assert hal.post(f"/putaway-rules/{row.id}/edit", summer).status_code == 303
    assert queries_rules.rule_set(row.id, [0]).rules.name == "Summer"


def test_it_is_tried_then_activated_by_somebody_else_and_the_move_says_why():
    here, hose = shelves(max_lpns=1), item("V-200")
    planned = put_away(here, hose, 10)
    saved = draft(here)
    at = f"/putaway-rules/{saved.rule_set_id}"
    hal, ada = signed_in(HAL), signed_in(ADA)
    early = ada.post(f"{at}/activate", {"idempotency_key": "a"})
    assert early.status_code == 409 and "was not tried" in early.content.decode()
    started = hal.post(f"{at}/simulate", {"from_on": "2026-03-02", "to_on": "2026-03-02", "idempotency_key": "s"})
    assert started.status_code == 303 and started.headers["Location"].startswith("/jobs/")
    wrong = hal.post(f"{at}/simulate", {"from_on": "2026-03-02", "to_on": "2026-03-01", "idempotency_key": "t"})
    assert wrong.status_code == 422
    simulated(saved)
    page = hal.get(at).content.decode()
    for words in ("By zone", "Every receipt would have found a bin", "First receipts", "R-01"):
        assert words in page
    assert ada.post(f"{at}/activate", {"idempotency_key": "b"}).status_code == 303
    assert queries_rules.in_use(here.site).version == 1
    assert hal.post(f"{at}/discard", {"idempotency_key": "d"}).status_code == 409

    page = signed_in(BO).get(f"/putaways/{planned.planned_move_id}").content.decode()
    for words in ("Score, m", "carry 2.7", "Bins removed", "reserve-1 is blocked or out of use."):
        assert words in page


def test_the_api_does_what_the_pages_do():
    here, hose = shelves(), item("V-200")
    put_away(here, hose, 10)
    api, json_type = "/api/v1/putaway-rules", "application/json"
    hal = signed_in(HAL)

    def send(method, address, body, person=HAL):
        return hal.generic(method, address, json.dumps(body), json_type, headers=bearer(person))

    made = send("POST", api, {"site_id": here.site, "rules": {"name": "By API", "bay_mm": 3_000}})
    assert made.status_code == 201
    at = f"{api}/{made.json()['rule_set_id']}"
    assert send("PUT", at, {"rules": {"name": "By API", "bay_mm": 2_000}}).json()["version"] == 1
    assert send("PUT", at, {"rules": {"name": "", "bay_mm": 0}}).json()["code"] == "bad_putaway_rules"
    assert hal.get(at, headers=bearer(BO)).json()["rules"]["bay_mm"] == 2_000
    assert len(hal.get(api, headers=bearer(BO)).json()["items"]) == 1
    assert send("POST", f"{at}/simulations", {"from_on": "2026-03-02", "to_on": "2026-03-02"}).status_code == 202
    rule_set_id = made.json()["rule_set_id"]
    sql.execute("UPDATE storage_putawayruleset SET written_at = '2026-03-01 09:00Z'")  # the days of the cast
    simulated(RuleSetSaved(rule_set_id, here.site, 1, "draft"))
    [found] = hal.get(f"{at}/simulations", headers=bearer(BO)).json()
    assert (found["receipts"], found["placed"]) == (1, 1)
    [line] = hal.get(f"{at}/simulated?refused=false", headers=bearer(BO)).json()["items"]
    assert (line["sku"], line["would_go_to"]) == ("V-200", "R-01")
    assert send("POST", f"{at}/activate", {}, ADA).json()["state"] == "active"
    assert send("POST", f"{at}/discard", {}).json()["code"] == "rules_not_draft"
    assert (
        sql.fetch_value("SELECT count(*) FROM platform_outboxevent WHERE kind = 'storage.putaway_rules_activated'") == 1
    )
