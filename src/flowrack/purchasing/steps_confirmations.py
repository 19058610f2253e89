"""Writes of confirmations: the record, what is accepted becomes a version, what the buyer said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.purchasing import steps_versions
from flowrack.purchasing.models import Po
from flowrack.purchasing.queries_versions import Standings
from flowrack.purchasing.rules_confirmations import Judged, applied
from flowrack.purchasing.steps_versions import Proposal
from flowrack.purchasing.types_confirmations import Confirmed, NewConfirmation
from flowrack.purchasing.types_versions import Origin


def write(ctx: Context, confirmations: Sequence[NewConfirmation]) -> list[int]:
    """The heads of confirmations; ids in order. One statement."""
    rows = sql.fetch_all(
        """
        INSERT INTO purchasing_confirmation (po_id, reference, note, recorded_by_id, recorded_at)
        SELECT n.po_id, left(n.reference, 80), left(n.note, 400), %s, %s
        FROM unnest(%s::bigint[], %s::text[], %s::text[]) WITH ORDINALITY AS n(po_id, reference, note, place)
        ORDER BY n.place RETURNING id
        """,
        (
            ctx.actor_id,
            ctx.now,
            [c.po_id for c in confirmations],
            [c.reference.strip() for c in confirmations],
            [c.note.strip() for c in confirmations],
        ),
    )
    return [row[0] for row in rows]


def write_lines(
    confirmation_ids: Sequence[int], judged: Sequence[Sequence[Judged]], line_ids: Sequence[Mapping[int, int]]
) -> list[list[int]]:
    """The lines, as judged; earlier ones of the same PO lines that still waited are replaced. Two statements."""
    flat = [
        (cid, ids[j.line_no], j) for cid, of, ids in zip(confirmation_ids, judged, line_ids, strict=True) for j in of
    ]
    sql.execute(
        "UPDATE purchasing_confirmationline SET state = 'replaced' WHERE po_line_id = ANY(%s) AND state = 'open'",
        ([line_id for _, line_id, _ in flat],),
    )
    rows = sql.fetch_all(
        """
        INSERT INTO purchasing_confirmationline
               (confirmation_id, po_line_id, units, confirmed_on, unit_cost, reference, asked_units, asked_on,
                asked_cost, days_late, units_cut, price_up_pct, state, reason, decision_reason)
        SELECT n.confirmation_id, n.po_line_id, n.units, n.confirmed_on, n.unit_cost, left(n.reference, 80),
               n.asked_units, n.asked_on, n.asked_cost, n.days_late, n.units_cut, n.price_up_pct, n.state,
               left(n.reason, 400), ''
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::date[], %s::numeric[], %s::text[], %s::bigint[],
                    %s::date[], %s::numeric[], %s::int[], %s::bigint[], %s::numeric[], %s::text[], %s::text[])
             WITH ORDINALITY AS n(confirmation_id, po_line_id, units, confirmed_on, unit_cost, reference, asked_units,
                                  asked_on, asked_cost, days_late, units_cut, price_up_pct, state, reason, place)
        ORDER BY n.place RETURNING id
        """,
        (
            [cid for cid, _, _ in flat],
            [line_id for _, line_id, _ in flat],
            [j.units for _, _, j in flat],
            [j.confirmed_on for _, _, j in flat],
            [j.unit_cost for _, _, j in flat],
            [j.reference for _, _, j in flat],
            [j.asked.units for _, _, j in flat],
            [j.asked.due_on for _, _, j in flat],
            [j.asked.unit_cost for _, _, j in flat],
            [j.days_late for _, _, j in flat],
            [j.units_cut for _, _, j in flat],
            [j.price_up_pct for _, _, j in flat],
            [str(j.state) for _, _, j in flat],
            [j.reason for _, _, j in flat],
        ),
    )
    ids = iter(row[0] for row in rows)
    return [[next(ids) for _ in of] for of in judged]


def take_over(
    ctx: Context,
    pos: Sequence[Po],
    standing: Mapping[int, Standings],
    taken: Mapping[int, Sequence[tuple[int, Judged]]],
    reason: Mapping[int, str],
) -> list[int]:
    """What was accepted becomes new versions of the locked POs: (confirmation line id, judged) by PO; ids of the
    versions. Nothing where the order says so already."""
    proposals = [
        Proposal(po, standing[po.pk], content, Origin.CONFIRMATION, reason[po.pk])
        for po in pos
        if taken.get(po.pk)
        and (content := applied(standing[po.pk].content, [j for _, j in taken[po.pk]])) != standing[po.pk].content
    ]
    done = steps_versions.propose(ctx, proposals)
    pairs = [(line_id, v.version_id) for v in done for line_id, _ in taken[v.po_id]]
    if pairs:
        sql.execute(
            """
            UPDATE purchasing_confirmationline l SET version_id = n.version_id
            FROM unnest(%s::bigint[], %s::bigint[]) AS n(id, version_id) WHERE l.id = n.id
            """,
            ([line_id for line_id, _ in pairs], [version_id for _, version_id in pairs]),
        )
    return [v.version_id for v in done]


def decide(ctx: Context, line_ids: Sequence[int], state: Confirmed, reason: str) -> None:
    """What the buyer said to lines. One statement."""
    sql.execute(
        """
        UPDATE purchasing_confirmationline
        SET state = %s, decided_by_id = %s, decided_at = %s, decision_reason = left(%s, 200)
        WHERE id = ANY(%s) AND state = 'open'
        """,
        (str(state), ctx.actor_id, ctx.now, reason.strip(), list(line_ids)),
    )
