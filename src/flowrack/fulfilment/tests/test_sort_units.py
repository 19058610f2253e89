"""sort_units and its scan flow: what was picked together stands in a tote of its own order, two scans a line."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, CY, GUS, bearer, ctx, signed_in
from tests.scanner import Device

from flowrack.fulfilment import commands, queries, queries_sort
from flowrack.fulfilment.types import NotStaged, UndoPick, WrongTote
from flowrack.fulfilment.types_lists import PickRule, SetPickRules
from flowrack.fulfilment.types_packing import SortUnits
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at():
    """A batch of two orders of 3 and 2 stands picked in B-1; W-1 to W-3 are empty."""
    at = outbound.house()
    commands.set_pick_rules(ctx(ADA), SetPickRules(at.site, [PickRule(method="batch")]))
    for n, sku in enumerate(("4711", "6024"), 1):
        outbound.receive(at, outbound.item(sku), 100, "1", f"forward_pick{n}")
    outbound.customer()
    orders = [outbound.order(at.site, "ACME", ("4711", 3), ("6024", 2)) for _ in range(2)]
    outbound.allocate(at.site, *orders)
    batch = outbound.tote(at.site, "B-1")
    totes = [outbound.tote(at.site, code) for code in ("W-1", "W-2", "W-3")]
    outbound.pick_all(outbound.release(at.site, *orders), tote_id=batch)
    return at, orders, batch, totes


def standing(order) -> list[tuple[str, str, int]]:
    return [(row.lpn, row.sku, row.units) for row in queries.staged_in_words(order.order_id)]


def test_a_batch_is_sorted_by_two_scans_a_line_and_packed_from_its_own_totes(at):
    house, (one, two), _, _ = at
    device = Device(GUS, "/scan/sort", house.site)
    assert device.scan("B-1") == "ok" and "10" in device.page and "left in B-1" in device.page
    assert device.scan("4711") == "more" and one.number in device.page and "Scan an empty tote" in device.page
    assert device.scan("4711") == "more", "the trigger was pulled twice"
    assert device.scan("W-1") == "ok" and device.scan("W-1") == "ok"
    assert device.scan("6024") == "more" and "Scan W-1" in device.page, "an order that was begun comes first"
    assert device.scan("W-2") == "wrong" and f"W-1, not W-2. {one.number} goes into W-1." in device.page
    assert device.scan("W-1") == "ok"
    assert [device.scan(code) for code in ("6024", "W-2", "4711")] == ["more", "ok", "more"]
    assert "Scan W-2" in device.page
    assert device.scan("W-2") == "done" and f"{two.number} W-2" in device.page
    assert standing(one) == [("W-1", "4711", 3), ("W-1", "6024", 2)]
    assert standing(two) == [("W-2", "4711", 3), ("W-2", "6024", 2)]
    outbound.packs_unchecked()
    pack = Device(GUS, "/scan/pack", house.site)
    assert pack.scan("W-2") == "ok" and pack.tap("all") == "done" and pack.tap("close") == "done"
    assert sql.fetch_all("SELECT order_id, state FROM fulfilment_carton") == [(two.order_id, "packed")]
    assert not verify()


def test_a_lost_answer_a_full_tote_and_wrong_scans(at):
    house, (one, _), _, _ = at
    device = Device(GUS, "/scan/sort", house.site)
    assert device.scan("W-1") == "wrong" and "W-1 holds nothing to sort." in device.page
    device.scan("B-1")
    assert device.scan("9999") == "wrong" and "No item has the code 9999." in device.page
    device.scan("4711")
    before = device.state
    assert device.scan("W-1") == "ok"
    device.state = before
    assert device.scan("W-1") == "ok" and "Scan item" in device.page, "sent again: nothing is booked twice"
    device.scan("6024")
    assert device.tap("full") == "ok" and "Scan an empty tote" in device.page
    assert device.scan("W-3") == "ok"
    assert standing(one) == [("W-1", "4711", 3), ("W-3", "6024", 2)]
    assert device.tap("leave") == "ok"
    assert device.scan("W-3") == "wrong" and f"All of W-3 is of {one.number}." in device.page
    pack = Device(GUS, "/scan/pack", house.site)
    assert pack.scan("W-1") == "ok"


def test_a_tote_of_several_orders_is_sent_to_sort_and_is_no_carton_to_pack(at):
    house, _, _, _ = at
    pack = Device(GUS, "/scan/pack", house.site)
    assert pack.scan("B-1") == "wrong" and "B-1 holds goods of several orders. Sort it first" in pack.page
    answer = signed_in(GUS).post("/scan", {"kind": "code", "value": "B-1", "key": "k", "state": ""})
    assert answer.headers["X-Scan-Go"].startswith("/scan/sort")


def test_refusals_move_nothing(at):
    _, (one, two), batch, (first, second, _) = at
    line, other = one.line_ids[0], two.line_ids[0]
    req = SortUnits(batch, line, 0, 2, first)
    done = commands.sort_units(ctx(GUS, "k"), req)
    assert commands.sort_units(ctx(GUS, "k"), req) == done
    assert (done.order_id, done.units, done.left_units) == (one.order_id, 2, 8)
    for who, bad, refusal in (
        (GUS, SortUnits(batch, line, 0, 2, first), NotStaged),
        (GUS, SortUnits(batch, line, 0, 0, first), NotStaged),
        (GUS, SortUnits(batch, 999_999, 0, 1, first), NotStaged),
        (GUS, SortUnits(0, line, 0, 1, first), NotStaged),
        (GUS, SortUnits(batch, other, 0, 3, first), WrongTote),
        (GUS, SortUnits(batch, line, 0, 1, batch), WrongTote),
        (GUS, SortUnits(batch, line, 0, 1, 999_999), WrongTote),
        (CY, SortUnits(batch, line, 0, 1, second), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.sort_units(ctx(who), bad)
    assert sum(row.units for row in queries_sort.unsorted(batch)) == 8
    carton = outbound.pack(two)[0]
    for req in (SortUnits(carton.lpn_id, other, 0, 1, second), SortUnits(batch, other, 0, 1, carton.lpn_id)):
        with pytest.raises(WrongTote):
            commands.sort_units(ctx(GUS), req)
    assert not verify()


def test_the_api_lists_and_sorts(at, client):
    _, (one, _), batch, (first, _, _) = at
    rows = client.get(f"/api/v1/totes/{batch}/unsorted", headers=bearer(GUS)).json()
    assert [(row["sku"], row["units"]) for row in rows] == [("4711", 3), ("6024", 2), ("4711", 3), ("6024", 2)]
    body = {"line_id": rows[0]["line_id"], "units": 3, "tote_id": first}
    answer = client.post(f"/api/v1/totes/{batch}/sort", body, "application/json", headers=bearer(GUS))
    assert answer.json() == {"order_id": one.order_id, "tote_id": first, "units": 3, "left_units": 7}


def test_a_sorted_pick_is_put_back_from_the_tote_it_stands_in(at):
    _, (one, _), batch, (first, _, _) = at
    line = one.line_ids[0]
    commands.sort_units(ctx(GUS), SortUnits(batch, line, 0, 2, first))
    pick_id = sql.fetch_value("SELECT id FROM fulfilment_pickline WHERE order_line_id = %s", (line,))
    assert commands.undo_pick(ctx(CY), UndoPick(pick_id)).units == 3
    assert standing(one) == [("B-1", "6024", 2)]
    assert outbound.counts(line) == {"units": 3, "allocated": 3, "released": 3}
    assert not verify()
