"""The inward half of a simulated day: trucks come, goods are received and put away, what runs low is bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby

from flowrack.inbound.commands import close_receipt, receive
from flowrack.inbound.types import CloseReceipt, CountedLine, GiveUp, Receive
from flowrack.integrations.replay import reads, reads_floor, rules, trucks
from flowrack.integrations.replay.house import House, Site, moment
from flowrack.integrations.replay.reads import DueLine
from flowrack.integrations.replay.trucks import Truck
from flowrack.planning.commands import propose_orders
from flowrack.planning.types import ProposeOrders
from flowrack.purchasing.commands import approve_po
from flowrack.purchasing.types import ApprovePo
from flowrack.replenishment.commands import confirm_refill, plan_refills
from flowrack.replenishment.types import ConfirmRefill, PlanRefills
from flowrack.shared.quantity import Units
from flowrack.storage.commands import confirm_putaway
from flowrack.storage.types import Carried, ConfirmPutaway

REVIEW_DAYS = 7


def deliveries(house: House, on: date) -> None:
    """The day's trucks: each PO that arrives is received at a door, with the supplier's mistakes."""
    for site in house.sites:
        lines = reads.due_lines(site.site_id, on)
        announced: list[Truck] = []
        for number, (_, of) in enumerate(groupby(lines, key=lambda line: line.po_id)):
            truck = _truck(house, site, on, list(of))
            if truck is None:
                continue
            truck = replace(truck, place=len(announced))
            if trucks.is_announced(house, on, truck):
                announced.append(truck)
            else:
                _receive(house, site, on, number, truck)
            house.tally.receipts += 1
            house.tally.receipt_lines += len(truck.counted)
        trucks.unload(house, site, on, announced)
    house.tell()


def order_key(line: DueLine, site: Site) -> str:
    """A name of a PO that is the same in every run: supplier, day and site."""
    return f"{site.code}/{line.supplier}/{line.ordered_on}"


def arrives_on(house: House, line: DueLine, site: Site) -> date:
    """The day on which the next truck of a PO really comes."""
    supplier = house.world.suppliers[line.supplier]
    key = order_key(line, site)
    first = line.due_on + timedelta(days=rules.delay_days(house.settings.seed, supplier, key))
    if line.state == "approved":
        return first
    return first + timedelta(days=rules.between(house.settings.seed, 3, 8, key, "second truck"))


def _truck(house: House, site: Site, on: date, lines: Sequence[DueLine]) -> Truck | None:
    """The truck of a PO and what is on it; None when none comes today."""
    head = lines[0]
    if arrives_on(house, head, site) > on:
        return None
    counted = [c for line in lines if line.owed and (c := _counted(house, site, on, line)) is not None]
    if not counted:
        return None
    return Truck(f"{on}:truck:{order_key(head, site)}:{head.state}", 0, lines, counted)


def _receive(house: House, site: Site, on: date, number: int, truck: Truck) -> None:
    """Count what came without a notice on its PO."""
    head = truck.lines[0]
    dock = site.docks[rules.between(house.settings.seed, 0, len(site.docks) - 1, truck.key, "door")]
    came = Receive(head.po_id, dock, list(truck.counted), delivery_note=f"DN-{head.supplier}-{on:%y%m%d}")
    house.do(receive, "receiver", came, key=truck.key, at=moment(on, 7, min(59, 2 * number)))


def _counted(house: House, site: Site, on: date, line: DueLine) -> CountedLine | None:
    """What is on the truck of one line. A second truck brings exactly what was owed."""
    item = house.world.items[line.sku]
    units = line.owed
    if line.state == "approved":
        supplier = house.world.suppliers[line.supplier]
        units = rules.delivered_units(
            house.settings.seed, supplier, order_key(line, site), sku=line.sku, wanted=line.units, case=item.pack.case
        )
    if units <= 0:
        return None
    lot, expires_on = "", None
    if item.tracking == "lot":
        lot = f"{on:%y%m%d}-{line.supplier}-{site.code}"
        expires_on = on + timedelta(days=item.shelf_life_days)
    # A supplier numbers the lots of a day alike, whatever the item.
    return CountedLine(Units(units), po_line_id=line.po_line_id, lot=lot, expires_on=expires_on, is_lot_confirmed=True)


def close_trucks(house: House, on: date) -> None:
    """Trucks leave: receipts are closed; half of the suppliers who owe something say that it will not come."""
    for site in house.sites:
        owed: dict[int, list[DueLine]] = {}
        for line in reads.due_lines(site.site_id, on):
            owed.setdefault(line.po_id, []).append(line)
        for po_id, receipt_id in sorted(reads.open_receipts(site.site_id).items()):
            lines = [line for line in owed.get(po_id, []) if line.owed]
            give_up = []
            if lines and rules.throw(house.settings.seed, order_key(lines[0], site), "gives up") < rules.OF // 2:
                give_up = [GiveUp(line.po_line_id, "The supplier cannot deliver the rest") for line in lines]
            house.do(
                close_receipt,
                "receiver",
                CloseReceipt(receipt_id, give_up),
                key=f"{on}:close:{receipt_id}",
                at=moment(on, 9),
            )
    house.tell()


def put_away(house: House, on: date, hour: int) -> None:
    """Everything at the docks that has a bin goes there."""
    if house.settings.is_furnished:
        trucks.put_away(house, on)
        return
    for site in house.sites:
        waiting = [move for move, target in reads.open_putaways(site.site_id) if target]
        if waiting:
            house.do(
                confirm_putaway,
                "inventory_controller",
                ConfirmPutaway([Carried(move) for move in waiting]),
                key=f"{on}:putaway:{site.code}:{hour}",
                at=moment(on, hour, 30),
            )
    house.tell()


def refill(house: House, on: date, hour: int) -> None:
    """Pick faces that run low are filled from the racks: by what is planned now, and was planned at releases."""
    if not house.settings.pick_faces:
        return
    for site in house.sites:
        key = f"{on}:refill:{site.code}:{hour}"
        plan = PlanRefills(site.site_id)
        house.do(plan_refills, "inventory_controller", plan, key=f"{key}:plan", at=moment(on, hour))
        at = moment(on, hour, 20)
        ready = reads_floor.ready_refills(site.site_id, at)
        if ready:
            carried = ConfirmRefill([Carried(move_id) for move_id in ready])
            house.do(confirm_refill, "picker", carried, key=f"{key}:carry", at=at)
    house.tell()


def buy(house: House, on: date) -> None:
    """The planner looks at the suppliers of the weekday; the purchasing manager approves what was drafted."""
    weekday = on.weekday() % 5
    suppliers = [house.supplier_ids[s.code] for s in house.world.suppliers.values() if s.weekday == weekday]
    for site in house.sites:
        request = ProposeOrders(site.site_id, suppliers, review_days=REVIEW_DAYS)
        house.do(propose_orders, "planner", request, key=f"{on}:buy:{site.code}", at=moment(on, 17))
        drafts = reads.drafts(site.site_id)
        if drafts and not house.is_done(f"{on}:approve:{site.code}"):
            house.do(
                approve_po,
                "purchasing_manager",
                ApprovePo(drafts),
                key=f"{on}:approve:{site.code}",
                at=moment(on, 17, 30),
            )
    house.tell()
