"""Goods that nobody may sell yet: in inspection, in quarantine, on hold; and what may be sent instead of others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from flowrack.catalog.commands import set_substitute
from flowrack.catalog.types import SetSubstitute
from flowrack.fulfilment.commands import hold_stock
from flowrack.fulfilment.types_stock import HoldStock
from flowrack.inbound.commands_packs import receive_blind
from flowrack.inbound.types_discrepancies import BlindLine, ReceiveBlind
from flowrack.inspection.commands import set_plan, start_inspection
from flowrack.inspection.types import CheckKind, DefectClass, NewCheck, SetPlan, StartInspection
from flowrack.integrations.replay.house import House, Site
from flowrack.integrations.replay.types import SimItem
from flowrack.integrations.sample import reads
from flowrack.shared.gs1 import make_sscc
from flowrack.shared.quantity import Units
from flowrack.storage.commands_releases import ask_release_stock
from flowrack.storage.types import ReleaseStock, StockAt

CHECKS = [
    NewCheck("Free of cracks and sharp edges", defect_class=DefectClass.CRITICAL),
    NewCheck("Print sharp, colours as the sample"),
    NewCheck("Weight", CheckKind.MEASURE, unit="g", low=Decimal(35), high=Decimal(190)),
    NewCheck("Barcode can be read", defect_class=DefectClass.MINOR),
]
DEMONSTRATION = "9529999"
SUBSTITUTES = 8
HELD: Sequence[tuple[str, str, int]] = [  # quality, reason, days until it should be settled
    ("hold", "Customer reports loose handles; supplier asked", 2),
    ("hold", "Label shows the wrong country of origin", -1),
    ("quarantine", "Shelf was wet after the roof leak", 1),
    ("damaged", "Cartons crushed by a fork", 1),
]


def plan_inspections(house: House, site: Site, item_ids: Sequence[int], at: datetime) -> None:
    """Some items of the first truck are inspected by sample before they may be sold."""
    for item_id in item_ids:
        plan = SetPlan(
            item_id=item_id, site_id=site.site_id, aql=Decimal("2.5"), aql_minor=Decimal("4.0"), checks=CHECKS
        )
        house.do(set_plan, "qc_inspector", plan, key=f"live:plan:{item_id}", at=at - timedelta(hours=5))


def begin_inspection(house: House, site: Site, at: datetime) -> None:
    """The inspector has the first lot on the bench; the others wait."""
    waiting = reads.open_inspections(site.site_id)
    if waiting:
        asked = StartInspection(waiting[0])
        house.do(start_inspection, "qc_inspector", asked, key="live:inspect", at=at - timedelta(minutes=10))


def take_in_unannounced(house: House, site: Site, at: datetime) -> None:
    """A pallet came without a paper: it waits in quarantine, and the buyer is asked."""
    items = [i for i in _fastest(house) if i.tracking == "none"][20:22]
    lpn = make_sscc(1, DEMONSTRATION, 1)
    lines = [BlindLine(house.item_ids[i.sku], Units(2 * i.pack.case), lpn=lpn) for i in items]
    asked = ReceiveBlind(site.docks[0], lines, reason="No delivery note, the driver knows nothing")
    house.do(receive_blind, "receiver", asked, key="live:blind", at=at - timedelta(minutes=55))
    house.tell()


def keep_apart(house: House, site: Site, at: datetime) -> None:
    """Two bins are on hold, one of them longer than it should be, one is in quarantine; what is damaged is looked at
    again, and its release waits in the inbox."""
    stock = reads.free_bins(site.site_id, len(HELD))
    for number, ((quality, reason, days), (location_id, item_id, lot_id, units)) in enumerate(
        zip(HELD, stock, strict=False)
    ):
        line = StockAt(location_id, item_id, Units(max(1, units // 2)), lot_id)
        asked = HoldStock(site.site_id, [line], reason, quality, due_at=at + timedelta(days=days))
        when = at - timedelta(days=3 if days < 0 else 0, hours=2, minutes=number)
        house.do(hold_stock, "inventory_controller", asked, key=f"live:hold:{number}", at=when)
        if quality == "damaged":
            line = replace(line, quality=quality)
            asked_for = ReleaseStock(site.site_id, [line], "Only the outer cartons, contents counted and whole")
            house.do(ask_release_stock, "qc_inspector", asked_for, key="live:release", at=when + timedelta(minutes=70))
    house.tell()


def name_substitutes(house: House, at: datetime) -> None:
    """Items of nearly the same price from one supplier may go for one another; some only if the customer agrees."""
    by_supplier: dict[str, list[SimItem]] = {}
    for item in _fastest(house):
        by_supplier.setdefault(item.supplier, []).append(item)
    for number, supplier in enumerate(sorted(by_supplier)[:SUBSTITUTES]):
        first, *others = by_supplier[supplier]
        near = min(others, key=lambda i: (abs(i.price - first.price), i.sku), default=None)
        if near is not None:
            asked = SetSubstitute(first.sku, near.sku, needs_consent=number % 2 == 0)
            house.do(set_substitute, "data_steward", asked, key=f"live:substitute:{number}", at=at - timedelta(days=20))


def _fastest(house: House) -> list[SimItem]:
    return sorted(house.world.items.values(), key=lambda i: (-i.units_in_all, i.sku))
