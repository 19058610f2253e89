"""The words of order holds: what makes an order wait for a person, and the person's release."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flowrack.integrations.scenario import events_orders
from flowrack.integrations.scenario.figures import same
from flowrack.integrations.scenario.house import House
from flowrack.integrations.scenario.types import Event
from flowrack.integrations.scenario.words import event, figure
from flowrack.platform.outbox import context_for_system
from flowrack.sales import queries_holds
from flowrack.sales.commands_credit import set_credits
from flowrack.sales.commands_holds import place_holds, refresh_item_history, release_holds
from flowrack.sales.types_holds import (
    CustomerCredit,
    HoldKind,
    PlaceHolds,
    RefreshItemHistory,
    ReleaseHolds,
    SetCredits,
)

RELEASES = {HoldKind.CREDIT: "finance_clerk"}  # the others: the sales manager


@event("tell_item_history")
def tell_item_history(house: House, happening: Event) -> None:
    """The worker counts the orders so far: from now on absurd quantities are in doubt."""
    for site in house.sites.values():
        key = f"{house.prefix}:history:{site.site_id}:{house.now:%s}"
        refresh_item_history(context_for_system(house.now, key), RefreshItemHistory(site.site_id))


@event("set_credit", "limit owed stopped tier")
def set_credit(house: House, happening: Event) -> None:
    """Finance says how much the customer of a tier may owe, what he owes, or stops him."""
    args = happening.args
    code, _ = house.party(f"CUSTOMER-{args.get('tier', 'C')}", tier=str(args.get("tier", "C")))
    limit = None if args.get("limit") is None else Decimal(str(args["limit"]))
    credit = CustomerCredit(code, limit, Decimal(str(args.get("owed", 0))), bool(args.get("stopped", False)))
    house.do(set_credits, "finance_clerk", SetCredits([credit], "scenario"))


@event("hold_order", "order reason")
def hold_order(house: House, happening: Event) -> None:
    """Somebody holds the order by hand."""
    placed = events_orders.current(house, happening)
    reason = str(happening.args.get("reason", "asked by the scenario"))
    house.do(place_holds, "customer_service", PlaceHolds(reason, [placed.order_id], []))


@event("release_order_holds", "order reason")
def release_order_holds(house: House, happening: Event) -> None:
    """Whoever may releases what holds the order, unless `by` names somebody."""
    placed = events_orders.current(house, happening)
    reason = str(happening.args.get("reason", "looked at"))
    for hold in queries_holds.open_holds([placed.order_id]):
        role = str(happening.args.get("by", RELEASES.get(HoldKind(hold.kind), "sales_manager")))
        house.do(release_holds, role, ReleaseHolds([hold.id], reason))
    house.settle()


@figure("order_holds")
def order_holds(house: House, name: str, expected: Any) -> None:
    """What holds the latest order: kinds in alphabetical order, or how many."""
    kinds = sorted(hold.kind for hold in queries_holds.open_holds([house.noted["order"].order_id]))
    same(name, expected, len(kinds) if isinstance(expected, int) else kinds)
