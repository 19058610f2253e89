"""The pages: the queue, one inspection from start to verdict, plans, a hold, and the board of all that is held."""

from __future__ import annotations

import csv
from decimal import Decimal

import pytest
from tests.cast import ADA, BO, FAY, HAL, ctx, signed_in
from tests.outbound import customer, order
from tests.supply import item, standing

from flowrack.fulfilment.commands import stock as stock_commands
from flowrack.fulfilment.types_stock import HoldStock
from flowrack.inspection import commands, queries
from flowrack.inspection.tests.house import deliver, inspect, latest, plan, shelves
from flowrack.inspection.types import CheckKind, DefectClass, NewCheck, StartInspection, Verdict
from flowrack.ledger.tests.house import receive
from flowrack.platform import outbox, sql
from flowrack.storage.types import StockAt

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = shelves(), item("V-200")
    bore = NewCheck("Bore", CheckKind.MEASURE, DefectClass.MAJOR, "mm", Decimal("9.8"), Decimal("10.2"))
    plan(hose, checks=[NewCheck("Seal intact"), bore])
    deliver(here, hose, 398)
    return here, hose


def text(answer) -> str:
    return answer.content.decode()


def test_from_the_queue_to_the_verdict(scene):
    _, hose = scene
    fay, it = signed_in(FAY), latest()
    row = queries.inspection_row(it)
    assert row.number in text(fay.get("/inspections?state=open,started,sorting"))
    assert fay.post(f"/inspections/{it}/start").status_code == 303
    seal, bore = queries.checks_of(it)
    body = {f"check_{seal.id}": "1", f"check_{bore.id}": "9.9 10.0 10.25", "tested": "50"}
    assert fay.post(f"/inspections/{it}/results", body).status_code == 303
    page = text(fay.get(f"/inspections/{it}"))
    assert "The sample fails" in page and 'value="9.9 10 10.25"' in page and "Sort every unit" in page
    bad = fay.post(f"/inspections/{it}/results", {f"check_{bore.id}": "about ten", "tested": "50"})
    assert bad.status_code == 422 and "“about” is no measured value." in text(bad)
    parts = {"verdict": "split", "released": "1.5", "held": "ten", "damaged": "-1", "due_days": "400", "reason": "r-77"}
    unread = text(fay.post(f"/inspections/{it}/verdict", parts))
    for said in ("Released: 1.5 unit is not a whole number", "Held: “ten” is not a number", "400 days cannot be"):
        assert said in unread
    assert 'value="r-77"' in unread and 'value="1.5"' in unread, "what was typed is kept"
    refused = fay.post(f"/inspections/{it}/verdict", {"verdict": "release"})
    assert refused.status_code == 409 and "2 major" in text(refused)
    assert fay.post(f"/inspections/{it}/verdict", {"verdict": "hold", "reason": "bore"}).status_code == 303
    assert {s for _, s in standing(hose)} == {"hold"}
    hold = queries.open_holds_of_site([0])[0]
    assert "You placed this hold" in text(fay.get(f"/holds/{hold.id}"))
    ada = signed_in(ADA)
    form = {"reason": "measured again", "units": "100"}
    must_ask = text(ada.post(f"/holds/{hold.id}/release", form))
    assert "“A second person releases what was found defective” asks" in must_ask and "Ask for the release" in must_ask
    assert fay.post(f"/holds/{hold.id}/ask", form).status_code == 303
    assert "waits for approval" in text(fay.get(f"/holds/{hold.id}"))
    release_id, approval, content = sql.fetch_one(
        "SELECT split_part(subject, ':', 2), id, content_hash FROM approvals_request WHERE state = 'waiting'"
    )
    assert "measured again" in text(fay.get(f"/holds/releases/{release_id}"))
    shown = text(ada.get(f"/approvals?request={approval}"))
    assert "Quality of 100" in shown and f"{hold.number} holds 398" in shown
    said = {"verdict": "approve", "ids": str(approval), f"hash-{approval}": content}
    assert ada.post("/approvals/decide", said).status_code == 303
    outbox.drain()
    assert queries.hold_row(hold.id).left_units == 298
    told = text(fay.get(f"/holds/{hold.id}"))
    assert "measured again" in told and "Ada Manager" in told and "Released" in told
    sql.execute("INSERT INTO inspection_holdrelease (hold_id, units, reason, released_by_id, released_at, posting_id)"
                " SELECT hold_id, 1, 'again', released_by_id, released_at, 0"
                " FROM inspection_holdrelease, generate_series(1, 50)")  # fmt: skip
    assert [len(queries.releases_of_hold(hold.id)[0]), queries.releases_of_hold(hold.id)[1]] == [50, 51]
    assert "The first 50 of 51 are shown." in text(fay.get(f"/holds/{hold.id}"))


def test_who_received_sees_why_somebody_else_decides(scene):
    sql.execute(
        "INSERT INTO platform_userrole (user_id, role_id, site_id) SELECT %s, id, 0 FROM platform_role WHERE code = %s",
        (BO.id, "qc_inspector"),
    )
    commands.start_inspection(ctx(FAY), StartInspection(latest()))
    page = text(signed_in(BO).get(f"/inspections/{latest()}"))
    assert "You received these goods: somebody else decides." in page and "Release all" not in page


def test_a_plan_is_written_as_people_say_it():
    fay = signed_in(FAY)
    body = {
        "site": "0", "level": "II", "aql": "1.0", "aql_minor": "", "tighten_after": "2",
        "checks": "Seal intact, critical\nBore, 9.8 to 10.2 mm\nPull, at least 5 N, minor",
    }  # fmt: skip
    assert fay.post("/inspections/plans/new", body).status_code == 303
    plan_id = sql.fetch_value("SELECT max(id) FROM inspection_plan")
    assert [(c.name, c.defect_class, c.limits) for c in queries.checks_of_plan(plan_id)] == [
        ("Seal intact", "critical", ""), ("Bore", "major", "9.8 to 10.2 mm"), ("Pull", "minor", "at least 5 N"),
    ]  # fmt: skip
    assert "all goods" in text(fay.get("/inspections/plans"))
    bad = fay.post(
        "/inspections/plans/new", {**body, "checks": "Bore, wide", "item": "NONE", "valid_from": "29 February"}
    )
    assert bad.status_code == 422
    for said in (
        "There is no item “NONE”.",
        "Line 1: “Bore, wide” has no limits",
        "From: This is no day of the calendar.",
    ):
        assert said in text(bad)
    goods = {"available": "on_receipt", "item": "NONE", "supplier": "NOBODY", "site": "0", "location": "X-9"}
    bad = text(signed_in(ADA).post("/availability/new", goods))
    for said in ("There is no item “NONE”.", "There is no supplier “NOBODY”.", "Why is missing: type it in.", "X-9"):
        assert said in bad


def test_the_hold_board_shows_age_value_demand_owner_and_timer(scene):
    here, hose = scene
    inspect(latest(), 3, Verdict.HOLD, reason="leaks")
    receive(here, hose, 50, "4", "R-01")
    stock_commands.hold_stock(
        ctx(HAL),
        HoldStock(here.site, [StockAt(here.places["R-01"], hose)], "torn seals", "quarantine", owner_id=ADA.id),
    )
    order(here.site, customer(), ("V-200", 75))
    rows = list(table(signed_in(HAL).get("/stock/holds?format=csv")))
    assert [(r["Item"], r["State"], r["Units"], r["Orders wait for"], r["Why"], r["Owner"]) for r in rows] == [
        ("V-200", "Hold", "398", "75", "leaks", "Fay Inspector"),
        ("V-200", "Quarantine", "50", "75", "torn seals", "Ada Manager"),
    ]
    assert [r["Held by"][:3] for r in rows] == ["HD-", "HD-"]


def table(answer):
    body = b"".join(answer.streaming_content).decode()
    return csv.DictReader(body.lstrip("\ufeff").splitlines())
