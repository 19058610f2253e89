"""A truck is loaded without the network: a scan a pallet, told at once what goes elsewhere, booked once."""

from __future__ import annotations

import pytest

from flowrack.devices.models import JournalEntry
from flowrack.shipping.tests import trucks
from tests.browser.conftest import PHONE
from tests.browser.phones import enrolled
from tests.cast import GUS

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_truck_is_loaded_without_network_killed_in_the_middle_and_closed_in_five_scans(phone):
    yard = trucks.yard()
    north, south, last, away = (yard.packed(who) for who in ("NORTH", "SOUTH", "SOUTH", "NORTH"))
    plan, other = yard.planned(north, south, last), yard.planned(away, door="D2")
    phone.person = GUS
    enrolled(phone, yard.site)
    phone.scan("D1", "left for stop 2")
    phone.offline(True)
    phone.page.reload()
    phone.scan(yard.plate(last), "1 of 3")
    phone.kill()

    phone.start(offline=True)
    phone.says("Offline, 1 stored")
    phone.scan(yard.plate(away), f"{away.number} goes on {other.number} at door D2.")
    phone.scan(yard.plate(south), "left for stop 1")
    assert phone.page.locator("[role=alert]").count() == 0, "red goes with the next good scan"
    phone.scan(yard.plate(north), "All is on")
    assert phone.page.locator("[data-action=close]").is_disabled()
    assert (trucks.on_truck(plan.load_id), JournalEntry.objects.count()) == (0, 0)
    phone.offline(False)
    phone.page.locator("[data-action=close]:enabled").tap()
    phone.page.wait_for_url("**/scan/load?*")
    phone.says("Scan seal")
    assert list(JournalEntry.objects.order_by("seq").values_list("flow", "state")) == [("load.plate", "applied")] * 3
    assert trucks.on_truck(plan.load_id) == 3
    phone.scan("SEAL-0815", "Seal SEAL-0815?")
    phone.page.locator("[data-action=sealed]").tap()
    phone.says(f"{plan.number} closed")
    told_wrong = 1
    assert (phone.scans - told_wrong, trucks.load_state(plan.load_id)) == (1 + 3 + 1, "closed")


RULES = """async () => {
  const { loading } = await import("/static/js/offline-load.js");
  const plate = (n, stop, more = {}) => ({ key: `${n}:0`, name: `P${n}`, codes: [`P${n}`, `C${n}`], location: "STAGE-1",
    stop_no: stop, customer: `Stop ${stop} Ltd`, units: 10, weight_g: 4000, hazards: {}, foreign: "", ...more });
  const cell = (one, other, cell) => ({ one, other, cell, words: "may not:", rule: `cell ${cell}.` });
  const truckOf = (more = {}) => ({
    head: { id: 7, number: "LD-7", state: "loading", door: "D1", carrier: "Swift", max_weight_g: 0, may_close: true },
    stop_order: "warn",
    stops: [{ stop_no: 1, customer: "North", to_come: 0 }, { stop_no: 2, customer: "South", to_come: 0 }],
    plates: [plate(3, 2), plate(1, 1), plate(2, 1)], on: [], orders: ["SO-1"], elsewhere: { P9: "SO-9 goes on LD-8." },
    knows_all: true, apart: [], doors: [], ...more });
  const says = (act) => { try { return act(); } catch (error) { return `${error.message} ${error.fix}`; } };
  const after = (truck, ...codes) => codes.reduce((step, code) => loading.scanned(step.work, code),
    { work: loading.begun(truck) });
  const felt = (step) => [step.feedback, step.entry?.[0] ?? "", loading.step(step.work, null).prompt];
  const told = {};

  told.ok = felt(after(truckOf(), "P3"));
  told.all = felt(after(truckOf(), "P3", "C1", "P2"));
  told.twice = felt(after(truckOf(), "P3", "P3"));
  const slow = after(truckOf(), "P3");
  slow.work.beep.at -= 5000;
  const asked = loading.scanned(slow.work, "P3");
  told.again = felt(asked);
  told.off = [felt(loading.acted(asked.work, "off")), loading.acted(asked.work, "off").entry[1].plate];
  told.kept = felt(loading.acted(asked.work, "keep"));
  told.elsewhere = says(() => after(truckOf(), "P9"));
  told.loose = says(() => after(truckOf(), "SO-1"));
  told.door = says(() => after(truckOf(), "D1"));
  told.unknown = says(() => after(truckOf(), "XYZ"));
  told.later = says(() => after(truckOf(), "095200000000020927")).replace(/\\d\\d:\\d\\d/, "12:00");
  told.foreign = says(() => after(truckOf({ plates: [plate(1, 1, { foreign: "SO-9 goes on LD-8." })] }), "P1"));

  const turn = after(truckOf(), "P1");
  told.turn = [felt(turn), loading.step(turn.work, null).held];
  told.free = felt(after(truckOf({ stop_order: "free" }), "P1"));
  told.refuse = says(() => after(truckOf({ stop_order: "refuse" }), "P1"));
  const why = after(truckOf({ stop_order: "reason" }), "P1");
  const side = loading.acted(why.work, "side");
  told.reason = [felt(why), felt(side), side.entry[1].reason];

  const hot = { plates: [plate(3, 2, { hazards: { 3: "FUEL" } }), plate(1, 1, { hazards: { "5.1": "OXID" } })] };
  told.never = says(() => after(truckOf({ ...hot, apart: [cell("3", "5.1", "X")] }), "P3", "P1"));
  const apart = after(truckOf({ ...hot, apart: [cell("3", "5.1", "O")] }), "P3", "P1");
  const ends = loading.acted(apart.work, "ends");
  told.apart = [felt(apart), felt(ends), ends.entry[1].separation, loading.step(apart.work, null).itemNote];
  told.heavy = loading.step(after(truckOf({ head: { ...truckOf().head, max_weight_g: 5000 } }), "P3", "P1").work).held;

  const doorless = truckOf({ head: { ...truckOf().head, state: "open", door: "" }, doors: ["D1", "D2"] });
  const stands = after(doorless, "D2");
  told.started = [felt(after(doorless))[2], says(() => after(doorless, "P3")), stands.entry, felt(stands)[2]];
  const short = truckOf({ plates: [plate(3, 2)], stops: [{ stop_no: 2, customer: "South", to_come: 160 }] });
  const more = loading.step(after(short, "P3").work, { isOffline: true, stored: 1 });
  const hand = truckOf({ head: { ...truckOf().head, may_close: false } });
  const full = loading.step(after(hand, "P3", "P1", "P2").work, null);
  told.hand = [full.actions.map((one) => one.code), full.note];
  told.toCome = [more.prompt, more.done[0].end, more.actions.at(-1).off, more.actions.at(-1).note];

  const entries = [["load.plate", "P3"], ["load.plate", "P1"], ["load.off", "P3"]].map(([flow, code], n) => (
    { seq: n + 1, flow, payload: JSON.stringify({ load: 7, plate: code }) })).reverse();
  const now = loading.merged(after(truckOf(), "P3").work, truckOf({ on: ["2:0"], plates: [plate(1, 1), plate(2, 1)] }),
    entries.filter((one) => !one.payload.includes("P3")));
  told.merged = [now.work.on, loading.step(now.work, null).progress, now.gone];
  told.gone = loading.merged(after(truckOf()).work, truckOf({ plates: [plate(1, 1)] }), []).gone;
  told.order = loading.merged(after(truckOf()).work, truckOf(), entries).work.on;
  return told;
}"""


def test_the_device_tells_by_itself_what_does_not_go_on_the_truck_and_in_which_order(visit):
    told = visit("/sign-in", person=None, size=PHONE).evaluate(RULES)
    turn = "Stop 2 goes on before stop 1: 1 still to load, P3."
    assert told == {
        "ok": ["ok", "load.plate", "Scan pallet"],
        "all": ["done", "load.plate", "All is on"],
        "twice": ["ok", "", "Scan pallet"],
        "again": ["more", "", "Take it off?"],
        "off": [["ok", "load.off", "Scan pallet"], "P3"],
        "kept": ["ok", "", "Scan pallet"],
        "elsewhere": "P9 does not go on LD-7. SO-9 goes on LD-8.",
        "loose": "Nothing of SO-1 stands loose for this truck. Scan the label of its pallet or carton.",
        "door": "That is door D1. Scan the label of a pallet or carton.",
        "unknown": "XYZ is no plate and no order. Scan the label of a pallet or carton.",
        "later": "095200000000020927 is not known here. It was not staged when this truck was taken along at 12:00."
        " Leave it at the door until there is network.",
        "foreign": "P1 also holds other goods. SO-9 goes on LD-8.",
        "turn": [["held", "load.plate", "Scan pallet"], ["Wrong order: stop 2 goes on first", turn]],
        "free": ["ok", "load.plate", "Scan pallet"],
        "refuse": f"{turn} Load stop 2 first; or let the planner change the stops.",
        "reason": [["more", "", "Why out of turn?"], ["more", "load.plate", "Scan pallet"], "Side doors"],
        "never": "Class 3 (FUEL) and class 5.1 (OXID) may not: cell X. Put it on another truck.",
        "apart": [
            ["more", "", "Kept apart how?"],
            ["done", "load.plate", "All is on"],
            "At opposite ends",
            "Class 3 (FUEL) and class 5.1 (OXID) may not: cell O.",
        ],
        "heavy": ["On the truck, but look", "Too much for the truck: 8 kg of 5 kg."],
        "started": [
            "Scan door",
            "P3 is not the door of LD-7. Scan the door at which the truck stands.",
            ["load.start", {"load": 7, "number": "LD-7", "door": "D2"}],
            "Scan pallet",
        ],
        "hand": [["home"], "Your lead closes the truck and seals it."],
        "toCome": ["More is to come", "1 of 1, 160 units not staged", True, "needs the network"],
        "merged": [{"1:0": True}, [2, 2], []],
        "gone": ["P3", "P2"],
        "order": {"1:0": True, "3:0": False},
    }
