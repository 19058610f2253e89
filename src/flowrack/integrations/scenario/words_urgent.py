"""The words of urgent orders: who gives way, who consents, and what the customers are told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flowrack.allocation import commands_displacement as urgent
from flowrack.allocation import reasons_displacement as reasons
from flowrack.allocation.types_displacement import PRIORITY, RequestPriority
from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, Seen
from flowrack.fulfilment.commands import confirm_picks, recall_orders
from flowrack.fulfilment.types import ConfirmPicks, Pick, RecallOrders
from flowrack.integrations.scenario import flow
from flowrack.integrations.scenario.events_orders import current
from flowrack.integrations.scenario.figures import same
from flowrack.integrations.scenario.house import DAY_ZERO, House
from flowrack.integrations.scenario.types import BadScenario, Event
from flowrack.integrations.scenario.words import event, figure
from flowrack.platform import decisions, sql
from flowrack.shared.refs import ref


@event("pick_part", "order qty")
def pick_part(house: House, happening: Event) -> None:
    """So many units of an order are picked; the rest is called back from the picker."""
    placed = current(house, happening)
    left = house.units(happening.args["qty"])
    picks = []
    for pick_id, units in flow.to_pickers(house, house.site(placed.site), [placed.order_id]):
        if left > 0:
            picks.append(Pick(pick_id, min(units, left)))
            left -= min(units, left)
    house.do(confirm_picks, "picker", ConfirmPicks(picks))
    house.do(recall_orders, "planner", RecallOrders([placed.order_id], "scenario"))


@event("urgent", "order reason")
def call_urgent(house: House, happening: Event) -> None:
    """Somebody (`by` a role; else customer service) calls an order urgent."""
    placed = current(house, happening)
    role = str(happening.args.get("by", "customer_service"))
    reason = str(happening.args.get("reason", "scenario"))
    house.noted["urgent"] = house.do(urgent.request_priority, role, RequestPriority(placed.order_id, reason))


@event("decide_on_urgent", "verdict reason")
def decide_on_urgent(house: House, happening: Event) -> None:
    """A person (`by` a role; else the sales manager) lets the others wait, or (`verdict: reject`) does not."""
    decide_on(house, happening, house.noted["urgent"].approval)


def decide_on(house: House, happening: Event, number: str) -> None:
    """Give the verdict of an event on the request of this number."""
    row = sql.fetch_one("SELECT id, content_hash FROM approvals_request WHERE number = %s", (number,))
    if row is None:
        raise BadScenario("nothing waits for consent.", fix="Ask first.")
    verdict = str(happening.args.get("verdict", "approve"))
    role = str(happening.args.get("by", "sales_manager"))
    reason = str(happening.args.get("reason", "scenario"))
    house.do(approvals.decide, role, Decide([Seen(*row)], verdict, reason))


@figure("pending_for")
def pending_for(house: House, name: str, expected: Any) -> None:
    """Units that orders get as soon as somebody consents, by the order's name."""
    rows = dict(
        sql.fetch_all(
            """
            SELECT r.order_id, sum(d.units - d.moved_units)::bigint
            FROM allocation_displacement d JOIN allocation_priorityrequest r ON r.id = d.request_id
            WHERE r.state = 'waiting' AND NOT d.is_automatic GROUP BY 1
            """
        )
    )
    same(name, expected, {str(key): house.quantity(rows.get(house.of(key).order_id, 0)) for key in expected})


@figure("urgent_state")
def urgent_state(house: House, name: str, expected: Any) -> None:
    """Where the last urgent order stands: waiting, granted, rejected, withdrawn, voided."""
    query = "SELECT state FROM allocation_priorityrequest WHERE id = %s"
    same(name, expected, sql.fetch_value(query, (house.noted["urgent"].request_id,)))


@figure("slips")
def slips(house: House, name: str, expected: Any) -> None:
    """Days by which the promises of orders slip or slipped for the last urgent one, by the order's name; 0 = kept."""
    rows = {
        row[0]: row[1]
        for row in sql.fetch_all(
            """
            SELECT l.order_id, greatest(max(d.leaves_on - d.promised_on), 0)
            FROM allocation_displacement d JOIN sales_orderline l ON l.id = d.from_line_id
            WHERE d.request_id = %s GROUP BY 1
            """,
            (house.noted["urgent"].request_id,),
        )
    }
    same(name, expected, {str(key): rows.get(house.of(key).order_id) for key in expected})


@figure("value_at_stake")
def value_at_stake(house: House, name: str, expected: Any) -> None:
    """The price of the units for which somebody must consent, as the inbox shows it."""
    query = "SELECT amount FROM approvals_request WHERE number = %s"
    got = sql.fetch_value(query, (house.noted["urgent"].approval,))
    same(name, Decimal(str(expected)), Decimal(got).quantize(Decimal("0.01")))


@figure("promises_moved")
def promises_moved(house: House, name: str, expected: Any) -> None:
    """The day, counted from the first, on which the units with an open exception leave, by the order's name."""
    rows = {
        row[0]: (row[1] - DAY_ZERO.date()).days if row[1] else None
        for row in sql.fetch_all(
            """
            SELECT l.order_id, e.covered_on FROM allocation_promiseexception e
            JOIN sales_orderline l ON l.id = e.order_line_id WHERE e.closed_at IS NULL AND l.item_id = ANY(%s::bigint[])
            """,
            ([item.item_id for item in house.items.values()],),
        )
    }
    same(name, expected, {str(key): rows.get(house.of(key).order_id) for key in expected})


@figure("letters")
def letters(house: House, name: str, expected: Any) -> None:
    """Drafts of letters to customers, by the order's name."""
    orders = {str(key): house.of(key).order_id for key in expected}
    rows = dict(
        sql.fetch_all(
            "SELECT order_id, count(*) FROM allocation_customernotice WHERE order_id = ANY(%s::bigint[]) GROUP BY 1",
            (list(orders.values()),),
        )
    )
    same(name, expected, {key: rows.get(order_id, 0) for key, order_id in orders.items()})


@figure("candidates")
def candidates(house: House, name: str, expected: Any) -> None:
    """What the last urgent order looked at, and the rule for each, as it is stored: [order, units, words]."""
    subject = ref(PRIORITY, house.noted["urgent"].request_id)
    stored = [row for row in decisions.why(subject) if "inputs" in row.detail]
    numbers = {
        sql.fetch_value("SELECT number FROM sales_order WHERE id = %s", (placed.order_id,)): key
        for key, placed in house.done.items()
        if placed.order_id
    }
    got = [[numbers[c[0]], house.quantity(c[3]), c[4]] for c in stored[-1].detail["candidates"]]
    same(name, [[row[0], Decimal(str(row[1])), row[2]] for row in expected], got)


@figure("judged_again")
def judged_again(house: House, name: str, expected: Any) -> None:
    """Whether the rule, given what was stored of the last urgent order, says the same now as it did then."""
    subject = ref(PRIORITY, house.noted["urgent"].request_id)
    stored = [row for row in decisions.why(subject) if "inputs" in row.detail]
    got = bool(stored) and all(reasons.replayed(row.detail["inputs"]) == row.detail["outcome"] for row in stored)
    same(name, expected, got)
