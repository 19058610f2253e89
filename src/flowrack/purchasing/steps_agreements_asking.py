"""How a draft agreement asks for approval, and how it comes into force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from decimal import Decimal

from flowrack.approvals import rules as approval_rules
from flowrack.approvals import steps as approvals
from flowrack.approvals.types import NO_END_DAYS, Change, DocumentKind, FactKind, Outcome, Submission, register
from flowrack.platform.runner import Context
from flowrack.purchasing import queries_agreements as queries
from flowrack.purchasing import queries_agreements_asking as asking
from flowrack.purchasing import rules_agreements_asking as rules
from flowrack.purchasing import steps_agreements as steps
from flowrack.purchasing.models_agreements import Agreement
from flowrack.purchasing.queries import business_days
from flowrack.purchasing.queries_agreements_asking import AskedAgreement
from flowrack.purchasing.rules_agreements_asking import AskedPrice, PriceChange
from flowrack.purchasing.states_agreements import AgreementState, advance
from flowrack.purchasing.steps_approvals import SHOWN_LINES
from flowrack.purchasing.types_agreements import AGREEMENT_KIND, AgreementApproved, AgreementContent
from flowrack.shared.refs import ref

register(
    DocumentKind(
        AGREEMENT_KIND,
        "Supplier agreement",
        (
            FactKind("price_up_pct", "largest price rise", "percent"),
            FactKind("year_up", "money on top of what a year cost before", "money"),
            FactKind("prices", "prices"),
            FactKind("valid_days", "how long it counts", "days"),
            FactKind("first_version", "first version", "flag"),
            FactKind("new_supplier", "new supplier", "flag"),
            FactKind("supplier", "supplier", "text"),
            FactKind("site", "site", "text"),
        ),
        url_name="purchasing_agreement",
        verb="Put in force",
        view="purchasing.view",
    )
)


def subject(agreement_id: int) -> str:
    """How approvals know an agreement."""
    return ref(AGREEMENT_KIND, agreement_id)


def content_hash(agreement_id: int) -> str:
    """The fingerprint of what a version says as it stands. Two queries."""
    return approval_rules.content_hash(_content(queries.content_of(agreement_id)))


def _content(content: AgreementContent) -> dict[str, object]:
    return asdict(content)


def void(ctx: Context, agreement_ids: Sequence[int]) -> None:
    """Drafts were changed: what was asked for them counts no more. Two statements."""
    approvals.void(ctx, AGREEMENT_KIND, [subject(pk) for pk in agreement_ids], reason="The agreement was changed.")


def submit(ctx: Context, draft: Agreement, *, requester_id: int) -> Outcome:
    """Ask for a locked draft in the name of the requester. Two dozen statements."""
    head, content = asking.asked_agreement(draft.pk), queries.content_of(draft.pk)
    before = queries.content_of(head.before_id) if head.before_id else None
    prices, known = _prices(draft.pk), _prices(head.before_id) if head.before_id else []
    today = business_days([head.site_id], now=ctx.now).get(head.site_id, ctx.now.date())
    ordered = asking.ordered_in_a_year(head.supplier_id, head.site_id, until=today)
    value, changed = rules.year_value(ordered, prices), rules.price_changes(known, prices)
    rises = [c.up_pct for c in changed if c.up_pct is not None]
    year_up = value - rules.year_value(ordered, known) if known else None
    facts = {
        "price_up_pct": max(rises, default=None),
        "year_up": year_up,
        "prices": len(prices),
        "valid_days": NO_END_DAYS if content.valid_to is None else (content.valid_to - content.valid_from).days + 1,
        "first_version": before is None,
        "new_supplier": head.is_new_supplier,
        "supplier": head.supplier_code,
        "site": head.site_code,
    }
    [outcome] = approvals.submit(
        ctx,
        [
            Submission(
                kind=AGREEMENT_KIND,
                subject=subject(draft.pk),
                site_id=head.site_id,
                amount=value,
                content=_content(content),
                summary=f"{head.number} {head.supplier}, version {head.version}",
                requester_id=requester_id,
                writer_ids=tuple(head.writer_ids),
                facts=facts,
                changes=_changes(before, content, changed),
                sentence=_sentence(head, content, value, year_up),
                reason=head.note[:400],
                partner=ref("parties.party", head.supplier_id),
                partner_name=head.supplier,
            )
        ],
    )
    return outcome


def put_in_force(ctx: Context, draft: Agreement, others: Sequence[Agreement], *, by_id: int) -> None:
    """A locked draft counts from its first day on; the version before it ends the day before, and is kept.

    Emits purchasing.agreement_approved.
    """
    draft.state = advance(AgreementState(draft.state), "approve", name=f"{draft.number} v{draft.version}")
    steps.make_room(ctx, draft, others)
    draft.approved_by_id, draft.approved_at = by_id, ctx.now
    draft.save()
    ctx.emit(AgreementApproved(draft.pk, draft.supplier_id))


def _prices(agreement_id: int) -> list[AskedPrice]:
    return [
        AskedPrice(
            (row.item_id or 0, row.family_id or 0), f"{row.code} {row.name}", row.from_units, row.starts_on,
            row.unit_cost, row.list_cost,
        )
        for row in queries.prices_of(agreement_id)
        if row.from_units is not None and row.starts_on is not None and row.unit_cost is not None
    ]  # fmt: skip


def _head(content: AgreementContent) -> dict[str, str]:
    """What is agreed for whole orders, in words."""
    terms = content.terms
    said = {
        "First day": content.valid_from.isoformat(),
        "Last day": content.valid_to.isoformat() if content.valid_to else "no end",
        "Least value": "" if terms.min_value is None else f"{terms.min_value:,.2f}",
        "Least weight, g": _number(terms.min_weight_g),
        "Least volume, ml": _number(terms.min_volume_ml),
        "Lead time, days": _number(terms.lead_time_days),
        "Over tolerance": _percent(terms.over_pct),
        "Under tolerance": _percent(terms.under_pct),
        "Days early": _number(terms.early_days),
        "Days late": _number(terms.late_days),
        "Order weekdays": _weekdays(terms.order_weekdays),
        "Delivery weekdays": _weekdays(terms.delivery_weekdays or []),
        "Closed days": f"{len(terms.closed_days)}" if terms.closed_days else "",
    }
    return {name: value for name, value in said.items() if value}


def _number(value: int | None) -> str:
    return "" if value is None else f"{value:,}"


def _percent(value: Decimal | None) -> str:
    return "" if value is None else f"{value} %"


def _weekdays(days: Sequence[int]) -> str:
    return " ".join(["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day - 1] for day in days)


def _changes(
    before: AgreementContent | None, after: AgreementContent, changed: Sequence[PriceChange]
) -> tuple[Change, ...]:
    old, new = _head(before) if before else {}, _head(after)
    new |= {name: "no more" for name in old if name not in new}
    shown = [Change("Terms", name, was, now) for name, was, now in rules.head_changes(old, new)]
    for c in changed[:SHOWN_LINES]:
        shown.append(Change(c.label, c.field, *c.words(), is_exception=bool(c.up_pct and c.up_pct > 0)))
    if len(changed) > SHOWN_LINES:
        shown.append(Change(f"{len(changed) - SHOWN_LINES} more prices", "Unit cost", "", "see the agreement"))
    return tuple(shown)


def _sentence(head: AskedAgreement, content: AgreementContent, value: Decimal, year_up: Decimal | None) -> str:
    until = f"until {content.valid_to.isoformat()}" if content.valid_to else "without an end"
    more = "" if year_up is None else f", {abs(year_up):,.2f} {'more' if year_up >= 0 else 'less'} than before"
    return (
        f"{head.supplier} for {head.site}, from {content.valid_from.isoformat()} {until}. At its prices, what we"
        f" ordered of it in twelve months comes to {value:,.2f}{more}."
    )
