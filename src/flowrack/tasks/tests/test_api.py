"""Tasks over the API."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from tests.cast import ADA, CY, KIM, Person, bearer, ctx, user_id

from flowrack.platform import sql
from flowrack.tasks import steps

from .house import site, work

pytestmark = pytest.mark.django_db


def post(client: Client, path: str, body: dict, person: Person = CY, **headers: str):
    return client.post(f"/api/v1/tasks/{path}", body, "application/json", headers={**bearer(person), **headers})


def test_a_device_takes_keeps_and_gives_back_a_task(client: Client):
    here = site()
    [task] = steps.create_tasks(ctx(ADA), [work(here, 1, units=3)])
    [taken] = post(client, "claim-next", {"site_id": here}).json()["tasks"]
    assert (taken["id"], taken["units"], taken["leased_by"]) == (task, 3, CY.id)
    lease = {"task_id": task, "token": taken["lease_token"]}
    assert post(client, "renew", {"leases": [lease]}).json() == {"count": 1}
    assert post(client, "release", {"leases": [lease]}).json() == {"count": 1}
    refused = post(client, "release", {"leases": [lease]})
    assert (refused.status_code, refused.json()["code"]) == (409, "task_gone")
    assert refused.json()["errors"] == [
        {"line": 1, "field": "task_id", "message": f"Task {task} is open.", "fix": "Take the next task."}
    ]


def test_the_same_key_takes_the_same_task(client: Client):
    here = site()
    steps.create_tasks(ctx(ADA), [work(here, 1), work(here, 2)])
    key = {"Idempotency-Key": "scan-1"}
    first, second = (post(client, "claim-next", {"site_id": here}, **key).json() for _ in range(2))
    assert first == second
    other = post(client, "claim-next", {"site_id": here, "count": 2}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


def test_a_write_without_a_key_is_refused_before_anything_is_read(client: Client):
    headers = bearer(CY)
    del headers["Idempotency-Key"]
    answer = client.post("/api/v1/tasks/claim", b"not json", "application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "key_missing")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"site_id": 1, "colour": "red"}, "colour"),
        ({}, "site_id"),
        ({"site_id": 2**63}, "site_id"),
        ({"site_id": 1, "zone_ids": [1, 0]}, "zone_ids"),
    ],
)
def test_a_body_that_is_not_understood_names_its_fields(client: Client, body, field):
    answer = post(client, "claim-next", body)
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert [error["field"].split(".")[-1] for error in answer.json()["errors"]] == [field]


def test_pages_follow_each_other_without_gap(client: Client):
    here = site()
    ids = steps.create_tasks(ctx(ADA), [work(here, n) for n in range(7)])
    seen, address = [], f"/api/v1/tasks?site_id={here}&limit=3"
    while address:
        answer = client.get(address, headers=bearer(CY))
        seen += [task["id"] for task in answer.json()["items"]]
        address = answer.headers.get("Link", "").partition(">")[0].lstrip("<")
    assert seen == ids
    assert "lease_token" not in answer.json()["items"][0]
    for bad in ("limit=201", "limit=0", "cursor=%21", "cursor=WyJ4Il0"):
        assert client.get(f"/api/v1/tasks?{bad}", headers=bearer(CY)).status_code == 422


def test_tasks_of_other_sites_are_not_shown(client: Client):
    here, there = site(), site("T2")
    steps.create_tasks(ctx(ADA), [work(here, 1), work(there, 1)])
    local = Person("local", "Local Picker", ("picker",))
    user_id(local, site_id=here)
    items = client.get("/api/v1/tasks", headers=bearer(local)).json()["items"]
    assert [task["site_id"] for task in items] == [here]
    assert client.get(f"/api/v1/tasks?site_id={there}", headers=bearer(local)).status_code == 403
    assert post(client, "claim-next", {"site_id": there}, local).status_code == 403
    assert client.get("/api/v1/tasks", headers=bearer(KIM)).status_code == 403


def test_hands_and_load(client: Client):
    here = site()
    body = {"site_id": here, "kind": "pick", "weekday": 0, "shift": "day", "people": 2, "hours": "7.5"}
    answer = client.put("/api/v1/tasks/capacity", body, "application/json", headers=bearer(ADA))
    assert answer.json() == {"count": 1}
    rows = client.get(f"/api/v1/tasks/load?site_id={here}&on=2026-03-02", headers=bearer(ADA)).json()
    assert [(row["kind"], row["capacity_seconds"]) for row in rows] == [("pick", 54_000)]
    assert sql.fetch_value("SELECT count(*) FROM tasks_capacity") == 1


def test_priority_over_the_api_is_the_managers(client: Client):
    [task] = steps.create_tasks(ctx(ADA), [work(site(), 1)])
    body = {"task_ids": [task], "priority": 2}
    assert post(client, "priority", body).status_code == 403
    assert post(client, "priority", body, ADA, **{"Idempotency-Key": uuid4().hex}).json() == {"count": 1}
