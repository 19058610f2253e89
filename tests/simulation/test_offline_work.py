"""T-12 over every kind of work that goes along on a device: sent often, out of order, with a gap and lost answers."""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import pytest

from flowrack.counting import commands as counting
from flowrack.counting.types import RequestCounts
from flowrack.devices import commands as devices
from flowrack.devices.models import JournalEntry
from flowrack.devices.tests.house import Scanner, enrolled
from flowrack.inbound.types import CountedLine
from flowrack.ledger.verify import verify
from flowrack.platform import outbox, sql
from flowrack.replenishment import commands as replenishment
from flowrack.replenishment.types import PlanRefills
from flowrack.shared.quantity import Units
from flowrack.shipping.tests import trucks
from flowrack.storage import commands as storage
from flowrack.storage.types import PickFaceSetting, SetPickFaces
from tests import outbound
from tests.cast import ADA, CY, GUS, HAL, Person, ctx, signed_in
from tests.supply import approved, receive, standing, supplier

pytestmark = pytest.mark.django_db


def along(device: Scanner, kind: str, person: Person = CY, **body: Any) -> dict[str, Any]:
    """What the app fetches before it walks into the steel."""
    headers = {"Flowrack-Device": device.code}
    answer = signed_in(person).post(f"/scan/{kind}/along", json.dumps(body), "application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


@pytest.fixture
def floor() -> tuple[dict[str, Scanner], dict[str, int], int]:
    """(five devices that have done their work and sent nothing, items by number, the truck)."""
    yard = trucks.yard()
    here = yard.house
    items = {sku: outbound.item(sku) for sku in ("MUG", "HOSE", "BOLT", "TAP")}
    pallets = [yard.packed("NORTH"), yard.packed("SOUTH"), yard.packed("SOUTH")]
    plan = yard.started(*pallets)
    outbound.receive(here, items["MUG"], 30, "1", "forward_pick2")
    asked = [outbound.order(here.site, "NORTH", ("MUG", 4)) for _ in range(3)]
    outbound.allocate(here.site, *asked)
    outbound.tote(here.site, "T-03")
    outbound.release(here.site, *asked)
    outbound.receive(here, items["BOLT"], 25, "1", "reserve2")
    counting.request_counts(ctx(HAL), RequestCounts(here.site, [here.places["reserve2"]]))
    outbound.receive(here, items["HOSE"], 100, "1", "reserve1")
    face = PickFaceSetting(here.places["forward_pick1"], items["HOSE"], Units(10), Units(40))
    storage.set_pick_faces(ctx(ADA), SetPickFaces(here.site, [face]))
    replenishment.plan_refills(ctx(ADA), PlanRefills(here.site))
    po = approved(here.site, supplier(), (items["TAP"], 100, "4"))
    for plate in ("LP-1", "LP-2"):
        receive(po, here, CountedLine(units=Units(50), item_id=items["TAP"], lpn=plate))
    outbox.drain()
    found = {kind: enrolled(GUS if kind == "load" else CY, secret=200 + n, at=here.site)
             for n, kind in enumerate(("pick", "count", "putaway", "refill", "load"))}  # fmt: skip
    _work(found)
    for code in (yard.plate(pallets[2]), yard.plate(pallets[1]), yard.plate(pallets[0])):
        found["load"].do(GUS, "load.plate", load=plan.load_id, number=plan.number, plate=code, stop=1)
    found["load"].do(GUS, "load.off", load=plan.load_id, number=plan.number, plate=yard.plate(pallets[0]))
    return found, items, plan.load_id


def _work(found: dict[str, Scanner]) -> None:
    """Each device does what it took along: nothing of it is sent."""
    phone = found["pick"]
    first, second, third = (
        {"list": one["head"]["id"], "number": one["head"]["number"], "sku": "MUG", "bin": line["location"],
         "pick": line["pick_id"], "units": line["units"]}
        for one in along(phone, "pick", next=True)["lists"] for line in one["lines"]
    )  # fmt: skip
    phone.do(CY, "pick.confirm", **first, tote="")
    phone.do(CY, "pick.undo", **first)
    phone.do(CY, "pick.confirm", **first, tote="")
    phone.do(CY, "pick.short", **second, found=1, reason="none_there", tote="")
    phone.do(CY, "pick.found", **{**second, "units": 3})
    phone.do(CY, "pick.confirm", **{**second, "units": 3}, rest=1, tote="")
    phone.do(CY, "pick.short", **third, found=0, reason="damaged", tote="")
    phone = found["count"]
    [task] = along(phone, "count", next=True)["works"][0]["tasks"]
    bolt = sql.fetch_value("SELECT id FROM catalog_item WHERE sku = 'BOLT'")
    seen = [{"item": bolt, "sku": "BOLT", "code": "", "lot": "", "n": 25, "ago": 0}]
    phone.do(CY, "count.bin", task=task["task_id"], bin=task["bin"], ago=0, empty=0, lines=seen)
    phone = found["putaway"]
    for carry in along(phone, "putaway", next=True)["works"][0]["carries"]:
        phone.do(CY, "putaway.confirm", key=carry["key"], moves=carry["moves"], name=carry["name"],
                 units=carry["units"], bin="reserve-1", reason="no bin was suggested")  # fmt: skip
    phone = found["refill"]
    [one] = along(phone, "refill", next=True)["works"][0]["refills"]
    phone.do(CY, "refill.lift", refill=one["id"], name="HOSE", bin=one["from"])
    phone.do(CY, "refill.land", refill=one["id"], units=15, sku="HOSE", face=one["face"])
    phone.do(CY, "refill.land", refill=one["id"], units=25, sku="HOSE", face=one["face"])


def test_all_work_of_five_devices_is_booked_once_whatever_the_network_does_to_it(floor, monkeypatch):
    found, items, load = floor
    dice = random.Random(12)
    withheld = found["pick"].entries[2]
    sent = []
    for device in found.values():
        parts = [device.entries[at : at + 2] for at in range(0, len(device.entries), 2)]
        parts = [[entry for entry in part if entry is not withheld] for part in parts]
        sent += [(device, part) for part in parts for _ in range(dice.randint(1, 4))]
    dice.shuffle(sent)
    settle, deaths = devices.settle_entries, iter([True, False, True, False, False] * 20)

    def dies(context: Any, req: Any) -> Any:
        if next(deaths):
            raise RuntimeError("the house went away after the work and before its answer")
        return settle(context, req)

    monkeypatch.setattr(devices, "settle_entries", dies)
    for device, part in sent:
        device.client.raise_request_exception = False
        try:
            device.send(part)
        except ValueError:
            continue  # the page of a server that failed is no answer
    states = Counter(JournalEntry.objects.values_list("state", flat=True))
    assert set(states) <= {"applied", "parked", "ready"}, _explained()
    assert states["parked"] == len(found["pick"].entries) - 3, "what comes after the gap waits for it"
    monkeypatch.setattr(devices, "settle_entries", settle)
    for device in found.values():
        device.send(device.entries)

    assert _states() == {"applied"}, _explained()
    assert standing(items["MUG"]) == {("forward_pick-2", "forward_pick"): 22, ("staged-1", "staged"): 8}
    assert standing(items["HOSE"]) == {("reserve-1", "reserve"): 60, ("forward_pick-1", "forward_pick"): 40}
    assert standing(items["BOLT"]) == {("reserve-2", "reserve"): 25}
    assert sum(units for (place, _), units in standing(items["TAP"]).items() if place != "receiving-1") == 100
    assert trucks.on_truck(load) == 2
    keys = [entry.key for device in found.values() for entry in device.entries]
    once = "SELECT count(*), count(DISTINCT key) FROM platform_commandrecord WHERE key = ANY(%s::text[])"
    assert sql.fetch_one(once, (keys,)) == (len(keys), len(keys))
    assert not verify()


def _states() -> set[str]:
    return set(JournalEntry.objects.values_list("state", flat=True))


def _explained() -> list[tuple[str, int, str]]:
    open_ = JournalEntry.objects.exclude(state="applied")
    return list(open_.values_list("flow", "seq", "message"))
