"""What the order page says of substitutes: which line stands for which, requests, and unit fill with and without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse

from flowrack.allocation.queries_substitutes import RequestRow
from flowrack.allocation.rules_substitutes import fill
from flowrack.platform.web.columns import Column
from flowrack.platform.web.record import Do, Fact, Table
from flowrack.sales import queries_substitutes
from flowrack.sales.queries import LineRow
from flowrack.sales.queries_substitutes import InsteadOf

COLUMNS = [
    Column("number", "Request", kind="code", link=lambda r: reverse("allocation_substitution", args=[r.id])),
    Column("state", "State", kind="state", marks={"waiting": "wait", "granted": "ok", "rejected": "bad"}),
    Column("sku", "Instead of", kind="code"),
    Column("replaces", "Units", kind="number"),
    Column("substitutes", "Sends"),
    Column("reason", "Why", wide=True),
    Column("asked_by", "Asked by"),
    Column("decided_by", "Decided by"),
]


def column(names: Mapping[int, InsteadOf]) -> list[Column]:
    """What lines stand for; no column when all stand for themselves."""

    def told(line: LineRow) -> str:
        one = names.get(line.line_id)
        return f"instead of {one.sku}, line {one.line_no}" if one else ""

    return [Column("instead_of", "Stands for", value=told)] if names else []


def tables(requests: Sequence[RequestRow]) -> list[Table]:
    """Substitutes that somebody must agree to; no table when there is none."""
    return [Table("Substitutes", COLUMNS, requests, is_cards=True)] if requests else []


def fill_fact(order_id: int, names: Mapping[int, InsteadOf]) -> list[Fact]:
    """Unit fill with what was ordered and with substitutes, once there are any."""
    if not names:
        return []
    counts = queries_substitutes.fill_of_order(order_id)
    alone, both = fill(counts.wanted, counts.original, counts.replaced)
    return [Fact("Unit fill", f"{both} %", note=f"{alone} % with what was ordered")]


def ways(lines: Sequence[LineRow], names: Mapping[int, InsteadOf], chosen: LineRow | None) -> list[Do]:
    """The pages of the line that was asked about, or the first that waits: a part, a substitute, or wait; by hand; and
    what takes substitutes back."""
    is_short = chosen is not None and chosen.waiting and chosen.line_id not in names
    short = chosen if is_short else next((x for x in lines if x.waiting and x.line_id not in names), None)
    return [*_pages_of(short), *_back(lines, names)]


def _pages_of(short: LineRow | None) -> list[Do]:
    if short is None:
        return []
    url, by_hand = (reverse(name, args=[short.line_id]) for name in ("allocation_instead", "allocation_give"))
    return [
        Do("Part, substitute, wait", url, "allocation.view", post=False),
        Do(f"Give {short.sku} by hand", by_hand, "allocation.override", post=False),
    ]


def _back(lines: Sequence[LineRow], names: Mapping[int, InsteadOf]) -> list[Do]:
    """Taking substitutes back, for each line for which others stand, until they are picked."""
    busy = {line.line_id for line in lines if line.picked or line.shipped}
    late = {one.original_id for line_id, one in names.items() if line_id in busy}
    of = {one.original_id: one.sku for one in names.values() if one.original_id not in late}
    return [
        Do(f"Undo substitute of {sku}", reverse("allocation_instead_undo", args=[line_id]), "allocation.substitute")
        for line_id, sku in sorted(of.items())
    ]
