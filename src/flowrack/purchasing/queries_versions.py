"""Reads of versions: what stands, what waits, what was, and against what a change is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flowrack.approvals.queries import Standing, standing
from flowrack.platform import sql
from flowrack.purchasing.rules_versions import receivers_words
from flowrack.purchasing.types_versions import PO_CHANGE_KIND, Content, ContentLine
from flowrack.shared.errors import NotFound
from flowrack.shared.refs import key_of, ref


@dataclass(frozen=True, slots=True)
class Standings:
    """A PO as it binds now: its content, what has come of each line, and the id of each line."""

    po_id: int
    number: str
    supplier_id: int
    supplier: str
    supplier_code: str
    site_id: int
    site_code: str
    today: date  # at the site
    ordered_on: date
    content: Content
    came: dict[int, int]  # line number -> received and given up
    line_ids: dict[int, int]  # line number -> id


def as_they_stand(po_ids: Sequence[int], *, now: datetime) -> dict[int, Standings]:
    """POs as they bind now. Two queries."""
    lines: dict[int, list[tuple[ContentLine, int, int]]] = {po_id: [] for po_id in po_ids}
    for po_id, came, line_id, *fields in sql.fetch_all(
        """
        SELECT l.po_id, l.received_units + l.short_units, l.id, l.line_no, l.item_id, i.sku, i.name, l.units,
               l.unit_cost, l.over_units, l.under_units, l.due_on, l.expected_on
        FROM purchasing_poline l JOIN catalog_item i ON i.id = l.item_id
        WHERE l.po_id = ANY(%s) ORDER BY l.po_id, l.line_no
        """,
        (list(po_ids),),
    ):
        lines[po_id].append((ContentLine(*fields), came, line_id))
    rows = sql.fetch_all(
        """
        SELECT po.id, po.number, po.supplier_id, s.name, s.code, po.site_id, site.code,
               (%s::timestamptz AT TIME ZONE site.timezone)::date, po.ordered_on, po.due_on, po.supplier_reference,
               po.note
        FROM purchasing_po po JOIN parties_party s ON s.id = po.supplier_id
        JOIN locations_site site ON site.id = po.site_id
        WHERE po.id = ANY(%s)
        """,
        (now, list(po_ids)),
    )
    return {
        row[0]: Standings(
            row[0],
            row[1],
            row[2],
            row[3],
            row[4],
            row[5],
            row[6],
            row[7],
            row[8],
            Content(row[9], row[10], row[11], tuple(line for line, _, _ in lines[row[0]])),
            {line.line_no: came for line, came, _ in lines[row[0]]},
            {line.line_no: line_id for line, _, line_id in lines[row[0]]},
        )
        for row in rows
    }


def contents(version_ids: Sequence[int]) -> dict[int, Content]:
    """Versions with their lines. Two queries."""
    lines: dict[int, list[ContentLine]] = {version_id: [] for version_id in version_ids}
    for version_id, *fields in sql.fetch_all(
        """
        SELECT l.version_id, l.line_no, l.item_id, i.sku, i.name, l.units, l.unit_cost, l.over_units, l.under_units,
               l.due_on, l.expected_on
        FROM purchasing_poversionline l JOIN catalog_item i ON i.id = l.item_id
        WHERE l.version_id = ANY(%s) ORDER BY l.version_id, l.line_no
        """,
        (list(version_ids),),
    ):
        lines[version_id].append(ContentLine(*fields))
    heads = sql.fetch_all(
        "SELECT id, due_on, supplier_reference, note FROM purchasing_poversion WHERE id = ANY(%s)",
        (list(version_ids),),
    )
    return {row[0]: Content(row[1], row[2], row[3], tuple(lines[row[0]])) for row in heads}


APPROVED_BY_A_PERSON = "u.username <> 'system' OR v.origin = 'order'"
SAID_BY_A_PERSON = f"""
    {APPROVED_BY_A_PERSON} OR v.origin = 'change' OR EXISTS (
        SELECT FROM purchasing_confirmationline l WHERE l.version_id = v.id AND l.decided_by_id IS NOT NULL)
"""


def baselines(po_ids: Sequence[int]) -> dict[int, Content]:
    """The content that a person approved last (else the first), against which changes are measured: slices of a rise
    add up. Three queries."""
    return _newest(po_ids, APPROVED_BY_A_PERSON)


def said_last(po_ids: Sequence[int]) -> dict[int, Content]:
    """The content that a person approved, wrote or accepted last (else the first), against which confirmations are
    measured: what binds without being asked for was said by the buyer all the same. Three queries."""
    return _newest(po_ids, SAID_BY_A_PERSON)


def _newest(po_ids: Sequence[int], condition: str) -> dict[int, Content]:
    rows = sql.fetch_all(
        f"""
        SELECT DISTINCT ON (v.po_id) v.po_id, v.id
        FROM purchasing_poversion v JOIN platform_user u ON u.id = v.decided_by_id
        WHERE v.po_id = ANY(%s) AND v.state = 'approved' AND ({condition})
        ORDER BY v.po_id, v.version_no DESC
        """,  # noqa: S608 (one of two constants)
        (list(po_ids),),
    )
    found = contents([version_id for _, version_id in rows])
    return {po_id: found[version_id] for po_id, version_id in rows}


@dataclass(frozen=True, slots=True)
class WaitingVersion:
    """A version that waits for approval."""

    version_id: int
    po_id: int
    version_no: int
    origin: str
    content_hash: str
    written_by: int
    override_reason: str


def waiting(po_ids: Sequence[int]) -> dict[int, WaitingVersion]:
    """The versions of POs that wait. One query."""
    rows = sql.fetch_all(
        """
        SELECT id, po_id, version_no, origin, content_hash, written_by_id, override_reason
        FROM purchasing_poversion WHERE po_id = ANY(%s) AND state = 'waiting'
        """,
        (list(po_ids),),
    )
    return {row[1]: WaitingVersion(*row) for row in rows}


def changes_asked(po_ids: Sequence[int]) -> dict[int, Standing]:
    """The newest approval request for a change of each PO. One query."""
    found = standing([ref("purchasing.po", po_id) for po_id in po_ids], PO_CHANGE_KIND)
    return {key_of(subject): one for subject, one in found.items()}


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version in the list of a PO."""

    id: int
    version_no: int
    origin: str
    state: str
    due_on: date
    line_count: int
    units: int
    total: Decimal
    reason: str
    written_by: str
    written_at: datetime
    decided_by: str
    decided_at: datetime | None
    end_reason: str


def versions(po_id: int) -> list[VersionRow]:
    """The versions of a PO, newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT v.id, v.version_no, v.origin, v.state, v.due_on, l.line_count, l.units, l.total, v.reason, w.full_name,
               v.written_at, coalesce(d.full_name, ''), v.decided_at, v.end_reason
        FROM purchasing_poversion v JOIN platform_user w ON w.id = v.written_by_id
        LEFT JOIN platform_user d ON d.id = v.decided_by_id
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE units > 0) AS line_count, coalesce(sum(units), 0)::bigint AS units,
                   coalesce(sum(round(units * unit_cost, 2)), 0) AS total
            FROM purchasing_poversionline WHERE version_id = v.id
        ) AS l
        WHERE v.po_id = %s ORDER BY v.version_no DESC
        """,
        (po_id,),
    )
    return [VersionRow(*row) for row in rows]


def two_versions(po_id: int, before_no: int, after_no: int) -> tuple[Content, Content]:
    """Two versions of a PO by their numbers. Three queries. Refuses with NotFound."""
    rows = dict(
        sql.fetch_all(
            "SELECT version_no, id FROM purchasing_poversion WHERE po_id = %s AND version_no = ANY(%s)",
            (po_id, [before_no, after_no]),
        )
    )
    for number in (before_no, after_no):
        if number not in rows:
            raise NotFound(f"There is no version {number} of this order.")
    found = contents(list(rows.values()))
    return found[rows[before_no]], found[rows[after_no]]


def words_for_receivers(po_id: int) -> dict[int, str]:
    """What a receiver must know of changes of units, by item: cut or dropped by the last approved version that touched
    it, or more asked for in one that waits. A cut that a later version undid is none. One query."""
    rows = sql.fetch_all(
        """
        SELECT s.item_id, sum(coalesce(was.units, 0))::bigint, sum(s.units)::bigint, v.version_no, v.state,
               (v.decided_at AT TIME ZONE site.timezone)::date, v.reason
        FROM purchasing_poversion v JOIN purchasing_poversionline s ON s.version_id = v.id
        JOIN purchasing_po po ON po.id = v.po_id JOIN locations_site site ON site.id = po.site_id
        LEFT JOIN LATERAL (
            SELECT p.units FROM purchasing_poversion w JOIN purchasing_poversionline p ON p.version_id = w.id
            WHERE w.po_id = v.po_id AND w.state = 'approved' AND w.version_no < v.version_no AND p.line_no = s.line_no
            ORDER BY w.version_no DESC LIMIT 1
        ) AS was ON true
        WHERE v.po_id = %s AND v.version_no > 1 AND v.state IN ('approved', 'waiting')
        GROUP BY v.id, s.item_id, site.timezone
        HAVING sum(s.units) <> sum(coalesce(was.units, 0))
        ORDER BY v.version_no
        """,
        (po_id,),
    )
    told: dict[int, str] = {}
    for item_id, before, after, version_no, state, on, reason in rows:
        waits = state == "waiting"
        words = receivers_words(before, after, version_no, None if waits else on, reason)
        if words:
            told[item_id] = words
        elif not waits:
            told.pop(item_id, None)
    return told


def next_versions(po_ids: Sequence[int]) -> dict[int, tuple[int, frozenset[int]]]:
    """The number of the next version of each PO, and who may not approve it besides who asks for it: who wrote the
    order first, and who wrote what binds since a person approved last, and so is approved along with it. One query."""
    rows = sql.fetch_all(
        f"""
        SELECT po.id, (SELECT max(v.version_no) + 1 FROM purchasing_poversion v WHERE v.po_id = po.id),
               po.created_by_id, ARRAY(
                   SELECT v.written_by_id FROM purchasing_poversion v
                   WHERE v.po_id = po.id AND v.state = 'approved' AND v.version_no > coalesce((
                       SELECT max(b.version_no)
                       FROM purchasing_poversion b JOIN platform_user u ON u.id = b.decided_by_id
                       WHERE b.po_id = po.id AND b.state = 'approved' AND ({APPROVED_BY_A_PERSON.replace("v.", "b.")})),
                       0))
        FROM purchasing_po po WHERE po.id = ANY(%s)
        """,  # noqa: S608 (a constant of this module)
        (list(po_ids),),
    )
    return {row[0]: (row[1], frozenset([row[2], *row[3]])) for row in rows}
