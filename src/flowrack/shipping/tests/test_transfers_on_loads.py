"""A transfer on a truck: planned as a stop, loaded by scan and without network, closed, received, claimed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import ADA, BO, GUS, HAL, bearer, ctx, signed_in
from tests.scanner import Device

from flowrack.ledger import queries as stock
from flowrack.ledger.tests.house import house as other_house
from flowrack.ledger.verify import verify
from flowrack.locations.types import LpnRefused
from flowrack.platform import sql
from flowrack.shared.quantity import Units
from flowrack.shipping import commands, queries_board, queries_loads, queries_offline, queries_pallets, queries_papers
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import (
    CancelLoad,
    ChangeLoad,
    CloseLoad,
    LoadPlate,
    LoadRefused,
    NotTogether,
    NotWhole,
    OnOtherLoad,
    PlanLoad,
    StartLoad,
    TakeOff,
    TransferStop,
    Truck,
    WrongTruck,
)
from flowrack.shipping.types_pallets import CannotStack, StackCartons
from flowrack.storage import commands_staging as staging
from flowrack.storage import commands_transfers, queries_transfers
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfers import (
    ArrivedLine,
    CancelTransfer,
    ClaimMissing,
    ReceiveSent,
    SendStaged,
    StageTransfer,
    TransferOnLoad,
)

pytestmark = pytest.mark.django_db(transaction=True)


def item(sku: str) -> int:
    return outbound.value("SELECT id FROM catalog_item WHERE sku = %s", sku)


class Move:
    """A yard and another site, with transfers to it."""

    def __init__(self) -> None:
        self.yard = trucks.yard()
        self.there = other_house("W2")
        self.staging = outbound.value(
            "SELECT id FROM locations_location WHERE site_id = %s AND code = 'staged-1'", self.yard.site
        )

    def staged(self, units: int, plate: str = "", sku: str = "4711"):
        lines = [StockAt(self.yard.house.places["forward_pick1"], item(sku), Units(units))]
        return staging.stage_transfer(
            ctx(BO), StageTransfer(self.yard.site, self.there.site, self.staging, lines, plate, "shelf empty")
        )

    def planned(self, *transfers, orders=(), after=-1, door="D1"):
        known = Truck(self.yard.doors[door], self.yard.carrier)
        stops = [TransferStop(one.transfer_id, after) for one in transfers]
        return commands.plan_load(ctx(ADA), PlanLoad(self.yard.site, [o.order_id for o in orders], known, stops))

    def started(self, *transfers, **more):
        plan = self.planned(*transfers, **more)
        commands.start_load(ctx(GUS), StartLoad(plan.load_id))
        return plan


@pytest.fixture
def move() -> Move:
    return Move()


def row(transfer):
    return queries_transfers.transfers([transfer.transfer_id])[0]


def test_a_staged_transfer_waits_for_a_truck_beside_orders_until_a_load_takes_it(move):
    order, pallet = move.yard.packed("NORTH"), move.staged(6, "PAL-1")
    browser = signed_in(ADA)
    page = browser.get("/loads/waiting?view=all").content.decode()
    assert order.number in page and pallet.number in page and f"/transfers/{pallet.transfer_id}" in page
    ticked = [2 * order.order_id, 2 * pallet.transfer_id + 1]
    made = browser.post("/loads/waiting?view=all", {"batch": "plan", "ids": ticked, "idempotency_key": "k"})
    assert made.headers["Location"].endswith(f"orders={order.number}+{pallet.number}")
    move.planned(pallet)
    page = browser.get("/loads/waiting?view=all").content.decode()
    assert order.number in page and pallet.number not in page


def test_the_whole_way_from_staging_to_a_claim_with_an_exact_ledger(move):
    yard = move.yard
    order = yard.packed("NORTH")
    pallet, loose = move.staged(6, "PAL-1"), move.staged(4)
    plan = move.started(pallet, loose, orders=[order], after=0)
    assert [(s.stop_no, s.customer, s.orders) for s in queries_loads.stops(plan.load_id)] == [
        (1, "W2", f"{pallet.number}, {loose.number}"), (2, "NORTH Ltd", order.number),
    ]  # fmt: skip
    assert (row(pallet).truck, row(loose).truck) == (plan.number, plan.number)
    for code in (yard.plate(order), "PAL-1", loose.number):
        commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, code))
    done = commands.close_load(ctx(GUS, "k"), CloseLoad(plan.load_id, "SEAL-7"))
    assert (done.units, done.transfers, done.behind, len(done.shipment_ids)) == (
        20,
        [pallet.number, loose.number],
        [],
        1,
    )
    assert commands.close_load(ctx(GUS, "k"), CloseLoad(plan.load_id, "SEAL-7")) == done
    moves = sql.fetch_all(
        "SELECT reason, sum(units)::int, sum(value) FROM ledger_move WHERE posting_id IN (%s, %s)"
        " GROUP BY 1 ORDER BY 1",
        (done.posting_id, done.transfer_posting_id),
    )
    assert moves == [("SHIP", 10, Decimal("20.0000")), ("TRANSFER", 10, Decimal("20.0000"))]
    balance = {one.account: one.value for one in stock.trial_balance(yard.site)}
    assert (balance["cogs"], balance["in_transit"]) == (Decimal("20.0000"), Decimal("20.0000"))
    assert [(one.state, one.truck, one.carrier, one.left) for one in (row(pallet), row(loose))] == [
        ("on_the_way", f"{plan.number}, seal SEAL-7", "Swift Freight", 6),
        ("on_the_way", f"{plan.number}, seal SEAL-7", "Swift Freight", 4),
    ]
    assert sql.fetch_value("SELECT closed_at IS NOT NULL FROM locations_lpn WHERE code = 'PAL-1'")
    came = [ArrivedLine(item("4711"), Units(4))]
    at = move.there.places["receiving1"]
    commands_transfers.receive_sent(ctx(BO), ReceiveSent(move.there.site, yard.site, at, came, pallet.transfer_id))
    claim = commands_transfers.claim_missing(
        ctx(HAL), ClaimMissing(pallet.transfer_id, "two were not on the pallet", "SWIFT")
    )
    assert (claim.units, claim.value, row(pallet).state) == (2, Decimal("4.0000"), "short")
    assert not verify()


def test_goods_are_staged_on_no_plate_that_others_take_along(move):
    yard = move.yard
    packed, pallet = yard.packed("NORTH", kind="carton"), yard.packed("NORTH")
    stacked = commands.stack_cartons(ctx(GUS), StackCartons(yard.site, [yard.plate(packed)])).pallet
    outbound.tote(yard.site, "T-1")
    move.staged(1, "PAL-1")
    before = trucks.books()
    for code, words in (
        (yard.plate(packed), "is a carton"),
        (yard.plate(pallet), "Other goods stand on"),
        ("PAL-1", "Other goods stand on"),
        ("T-1", "is a tote"),
        (stacked, "carries cartons of orders"),
    ):
        with pytest.raises((LpnRefused, CannotStack), match=words):
            move.staged(2, code)
    assert trucks.books() == before
    other = move.staged(3, "PAL-2")
    plan = move.started(other)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, "PAL-2"))
    plate = outbound.value("SELECT id FROM locations_lpn WHERE code = 'PAL-2'")
    assert [(one.code, one.where) for one in queries_pallets.built([plate])] == [("PAL-2", f"is on {plan.number}")]
    assert not verify()


def test_what_stays_behind_waits_under_a_number_of_its_own(move):
    one, two = move.staged(6, "PAL-1"), move.staged(3)
    staging.cancel_transfer(ctx(BO), CancelTransfer(one.transfer_id, "goes with more"))
    plate = outbound.value("SELECT id FROM locations_lpn WHERE code = 'PAL-1'")
    lines = [
        StockAt(move.staging, item("4711"), Units(6), lpn_id=plate),
        StockAt(move.yard.house.places["forward_pick1"], item("4711"), Units(2)),
    ]
    asked = StageTransfer(move.yard.site, move.there.site, move.staging, lines)
    split = staging.stage_transfer(ctx(BO), asked)
    plan = move.started(split, two)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, "PAL-1"))
    with pytest.raises(NotWhole):
        commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S"))
    done = commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S", "no_room"))
    left = [(one.order, one.units, one.order_id) for one in done.behind]
    assert sorted(left) == [(two.number, 3, 0), (split.number, 2, 0)]
    assert (row(split).state, row(split).units) == ("on_the_way", 6)
    assert (row(two).state, row(two).truck) == ("staged", "")
    rest = queries_transfers.by_number(
        sql.fetch_value("SELECT number FROM storage_transfer WHERE note LIKE %s", (f"Rest of {split.number}%",))
    )
    assert rest is not None and (rest.state, rest.units, rest.to_site) == ("staged", 2, "W2")
    board = queries_board.access_load(plan.load_id, frozenset({0}))
    assert (board.loaded, board.waiting, board.behind, board.stops) == (1, 0, 2, 1)
    next_truck = move.started(two, door="D2")
    commands.load_plate(ctx(GUS), LoadPlate(next_truck.load_id, two.number))
    assert commands.close_load(ctx(GUS), CloseLoad(next_truck.load_id, "S")).transfers == [two.number]
    staging.send_staged(ctx(BO), SendStaged(rest.id))
    assert not verify()


def test_a_planned_transfer_leaves_only_with_its_truck_and_on_one(move):
    one, two = move.staged(6, "PAL-1"), move.staged(3)
    plan = move.planned(one)
    with pytest.raises(TransferOnLoad, match=plan.number):
        staging.send_staged(ctx(BO), SendStaged(one.transfer_id))
    with pytest.raises(TransferOnLoad):
        staging.cancel_transfer(ctx(BO), CancelTransfer(one.transfer_id, "no"))
    with pytest.raises(OnOtherLoad):
        move.planned(one, door="D2")
    other = move.started(two, door="D2")
    with pytest.raises(WrongTruck) as refused:
        commands.load_plate(ctx(GUS), LoadPlate(other.load_id, "PAL-1"))
    assert refused.value.fix == f"{one.number} goes on {plan.number} at door D1."
    known = Truck(move.yard.doors["D1"], move.yard.carrier)
    changed = commands.change_load(ctx(ADA), ChangeLoad(plan.load_id, [move.yard.packed("NORTH").order_id], known))
    assert changed.stops == 1 and row(one).truck == ""
    commands.load_plate(ctx(GUS), LoadPlate(other.load_id, two.number))
    with pytest.raises(LoadRefused, match="is on the truck"):
        commands.change_load(ctx(ADA), ChangeLoad(other.load_id, [move.yard.packed("SOUTH").order_id],
                                                  Truck(move.yard.doors["D2"])))  # fmt: skip
    commands.take_off(ctx(GUS), TakeOff(other.load_id, two.number))
    cancelled = commands.cancel_load(ctx(ADA), CancelLoad(other.load_id, "no driver"))
    assert cancelled.transfer_ids == [two.transfer_id] and row(two).truck == ""
    staging.send_staged(ctx(BO), SendStaged(two.transfer_id))
    with pytest.raises(LoadRefused, match="is on the way"):
        move.planned(two)
    assert not verify()


def test_who_sends_the_orders_of_a_load_alone_takes_no_transfer_off_it(move, client):
    one, orders = move.staged(6, "PAL-1"), [move.yard.packed("NORTH").order_id]
    plan = move.planned(one)

    def put(**said):
        body = {"order_ids": orders, "truck": {"door_id": move.yard.doors["D1"]}, **said}
        return client.put(f"/api/v1/loads/{plan.load_id}", body, "application/json", headers=bearer(ADA))

    refused = put().json()
    assert [(e["field"], e["message"], e["fix"]) for e in refused["errors"]] == [
        ("transfers", f"{one.number} goes on this load.", "Send its transfers; [] takes them off.")
    ]
    assert (refused["code"], row(one).truck) == ("load_refused", plan.number)
    kept = put(transfers=[{"transfer_id": one.transfer_id}])
    assert (kept.status_code, kept.json()["stops"], row(one).truck) == (200, 2, plan.number)
    assert (put(transfers=[]).json()["stops"], row(one).truck) == (1, "")
    assert put().json()["stops"] == 1


def test_goods_of_transfers_obey_the_segregation_table_too(move):
    bang, fuel = move.staged(2, "PAL-1", "BANG"), move.staged(2, "PAL-2", "FUEL")
    with pytest.raises(NotTogether):
        move.planned(bang, fuel)


def test_the_device_loads_it_by_scan_and_knows_it_without_network(move):
    one, loose = move.staged(6, "PAL-1"), move.staged(3)
    plan = move.started(one)
    along = queries_offline.along(plan.load_id, frozenset({0}), frozenset({0}))
    assert [(p["name"], p["codes"], p["customer"], p["units"]) for p in along["plates"]] == [
        ("PAL-1", ["PAL-1"], "W2", 6)
    ]
    assert along["elsewhere"] == {loose.number: f"{loose.number} for W2 is on no truck: leave it in staging."}
    device = Device(GUS, "/scan/load", move.yard.site)
    assert device.scan("D1") == "ok" and "PAL-1" in device.page
    assert device.scan(loose.number) == "wrong"
    assert device.scan("PAL-1") == "done"


def test_papers_name_the_site_and_the_transfer(move):
    fuel = move.staged(2, "PAL-2", "FUEL")
    plan = move.started(fuel)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, "PAL-2"))
    commands.close_load(ctx(GUS), CloseLoad(plan.load_id, "S"))
    [stop] = queries_papers.paper_stops(plan.load_id)
    assert (stop.customer, stop.orders, stop.shipment, stop.address) == ("W2", fuel.number, fuel.number, ())
    [hazard] = queries_papers.hazard_lines(plan.load_id)
    assert (hazard.stop_no, hazard.hazard, hazard.units) == (1, "3", 2)
    day = sql.fetch_value("SELECT (sent_at AT TIME ZONE 'Europe/London')::date FROM storage_transfer")
    [line] = queries_papers.manifest_lines(move.yard.site, "Swift Freight", day)
    assert (line.number, line.customer, line.load, line.units) == (fuel.number, "W2", plan.number, 2)
