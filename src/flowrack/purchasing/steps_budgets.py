"""What approved orders take of budgets by now, against what their approvers saw."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from flowrack.approvals.queries import facts_of
from flowrack.purchasing import queries_budgets
from flowrack.purchasing.queries_budgets import Order
from flowrack.purchasing.rules_budgets import overdrawn


def told(request_ids: Mapping[int, int]) -> dict[int, Decimal | None]:
    """What approvers were told that the order would leave of its tightest budget, by PO; None: there was none."""
    facts = facts_of(list(request_ids.values()), ["budget_left"])
    found = {po_id: facts.get((request_id, "budget_left")) for po_id, request_id in request_ids.items()}
    return {po_id: Decimal(text) if text else None for po_id, text in found.items()}


def since(orders: Mapping[int, Order], seen: Mapping[int, Decimal | None]) -> dict[int, str]:
    """Approved orders that would overdraw a budget by now, by more than the approvers saw: a sentence by PO.

    Only what binds by now counts against them, and those before them: who binds first is served. The budgets must be
    locked. One statement, none for nothing.
    """
    if not orders:
        return {}
    used = queries_budgets.uses_of(list(orders.values()), without=list(orders), is_binding=True)
    return overdrawn(dict(zip(orders, used, strict=True)), seen)
