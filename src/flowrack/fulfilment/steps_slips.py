"""Packing slips in somebody's command."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from flowrack.fulfilment import queries_packing, queries_slips
from flowrack.fulfilment.types_slips import SlipPrint
from flowrack.labels import steps as labels
from flowrack.platform.runner import Context
from flowrack.purchasing.queries import business_days
from flowrack.sales.types import ORDER


def write_slips(ctx: Context, slips: Sequence[queries_slips.Slip]) -> list[SlipPrint]:
    """Print slips in somebody's command. Six statements."""
    site_id = slips[0].wanted.site_id
    today = business_days([site_id], now=ctx.now).get(site_id, ctx.now.date())
    printed = labels.print_labels(ctx, [one.wanted for one in slips], on=today)
    ctx.about(ORDER, [one.order_id for one in slips])
    return [
        SlipPrint(one.order_id, done.print_id, done.code, done.spec, done.version, done.copies, done.copy_of)
        for one, done in zip(slips, printed, strict=True)
    ]


def with_the_last_carton(ctx: Context, order_ids: Iterable[int]) -> list[SlipPrint]:
    """The slips of orders of which the last carton is closed, where the packing rule asks for one then."""
    rules = queries_packing.rules_of(order_ids)
    asked = queries_slips.is_last([order_id for order_id, rule in rules.items() if rule.prints_slip])
    return write_slips(ctx, list(queries_slips.slips(asked).values())) if asked else []
