"""Packing slips: by the spec of the customer, on demand or with the last carton."""

from __future__ import annotations

from flowrack.fulfilment import queries_slips, steps_slips
from flowrack.fulfilment.types_slips import NothingPacked, PrintSlips, SlipsPrinted
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine, Invalid

MOST_ORDERS = 200


@command(permission="fulfilment.pack", result=SlipsPrinted)
def print_packing_slips(ctx: Context, req: PrintSlips) -> SlipsPrinted:
    """Print the packing slip of each order: what is in its cartons that have not left.

    By the spec of the customer, else of the carrier, else of the house. Refuses with NothingPacked, NoLabelSpec or
    LabelNotPrintable, naming every order.
    """
    if not 1 <= len(req.order_ids) <= MOST_ORDERS or not 0 <= req.copies <= 20:
        raise Invalid(f"1 to {MOST_ORDERS} orders at a time, 20 times at most.", fix="Split the list.")
    known = queries_slips.slips(req.order_ids, copies=req.copies)
    sites = ctx.grants.get("fulfilment.view", frozenset())
    bad = [
        BadLine(n, "order_ids", "Nothing of this order is in a carton.", "Pack it first.")
        for n, order_id in enumerate(req.order_ids, 1)
        if order_id not in known or not (0 in sites or known[order_id].wanted.site_id in sites)
    ]
    if bad:
        raise NothingPacked(bad[0].message, lines=bad, fix=bad[0].fix)
    for order_id in req.order_ids:
        ctx.require("fulfilment.pack", known[order_id].wanted.site_id)
    return SlipsPrinted(steps_slips.write_slips(ctx, [known[order_id] for order_id in req.order_ids]))
