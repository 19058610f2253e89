"""What the office of the sample company has decided and asked for: a budget, an agreement, a requisition, proposals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from flowrack.integrations.replay.house import House, Site
from flowrack.integrations.replay.types import SimItem
from flowrack.planning.commands import propose
from flowrack.planning.types import Propose
from flowrack.purchasing.commands_agreements import create_agreement, submit_agreement
from flowrack.purchasing.commands_budgets import set_budget
from flowrack.purchasing.commands_requisitions import create_requisition
from flowrack.purchasing.types import SetBudget
from flowrack.purchasing.types_agreements import (
    AgreedLine,
    AgreementContent,
    ApproveAgreement,
    CreateAgreement,
    PriceBreak,
)
from flowrack.purchasing.types_requisitions import CreateRequisitions, NewRequisition, NewRequisitionLine
from flowrack.shared.money import to_unit_cost
from flowrack.shared.quantity import Units

BUDGET = Decimal(100_000)
FROM_UNITS, CHEAPER = 144, Decimal("0.95")
LINES = 3


def plan_ahead(house: House, site: Site, today: date, at: datetime) -> None:
    """This month's budget, prices agreed with the largest supplier that wait for approval, a requisition that waits,
    and the worklist of what runs low."""
    budget = SetBudget(site.site_id, today.replace(day=1), BUDGET, "Christmas season, as planned with sales")
    house.do(set_budget, "finance_controller", budget, key="live:budget", at=at - timedelta(hours=7))
    by_supplier: dict[str, list[SimItem]] = {}
    for item in house.world.items.values():
        by_supplier.setdefault(item.supplier, []).append(item)
    largest = min(by_supplier, key=lambda code: (-len(by_supplier[code]), code))
    items = by_supplier[largest][-LINES:]
    _agree(house, largest, items, today, at - timedelta(hours=3))
    lines = [
        NewRequisitionLine(house.item_ids[x.sku], Units(4 * x.pack.inner), today + timedelta(days=14)) for x in items
    ]
    wanted = NewRequisition(site.site_id, lines, "Stand at the spring fair", "On top of what is sold every day")
    asked = CreateRequisitions([wanted])
    house.do(create_requisition, "planner", asked, key="live:requisition", at=at - timedelta(hours=1))
    house.do(propose, "planner", Propose(site.site_id), key="live:propose", at=at - timedelta(minutes=20))


def _agree(house: House, supplier: str, items: Sequence[SimItem], today: date, at: datetime) -> None:
    """A price for each item, and a lower one for large quantities."""
    lines = [
        AgreedLine(
            item_id=house.item_ids[x.sku],
            prices=[
                PriceBreak(Units(1), to_unit_cost(x.unit_cost)),
                PriceBreak(Units(FROM_UNITS), to_unit_cost(x.unit_cost * CHEAPER)),
            ],
        )
        for x in items
    ]
    content = AgreementContent(house.supplier_ids[supplier], today, lines=lines, reference="Offer of the autumn fair")
    made = house.do(create_agreement, "buyer", CreateAgreement(content), key="live:agreement:write", at=at)
    ready = ApproveAgreement(made.agreement_id, made.revision)
    house.do(submit_agreement, "buyer", ready, key="live:agreement:submit", at=at)
