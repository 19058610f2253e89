"""Nobody buys twice: every need is held against what is coming, under the lock of its item and site."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from flowrack.catalog import queries as catalog
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.purchasing import locks, queries_cover, queries_orders, rules_cover
from flowrack.purchasing.models import Po
from flowrack.purchasing.queries_orders import OrderFacts
from flowrack.purchasing.types import PO_KIND, NewPo, NewPoLine
from flowrack.purchasing.types_cover import RULE, AlreadyCovered, Cover, Key, NetNeed, Want
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref

Overridden = list[tuple[NetNeed, str]]


def refuse_covered(
    ctx: Context,
    wants: Sequence[Want],
    *,
    without: Sequence[tuple[str, int]] = (),
    announced: bool = False,
    is_own: Callable[[Cover], bool] = lambda _: False,
) -> Overridden:
    """Refuse with AlreadyCovered what is coming already, naming line and documents; what a reason lets through.

    Locks the items at their sites, so that of two who buy the same the second sees what the first wrote. `without`
    and `announced` as in `queries_cover.covers`; `is_own` cover is what the wants are on top of. Four statements, and
    one for each who knows of cover or claims.
    """
    if not wants:
        return []
    keys = sorted({want.key for want in wants})
    lock_keys(keys)
    coming_to = queries_cover.covers(keys, today=ctx.now.date(), without=without, announced=announced)
    found = [c for c in coming_to if not is_own(c)]
    if not found:
        return []
    ends, coming = rules_cover.windows(wants), rules_cover.by_key(found)
    plain = {want.key: ends[want.key] for want in wants if want.counted is None and want.key in coming}
    judged = rules_cover.judge(wants, found, queries_cover.claims(plain, ctx.now))
    refused = [(of, need) for of, need in judged if not any(w.reason for w in of)]
    if refused:
        _refuse(refused)
    return [(need, next(w.reason for w in of if w.reason)) for of, need in judged]


def lock_keys(keys: Sequence[Key]) -> None:
    """Lock items at their sites; what is bought for a site for the first time gets its row. Two statements."""
    sql.execute(
        """
        INSERT INTO purchasing_supplykey (site_id, item_id)
        SELECT site, item FROM unnest(%s::bigint[], %s::bigint[]) AS k(site, item) ORDER BY site, item
        ON CONFLICT (site_id, item_id) DO NOTHING
        """,
        ([site for site, _ in keys], [item for _, item in keys]),
    )
    locks.supply_keys(keys)


def both(check: Callable[[], None], cover: Callable[[], Overridden]) -> Overridden:
    """What cannot be ordered and what is coming already, refused together."""
    refusal: FlowrackError | None = None
    try:
        check()
    except FlowrackError as found:
        refusal = found
    overridden: Overridden = []
    try:
        overridden = cover()
    except AlreadyCovered as covered:
        if refusal is None:
            raise
        refusal.lines = sorted([*refusal.lines, *covered.lines], key=lambda line: line.line)
    if refusal is not None:
        raise refusal
    return overridden


def _refuse(refused: Sequence[tuple[list[Want], NetNeed]]) -> None:
    skus = {i: item.sku for i, item in catalog.items([need.item_id for _, need in refused]).items()}
    lines = [
        BadLine(want.line, "units", rules_cover.sentence(need, sku=skus[need.item_id]), rules_cover.way_out(need))
        for of, need in refused
        for want in of
    ]
    lines.sort(key=lambda line: line.line)
    covers = [
        {"kind": c.kind, "id": c.document_id, "number": c.number, "units": c.units, "item": skus[c.item_id]}
        for _, need in refused
        for c in need.covers
    ]
    message = lines[0].message if len(lines) == 1 else f"{len(lines)} lines buy what is coming already."
    raise AlreadyCovered(message, lines=lines, fix=lines[0].fix, covers=covers)


def wants_of(orders: Sequence[NewPo], facts: OrderFacts) -> list[Want]:
    """What orders want to buy: each line until its order is due plus the supplier's lead time. Lines that cannot be
    ordered are left out."""
    wants: list[Want] = []
    no = 0
    for order in orders:
        is_known = order.supplier_id in facts.suppliers and order.site_id in facts.today
        due_on = (order.due_on or facts.due_on(order)) if is_known else None  # once: it looks at every line
        for line in order.lines:
            no += 1
            if due_on is None or line.item_id not in facts.items or line.units <= 0:
                continue
            until = due_on + timedelta(days=facts.lead_days(order, line))
            wants.append(
                Want(
                    no, order.site_id, line.item_id, line.units, line.counted.until if line.counted else until,
                    counted=line.counted.units if line.counted else None, reason=order.cover_reason.strip(),
                )
            )  # fmt: skip
    return wants


def refuse_late(ctx: Context, pos: Sequence[Po]) -> None:
    """Hold drafts that no longer counted as coming against what came under way since. Refuses with AlreadyCovered."""
    today = ctx.now.date()
    old = [po.pk for po in pos if rules_cover.draft_ends_on(po.ordered_on) < today]
    late = queries_cover.late_lines(old, today) if old else []
    if not late:
        return
    orders = [
        NewPo(x.supplier_id, x.site_id, [NewPoLine(x.item_id, Units(x.units), x.unit_cost)], due_on=x.due_on,
              cover_reason=x.reason)
        for x in late
    ]  # fmt: skip
    facts = queries_orders.order_facts(orders, now=ctx.now)
    wants = [replace(want, line=late[want.line - 1].line_no) for want in wants_of(orders, facts)]
    refuse_covered(ctx, wants, without=[(PO_KIND, po.pk) for po in pos])


def keep_order_overrides(ctx: Context, po_ids: Sequence[int], orders: Sequence[NewPo], overridden: Overridden) -> None:
    """Store what was ordered in spite of cover, at the first order of the item. Two statements."""
    first: dict[tuple[int, int], int] = {}
    for po_id, order in zip(po_ids, orders, strict=True):
        for line in order.lines:
            first.setdefault((order.site_id, line.item_id), po_id)
    keep_overrides(ctx, PO_KIND, [(first[need.site_id, need.item_id], need, reason) for need, reason in overridden])


def keep_overrides(ctx: Context, kind: str, overridden: Sequence[tuple[int, NetNeed, str]]) -> None:
    """Store what documents (id, need, reason) buy in spite of cover, and why. Two statements."""
    if not overridden:
        return
    document = "po_id" if kind == PO_KIND else "requisition_id"
    sql.execute(
        f"""
        INSERT INTO purchasing_coveroverride
               ({document}, item_id, need_units, covered_units, documents, reason, by_id, at)
        SELECT n.*, %s, %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS n
        """,  # noqa: S608 (one of two constants)
        (
            ctx.actor_id,
            ctx.now,
            [document_id for document_id, _, _ in overridden],
            [need.item_id for _, need, _ in overridden],
            [need.need for _, need, _ in overridden],
            [need.covered for _, need, _ in overridden],
            [rules_cover.documents(need) for _, need, _ in overridden],
            [reason.strip()[:200] for _, _, reason in overridden],
        ),
    )
    skus = {i: item.sku for i, item in catalog.items([need.item_id for _, need, _ in overridden]).items()}
    decisions.record(
        ctx,
        [
            DecisionRow(
                kind="cover",
                subject=ref(kind, document_id),
                sentence=f"{rules_cover.sentence(need, sku=skus[need.item_id])} Bought on top: {reason.strip()}",
                rule=RULE,
                detail={
                    "item": need.item_id,
                    "need": need.need,
                    "coming": need.coming,
                    "claimed": need.claimed,
                    "net": need.net,
                    "until": need.until.isoformat(),
                    "covers": [[c.kind, c.number, c.units] for c in need.covers],
                },
            )
            for document_id, need, reason in overridden
        ],
    )
