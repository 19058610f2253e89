"""What a device's journal says about putaways is done by the ordinary commands, or waits with the reason."""

from __future__ import annotations

import json

import pytest
from tests.cast import ADA, CY, GUS, NOW, ctx, signed_in
from tests.supply import approved, item, receive, standing, supplier

from flowrack.devices.models import JournalEntry
from flowrack.devices.tests.house import Scanner, enrolled
from flowrack.inbound.types import CountedLine
from flowrack.platform import outbox, sql
from flowrack.shared.quantity import Units
from flowrack.storage import commands, commands_along
from flowrack.storage.tests.house import plans, shelves
from flowrack.storage.types import Carried, ConfirmPutaway, ReplanPutaways
from flowrack.storage.types_moves import TakePutaways

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """(house, item, Cy's phone): two pallets and loose goods at the dock, each bin holds one pallet."""
    here, hose = shelves(max_lpns=1, bins=4), item("V-200")
    po = approved(here.site, supplier(), (hose, 100, "4"))
    for units, plate in ((60, "LP-1"), (30, "LP-2"), (10, "")):
        receive(po, here, CountedLine(units=Units(units), item_id=hose, lpn=plate))
    outbox.drain()
    return here, hose, enrolled(at=here.site)


def along(device: Scanner, person, **body) -> tuple[int, dict]:
    answer = signed_in(person).post(
        "/scan/putaway/along", json.dumps(body), "application/json", headers={"Flowrack-Device": device.code}
    )
    return answer.status_code, answer.json()


def test_goods_go_along_with_their_bin_the_next_best_and_why(scene):
    _, _, device = scene
    assert along(device, CY) == (200, {"works": []})
    status, told = along(device, CY, next=True)
    [work] = told["works"]
    first, second, loose = work["carries"]
    assert (status, first["name"], first["units"]) == (200, "LP-1", 60)
    assert (first["from"], first["bin"]) == ("receiving-1", "R-01")
    assert first["others"] == ["R-02", "R-03"] and first["why"]
    assert (second["bin"], loose["lpn"], loose["name"]) == ("R-02", "", "V-200")
    assert {"code": "V-200", "units": 1} in loose["codes"]
    assert (work["bins"]["R-04"], work["knows_all_bins"]) == ("reserve", True)
    assert along(device, CY)[1]["works"] == told["works"]
    assert along(device, GUS, next=True)[1]["title"] == "Nothing waits to be put away."


def test_a_putaway_another_bin_and_an_undo_are_booked_once(scene):
    _, hose, device = scene
    first, second, _ = along(device, CY, next=True)[1]["works"][0]["carries"]
    device.do(CY, "putaway.confirm", moves=first["moves"], name="LP-1", bin="R-01", reason="")
    device.do(CY, "putaway.confirm", moves=second["moves"], name="LP-2", bin="R-03", reason="bin full")
    device.do(CY, "putaway.undo", moves=first["moves"], name="LP-1", bin="R-01")
    told = device.send()
    assert [(a["result"], a["message"]) for a in told["answers"]] == [
        ("applied", "LP-1 put into R-01"), ("applied", "LP-2 put into R-03"), ("applied", "LP-1 taken back"),
    ]  # fmt: skip
    device.send(device.entries)
    assert standing(hose) == {("receiving-1", "receiving"): 70, ("R-03", "reserve"): 30}
    assert [row[0] for row in plans()] == ["done", "done", "open", "open"]


def test_a_bin_that_was_chosen_anew_while_the_goods_were_on_the_way_is_no_refusal(scene):
    here, hose, device = scene
    first, *_ = along(device, CY, next=True)[1]["works"][0]["carries"]
    sql.execute("UPDATE locations_location SET blocked_reason = 'wet' WHERE code = 'R-01'")
    commands.replan_putaways(ctx(ADA), ReplanPutaways(here.site, first["moves"]))
    sql.execute("UPDATE locations_location SET blocked_reason = '' WHERE code = 'R-01'")
    device.do(CY, "putaway.confirm", moves=first["moves"], name="LP-1", bin="R-01", reason="")
    device.send()
    assert standing(hose)["R-01", "reserve"] == 60


def test_what_the_house_cannot_book_waits_with_the_reason_and_a_word_of_what_was_done(scene):
    here, hose, device = scene
    first, second, loose = along(device, CY, next=True)[1]["works"][0]["carries"]
    commands.confirm_putaway(ctx(CY), ConfirmPutaway([Carried(second["moves"][0])]))
    sql.execute("UPDATE tasks_task SET leased_by_id = NULL, lease_token = NULL, lease_until = NULL, state = 'open' "
                "WHERE state = 'leased'")  # fmt: skip
    commands_along.take_putaways(ctx(GUS, now=NOW.replace(year=2036), device="D-2"), TakePutaways(here.site, [], 9))
    device.do(CY, "putaway.confirm", moves=first["moves"], name="LP-1", bin="R-09", reason="")
    device.do(CY, "putaway.confirm", moves=second["moves"], name="LP-2", bin="R-02", reason="")
    device.do(CY, "putaway.confirm", moves=[], name="LP-3", bin="R-02", reason="")
    device.do(CY, "putaway.undo", moves=loose["moves"], name="V-200", bin="R-03")
    device.do(CY, "putaway.confirm", moves="all", name="LP-1", bin="R-01", reason="")
    device.do(CY, "putaway.confirm", moves=first["moves"], name="LP-1", bin="R-02", reason="bin full")
    device.do(CY, "putaway.confirm", moves=loose["moves"], name="V-200", bin="R-03", reason="")
    device.send()
    waiting = JournalEntry.objects.filter(state="review").order_by("seq")
    assert [(entry.seq, entry.code) for entry in waiting] == [
        (1, "invalid"), (2, "no_such_plan"), (3, "no_such_plan"), (4, "no_such_plan"), (5, "unreadable_entry"),
        (6, "over_capacity"), (7, "task_taken"),
    ]  # fmt: skip
    assert standing(hose) == {("receiving-1", "receiving"): 70, ("R-02", "reserve"): 30}
    page = signed_in(ADA).get("/devices/entries").content.decode()
    assert "LP-1 into R-02: bin full" in page and "A colleague has these goods along by now." in page
