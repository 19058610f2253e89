"""The facts on top of an order's page: its days, where it ships from, what it is worth, and its terms in words."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.urls import reverse

from flowrack.platform.web.format import day, number
from flowrack.platform.web.record import Fact
from flowrack.sales import queries_sites
from flowrack.sales.queries import LineRow, OrderHead
from flowrack.sales.rules_changes import POLICY_WORDS


def facts(head: OrderHead, lines: Sequence[LineRow], *, sees_margin: bool) -> list[Fact]:
    """Days, rank, site, value and terms of the order; its margin for who may see it."""
    wanted = sum(line.units for line in lines) - sum(line.cancelled for line in lines)
    waiting = sum(line.waiting for line in lines)
    latest = f"; nothing after {day(head.latest_on)}" if head.latest_on else ""
    found = [
        Fact("Wanted at the door", head.requested_on, "date", note=f"ship by {day(head.ship_by_on)}{latest}"),
        Fact("Tier", head.tier, "tier"),
        Fact("Ship from", head.site, note=_way(head)),
        *_beside(head),
        Fact("Ready", f"{number(wanted - waiting)} of {number(wanted)}", tone="warn" if waiting else ""),
        Fact("Value", sum(line.value for line in lines), "money"),
    ]
    margins = [line.margin for line in lines]
    if sees_margin and any(margin is not None for margin in margins):
        unknown = sum(margin is None for margin in margins)
        known = sum((margin for margin in margins if margin is not None), Decimal(0))
        found.append(Fact("Margin", known, "money", note=f"{unknown} lines without a cost" if unknown else ""))
    found += [
        Fact("Owner", head.entered_by, note=head.reference and f"their number {head.reference}"),
        Fact("Rule", _rule(head)),
    ]
    sold = [head.channel, head.order_type, head.contract and f"contract {head.contract}"]
    if any(sold):
        found.append(Fact("Sold by", ", ".join(word for word in sold if word)))
    return found


SUBSTITUTE_WORDS = {"no": "", "consent": "substitutes with consent", "yes": "substitutes allowed"}
AS_ANYBODY = {  # what asks for nothing, where the customer's terms do ask for something
    "life_days": "any life at delivery",
    "max_shipments": "any number of shipments",
    "min_shipment_value": "shipments of any value",
    "cancel_after_days": "backorders wait",
    "lot_rule": "any lot",
    "substitutes": "no substitutes",
}


def _way(head: OrderHead) -> str:
    """Who chose the site, and where the goods go."""
    return ", ".join(
        [*(["the rules may choose another"] if head.any_site else []), *([f"to {head.ship_to}"] * bool(head.ship_to))]
    )


def _beside(head: OrderHead) -> list[Fact]:
    """Orders that send parts of the same wish from other sites."""
    return [
        Fact("Beside it", one.number, "code", url=reverse("sales_order", args=[one.order_id]), note=f"from {one.site}")
        for one in queries_sites.orders_beside(head.order_id)
    ]


def _rule(head: OrderHead) -> str:
    """The customer's terms as the order keeps them, in words; what asks for nothing is left out."""
    own = set(head.given_terms)
    last = "" if head.last_shipment == "waits" else ", then the rest is cancelled"
    life, most, end = head.min_life_days - head.transit_days, head.max_shipments, head.cancel_after_days
    value = head.min_shipment_value
    said = {
        "policy": POLICY_WORDS[head.policy],
        "life_days": f"{life} days of life at delivery, {head.transit_days} on the way" if life else "",
        "max_shipments": f"{head.shipments} of {most} shipments sent{last}" if most else "",
        "min_shipment_value": f"shipments from {value:,.2f}" if value else "",
        "cancel_after_days": "" if end is None else f"backorders end after {end} days",
        "lot_rule": {"any": "", "same": "the last lot first", "new": "no lot that he had"}[head.lot_rule],
        "substitutes": SUBSTITUTE_WORDS[head.substitutes],
    }
    said |= {name: words for name, words in AS_ANYBODY.items() if name in own and not said[name]}
    if "last_shipment" in own:
        own.add("max_shipments")
    return "; ".join(f"{word} (this order)" if name in own else word for name, word in said.items() if word)
