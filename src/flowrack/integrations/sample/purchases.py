"""Purchases that wait in the inbox when the sample company is opened, and the policies that ask about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from flowrack.approvals.commands import write_policy
from flowrack.approvals.types import Condition, PolicyStep, WritePolicy
from flowrack.integrations.replay.house import House, Site
from flowrack.integrations.replay.types import SimItem
from flowrack.purchasing.commands import create_po, submit_po
from flowrack.purchasing.types import PO_KIND, CreatePo, NewPo, NewPoLine, SubmitPo
from flowrack.shared.quantity import Units

LIMIT, RISE = Decimal(25_000), Decimal("1.12")
CONTROLLER = PolicyStep(1, ("finance_controller",), deadline_hours=6, escalation_role="warehouse_manager")
POLICIES = [
    ("above-25000", "Above 25,000 the controller approves too", Condition("amount", ">", str(LIMIT))),
    ("price-rise", "A price up more than 10 %", Condition("price_up_pct", ">", "10")),
]


def ask_for_purchases(house: House, site: Site, at: datetime) -> None:
    """Three purchases wait: an everyday one, one whose price rose by 12 %, and one above the controller's limit."""
    for number, (code, name, condition) in enumerate(POLICIES):
        asked = WritePolicy(PO_KIND, code, name, [condition], [CONTROLLER], "Decided by the board")
        house.do(
            write_policy,
            "finance_controller",
            asked,
            key=f"live:policy:{number}",
            at=at - timedelta(hours=6, minutes=number),
        )
    by_supplier: dict[str, list[SimItem]] = {}
    for item in house.world.items.values():
        by_supplier.setdefault(item.supplier, []).append(item)
    suppliers = sorted(by_supplier, key=lambda code: (-len(by_supplier[code]), code))[:3]
    if len(suppliers) < 3:
        return
    everyday, dearer, large = ([*by_supplier[code][:4]] for code in suppliers)
    _ask(house, site, at - timedelta(minutes=50), "everyday", _lines(house, everyday), "")
    _ask(house, site, at - timedelta(hours=4), "dearer", _lines(house, dearer, rise=RISE), "New price list")
    _ask(house, site, at - timedelta(hours=2), "large", _large(house, large), "Container price, agreed with sales")


def _lines(house: House, items: Sequence[SimItem], *, rise: Decimal = Decimal(1)) -> tuple[str, list[NewPoLine]]:
    return items[0].supplier, [
        NewPoLine(
            house.item_ids[item.sku], Units(4 * item.pack.inner), item.unit_cost * (rise if place == 0 else Decimal(1))
        )
        for place, item in enumerate(items)
    ]


def _large(house: House, items: Sequence[SimItem]) -> tuple[str, list[NewPoLine]]:
    """So many packs of each that the order is just above the limit."""
    a_pack = sum((item.unit_cost * item.pack.inner for item in items), Decimal(0))
    packs = int(LIMIT / a_pack) + 1
    lines = [NewPoLine(house.item_ids[i.sku], Units(packs * i.pack.inner), i.unit_cost) for i in items]
    return items[0].supplier, lines


def _ask(house: House, site: Site, at: datetime, name: str, order: tuple[str, list[NewPoLine]], note: str) -> None:
    supplier, lines = order
    new = NewPo(
        house.supplier_ids[supplier], site.site_id, lines, note=note, cover_reason=note or "Promotion next week"
    )
    made = house.do(create_po, "buyer", CreatePo([new]), key=f"live:{name}:write", at=at)
    house.do(submit_po, "buyer", SubmitPo([made.pos[0].po_id]), key=f"live:{name}:submit", at=at)
