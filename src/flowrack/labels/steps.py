"""Writes of labels in somebody's command: drafts, prints, and the scan that proves a print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple
from datetime import date, datetime

from flowrack.labels import queries, rules
from flowrack.labels.rules import Medium
from flowrack.labels.types import DraftLabelSpec, LabelNotPrintable, NoLabelSpec, Printed, Wanted
from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.shared.errors import BadLine

LONGEST_VALUE = 400


def write_draft(spec_id: int, req: DraftLabelSpec, *, by: int, at: datetime) -> tuple[int, int]:
    """The draft of a spec, in place of the one before if there is one: its id and number. Three statements."""
    row = sql.fetch_one(
        """
        INSERT INTO labels_labelspecversion AS v (spec_id, number, state, name, width_mm, height_mm, dpi, copies,
            placement, is_scanned, valid_from, valid_until, drafted_by_id, drafted_at)
        VALUES (%s, (SELECT coalesce(max(number), 0) + 1 FROM labels_labelspecversion WHERE spec_id = %s), 'draft', %s,
                %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (spec_id) WHERE state = 'draft' DO UPDATE SET name = excluded.name, width_mm = excluded.width_mm,
            height_mm = excluded.height_mm, dpi = excluded.dpi, copies = excluded.copies,
            placement = excluded.placement, is_scanned = excluded.is_scanned, valid_from = excluded.valid_from,
            valid_until = excluded.valid_until, drafted_by_id = excluded.drafted_by_id, drafted_at = excluded.drafted_at
        RETURNING id, number
        """,
        (
            spec_id, spec_id, req.name.strip(), req.width_mm, req.height_mm, req.dpi, req.copies, req.placement.strip(),
            req.is_scanned, req.valid_from, req.valid_until, by, at,
        ),
    )  # fmt: skip
    assert row is not None
    sql.execute("DELETE FROM labels_labelelement WHERE version_id = %s", (row[0],))
    columns = list(zip(*(astuple(one) for one in req.elements), strict=True))
    sql.execute(
        f"""
        INSERT INTO labels_labelelement (version_id, number, {queries.ELEMENT})
        SELECT %s, e.n, e.name, e.shape, e.x, e.y, e.width, e.height, e.content, e.symbology, e.rotation, e.size,
               e.is_bold, e.thick
        FROM unnest(%s::text[], %s::text[], %s::int[], %s::int[], %s::int[], %s::int[], %s::text[], %s::text[],
                    %s::int[], %s::int[], %s::bool[], %s::int[]) WITH ORDINALITY
             AS e(name, shape, x, y, width, height, content, symbology, rotation, size, is_bold, thick, n)
        """,  # noqa: S608 - names of columns
        (row[0], *(list(column) for column in columns)),
    )
    return row[0], row[1]


def print_labels(ctx: Context, wanted: Sequence[Wanted], *, on: date) -> list[Printed]:
    """Record that labels are printed, each with its values and the hash of its ZPL; in the order that was asked for.

    Refuses with NoLabelSpec or LabelNotPrintable, naming every label and element. Five statements.
    """
    if not wanted:
        return []
    specs = queries.chosen([(one.kind, one.customer_id, one.carrier_id) for one in wanted], on=on)
    missing = [
        BadLine(n, "kind", f"No approved label spec for {one.kind} {one.code}.", "Approve one that holds today.")
        for n, (one, spec) in enumerate(zip(wanted, specs, strict=True), 1)
        if spec is None
    ]
    if missing:
        raise NoLabelSpec(missing[0].message, lines=missing, fix=missing[0].fix)
    known = [spec for spec in specs if spec is not None]
    elements = queries.elements_of(sorted({spec.version_id for spec in known}))
    bad: list[BadLine] = []
    hashes, copies = [], []
    for n, (one, spec) in enumerate(zip(wanted, known, strict=True), 1):
        many = one.copies or spec.copies
        copies.append(many)
        try:
            medium = Medium(spec.width_mm, spec.height_mm, spec.dpi)
            hashes.append(rules.make(elements[spec.version_id], one.values, medium, copies=many).sha256)
        except LabelNotPrintable as refusal:
            bad += [
                BadLine(n, line.field, f"{one.code}, {line.field}: {line.message}", line.fix) for line in refusal.lines
            ]
    if bad:
        raise LabelNotPrintable(bad[0].message, lines=bad, fix=bad[0].fix)
    return _insert_prints(ctx, wanted, known, copies, hashes)


def _insert_prints(
    ctx: Context,
    wanted: Sequence[Wanted],
    specs: Sequence[queries.Chosen],
    copies: Sequence[int],
    hashes: Sequence[str],
) -> list[Printed]:
    subjects = [one.subject for one in wanted]
    sql.execute(  # two people who print the same thing are told apart
        "SELECT pg_advisory_xact_lock(hashtextextended(s, 7)) FROM unnest(%s::text[]) AS s",
        (sorted(set(subjects)),),
    )
    rows = sql.fetch_all(
        """
        INSERT INTO labels_labelprint (version_id, kind, subject, code, site_id, copies, copy_of, sha256, printed_by_id,
                                       printed_at)
        SELECT w.version_id, w.kind, w.subject, w.code, w.site_id, w.copies,
               (SELECT count(*) FROM labels_labelprint l WHERE l.subject = w.subject AND l.kind = w.kind)
               + row_number() OVER (PARTITION BY w.subject, w.kind ORDER BY w.n), w.sha256, %s, %s
        FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::int[], %s::text[])
             WITH ORDINALITY AS w(version_id, kind, subject, code, site_id, copies, sha256, n)
        ORDER BY w.n RETURNING id, copy_of
        """,
        (
            ctx.actor_id,
            ctx.now,
            [spec.version_id for spec in specs],
            [one.kind for one in wanted],
            subjects,
            [one.code for one in wanted],
            [one.site_id for one in wanted],
            list(copies),
            list(hashes),
        ),
    )
    made = sorted(rows)
    values = [
        (print_id, name, value[:LONGEST_VALUE])
        for (print_id, _), one in zip(made, wanted, strict=True)
        for name, value in sorted(one.values.items())
        if value
    ]
    if values:
        sql.execute(
            """
            INSERT INTO labels_labelprintvalue (print_id, name, value)
            SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[])
            """,
            tuple(list(column) for column in zip(*values, strict=True)),
        )
    return [
        Printed(print_id, one.code, spec.code, spec.number, many, copy_of, spec.is_scanned, sha)
        for (print_id, copy_of), one, spec, many, sha in zip(made, wanted, specs, copies, hashes, strict=True)
    ]


def scanned(print_id: int, *, by: int, at: datetime) -> None:
    """A print was read by a scanner where it sticks. One statement."""
    sql.execute(
        "UPDATE labels_labelprint SET scanned_by_id = %s, scanned_at = %s WHERE id = %s AND scanned_at IS NULL",
        (by, at, print_id),
    )
