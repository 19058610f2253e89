"""The first version of a PO: what was approved, kept the moment it binds."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql


def record_first(po_ids: Sequence[int]) -> None:
    """Keep POs that were just approved as their first versions. One statement."""
    sql.execute(
        """
        WITH made AS (
            INSERT INTO purchasing_poversion
                   (po_id, version_no, origin, state, due_on, supplier_reference, note, override_reason, reason,
                    content_hash, written_by_id, written_at, decided_by_id, decided_at, end_reason)
            SELECT id, 1, 'order', 'approved', due_on, supplier_reference, note, override_reason, '', content_hash,
                   changed_by_id, created_at, approved_by_id, approved_at, ''
            FROM purchasing_po WHERE id = ANY(%s) ORDER BY id
            RETURNING id, po_id
        )
        INSERT INTO purchasing_poversionline
               (version_id, line_no, item_id, units, unit_cost, over_units, under_units, due_on, expected_on)
        SELECT made.id, l.line_no, l.item_id, l.units, l.unit_cost, l.over_units, l.under_units, l.due_on,
               l.expected_on
        FROM made JOIN purchasing_poline l ON l.po_id = made.po_id ORDER BY made.id, l.line_no
        """,
        (list(po_ids),),
    )
