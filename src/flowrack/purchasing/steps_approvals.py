"""How a PO asks for approval: its facts, its content, what an approver sees; and how it becomes binding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from flowrack.approvals import steps as approvals
from flowrack.approvals.types import Change, DocumentKind, Fact, FactKind, Outcome, Submission, register
from flowrack.platform.runner import Context
from flowrack.purchasing import locks, rules, steps_budgets, steps_first
from flowrack.purchasing import queries_approvals as queries
from flowrack.purchasing.models import Po
from flowrack.purchasing.queries_approvals import AskedLine, AskedPo
from flowrack.purchasing.queries_budgets import Order, uses_of
from flowrack.purchasing.queries_cover import on_top
from flowrack.purchasing.queries_minimum import minimums
from flowrack.purchasing.rules_budgets import BudgetUse, tightest
from flowrack.purchasing.states import PoState, advance
from flowrack.purchasing.types import PO_KIND, PosApproved
from flowrack.shared.refs import ref

register(
    DocumentKind(
        PO_KIND,
        "Purchase order",
        (
            FactKind("price_up_pct", "largest price rise", "percent"),
            FactKind("off_agreed_pct", "typed price above the agreed one", "percent"),
            FactKind("off_agreed_lines", "prices other than agreed"),
            FactKind("new_supplier", "new supplier", "flag"),
            FactKind("new_items", "items never bought before"),
            FactKind("cover_days", "longest cover bought", "days"),
            FactKind("below_terms", "off the supplier's terms", "flag"),
            FactKind("covered_units", "units that are coming already"),
            FactKind("minimum_pct", "share of the supplier's minimum", "percent"),
            FactKind("budget_left", "left of the tightest budget", "money"),
            FactKind("risks", "risks"),
            FactKind("supplier", "supplier", "text"),
            FactKind("site", "site", "text"),
        ),
        url_name="purchasing_po",
        verb="Approve order",
        view="purchasing.view",
    )
)
SHOWN_LINES = 40


def submit(ctx: Context, pos: Sequence[Po], *, requester_id: int | None = None) -> list[Outcome]:
    """Ask for locked drafts in the name of the requester, or of whoever changed each last; what was asked or approved
    for those that would overdraw a budget by now, unseen, counts no more. A dozen statements; locks the budgets."""
    ids = [po.pk for po in pos]
    heads, lines = queries.asked_pos(ids), queries.asked_lines(ids)
    today = max(head.ordered_on for head in heads.values())
    use = queries.daily_use([line for of in lines.values() for line in of], today)
    orders, has_budget = _orders(heads)
    if has_budget:
        _void_overdrawn(ctx, orders)
    taken = uses_of([orders[i] for i in ids], without=ids)
    covered = on_top(PO_KIND, ids)
    used, least = dict(zip(ids, taken, strict=True)), minimums(ids)
    asked = [
        _submission(
            heads[po_id], lines[po_id], use, requester_id or heads[po_id].changed_by,
            amount=_amount(lines[po_id]), used=used[po_id], minimum_pct=least[po_id].share_pct,
            covered=covered.get(po_id, (0, "")),
        )
        for po_id in ids
    ]  # fmt: skip
    return approvals.submit(ctx, asked)


def _orders(heads: Mapping[int, AskedPo]) -> tuple[dict[int, Order], bool]:
    """Each order with its money by family, and whether any budget counts; the budgets are locked. One statement."""
    places = [(head.site_id, head.ordered_on) for head in heads.values()]
    amounts, has_budget = locks.budgets_with_amounts(places, list(heads))
    return {i: (head.site_id, head.ordered_on, amounts[i]) for i, head in heads.items()}, has_budget


def void_overdrawn(ctx: Context, pos: Sequence[Po]) -> list[int]:
    """Void what was approved for locked drafts that would overdraw a budget by now, by more than the approvers saw:
    they must ask anew, with what is left now. Their ids. Locks the budgets."""
    orders, has_budget = _orders(queries.asked_pos([po.pk for po in pos])) if pos else ({}, False)
    return _void_overdrawn(ctx, orders) if has_budget else []


def _void_overdrawn(ctx: Context, orders: Mapping[int, Order]) -> list[int]:
    live = queries.approvals_of(list(orders))
    asked = {i: one.request_id for i, one in live.items() if one.state in ("waiting", "approved")}
    if not asked:
        return []
    found = steps_budgets.since({i: orders[i] for i in orders if i in asked}, steps_budgets.told(asked))
    if found:
        words = next(iter(found.values())) if len(found) == 1 else "A budget has less left than the order takes."
        approvals.void(ctx, PO_KIND, subjects(list(found)), reason=f"Since it was asked for: {words} It asks again.")
    return list(found)


def _amount(lines: Sequence[AskedLine]) -> Decimal:
    return sum((rules.line_total(units=x.units, unit_cost=x.unit_cost) for x in lines), Decimal(0))


def subjects(po_ids: Sequence[int]) -> list[str]:
    """How approvals know POs."""
    return [ref("purchasing.po", po_id) for po_id in po_ids]


def bind(ctx: Context, pos: Sequence[Po], approvers: Mapping[int, int], hashes: Mapping[int, str]) -> None:
    """Make locked drafts binding, each by its approver. One statement for all.

    Emits purchasing.pos_approved.
    """
    if not pos:
        return
    for po in pos:
        po.state = advance(PoState(po.state), "approve", number=po.number)
        po.approved_by_id = approvers[po.pk]
        po.approved_at = ctx.now
        po.content_hash = hashes[po.pk]
    Po.objects.bulk_update(pos, ["state", "approved_by", "approved_at", "content_hash"])
    steps_first.record_first([po.pk for po in pos])
    ctx.emit(PosApproved(po_ids=[po.pk for po in pos]))


def _submission(
    po: AskedPo,
    lines: Sequence[AskedLine],
    use: Mapping[tuple[int, int], Decimal],
    requester_id: int,
    *,
    amount: Decimal,
    used: Sequence[BudgetUse],
    minimum_pct: int | None,
    covered: tuple[int, str],
) -> Submission:
    rises = [r for x in lines if (r := rules.price_up_pct(before=x.last_cost, after=x.unit_cost)) is not None]
    covers = [
        rules.cover_days(units=x.units, daily=use.get((x.item_id, x.site_id), Decimal(0)))
        for x in lines
        if not x.is_new_item
    ]
    offs = [x.off_pct for x in lines if x.off_pct is not None]
    facts: dict[str, Fact] = {
        "price_up_pct": max(rises, default=None),
        "off_agreed_pct": max(offs, default=None),
        "off_agreed_lines": len(offs),
        "new_supplier": po.is_new_supplier,
        "new_items": sum(x.is_new_item for x in lines),
        "cover_days": max(covers, default=None),
        "below_terms": bool(po.override_reason),
        "covered_units": covered[0],
        "minimum_pct": None if minimum_pct is None else Decimal(minimum_pct),
        "budget_left": tight.after if (tight := tightest(used)) else None,
        "supplier": po.supplier_code,
        "site": po.site_code,
    }
    facts["risks"] = rules.risks(facts)
    return Submission(
        kind=PO_KIND,
        subject=ref("purchasing.po", po.po_id),
        site_id=po.site_id,
        amount=amount,
        content=rules.content(
            supplier_id=po.supplier_id,
            site_id=po.site_id,
            due_on=po.due_on.isoformat(),
            lines=[(x.line_no, x.item_id, x.units, x.unit_cost, x.over_units) for x in lines],
        ),
        summary=f"{po.number} {po.supplier}",
        requester_id=requester_id,
        writer_ids=tuple(po.writer_ids),
        facts=facts,
        changes=(*_changes(lines), *budget_changes(used)),
        sentence=rules.told(supplier=po.supplier, site=po.site, due_on=po.due_on, lines=len(lines), facts=facts),
        reason=covered[1] or po.override_reason or po.note,
        partner=ref("parties.party", po.supplier_id),
        partner_name=po.supplier,
    )


def budget_changes(used: Sequence[BudgetUse]) -> list[Change]:
    """What is left of each budget before and after the order."""
    return [
        Change(f"Budget {use.budget.label}", "Left", f"{use.before:,.2f}", f"{use.after:,.2f}", use.after < 0)
        for use in used
    ]


def _changes(lines: Sequence[AskedLine]) -> tuple[Change, ...]:
    """Units and price of each line, the largest first; what is over the screen is summed up."""
    ranked = sorted(lines, key=lambda x: (-x.units * x.unit_cost, x.line_no))
    shown = []
    for x in ranked[:SHOWN_LINES]:
        label = f"{x.sku} {x.name}"
        shown.append(Change(label, "Units", "", f"{x.units:,}"))
        before = "" if x.last_cost is None else rules.price(x.last_cost)
        rise = rules.price_up_pct(before=x.last_cost, after=x.unit_cost)
        shown.append(Change(label, "Unit cost", before, rules.price(x.unit_cost), rise is not None and rise > 0))
        if x.off_pct is not None and x.agreed_cost is not None:
            shown.append(Change(label, "Agreed", rules.price(x.agreed_cost), f"{x.off_pct:+} %", True))
    if len(ranked) > SHOWN_LINES:
        rest = sum((rules.line_total(units=x.units, unit_cost=x.unit_cost) for x in ranked[SHOWN_LINES:]), Decimal(0))
        shown.append(Change(f"{len(ranked) - SHOWN_LINES} more lines", "Value", "", f"{rest:,.2f}"))
    return tuple(shown)
