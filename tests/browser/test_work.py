"""A list on the device: what it takes for right and wrong without asking the house. Rules only, in a real browser."""

from __future__ import annotations

import pytest

from tests.browser.conftest import PHONE

pytestmark = pytest.mark.django_db(transaction=True)

BOTH = """async () => {
  const work = await import("/static/js/work.js");
  const item = { item_id: 1, sku: "22303", base_uom: "ea", name: "Mug", codes: [{ code: "22303", units: 1 }] };
  const listOf = (id, orders, carts = ["CART-1", "CART-2"]) => ({
    head: { id, number: `PL-${id}`, method: "cluster", unit_kind: "each", cart: "", place: "PACK" },
    scan: { bin: false, lot: false, qty: false, tote: true }, items: [item], carts, has_carts: carts.length > 0,
    tote_codes: ["T-1", "T-2", "T-3"], knows_all_totes: true,
    lines: orders.map((order_id, n) => (
      { pick_id: id * 10 + n, order_id, item_id: 1, location: `A-${n}`, units: 2, state: "open", lot: "", lpn: "" })),
    totes: [...new Set(orders)].map((order_id, n) => ({ letter: "ABC"[n], order_id, order: "", tote_id: 0, tote: "" })),
  });
  const says = (act) => { try { return act(); } catch (error) { return error.message; } };
  let seq = 0;
  const journal = [];
  const scan = (one, code, lists) => {
    const step = work.scanned(one, code, lists);
    if (step.entry) journal.push({ seq: ++seq, flow: step.entry[0], payload: JSON.stringify(step.entry[1]) });
    return step.work;
  };
  let first = work.begun(listOf(1, [100, 101]));
  first = scan(first, "CART-1", [first]);
  first = scan(scan(first, "22303", [first]), "T-1", [first]);
  let second = work.begun(listOf(2, [200, 100]));
  const told = { cart: says(() => scan(second, "CART-1", [first, second])) };
  second = scan(second, "CART-2", [first, second]);
  told.wrongItem = says(() => scan(second, "22339", [first, second]));
  told.quantity = says(() => scan(second, "17", [first, second]));
  second = scan(second, "22303", [first, second]);
  told.tote = says(() => scan(second, "T-1", [first, second]));
  const moved = { ...first, totes: { A: "" } };
  told.full = says(() => scan(second, "T-1", [moved, second]));
  second = scan(second, "T-2", [first, second]);
  second = scan(scan(second, "22303", [first, second]), "T-1", [first, second]);
  told.sameOrder = second.totes.B;
  const done = { ...first, done: { 10: { state: "picked" }, 11: { state: "picked" } } };
  told.cartOfDone = scan(work.begun(listOf(3, [300, 301])), "CART-1", [done]).cart;

  // The house refused the first tote and the cart of the second list: nothing waits, and it names none.
  const mine = journal.filter((one) => JSON.parse(one.payload).list === 2);
  const waits = work.merged(second, listOf(2, [200, 100]), mine).work;
  told.waiting = [waits.totes, waits.cart, work.needsCart(waits)];
  const answered = work.merged(second, listOf(2, [200, 100]), []).work;
  told.refused = [answered.totes, answered.cart, work.needsCart(answered)];
  let again = scan(answered, "CART-2", [first]);
  again = scan(scan(again, "22303", [first]), "T-3", [first]);
  told.another = again.totes.A;

  // What was found of a short pick goes into the order's tote: the first one is asked for, the next known.
  let short = work.begun(listOf(4, [400, 400], []));
  short = work.acted(short, "short").work;
  const asks = work.counted(short, "1", "damaged");
  told.found = [asks.entry, asks.work.found.units];
  told.wrongTote = says(() => work.scanned(asks.work, "T-9", []));
  const booked = work.scanned(asks.work, "T-3", []);
  told.short = [booked.entry[0], booked.entry[1].found, booked.entry[1].tote, booked.work.totes.A];
  const next = work.counted(work.acted(booked.work, "short").work, "1", "damaged");
  told.next = [next.entry[1].found, next.entry[1].tote, next.feedback];
  told.nothing = work.counted(short, "0", "none_there").entry[1].tote;

  // What was missing is found after all: it is asked as a pick of its own, and what was found before stays picked.
  const reopened = work.acted(booked.work, "undo");
  const { units, sku } = reopened.entry[1];
  told.again = [reopened.entry[0], units, sku, work.current(reopened.work).units, reopened.work.done[40].units];
  const rest = work.scanned(work.scanned(reopened.work, "22303", []).work, "T-3", []);
  told.rest = [rest.entry[0], rest.entry[1].pick, rest.entry[1].units, rest.entry[1].rest];
  const back = work.acted(rest.work, "undo");
  told.back = [back.entry[0], back.entry[1].rest, work.current(back.work).units];

  // The house says then: a pick from another bin is new, the one that was found is not; what it refused is not undone.
  const [like] = listOf(4, [400, 400], []).lines;
  const line = (pick_id, units, state, location = "A-0") => ({ ...like, pick_id, units, state, location });
  const second41 = line(41, 2, "open", "A-1");
  const fresh = (...lines) => ({ ...listOf(4, [400, 400], []), lines: [...lines, second41] });
  const unsent = [{ seq: 9, flow: rest.entry[0], payload: JSON.stringify(rest.entry[1]) }];
  const midway = work.merged(rest.work, fresh(line(40, 1, "picked"), line(50, 1, "open")), unsent);
  told.midway = [midway.work.list.lines.map((one) => one.pick_id), midway.added.length, Boolean(midway.work.last)];
  const after = work.merged(booked.work, fresh(line(40, 1, "picked"), line(60, 2, "open", "B-7")), []);
  told.added = [after.added.map((one) => one.location), after.gone.length, after.work.last.rest];
  const denied = work.merged(rest.work, fresh(line(40, 2, "open")), []);
  told.denied = denied.work.last;

  // A bin with several lots of the item asks the lot, though no rule does; a plate that holds one lot tells it.
  const mixedOf = (more) => {
    const list = listOf(5, [500], []);
    const line = { ...list.lines[0], lot: "A", is_mixed: true, plate_tells_lot: true, ...more };
    return work.begun({ ...list, lines: [line] });
  };
  const stageAfter = (more, code) => {
    const then = work.scanned(mixedOf(more), code, []).work;
    return work.stage(then, work.current(then));
  };
  told.lots = [stageAfter({}, "22303"), stageAfter({ lpn: "P-1" }, "P-1"),
    stageAfter({ lpn: "P-1", plate_tells_lot: false }, "P-1"), stageAfter({ is_mixed: false }, "22303")];
  return told;
}"""


def test_what_another_list_of_the_device_uses_and_what_the_house_refused_is_insisted_on_nowhere(visit):
    told = visit("/sign-in", person=None, size=PHONE).evaluate(BOTH)
    assert told == {
        "cart": "CART-1 is at work with PL-1.",
        "wrongItem": "Nothing on this list has the code 22339.",
        "quantity": "17 is a quantity, no label.",
        "tote": "T-1 stands at A on PL-1.",
        "full": "T-1 holds goods of PL-1.",
        "sameOrder": "T-1",
        "cartOfDone": "CART-1",
        "waiting": [{"A": "T-2", "B": "T-1"}, "CART-2", False],
        "refused": [{}, "", True],
        "another": "T-3",
        "found": [None, 1],
        "wrongTote": "T-9 is no tote.",
        "short": ["pick.short", 1, "T-3", "T-3"],
        "next": [1, "T-3", "done"],
        "nothing": "",
        "again": ["pick.found", 1, "22303", 1, 1],
        "rest": ["pick.confirm", 40, 1, 1],
        "back": ["pick.undo", 1, 1],
        "midway": [[40, 41], 0, True],
        "added": [["B-7"], 0, 1],
        "denied": None,
        "lots": ["lot", "tote", "lot", "tote"],
    }
