"""What a device's journal says about refills is done by the ordinary commands, or waits with the reason."""

from __future__ import annotations

import json

import pytest
from tests.cast import ADA, CY, GUS, ctx, signed_in
from tests.supply import item, standing

from flowrack.devices.models import JournalEntry
from flowrack.devices.tests.house import Scanner, enrolled
from flowrack.ledger.tests.house import receive as stocked
from flowrack.platform import sql
from flowrack.replenishment import commands
from flowrack.replenishment.types import PlanRefills
from flowrack.shared.quantity import Units
from flowrack.storage import commands as storage
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import PickFaceSetting, SetPickFaces

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """(item, Cy's phone): a face that runs low, 100 in a bin in which another item lies as well."""
    here, hose, tap = shelves(), item("V-200"), item("TAP")
    face = PickFaceSetting(here.places["forward_pick1"], hose, Units(10), Units(40))
    storage.set_pick_faces(ctx(ADA), SetPickFaces(here.site, [face]))
    stocked(here, hose, 100, "1", "R-01")
    stocked(here, tap, 5, "1", "R-01")
    commands.plan_refills(ctx(ADA), PlanRefills(here.site))
    return hose, enrolled(at=here.site)


def along(device: Scanner, person, **body) -> tuple[int, dict]:
    answer = signed_in(person).post(
        "/scan/refill/along", json.dumps(body), "application/json", headers={"Flowrack-Device": device.code}
    )
    return answer.status_code, answer.json()


def test_a_refill_goes_along_is_lifted_landed_in_two_parts_and_booked_once(scene):
    hose, device = scene
    assert along(device, CY) == (200, {"works": []})
    [one] = along(device, CY, next=True)[1]["works"][0]["refills"]
    assert (one["from"], one["face"], one["units"], one["is_mixed"]) == ("R-01", "forward_pick-1", 40, True)
    assert {"code": "V-200", "units": 1} in one["codes"]
    assert along(device, GUS, next=True)[1]["title"] == "Nothing is to be refilled now."
    said = {"refill": one["id"], "name": "V-200", "bin": "R-01"}
    device.do(CY, "refill.lift", **said)
    device.do(CY, "refill.down", **said)
    device.do(CY, "refill.lift", **said)
    device.do(CY, "refill.land", refill=one["id"], units=15, sku="V-200", face="forward_pick-1")
    device.do(CY, "refill.land", refill=one["id"], units=25, sku="V-200", face="forward_pick-1")
    told = device.send()
    assert [(a["result"], a["message"]) for a in told["answers"]] == [
        ("applied", "Lifted V-200"), ("applied", "V-200 put back"), ("applied", "Lifted V-200"),
        ("applied", "15 × V-200 in forward_pick-1"), ("applied", "25 × V-200 in forward_pick-1"),
    ]  # fmt: skip
    device.send(device.entries)
    assert standing(hose) == {("R-01", "reserve"): 60, ("forward_pick-1", "forward_pick"): 40}
    assert along(device, CY)[1] == {"works": []}


def test_what_the_house_cannot_book_waits_with_the_reason_and_a_word_of_what_was_done(scene):
    hose, device = scene
    [one] = along(device, CY, next=True)[1]["works"][0]["refills"]
    sql.execute("UPDATE tasks_task SET leased_by_id = %s, lease_until = now() + interval '1 day'", (ctx(GUS).actor_id,))
    device.do(CY, "refill.lift", refill=one["id"], name="V-200", bin="R-01")
    device.do(CY, "refill.land", refill=one["id"] + 999, units=40, sku="V-200", face="forward_pick-1")
    device.do(CY, "refill.land", refill="it", units=40, sku="V-200", face="forward_pick-1")
    device.send()
    waiting = JournalEntry.objects.filter(state="review").order_by("seq")
    assert [entry.code for entry in waiting] == ["task_taken", "no_such_refill", "unreadable_entry"]
    assert standing(hose) == {("R-01", "reserve"): 100}
    page = signed_in(ADA).get("/devices/entries").content.decode()
    assert "Lifted V-200 in R-01" in page and "A colleague has this refill by now." in page


def test_more_than_is_on_the_way_is_booked_by_nobody(scene):
    """Part of it was booked before: a second report of the first part is no report of the rest."""
    hose, device = scene
    [one] = along(device, CY, next=True)[1]["works"][0]["refills"]
    device.do(CY, "refill.lift", refill=one["id"], name="V-200", bin="R-01")
    device.do(CY, "refill.land", refill=one["id"], units=40, sku="V-200", face="forward_pick-2")
    for _ in range(2):
        device.do(CY, "refill.land", refill=one["id"], units=25, sku="V-200", face="forward_pick-1")
    told = device.send()
    assert [a["result"] for a in told["answers"]] == ["applied", "review", "applied", "review"]
    said = JournalEntry.objects.filter(state="review").order_by("seq")[0].message
    assert said == "This refill goes to forward_pick-1 by now, and was put into forward_pick-2."
    assert JournalEntry.objects.order_by("-seq")[0].message == "Of this refill 15 were on the way, not 25."
    assert standing(hose)["forward_pick-1", "forward_pick"] == 25
