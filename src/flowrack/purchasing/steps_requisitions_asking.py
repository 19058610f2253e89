"""How a requisition asks for approval: its facts, its content and what an approver sees."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from flowrack.approvals import rules as approval_rules
from flowrack.approvals import steps as approvals
from flowrack.approvals.types import Change, DocumentKind, Fact, FactKind, Submission, register
from flowrack.platform.runner import Context
from flowrack.purchasing import locks, queries, queries_requisitions, rules, steps_requisitions
from flowrack.purchasing import rules_requisitions as wording
from flowrack.purchasing.models_requisitions import Requisition
from flowrack.purchasing.queries_approvals import use_of
from flowrack.purchasing.queries_budgets import families_of, uses_of
from flowrack.purchasing.queries_cover import on_top
from flowrack.purchasing.queries_requisitions import RequisitionLineRow, RequisitionRow
from flowrack.purchasing.rules_budgets import by_family, tightest
from flowrack.purchasing.states_requisitions import RequisitionState
from flowrack.purchasing.types_requisitions import REQUISITION_KIND, NewRequisition, RequisitionCreated
from flowrack.shared.refs import ref

register(
    DocumentKind(
        REQUISITION_KIND,
        "Requisition",
        (
            FactKind("new_items", "items never bought before"),
            FactKind("cover_days", "longest cover asked for", "days"),
            FactKind("covered_units", "units that are coming already"),
            FactKind("budget_left", "left of the tightest budget", "money"),
            FactKind("site", "site", "text"),
        ),
        url_name="purchasing_requisition",
        verb="Approve requisition",
        view="purchasing.view",
    )
)
SHOWN_LINES = 40


def ask(ctx: Context, wanted: Sequence[NewRequisition]) -> list[RequisitionCreated]:
    """Write requisitions and ask for them. Emits purchasing.requisitions_created.

    Refuses with BadRequisition, AlreadyCovered.
    """
    ids, numbers, lines = steps_requisitions.write(ctx, wanted)
    states = submit(ctx, locks.requisitions(ids))
    return [
        RequisitionCreated(pk, number, states[pk], line_ids)
        for pk, number, line_ids in zip(ids, numbers, lines, strict=True)
    ]


def submit(ctx: Context, rows: Sequence[Requisition]) -> dict[int, str]:
    """Ask for locked requisitions; the state of each after it. A dozen statements."""
    ids = [row.pk for row in rows]
    heads = {head.id: head for head in queries_requisitions.heads(ids)}
    lines = _by_requisition(ids)
    covered = on_top(REQUISITION_KIND, ids)
    today = queries.business_days(sorted({h.site_id for h in heads.values()}), now=ctx.now)
    use = use_of([(x.item_id, x.site_id) for of in lines.values() for x in of], max(today.values()))
    new = queries_requisitions.never_bought([x.item_id for of in lines.values() for x in of])
    families = families_of([x.item_id for of in lines.values() for x in of])
    used = uses_of(
        [(heads[pk].site_id, today[heads[pk].site_id], by_family(_money(lines[pk]), families)) for pk in ids],
        without=[],
    )
    asked = []
    for row, uses in zip(rows, used, strict=True):
        pk = row.pk
        left = tight.after if (tight := tightest(uses)) else None
        facts = _facts(heads[pk], lines[pk], use, new, covered.get(pk, (0, ""))[0], left)
        amount = _amount(lines[pk])
        writers = {*row.writer_ids, row.requested_by_id, row.changed_by_id}
        asked.append(
            _submission(heads[pk], lines[pk], facts, amount=amount, requester_id=ctx.actor_id, writer_ids=writers)
        )
    outcomes = approvals.submit(ctx, asked)
    free = [row for row, outcome in zip(rows, outcomes, strict=True) if outcome.is_approved]
    for row in free:
        row.state, row.approved_at = RequisitionState.APPROVED, ctx.now
    Requisition.objects.bulk_update(free, ["state", "approved_at"])
    return {row.pk: str(row.state) for row in rows}


def content_hashes(requisition_ids: Sequence[int]) -> dict[int, str]:
    """The fingerprint of each requisition as it stands. Two queries."""
    heads = {head.id: head for head in queries_requisitions.heads(requisition_ids)}
    return {
        pk: approval_rules.content_hash(_content(heads[pk], of)) for pk, of in _by_requisition(requisition_ids).items()
    }


def _by_requisition(ids: Sequence[int]) -> dict[int, list[RequisitionLineRow]]:
    found: dict[int, list[RequisitionLineRow]] = {pk: [] for pk in ids}
    for line in queries_requisitions.lines_of(ids):
        found[line.requisition_id].append(line)
    return found


def _amount(lines: Sequence[RequisitionLineRow]) -> Decimal:
    return sum((amount for _, amount in _money(lines)), Decimal(0))


def _money(lines: Sequence[RequisitionLineRow]) -> list[tuple[int, Decimal]]:
    return [
        (x.item_id, rules.line_total(units=x.units, unit_cost=x.unit_cost)) for x in lines if x.unit_cost is not None
    ]


def _content(head: RequisitionRow, lines: Sequence[RequisitionLineRow]) -> dict[str, object]:
    return wording.content(
        site_id=head.site_id,
        lines=[(x.line_no, x.item_id, x.units, x.wanted_on, x.supplier_id) for x in lines],
        reason=head.reason,
    )


def _facts(
    head: RequisitionRow,
    lines: Sequence[RequisitionLineRow],
    use: Mapping[tuple[int, int], Decimal],
    new: frozenset[int],
    covered: int,
    budget_left: Decimal | None,
) -> dict[str, Fact]:
    covers = [
        rules.cover_days(units=x.units, daily=use.get((x.item_id, x.site_id), Decimal(0)))
        for x in lines
        if x.item_id not in new
    ]
    return {
        "new_items": len({x.item_id for x in lines} & new),
        "cover_days": max(covers, default=None),
        "covered_units": covered,
        "budget_left": budget_left,
        "site": head.site,
    }


def _submission(
    head: RequisitionRow,
    lines: Sequence[RequisitionLineRow],
    facts: Mapping[str, Fact],
    *,
    amount: Decimal,
    requester_id: int,
    writer_ids: Collection[int],
) -> Submission:
    first = min(x.wanted_on for x in lines)
    return Submission(
        kind=REQUISITION_KIND,
        subject=ref(REQUISITION_KIND, head.id),
        site_id=head.site_id,
        amount=amount,
        content=_content(head, lines),
        summary=f"{head.number} {head.reason}"[:120],
        requester_id=requester_id,
        writer_ids=tuple(sorted(writer_ids)),
        facts=facts,
        changes=_changes(lines),
        sentence=wording.told(site=head.site, lines=len(lines), wanted_on=first, facts=facts),
        reason=head.reason,
    )


def _changes(lines: Sequence[RequisitionLineRow]) -> tuple[Change, ...]:
    """Units, day and supplier of each line, the largest first; what is over the screen is summed up."""
    ranked = sorted(lines, key=lambda x: (-x.units * (x.unit_cost or 0), x.line_no))
    shown = []
    for x in ranked[:SHOWN_LINES]:
        label = f"{x.sku} {x.name}"
        shown.append(Change(label, "Units", "", f"{x.units:,}"))
        shown.append(Change(label, "Wanted on", "", _day(x.wanted_on)))
        if x.supplier:
            shown.append(Change(label, "Supplier", "", x.supplier))
    if len(ranked) > SHOWN_LINES:
        shown.append(
            Change(f"{len(ranked) - SHOWN_LINES} more lines", "Value", "", f"{_amount(ranked[SHOWN_LINES:]):,.2f}")
        )
    return tuple(shown)


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
