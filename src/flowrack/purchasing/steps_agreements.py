"""Writes of supplier agreements that their commands share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flowrack.platform.runner import Context, refuse_on
from flowrack.purchasing import queries_agreements as queries
from flowrack.purchasing import rules_agreements as rules
from flowrack.purchasing.models_agreements import Agreement, AgreementLine, AgreementPrice
from flowrack.purchasing.states_agreements import AgreementState, advance
from flowrack.purchasing.types_agreements import AgreementContent, AgreementOverlaps, BadAgreement
from flowrack.shared.errors import BadLine, Busy
from flowrack.shared.money import to_unit_cost

refuse_on(
    "agreement_one_in_force",
    lambda: AgreementOverlaps(
        "Another agreement with this supplier is in force at that time.",
        fix="Write this as its next version, or let it end first.",
    ),
)
refuse_on(
    "agreement_one_draft_per_number",
    lambda: Busy("There is a draft of the next version already.", fix="Change that one."),
)


def check(content: AgreementContent) -> None:
    """Refuse with BadAgreement what cannot be agreed, naming every bad line. One query."""
    bad = rules.agreement_faults(content)
    no_supplier, no_site, items, families = queries.unknown_of(content)
    if no_supplier:
        bad.append(BadLine(0, "supplier", f"{content.supplier_id} is no supplier.", "Choose a supplier."))
    if no_site:
        bad.append(BadLine(0, "site", f"There is no site {content.site_id}.", "Choose a site, or all."))
    for number, line in enumerate(content.lines, start=1):
        if line.item_id in items:
            bad.append(BadLine(number, "item", f"There is no item {line.item_id}.", "Choose an item of the catalogue."))
        if line.family_id in families:
            bad.append(BadLine(number, "item", f"There is no family {line.family_id}.", "Choose a family of items."))
    if bad:
        bad.sort(key=lambda b: b.line)
        message = bad[0].message if len(bad) == 1 else f"To save this, mend {len(bad)} things."
        raise BadAgreement(message, lines=bad, fix=bad[0].fix)


def fill(agreement: Agreement, content: AgreementContent) -> None:
    """Put a content's head into a version that is then saved."""
    agreement.supplier_id, agreement.site_id = content.supplier_id, content.site_id
    agreement.valid_from, agreement.valid_to = content.valid_from, content.valid_to
    agreement.reference, agreement.note = content.reference.strip()[:80], content.note.strip()
    terms = content.terms
    for name in (
        "lead_time_days", "min_value", "min_weight_g", "min_volume_ml", "delivery_weekdays", "over_pct", "under_pct",
        "early_days", "late_days",
    ):  # fmt: skip
        setattr(agreement, name, getattr(terms, name))
    agreement.order_weekdays = sorted(set(terms.order_weekdays))
    agreement.delivery_weekdays = sorted(set(terms.delivery_weekdays)) if terms.delivery_weekdays else None
    agreement.closed_days = sorted(set(terms.closed_days))


def write_lines(agreement: Agreement, content: AgreementContent) -> None:
    """Replace the lines and prices of a draft. Four statements."""
    agreement.lines.all().delete()
    lines = AgreementLine.objects.bulk_create(
        AgreementLine(
            agreement=agreement,
            item_id=line.item_id,
            family_id=line.family_id,
            moq=line.moq,  # type: ignore[misc]
            multiple=line.multiple,
            lead_time_days=line.lead_time_days,
            over_pct=line.over_pct,
        )
        for line in content.lines
    )
    AgreementPrice.objects.bulk_create(
        AgreementPrice(
            line=row,
            starts_on=price.starts_on or content.valid_from,
            from_units=price.from_units,
            unit_cost=to_unit_cost(price.unit_cost),
        )
        for row, line in zip(lines, content.lines, strict=True)
        for price in line.prices
    )


def make_room(ctx: Context, new: Agreement, versions: Sequence[Agreement]) -> None:
    """Let the versions in force end the day before a new one begins; those that begin later are replaced whole."""
    changed = []
    for old in versions:
        if old.state != AgreementState.ACTIVE or (old.valid_to is not None and old.valid_to < new.valid_from):
            continue
        if old.valid_from >= new.valid_from:
            old.state = advance(AgreementState(old.state), "replace", name=f"{old.number} v{old.version}")
        else:
            old.valid_to = new.valid_from - timedelta(days=1)
        old.ended_by_id, old.ended_at = ctx.actor_id, ctx.now
        old.end_reason = f"Version {new.version} follows."
        changed.append(old)
    Agreement.objects.bulk_update(changed, ["state", "valid_to", "ended_by", "ended_at", "end_reason"])
