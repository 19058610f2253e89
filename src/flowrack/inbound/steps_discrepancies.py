"""Writes of discrepancies that commands share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flowrack.inbound.rules_tolerance import RULE, Finding
from flowrack.inbound.states import DiscrepancyState
from flowrack.inbound.types_discrepancies import DiscrepanciesRecordedEvent, Kind, Outcome, Responsible
from flowrack.platform import sql
from flowrack.platform.decisions import DecisionRow, record
from flowrack.platform.numbers import next_numbers
from flowrack.platform.runner import Context
from flowrack.shared.refs import ref


@dataclass(frozen=True, slots=True)
class NewDiscrepancy:
    """A discrepancy to write; 0 and "" stand for what it does not have."""

    site_id: int
    supplier_id: int
    kind: Kind
    reason: str
    units: int = 0
    value: Decimal = Decimal(0)
    outcome: Outcome = Outcome.FLAG
    tolerance_id: int = 0
    responsible: str = Responsible.SUPPLIER
    receipt_id: int = 0
    receipt_line_id: int = 0
    po_line_id: int = 0
    asn_line_id: int = 0
    item_id: int = 0
    location_id: int = 0
    lot_id: int = 0
    lpn: str = ""
    posting_id: int = 0
    move_id: int = 0
    note: str = ""
    photos: tuple[str, ...] = ()


def write_discrepancies(ctx: Context, rows: Sequence[NewDiscrepancy]) -> list[tuple[int, str]]:
    """Write discrepancies, (id, number) of each in order, with why. What a tolerance accepts is accepted at once.

    Emits inbound.discrepancies_recorded. Three statements, none for nothing.
    """
    if not rows:
        return []
    numbers = next_numbers("DC", len(rows))
    made = sql.fetch_all(
        """
        INSERT INTO inbound_discrepancy
               (recorded_by_id, recorded_at, number, site_id, supplier_id, kind, state, responsible, outcome,
                tolerance_id, receipt_id, receipt_line_id, po_line_id, asn_line_id, item_id, location_id, lot_id, lpn,
                units, value, reason, note, photos, posting_id, move_id)
        SELECT %s, %s, n.number, n.site_id, nullif(n.supplier_id, 0), n.kind,
               CASE WHEN n.outcome = 'accept' THEN 'accepted' ELSE 'open' END, n.responsible, n.outcome,
               nullif(n.tolerance_id, 0), nullif(n.receipt_id, 0), nullif(n.receipt_line_id, 0),
               nullif(n.po_line_id, 0), nullif(n.asn_line_id, 0), nullif(n.item_id, 0), nullif(n.location_id, 0),
               nullif(n.lot_id, 0), n.lpn, n.units, n.value, n.reason, n.note,
               coalesce(string_to_array(nullif(n.photos, ''), ' '), '{}'), n.posting_id, n.move_id
        FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[],
                    %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
                    %s::text[], %s::bigint[], %s::numeric[], %s::text[], %s::text[], %s::text[], %s::bigint[],
                    %s::bigint[])
             WITH ORDINALITY
             AS n(number, site_id, supplier_id, kind, responsible, outcome, tolerance_id, receipt_id, receipt_line_id,
                  po_line_id, asn_line_id, item_id, location_id, lot_id, lpn, units, value, reason, note, photos,
                  posting_id, move_id, place)
        ORDER BY n.place RETURNING id
        """,
        (
            ctx.actor_id,
            ctx.now,
            numbers,
            [r.site_id for r in rows],
            [r.supplier_id for r in rows],
            [str(r.kind) for r in rows],
            [r.responsible for r in rows],
            [str(r.outcome) for r in rows],
            [r.tolerance_id for r in rows],
            [r.receipt_id for r in rows],
            [r.receipt_line_id for r in rows],
            [r.po_line_id for r in rows],
            [r.asn_line_id for r in rows],
            [r.item_id for r in rows],
            [r.location_id for r in rows],
            [r.lot_id for r in rows],
            [r.lpn[:40] for r in rows],
            [r.units for r in rows],
            [r.value for r in rows],
            [r.reason[:200] for r in rows],
            [r.note[:400] for r in rows],
            [" ".join(r.photos) for r in rows],
            [r.posting_id for r in rows],
            [r.move_id for r in rows],
        ),
    )
    ids = [row[0] for row in made]
    record(ctx, [_why(row, discrepancy_id) for row, discrepancy_id in zip(rows, ids, strict=True)])
    ctx.emit(DiscrepanciesRecordedEvent(ids))
    return list(zip(ids, numbers, strict=True))


def _why(row: NewDiscrepancy, discrepancy_id: int) -> DecisionRow:
    words = {
        Outcome.ACCEPT: "Accepted at once.",
        Outcome.FLAG: "Taken in, and flagged for a decision.",
        Outcome.HOLD: "Taken in and held until somebody decides.",
        Outcome.REFUSE: "Refused at the dock.",
    }
    return DecisionRow(
        kind="inbound.discrepancy",
        subject=ref("inbound.discrepancy", discrepancy_id),
        sentence=f"{row.reason} {words[row.outcome]}",
        rule=RULE,
        detail={"outcome": str(row.outcome), "units": row.units, "tolerance_id": row.tolerance_id},
    )


def of_finding(finding: Finding, **more: Any) -> NewDiscrepancy:
    """The discrepancy that a tolerance found."""
    return NewDiscrepancy(
        kind=finding.kind,
        reason=finding.sentence,
        units=finding.units,
        outcome=finding.outcome,
        **more,
    )


def withdraw_of_posting(posting_id: int) -> int:
    """The count was undone: its discrepancies are withdrawn, unless money was asked for already. One statement."""
    return sql.execute(
        """
        UPDATE inbound_discrepancy SET state = 'withdrawn'
        WHERE posting_id = %s AND posting_id > 0 AND state IN ('open', 'accepted')
        """,
        (posting_id,),
    )


@dataclass(frozen=True, slots=True)
class Verdicted:
    """A discrepancy with its new state and money."""

    discrepancy_id: int
    state: DiscrepancyState
    amount: Decimal
    document: str
    responsible: str


def write_verdicts(ctx: Context, verdicts: Sequence[Verdicted], note: str) -> None:
    """Write what was decided. One statement."""
    sql.execute(
        """
        UPDATE inbound_discrepancy d
        SET state = n.state, amount = n.amount, document = n.document, responsible = n.responsible,
            decided_by_id = %s, decided_at = %s, note = CASE WHEN %s = '' THEN d.note ELSE %s END
        FROM unnest(%s::bigint[], %s::text[], %s::numeric[], %s::text[], %s::text[])
             AS n(id, state, amount, document, responsible)
        WHERE d.id = n.id
        """,
        (
            ctx.actor_id,
            ctx.now,
            note[:400],
            note[:400],
            [v.discrepancy_id for v in verdicts],
            [str(v.state) for v in verdicts],
            [v.amount for v in verdicts],
            [v.document for v in verdicts],
            [v.responsible for v in verdicts],
        ),
    )


def write_receipt(discrepancy_id: int, receipt_id: int) -> None:
    """Goods without an order were counted on one: on which receipt. One statement."""
    sql.execute("UPDATE inbound_discrepancy SET receipt_id = %s WHERE id = %s", (receipt_id, discrepancy_id))


def write_photos(discrepancy_id: int, photos: Sequence[str]) -> int:
    """Add pictures, each once; how many there are. One statement."""
    return int(
        sql.fetch_value(
            """
            UPDATE inbound_discrepancy d
            SET photos = d.photos || ARRAY(SELECT p FROM unnest(%s::text[]) AS p WHERE p <> ALL(d.photos))
            WHERE d.id = %s RETURNING cardinality(photos)
            """,
            (list(dict.fromkeys(photos)), discrepancy_id),
        )
    )


def write_pack_counts(posting_id: int, counts: Sequence[tuple[int, int]]) -> None:
    """What a posting counted of lines of an ASN, (line, units) each. One statement."""
    sql.execute(
        """
        INSERT INTO inbound_packcount (posting_id, asn_line_id, units)
        SELECT %s, n.line, n.units FROM unnest(%s::bigint[], %s::bigint[]) AS n(line, units)
        """,
        (posting_id, [line for line, _ in counts], [units for _, units in counts]),
    )


def pack_counts(posting_id: int) -> list[tuple[int, int]]:
    """What a posting counted of lines of an ASN, (line, units) each. One query."""
    return sql.fetch_all("SELECT asn_line_id, units FROM inbound_packcount WHERE posting_id = %s", (posting_id,))
