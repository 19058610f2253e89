"""What the order page says of urgency: requests, what waits for consent, and letters to the customer."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from flowrack.allocation import queries_urgent
from flowrack.allocation.queries_urgent import PriorityRow
from flowrack.platform.web.columns import Column
from flowrack.platform.web.record import Document, Fact, Table

COLUMNS = [
    Column("number", "Request", kind="code", link=lambda r: reverse("allocation_priority", args=[r.id])),
    Column("state", "State", kind="state", marks={"waiting": "wait", "granted": "ok", "rejected": "bad"}),
    Column("moved", "Units moved", kind="number", value=lambda r: r.moved or None),
    Column("pending", "Wait for consent", kind="number", value=lambda r: r.pending or None),
    Column("reason", "Why", wide=True),
    Column("asked_by", "Asked by"),
    Column("asked_at", "Asked", kind="datetime"),
    Column("decided_by", "Decided by"),
]


def tables(urgent: Sequence[PriorityRow]) -> list[Table]:
    """The requests for the order; no table when there is none."""
    return [Table("Urgent", COLUMNS, urgent, is_cards=True)] if urgent else []


def pending(urgent: Sequence[PriorityRow]) -> list[Fact]:
    """Units that come as soon as somebody consents."""
    return [
        Fact(
            "Pending",
            row.pending,
            "number",
            note=f"consent to {row.number}",
            url=reverse("allocation_priority", args=[row.id]),
            tone="warn",
        )
        for row in urgent
        if row.pending
    ]


def letters(order_id: int) -> list[Document]:
    """Letters to the customer about the order."""
    return [
        Document(f"Letter about {n.sku}", reverse("allocation_notice", args=[n.id]), n.state, n.drafted_at)
        for n in queries_urgent.notices_of(order_id=order_id)
    ]
