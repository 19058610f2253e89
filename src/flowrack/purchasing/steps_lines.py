"""New lines for a draft in place of its old ones. A line that stays in the order stays the line it was, so that the
proposal or requisition that it was ordered for, and its reasons, stay with it."""

from __future__ import annotations

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.purchasing import (
    queries_cover,
    queries_requisitions,
    rules,
    rules_cover,
    steps,
    steps_cover,
    steps_requisitions,
)
from flowrack.purchasing.models import Po
from flowrack.purchasing.queries import po_lines
from flowrack.purchasing.queries_orders import OrderFacts
from flowrack.purchasing.types import PO_KIND, NewPo

AWAY = 1_000_000  # line numbers that nobody uses, while lines change places


def replace_lines(ctx: Context, po: Po, order: NewPo, facts: OrderFacts) -> list[int]:
    """Write the lines of an order for a locked draft (its head as before the change); the ids, in order.

    Units on top of those it had are held against what is coming; all of them once the draft no longer counts itself.
    The nth line of an item stays the nth line of the item, but for another site it orders nothing of a requisition any
    more. Refuses with BadPo, BelowMinimum, AlreadyCovered. About fifteen statements.
    """
    before = po_lines(po.pk)
    late = queries_cover.late_lines([po.pk], ctx.now.date())
    had: dict[int, int] = {}
    for line in before if po.site_id == order.site_id and not late else ():
        had[line.item_id] = had.get(line.item_id, 0) + line.units
    wants = rules_cover.on_top(steps_cover.wants_of([order], facts), had)
    overridden = steps_cover.both(
        lambda: steps.check_orders([order], facts),
        lambda: steps_cover.refuse_covered(ctx, wants, without=[(PO_KIND, po.pk)]),
    )
    ordered_for = queries_requisitions.ordering([po.pk])
    kept = rules.same_lines([(x.po_line_id, x.item_id) for x in before], [x.item_id for x in order.lines])
    still_for = [line_id for line_id in kept if line_id] if po.site_id == order.site_id else []
    sql.execute(
        "DELETE FROM purchasing_requisitionorder WHERE po_line_id IN "
        "(SELECT id FROM purchasing_poline WHERE po_id = %s AND id <> ALL(%s::bigint[]))",
        (po.pk, still_for),
    )
    po.lines.exclude(pk__in=[line_id for line_id in kept if line_id]).delete()
    sql.execute("UPDATE purchasing_poline SET line_no = line_no + %s WHERE po_id = %s", (AWAY, po.pk))
    line_ids = _write(ctx, po.pk, kept, order, facts)
    steps_requisitions.settle(requisition_ids=ordered_for)
    steps_cover.keep_order_overrides(ctx, [po.pk], [order], overridden)
    return line_ids


def _write(ctx: Context, po_id: int, kept: list[int | None], order: NewPo, facts: OrderFacts) -> list[int]:
    """Rewrite the lines that stay and add the others, in the order of the request. Two statements."""
    due_on = order.due_on or facts.due_on(order)
    prices = [steps.priced(order, x, facts) for x in order.lines]
    rows = sql.fetch_all(
        """
        INSERT INTO purchasing_poline AS l
               (id, po_id, line_no, item_id, units, unit_cost, over_units, under_units, due_on, expected_on,
                price_source, agreed_cost, agreement_price_id, short_reason)
        SELECT coalesce(n.id, nextval(pg_get_serial_sequence('purchasing_poline', 'id'))), %s, n.line_no, n.item_id,
               n.units, n.unit_cost, n.over_units, n.under_units, %s, %s, n.source, n.agreed_cost, n.price_id, ''
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::numeric[], %s::bigint[], %s::bigint[], %s::text[],
                    %s::numeric[], %s::bigint[]) WITH ORDINALITY
             AS n(id, item_id, units, unit_cost, over_units, under_units, source, agreed_cost, price_id, line_no)
        ORDER BY n.line_no
        ON CONFLICT (id) DO UPDATE SET line_no = excluded.line_no, units = excluded.units,
            unit_cost = excluded.unit_cost, over_units = excluded.over_units, under_units = excluded.under_units,
            due_on = excluded.due_on, expected_on = excluded.expected_on, price_source = excluded.price_source,
            agreed_cost = excluded.agreed_cost, agreement_price_id = excluded.agreement_price_id
        RETURNING id
        """,
        (
            po_id,
            due_on,
            due_on,
            kept,
            [x.item_id for x in order.lines],
            [x.units for x in order.lines],
            [price.unit_cost for price in prices],
            [steps.over_units_of(order, x, facts) for x in order.lines],
            [steps.under_units_of(order, x, facts) for x in order.lines],
            [str(price.source) for price in prices],
            [price.agreed_cost for price in prices],
            [price.price_id for price in prices],
        ),
    )
    line_ids = [row[0] for row in rows]
    steps.keep_reasons(ctx, list(zip(line_ids, order.lines, strict=True)), prices)
    return line_ids
