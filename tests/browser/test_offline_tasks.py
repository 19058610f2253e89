"""Counts and putaways without the network: taken along, done, killed in the middle, opened again, and booked once."""

from __future__ import annotations

from typing import Any

import pytest

from flowrack.counting import commands as counting
from flowrack.counting.types import RequestCounts
from flowrack.devices.models import JournalEntry
from flowrack.platform import sql
from tests import outbound
from tests.browser.conftest import PHONE
from tests.browser.phones import Phone, enrolled
from tests.cast import HAL, ctx

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


def tasks() -> list[tuple[Any, ...]]:
    """Each count task with its state and what was counted."""
    return sql.fetch_all(
        """
        SELECT l.code, t.state, coalesce(sum(n.counted_units), 0)::bigint FROM counting_counttask t
        JOIN locations_location l ON l.id = t.location_id LEFT JOIN counting_count c ON c.task_id = t.id
        LEFT JOIN counting_countline n ON n.count_id = c.id GROUP BY 1, 2 ORDER BY 1
        """
    )


def test_counts_and_putaways_are_done_without_network_killed_in_the_middle_and_booked_once(phone: Phone):
    at = outbound.house()
    outbound.receive(at, outbound.item("22303"), 40, "1", "forward_pick1")
    bins = [at.places["forward_pick1"], at.places["forward_pick2"]]
    counting.request_counts(ctx(HAL), RequestCounts(at.site, bins))
    enrolled(phone, at.site)
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
    phone.says("All counted")
    assert JournalEntry.objects.count() == 0
    phone.offline(False)
    phone.says("Online")
    assert tasks() == [("forward_pick-1", "posted", 40), ("forward_pick-2", "posted", 0)]
    assert list(JournalEntry.objects.values_list("flow", "state")) == [("count.bin", "applied")] * 2
