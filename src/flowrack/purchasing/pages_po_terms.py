"""What the page of a PO says of the supplier's terms: where its prices came from, how far it is of his minimum."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from flowrack.platform.web.columns import Column
from flowrack.platform.web.record import Fact
from flowrack.purchasing import queries_agreements as queries
from flowrack.purchasing import queries_minimum
from flowrack.purchasing.rules_agreements import off_pct


def price_columns(po_id: int) -> list[Column]:
    """Columns for the lines of a PO: where each price came from, and what was agreed where it is another."""
    notes = queries.price_notes(po_id)

    def source(row: Any) -> str:
        note = notes[row.po_line_id]
        return note.agreement if note.source == "agreement" else "supplier's list" if note.source == "list" else (
            "standard cost" if note.source == "standard" else note.source
        )  # fmt: skip

    def agreed(row: Any) -> str:
        note = notes[row.po_line_id]
        if note.source != "typed" or note.agreed_cost is None or note.agreed_cost == row.unit_cost:
            return ""
        by = off_pct(agreed=note.agreed_cost, cost=row.unit_cost)
        return f"agreed {note.agreed_cost.normalize():f}" + ("" if by is None else f", {by:+} %")

    def link(row: Any) -> str | None:
        note = notes[row.po_line_id]
        return (
            reverse("purchasing_agreement", args=[note.agreement_id])
            if note.source == "agreement" and note.agreement_id
            else None
        )

    return [
        Column("price_source", "Price from", value=source, link=link),
        Column("off", "Not as agreed", kind="chip", value=agreed, tone=lambda row: "warn"),
    ]


def minimum_facts(po_id: int) -> list[Fact]:
    """How far a PO is of the supplier's minimum, and within which days it may come. Nothing where nothing is agreed."""
    found = queries_minimum.minimums([po_id])[po_id]
    facts = []
    if found.share_pct is not None:
        tone = "" if found.share_pct >= 100 else "warn"
        facts.append(Fact("Supplier's minimum", f"{found.share_pct} %", note=found.told, tone=tone))
    if found.early_days is not None or found.late_days is not None:
        early = "" if found.early_days is None else f"{found.early_days} days early"
        late = "" if found.late_days is None else f"{found.late_days} days late"
        facts.append(Fact("May come", ", ".join(part for part in (early, late) if part)))
    return facts
