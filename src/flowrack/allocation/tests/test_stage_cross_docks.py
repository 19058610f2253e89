"""Received goods that go straight to waiting orders: planned at the scan, carried to the door."""

from __future__ import annotations

import pytest
import zxingcpp
from tests import outbound
from tests.cast import BO, CY, GUS, MAY, RAY, ctx, signed_in

from flowrack.allocation import commands_cross_docks as commands
from flowrack.allocation import labels, queries_cross_docks
from flowrack.allocation.tests.doorside import Scene, ids, planned_putaways, tasks, told
from flowrack.allocation.types_cross_docks import (
    NotAnOutboundPlace,
    StageCrossDocks,
    UndoCrossDock,
)
from flowrack.ledger.verify import verify
from flowrack.locations.tests.test_labels import png_pixels
from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.shared.errors import WrongState
from flowrack.shipping.commands import ship_confirm
from flowrack.shipping.types import Departure, ShipConfirm

pytestmark = pytest.mark.django_db


def test_forty_units_go_to_three_backorders_by_class_and_none_is_put_away():
    scene = Scene()
    done = scene.receive()
    c, b, a = (one.number for one in scene.orders)
    assert told(done) == [(a, 10, "staged-1", "D-04"), (b, 20, "staged-1", "D-04"), (c, 10, "staged-1", "D-04")]
    assert planned_putaways() == []
    assert tasks() == [("cross_dock", 10, 1, "open"), ("cross_dock", 20, 1, "open"), ("cross_dock", 10, 1, "open")]
    assert outbound.allocate(scene.at.site).units == 0, "what is on its way is not promised twice"
    assert why(f"inbound.line:{done.lines[0].receipt_line_id}")[0].sentence == (
        f"Cross-docked in allocation order: 10 to {a} (tier A), 20 to {b} (tier B), 10 to {c} (tier C);"
        " nothing to put away."
    )
    reasons = [row for row in why(f"sales.line:{scene.orders[0].line_ids[0]}") if row.kind == "cross_dock"]
    assert reasons[0].sentence == (f"10 of 25 come straight from the dock as {done.cross_docks[2].number}.")

    staged = commands.stage_cross_docks(ctx(CY), StageCrossDocks(ids(done)))
    assert staged.units == 40
    assert scene.counts() == [
        {"units": 25, "waiting": 15, "picked": 10}, {"units": 20, "picked": 20}, {"units": 10, "picked": 10},
    ]  # fmt: skip
    assert outbound.where(scene.item) == {"staged-1": 40}
    assert {row[3] for row in tasks()} == {"done"}
    assert not verify()

    outbound.pack(scene.orders[1])
    ship_confirm(ctx(GUS), ShipConfirm(scene.at.site, [Departure(order_ids=(scene.orders[1].order_id,))]))
    assert (outbound.order_state(scene.orders[1]), outbound.order_state(scene.orders[2])) == ("shipped", "released")
    assert not verify()


def test_a_pallet_that_one_order_gets_whole_stays_a_pallet_and_a_part_comes_off():
    scene = Scene()
    whole = scene.receive(10, lpn="PAL-1")
    part = scene.receive(30, lpn="PAL-2")
    [row] = queries_cross_docks.cross_docks(frozenset({0}), ids=ids(whole))
    assert (row.lpn, row.lpn_is_whole) == ("PAL-1", True)
    commands.stage_cross_docks(ctx(CY), StageCrossDocks(ids(whole)))
    commands.stage_cross_docks(ctx(CY), StageCrossDocks(ids(part)[:1]))
    stands = sql.fetch_all(
        """
        SELECT l.code, p.code, c.on_hand FROM ledger_cell c JOIN locations_location l ON l.id = c.location_id
        JOIN locations_lpn p ON p.id = c.lpn_id WHERE c.on_hand > 0 AND NOT c.is_virtual ORDER BY c.on_hand DESC, 2
        """
    )
    assert [(row[0], row[1] if "PAL" in row[1] else "", row[2]) for row in stands] == [
        ("staged-1", "", 20), ("staged-1", "PAL-1", 10), ("receiving-1", "PAL-2", 10),
    ]  # fmt: skip


def test_what_nobody_waits_for_is_put_away():
    scene = Scene(min_tier="B")
    done = scene.receive()
    assert [x.units for x in done.cross_docks] == [10, 20]
    assert planned_putaways() == [10]


def test_without_a_policy_or_with_one_that_is_off_all_is_put_away():
    scene = Scene(is_on=False)
    assert (scene.receive().cross_docks, planned_putaways()) == ([], [40])


def test_damaged_goods_are_not_offered_and_the_reason_is_stored():
    scene = Scene()
    done = scene.receive(quality="damaged", reason="crushed")
    assert done.cross_docks == []
    line = f"inbound.line:{done.lines[0].receipt_line_id}"
    assert why(line)[0].sentence == "Put away, not cross-docked: they are damaged."


def test_goods_go_to_a_staging_place_and_stay_there_once_packed():
    scene = Scene()
    done = scene.receive()
    with pytest.raises(NotAnOutboundPlace):
        commands.stage_cross_docks(ctx(CY), StageCrossDocks(ids(done), scene.at.places["reserve1"]))
    commands.stage_cross_docks(ctx(CY), StageCrossDocks(ids(done)[:1]))
    outbound.pack(scene.orders[2])
    with pytest.raises(WrongState):
        commands.undo_cross_dock(ctx(CY), UndoCrossDock(ids(done)[0]))
    assert not verify()


def test_the_label_has_order_customer_and_door_and_both_barcodes_can_be_read():
    scene = Scene()
    sscc = "006141411234567890"
    done = scene.receive(10, lpn=sscc)
    [row] = queries_cross_docks.cross_docks(frozenset({0}), ids=ids(done))
    assert labels.has_sscc(row)
    read = {barcode.text for barcode in zxingcpp.read_barcodes(png_pixels(labels.cross_dock_picture(row)))}
    assert read == {row.number, f"(00){sscc}"}


def test_pages_scan_and_label_work_for_those_who_may():
    scene = Scene()
    done = scene.receive()
    one = done.cross_docks[0]
    bo = signed_in(BO)
    assert one.order_number in bo.get("/cross-docks").content.decode()
    record = bo.get(f"/cross-docks/{one.cross_dock_id}").content.decode()
    assert "D-04" in record and "Put away instead" in record
    label = bo.get(f"/cross-docks/labels.pdf?id={one.cross_dock_id}")
    assert label.content.startswith(b"%PDF")
    assert signed_in(RAY).post(f"/cross-docks/{one.cross_dock_id}/stage").status_code == 403
    screen = bo.post("/scan/cross-dock", {"kind": "code", "value": one.number, "key": "k1"})
    assert "To door D-04" in screen.content.decode()
    state = screen.context["state_token"]
    stored = bo.post("/scan/cross-dock", {"kind": "code", "value": "staged-1", "key": "k2", "state": state})
    assert stored.headers["X-Scan-Feedback"] == "done"
    assert outbound.where(scene.item) == {"receiving-1": 30, "staged-1": 10}
    policy = signed_in(MAY).post(
        "/cross-docking/new",
        {"site": scene.at.site, "is_on": "on", "staging": "staged-1", "min_tier": "A", "reason": "only the best",
         "families": "", "door": "D-04"},
    )  # fmt: skip
    assert policy.status_code == 303
    assert "only the best" in bo.get("/cross-docking").content.decode()
