"""All that the inbox can do, the API can do."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from tests.cast import DI, ED, EVE, KIM, LOU, OZ, bearer
from tests.supply import house

from flowrack.approvals.tests.papers import CONTROLLER, MANAGER, decide, paper, policy, state, submit
from flowrack.platform.http import now

pytestmark = pytest.mark.django_db
API = "/api/v1/approvals"


@pytest.fixture
def site():
    return house().site


def get(who, path):
    return Client().get(f"{API}/{path}", headers=bearer(who))


def post(who, path, body):
    return Client().post(f"{API}/{path}", json.dumps(body), content_type="application/json", headers=bearer(who))


def test_the_inbox_holds_what_waits_for_the_caller_by_deadline_then_value(site):
    policy("always", MANAGER)
    a, b, c, own = submit(*(paper(n, site=site, amount=f"{n}00", by=ED if n == 4 else DI) for n in (1, 2, 3, 4)))
    decide(ED, b)
    assert [r["id"] for r in get(ED, "inbox").json()] == [c.request_id, a.request_id]
    assert get(OZ, "inbox").json() == []
    assert get(KIM, "inbox").status_code == 403
    assert own.state == "waiting"


def test_a_stand_in_sees_in_whose_place_it_asks(site):
    policy("always", MANAGER)
    [asked] = submit(paper(1, site=site))
    until = (now() + timedelta(days=2)).isoformat()
    lent = post(ED, "delegations", {"to_id": LOU.id, "until": until})
    assert lent.status_code == 201
    [row] = get(LOU, "inbox").json()
    assert (row["id"], row["for_name"]) == (asked.request_id, "Ed Purchasing")
    [known] = get(LOU, "delegations").json()
    assert (known["from_name"], known["to_name"]) == ("Ed Purchasing", "Lou Sales")
    assert post(ED, f"delegations/{lent.json()['delegation_id']}/revoke", {}).status_code == 200
    assert get(LOU, "inbox").json() == []


def test_a_request_in_full_and_a_verdict_on_what_was_seen(site):
    policy("both", MANAGER, CONTROLLER)
    [asked] = submit(paper(1, site=site, facts={"new_supplier": True}))
    seen = get(KIM, f"requests/{asked.request_id}").json()
    assert seen["facts"] == {"amount": "100", "new_supplier": "yes"}
    assert seen["changes"] == [
        {"label": "Paper", "field": "Amount", "before": "", "after": "100", "is_exception": False}
    ]
    assert [s["policies"] for s in seen["steps"]] == [["Policy both, version 1"]] * 2
    body = {
        "requests": [{"request_id": asked.request_id, "content_hash": seen["head"]["content_hash"]}],
        "verdict": "approve",
    }
    assert post(ED, "decide", body).json()["requests"][0]["state"] == "waiting"
    assert post(OZ, "decide", body).json()["requests"][0]["state"] == "approved"
    again = post(ED, "decide", body)
    assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
    assert [v["given_by"] for v in get(OZ, f"requests/{asked.request_id}").json()["verdicts"]] == [
        "Ed Purchasing", "Oz Controller",
    ]  # fmt: skip
    assert get(EVE, f"requests/{asked.request_id}").status_code == 403
    assert get(ED, "requests/999999").status_code == 404


def test_the_list_narrows_by_state_kind_document_and_requester(site):
    policy("always", MANAGER)
    a, b = submit(paper(1, site=site), paper(2, site=site, by=ED))
    for query, ids in (
        ("", [b, a]), ("is_mine=true", [b]), ("state=approved", []), ("kind=house.paper&limit=1", [b]),
        ("subject=house.paper:1", [a]),
    ):  # fmt: skip
        found = get(ED, f"requests?{query}").json()
        assert [r["id"] for r in found["items"]] == [one.request_id for one in ids], query
    assert get(ED, "requests?limit=1").json()["next"]
    assert state(a) == "waiting"


def test_policies_are_read_as_sentences_and_written_as_versions(site):
    policy("big", MANAGER)
    body = {
        "kind": "house.paper", "code": "big", "name": "Big", "reason": "board",
        "conditions": [{"field": "amount", "operator": ">", "value": "500"}],
        "steps": [{"sequence": 1, "roles": ["finance_controller"], "deadline_hours": 8,
                   "escalation_role": "warehouse_manager"}],
    }  # fmt: skip
    assert post(OZ, "policies", body).json()["version"] == 2
    [read] = [p for p in get(KIM, "policies").json() if p["code"] == "big"]
    assert (read["version"], read["when"]) == (2, "amount is more than 500.00")
    assert read["asks"] == "Finance controller within 8 h, after that Warehouse manager too"
    assert post(KIM, "policies", body).status_code == 403
    bad = post(OZ, "policies", {**body, "steps": []})
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "steps")


def test_the_inbox_is_read_in_parts(client):
    here = house()
    policy("always", MANAGER)
    submit(*(paper(n, site=here.site, amount=f"{10 - n}") for n in (1, 2, 3)))
    summaries = [row["summary"] for row in client.get("/api/v1/approvals/inbox?offset=1", headers=bearer(ED)).json()]
    assert summaries == ["Paper 2", "Paper 3"]
    assert client.get("/api/v1/approvals/inbox?offset=-1", headers=bearer(ED)).status_code == 422
