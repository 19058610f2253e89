"""What the page of a supplier agreement says in words: its terms, and who wrote and approved it."""

from __future__ import annotations

from decimal import Decimal

from flowrack.platform.web.record import Fact
from flowrack.purchasing.forms_agreements import WEEKDAYS
from flowrack.purchasing.queries_agreements import AgreementRecord
from flowrack.purchasing.types_agreements import AgreedTerms


def days_text(days: list[int] | None) -> str:
    """Weekdays as people write them: Mon Tue; empty = the supplier's."""
    names = dict(WEEKDAYS)
    return "" if days is None else "any day" if len(days) == 7 else " ".join(names[str(day)] for day in days)


def facts(found: AgreementRecord) -> list[Fact]:
    """What is agreed for whole orders, and who wrote and approved it; what is not said is left out."""
    head, terms = found.head, found.content.terms
    said = [
        Fact("For", head.site or "every site"),
        Fact("First day", head.valid_from, "date"),
        Fact("Last day", head.valid_to, "date"),
        Fact("Their reference", head.reference),
        Fact("Least order", terms.min_value, "money", note=_least(terms)),
        Fact("Lead time", "" if terms.lead_time_days is None else f"{terms.lead_time_days} days"),
        Fact("Takes orders", days_text(terms.order_weekdays)),
        Fact("Delivers", days_text(terms.delivery_weekdays)),
        Fact("Closed", ", ".join(f"{day.day} {day:%b %Y}" for day in terms.closed_days[:6])),
        Fact("Tolerance", _tolerance(terms)),
        Fact("Written by", head.created_by),
        Fact("Approved by", head.approved_by, note=head.approved_at or ""),
        Fact("Ended because", head.end_reason),
        Fact("Note", found.content.note),
    ]
    return [fact for fact in said if fact.value not in ("", None) or (fact.label == "Least order" and fact.note)]


def _least(terms: AgreedTerms) -> str:
    weight = f"{Decimal(terms.min_weight_g) / 1000:,.0f} kg" if terms.min_weight_g else ""
    volume = f"{Decimal(terms.min_volume_ml) / 1_000_000:,.2f} m³" if terms.min_volume_ml else ""
    return ", ".join(text for text in (weight, volume) if text)


def _tolerance(terms: AgreedTerms) -> str:
    parts = [
        f"{value.normalize():f} % {word}" for value, word in ((terms.over_pct, "over"), (terms.under_pct, "under"))
        if value is not None
    ]  # fmt: skip
    parts += [
        f"{value} days {word}" for value, word in ((terms.early_days, "early"), (terms.late_days, "late"))
        if value is not None
    ]  # fmt: skip
    return ", ".join(parts)
