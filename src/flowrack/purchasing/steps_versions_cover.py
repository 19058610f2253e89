"""What changes of approved POs buy on top, held against what is coming already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flowrack.platform.runner import Context
from flowrack.purchasing import queries_requisitions, rules_cover, rules_versions, steps_cover
from flowrack.purchasing.queries_orders import OrderFacts
from flowrack.purchasing.queries_versions import Standings
from flowrack.purchasing.steps_cover import Overridden
from flowrack.purchasing.types import PO_KIND, NewPo
from flowrack.purchasing.types_cover import Cover, Want
from flowrack.purchasing.types_requisitions import REQUISITION_KIND
from flowrack.purchasing.types_versions import PoChange

WantedBy = list[tuple[int, Want]]  # PO id, want


def on_top(
    orders: Sequence[tuple[NewPo, list[int]]],
    changes: Sequence[PoChange],
    standing: Mapping[int, Standings],
    facts: OrderFacts,
) -> WantedBy:
    """The units that changes want beyond those that their POs have of an item; `orders` as to be checked, with the
    places of their lines in the change. Wants are numbered as in the request."""
    found: WantedBy = []
    first = 1
    for (order, places), change in zip(orders, changes, strict=True):
        content = standing[change.po_id].content
        singles = [
            replace(
                order,
                lines=[line],
                due_on=rules_versions.due_on(content, change, change.lines[place]),
                cover_reason=change.cover_reason,
            )
            for place, line in zip(places, order.lines, strict=True)
        ]
        wants = [replace(w, line=first + places[w.line - 1]) for w in steps_cover.wants_of(singles, facts)]
        had = rules_versions.units_touched(content, change)
        found += [(change.po_id, want) for want in rules_cover.on_top(wants, had)]
        first += max(len(change.lines), 1)
    return found


def refuse_covered(ctx: Context, wanted: WantedBy, standing: Mapping[int, Standings]) -> Overridden:
    """Refuse with AlreadyCovered units on top that are coming already; what a reason lets through.

    What the PO itself has of the item is no cover for more of it, nor what is open of the requisition that its line
    orders. Where two POs of one request grow by the same item, each is cover for the other.
    """
    if not wanted:
        return []
    growing: dict[tuple[int, int], set[int]] = {}
    for po_id, want in wanted:
        growing.setdefault(want.key, set()).add(po_id)
    lines = {
        standing[po_id].line_ids[x.line_no]
        for key, po_ids in growing.items()
        if len(po_ids) == 1
        for po_id in po_ids
        for x in standing[po_id].content.lines
        if x.item_id == key[1]
    }
    asked = queries_requisitions.ordered_for(lines)

    def is_own(cover: Cover) -> bool:
        return cover.po_line_id in lines or (
            cover.kind == REQUISITION_KIND and (cover.document_id, cover.item_id) in asked
        )

    return steps_cover.refuse_covered(ctx, [want for _, want in wanted], is_own=is_own)


def keep_overrides(ctx: Context, wanted: WantedBy, overridden: Overridden) -> dict[int, int]:
    """Store what changes buy in spite of cover, at the first PO that grows by the item; the units by PO. Two
    statements."""
    first: dict[tuple[int, int], int] = {}
    for po_id, want in wanted:
        first.setdefault(want.key, po_id)
    kept = [(first[need.site_id, need.item_id], need, reason) for need, reason in overridden]
    steps_cover.keep_overrides(ctx, PO_KIND, kept)
    covered: dict[int, int] = {}
    for po_id, need, _ in kept:
        covered[po_id] = covered.get(po_id, 0) + need.covered
    return covered
