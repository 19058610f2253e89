"""Words about buying once: who asks for what, what is coming, and what must still be bought."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from flowrack.approvals.commands import decide
from flowrack.approvals.queries import standing
from flowrack.approvals.types import Decide, Seen
from flowrack.catalog import queries as catalog
from flowrack.catalog.commands import update_item
from flowrack.catalog.types import UpdateItem
from flowrack.integrations.masterdata import OfferSpec
from flowrack.integrations.scenario import books
from flowrack.integrations.scenario.figures import same
from flowrack.integrations.scenario.house import House
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event, figure
from flowrack.planning.commands import order_proposals, propose
from flowrack.planning.queries import proposals
from flowrack.planning.types import OrderProposals, ProposalToOrder, Propose
from flowrack.purchasing.commands import create_po
from flowrack.purchasing.commands_requisitions import create_requisition, order_requisitions
from flowrack.purchasing.queries_cover import net_needs
from flowrack.purchasing.types import CreatePo, NewPo, NewPoLine
from flowrack.purchasing.types_cover import SOURCES, NetNeed
from flowrack.purchasing.types_requisitions import (
    REQUISITION_KIND,
    CreateRequisitions,
    NewRequisition,
    NewRequisitionLine,
    OrderRequisitions,
)
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref

WINDOW_DAYS = 14


@event("ask_for", "qty product in_days reason")
def ask_for(house: House, happening: Event) -> None:
    """A planner asks for units by requisition, wanted in so many days (7); `reason` asks in spite of what is coming."""
    args = happening.args
    item = house.item(args.get("product"))
    wanted_on = house.now.date() + timedelta(days=int(args.get("in_days", 7)))
    line = NewRequisitionLine(item.item_id, Units(house.units(args["qty"])), wanted_on)
    asked = NewRequisition(house.site().site_id, [line], house.scenario.title[:200], str(args.get("reason", "")))
    [made] = house.do(create_requisition, "planner", CreateRequisitions([asked])).requisitions
    house.noted[f"requisition:{happening.ref}"] = made.requisition_id


@event("order_asked", "of reason")
def order_asked(house: House, happening: Event) -> None:
    """A requisition is approved, and a buyer turns it into purchases; `reason` orders in spite of goods that came under
    way meanwhile."""
    requisition_id = _noted(house, "requisition", happening.args["of"])
    subject = ref(REQUISITION_KIND, requisition_id)
    found = standing([subject], REQUISITION_KIND)[subject]
    if found.state == "waiting":
        house.do(decide, "purchasing_manager", Decide([Seen(found.request_id, found.content_hash)], "approve", ""))
        house.settle()
    _offered(house, house.item())
    on_top = str(happening.args.get("reason", ""))
    house.do(order_requisitions, "buyer", OrderRequisitions(requisition_ids=[requisition_id], cover_reason=on_top))


@event("buy", "qty product reason in_days")
def buy(house: House, happening: Event) -> None:
    """A buyer writes a purchase; `reason` buys in spite of what is coming already."""
    args = happening.args
    item = house.item(args.get("product"))
    line = NewPoLine(item.item_id, Units(house.units(args["qty"])), Decimal(1))
    due_on = house.now.date() + timedelta(days=int(args["in_days"])) if "in_days" in args else None
    _, supplier_id = house.party("SUPPLIER")
    order = NewPo(supplier_id, house.site().site_id, [line], due_on, cover_reason=str(args.get("reason", "")))
    house.do(create_po, "buyer", CreatePo([order]))


@event("look", "need product")
def look(house: House, happening: Event) -> None:
    """Somebody has purchases proposed for a site that wants to have `need` units in all."""
    item = house.item(happening.args.get("product"))
    _offered(house, item)
    level = house.units(happening.args["need"])
    record = catalog.item_record(item.item_id)
    fields = replace(record.item, reorder_point=level, order_up_to=level)
    house.do(update_item, "data_steward", UpdateItem(item.item_id, record.version, fields))
    made = house.do(propose, "buyer", Propose(house.site().site_id)).proposal_ids
    rows = [r for r in proposals(site_ids=[house.site().site_id]) if r.id in made and r.item_id == item.item_id]
    house.noted["proposed"] = sum(row.units for row in rows)
    if happening.ref:
        house.noted[f"proposals:{happening.ref}"] = [row.id for row in rows]


@event("order_proposed", "of reason")
def order_proposed(house: House, happening: Event) -> None:
    """A buyer turns what a look proposed into purchases; `reason` buys in spite of what is coming already."""
    chosen = [ProposalToOrder(i) for i in _noted(house, "proposals", happening.args["of"])]
    house.do(order_proposals, "buyer", OrderProposals(chosen, cover_reason=str(happening.args.get("reason", ""))))


@figure("net_of_*")
def net_of(house: House, name: str, expected: Any) -> None:
    """What must still be bought of a need of so many units in the next 14 days: net_of_300."""
    same(name, expected, house.quantity(_need(house, house.units(name.rpartition("_")[2])).net))


@figure("coming")
def coming(house: House, name: str, expected: Any) -> None:
    """Units that come in the next 14 days; by kind of document when the expectation names some."""
    found = _need(house, 1)
    if not isinstance(expected, dict):
        return same(name, expected, house.quantity(found.coming))
    units: dict[str, Decimal] = {}
    for cover in found.covers:
        kind = SOURCES[cover.kind].label
        units[kind] = units.get(kind, Decimal(0)) + house.quantity(cover.units)
    return same(name, expected, units)


@figure("proposed")
def proposed(house: House, name: str, expected: Any) -> None:
    """Units that the last look proposed to buy."""
    same(name, expected, house.quantity(house.noted["proposed"]))


@figure("purchases")
def purchases(house: House, name: str, expected: Any) -> None:
    """The units of each purchase of the item for the first site, the oldest first."""
    same(
        name,
        expected,
        [house.quantity(units) for units in books.purchased_units(house.item().item_id, house.site().site_id)],
    )


def _need(house: House, units: int) -> NetNeed:
    key = (house.site().site_id, house.item().item_id)
    return net_needs({key: (units, house.now.date() + timedelta(days=WINDOW_DAYS))}, now=house.now)[key]


def _offered(house: House, item: Any) -> None:
    code, _ = house.party("SUPPLIER")
    if f"offered:{item.item_id}" not in house.noted:
        house.master.offers([OfferSpec(code, item.sku, Decimal(1))])
        house.noted[f"offered:{item.item_id}"] = True


def _noted(house: House, what: str, name: Any) -> Any:
    if f"{what}:{name}" not in house.noted:
        raise BadScenario(f"nothing is called {name}.", fix="Give the earlier event `ref: ...`.")
    return house.noted[f"{what}:{name}"]
