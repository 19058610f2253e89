"""Counts and putaways without the network: taken along, done, killed in the middle, opened again, and booked once."""

from __future__ import annotations

from typing import Any

import pytest

from flowrack.counting import commands as counting
from flowrack.counting.types import RequestCounts
from flowrack.devices.models import JournalEntry
from flowrack.inbound.types import CountedLine
from flowrack.ledger.tests.house import receive as stocked
from flowrack.platform import outbox, sql
from flowrack.shared.quantity import Units
from flowrack.storage.tests.house import plans, shelves
from tests.browser.conftest import PHONE
from tests.browser.phones import Phone, enrolled
from tests.cast import HAL, ctx
from tests.supply import approved, item, receive, supplier

pytestmark = pytest.mark.django_db(transaction=True)

COUNTS = """async () => {
  const { counting: count } = await import("/static/js/offline-count.js");
  const milk = { item_id: 1, sku: "MILK", name: "Milk", base_uom: "ea", tracking: "lot", lots: ["L-26"],
    codes: [{ code: "MILK", units: 1 }, { code: "09506000134352", units: 12 }] };
  const mug = { item_id: 2, sku: "22303", name: "Mug", base_uom: "ea", tracking: "none", lots: [],
    codes: [{ code: "22303", units: 1 }] };
  const drill = { item_id: 3, sku: "DRILL", name: "Drill", base_uom: "ea", tracking: "serial", lots: ["S-1", "S-2"],
    codes: [{ code: "DRILL", units: 1 }] };
  const part = { id: "count", items: [milk, mug, drill], tasks: [
    { task_id: 7, number: "CNT-7", bin: "A-01", zone: "A" }, { task_id: 8, number: "CNT-8", bin: "A-02", zone: "A" }] };
  let work = count.begun(part);
  let entry = null;
  const told = [];
  const says = (act) => {
    try {
      const did = act();
      work = did.work;
      entry = did.entry ?? entry;
      return count.step(work).prompt;
    } catch (error) {
      return error.message;
    }
  };
  const scan = (code) => told.push(says(() => count.scanned(work, code)));
  const type = (units) => told.push(says(() => count.counted(work, units)));
  const tap = (action) => told.push(says(() => count.acted(work, action)));
  scan("B-99"); scan("A-01"); scan("A-01"); scan("A-02");
  scan("(01)09506000134352(10)L-26"); scan("(01)09506000134352(10)L-26");
  told.push(count.step(work).keypad.value);
  scan("22303"); type("30"); scan("MILK"); scan("L-99"); scan("L-26");
  told.push(count.step(work).keypad.value);
  type("31"); tap("undo"); scan("S-1"); scan("NOBODY"); scan("NOBODY"); type("4"); scan("17");
  tap("done"); scan("A-01"); scan("A-02"); tap("done"); tap("empty");
  return { told, entry, done: count.tile(work).text };
}"""


def test_a_count_on_the_device_follows_the_grammar_of_the_house_and_is_one_entry(visit):
    page = visit("/sign-in", person=None, size=PHONE)
    told = page.evaluate(COUNTS)
    assert told["told"] == [
        "“B-99” is no bin that you have along.", "Scan item", "Scan item", "That is bin A-02.",
        "How many?", "How many?", 24,
        "MILK is not counted yet.", "Scan item", "Scan lot", "Scan lot", "How many?", 31,
        "Scan item", "Scan item", "Scan item", "Scan item", "How many?", "Scan item", "17 is a quantity, no label.",
        "Scan bin", "A-01 is counted.", "Scan item", "Nothing is counted yet.", "All counted",
    ]  # fmt: skip
    assert told["entry"] == [
        "count.bin",
        {"task": 8, "number": "CNT-8", "bin": "A-02", "ago": 0, "empty": 1, "lines": []},
    ]
    assert told["done"] == "all counted"


PUTAWAYS = """async () => {
  const { putting } = await import("/static/js/offline-putaway.js");
  const carry = (key, more) => ({ key, lpn: key, moves: [1], name: key, text: key, about: "", units: 5, from: "DOCK",
    bin: "R-01", why: "near", others: ["R-02", "R-03"], is_held: false, codes: [], ...more });
  const mug = { lpn: "", name: "22303", moves: [9], codes: [{ code: "22303", units: 1 }], bin: "", others: [] };
  const part = { id: "putaway", knows_all_bins: true, pick_roles: ["reserve", "forward_pick"],
    bins: { "R-01": "reserve", "R-02": "reserve", "R-03": "reserve", "Q-01": "quarantine", "B-09": "blocked" },
    carries: [carry("LP-1"), carry("106141411234567897"), carry("LP-3", { is_held: true, bin: "Q-01", others: [] }),
      carry("loose-9", mug)] };
  let work = putting.begun(part);
  const told = [], entries = [];
  const says = (act) => {
    try {
      const did = act();
      work = did.work;
      if (did.entry) entries.push([did.entry[0], did.entry[1].name, did.entry[1].bin, did.entry[1].reason]);
      const now = putting.step(work);
      return [now.prompt, now.fact].filter(Boolean).join(" ");
    } catch (error) {
      return error.message;
    }
  };
  const scan = (code) => told.push(says(() => putting.scanned(work, code)));
  const tap = (action) => told.push(says(() => putting.acted(work, action)));
  scan("LP-9"); scan("R-01"); scan("LP-1"); scan("LP-1"); scan("LP-3"); scan("X-99"); scan("B-09");
  tap("full"); tap("blocked"); scan("r-03"); scan("R-03"); scan("LP-1"); tap("undo"); scan("LP-1");
  scan("(00)106141411234567897"); tap("leave"); scan("106141411234567897"); scan("R-02"); scan("R-02"); tap("nearer");
  scan("LP-3"); scan("R-01"); scan("Q-01"); scan("22303"); scan("R-01"); scan("R-01");
  return { told, entries, left: putting.tile(work).text };
}"""


def test_a_putaway_on_the_device_follows_the_grammar_of_the_house(visit):
    told = visit("/sign-in", person=None, size=PHONE).evaluate(PUTAWAYS)
    assert told["told"] == [
        "“LP-9” is nothing that you have along.", "That is bin R-01.", "Scan bin R-01", "Scan bin R-01",
        "That is LP-3.",
        "“X-99” is no place here.", "B-09 is blocked.",
        "Scan bin R-02", "Scan bin R-03", "Scan pallet", "Scan pallet", "LP-1 is in R-03.", "Scan pallet",
        "LP-1 was taken back.",
        "Scan bin R-01", "Scan pallet", "Scan bin R-01", "Scan R-02 again R-01", "Why not R-01? R-02", "Scan pallet",
        "Scan bin Q-01", "LP-3 is not free to be picked: it does not go where people pick.", "Scan pallet",
        "Scan another bin", "Scan R-01 again", "All put away",
    ]  # fmt: skip
    assert told["entries"] == [
        ["putaway.confirm", "LP-1", "R-03", "bin blocked"], ["putaway.undo", "LP-1", "R-03", None],
        ["putaway.confirm", "106141411234567897", "R-02", "better place"], ["putaway.confirm", "LP-3", "Q-01", ""],
        ["putaway.confirm", "22303", "R-01", "no bin was suggested"],
    ]  # fmt: skip
    assert told["left"] == "all put away"


REFILLS = """async () => {
  const { refilling } = await import("/static/js/offline-refill.js");
  const refill = (id, more) => ({ id, state: "planned", sku: "V-200", name: "Hose", lot: "", lpn: "", units: 40,
    case_units: 20, from: "R-01", to: "F-01", face: "F-01", land_by: "", waiting_lines: 2, is_mixed: false,
    codes: [{ code: "V-200", units: 1 }], ...more });
  let work = refilling.begun({ id: "refill", refills: [refill(1, { is_mixed: true }),
    refill(2, { lpn: "LP-2", from: "R-02" }), refill(3, { from: "R-03", state: "going_back" })] });
  const told = [], entries = [];
  const says = (act) => {
    try {
      const did = act();
      work = did.work;
      if (did.entry) entries.push([did.entry[0], did.entry[1].refill, did.entry[1].units ?? 0]);
      const now = refilling.step(work);
      return [now.prompt, now.fact].filter(Boolean).join(" ");
    } catch (error) {
      return error.message;
    }
  };
  const scan = (code) => told.push(says(() => refilling.scanned(work, code)));
  const tap = (action) => told.push(says(() => refilling.acted(work, action)));
  scan("R-01"); scan("R-03"); scan("F-01"); scan("R-01"); scan("TAP"); scan("V-200"); scan("R-09");
  tap("units");
  for (const units of ["41", "30"]) told.push(says(() => refilling.counted(work, units)));
  scan("f-01"); scan("LP-2"); scan("LP-2"); tap("put_down");
  // 30 of 40 landed: when the house has it, the 10 on the fork are what is carried, not 30 once more.
  const more = refilling.merged(work, { id: "refill", refills: [refill(1, { state: "lifted", units: 10 })] }, []).work;
  const rest = refilling.scanned(more, "F-01").entry[1].units;
  return { told, entries, rest, left: refilling.tile(work).text };
}"""


def test_a_refill_on_the_device_follows_the_grammar_of_the_house(visit):
    told = visit("/sign-in", person=None, size=PHONE).evaluate(REFILLS)
    assert told["told"] == [
        "That is R-01.", "Scan bin R-01", "That is F-01.", "Scan item R-01", "That is TAP.", "Scan face F-01",
        "That is R-09.", "How many?", "41 are not on it.", "Scan face F-01", "Scan pallet R-02", "Scan face F-01",
        "You have it already.", "All refilled",
    ]  # fmt: skip
    assert told["entries"] == [
        ["refill.down", 3, 0], ["refill.lift", 1, 0], ["refill.land", 1, 30],
        ["refill.lift", 2, 0], ["refill.down", 2, 0],
    ]  # fmt: skip
    assert (told["left"], told["rest"]) == ("all carried", 10)


def tasks() -> list[tuple[Any, ...]]:
    """Each count task with its state and what was counted."""
    return sql.fetch_all(
        """
        SELECT l.code, t.state, coalesce(sum(n.counted_units), 0)::bigint FROM counting_counttask t
        JOIN locations_location l ON l.id = t.location_id LEFT JOIN counting_count c ON c.task_id = t.id
        LEFT JOIN counting_countline n ON n.count_id = c.id GROUP BY 1, 2 ORDER BY 1
        """
    )


def test_counts_and_putaways_are_done_without_network_killed_in_the_middle_and_booked_once(phone: Phone) -> None:
    here, hose, mug = shelves(max_lpns=1), item("V-200"), item("22303")
    stocked(here, mug, 40, "1", "forward_pick1")
    po = approved(here.site, supplier(), (hose, 100, "4"))
    for plate in ("LP-1", "LP-2"):
        receive(po, here, CountedLine(units=Units(50), item_id=hose, lpn=plate))
    outbox.drain()
    bins = [here.places["forward_pick1"], here.places["forward_pick2"]]
    counting.request_counts(ctx(HAL), RequestCounts(here.site, bins))
    enrolled(phone, here.site)
    phone.page.get_by_role("button", name="Take putaways along").tap()
    phone.says("Scan pallet")
    phone.page.locator('a[href="#home"]').tap()
    phone.page.get_by_role("button", name="Take counts along").tap()
    phone.says("Scan bin")
    phone.offline(True)
    phone.scan("forward_pick-1", "Scan item")
    phone.scan("22303", "How many?")
    phone.kill()

    phone.start(offline=True)
    phone.says("How many?")
    phone.scan("40", "40 × 22303")
    phone.page.locator("[data-action=done]").tap()
    phone.says("Offline, 1 stored")
    phone.scan("forward_pick-2", "Scan item")
    phone.page.locator("[data-action=empty]").tap()
    phone.page.locator("[data-action=home]").tap()
    phone.scan("LP-1", "Scan bin")
    phone.scan("R-01", "1 of 2")
    phone.scan("LP-2", "Scan bin")
    phone.scan("R-03", "Scan R-03 again")
    phone.kill()

    phone.start(offline=True)
    phone.scan("R-03", "Why not R-02?")
    phone.page.locator("[data-action=full]").tap()
    phone.says("All put away")
    phone.says("Offline, 4 stored")
    assert JournalEntry.objects.count() == 0
    phone.offline(False)
    phone.says("Online")
    assert tasks() == [("forward_pick-1", "posted", 40), ("forward_pick-2", "posted", 0)]
    assert plans() == [("done", 50, 50, "R-01", "R-01"), ("done", 50, 50, "R-02", "R-03")]
    assert list(JournalEntry.objects.order_by("seq").values_list("flow", "state")) == [
        (flow, "applied") for flow in ("count.bin", "count.bin", "putaway.confirm", "putaway.confirm")
    ]
