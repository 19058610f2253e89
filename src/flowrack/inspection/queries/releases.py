"""Reads of releases: what held stock is, which risks it carries, and which releases wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.inspection.types_holds import AskedRelease, HeldLine
from flowrack.platform import sql


@dataclass(frozen=True, slots=True)
class HeldAbout:
    """What a line of held stock is called, and what may be wrong with it."""

    sku: str
    name: str
    lot: str
    expires_on: date | None
    hazard_class: str
    location: str
    place: str
    free_units: int

    @property
    def label(self) -> str:
        """Item, lot and place in a few words."""
        return f"{self.sku} {self.name}{f', lot {self.lot}' if self.lot else ''}, at {self.location}"


def about(site_id: int, lines: Sequence[HeldLine]) -> list[HeldAbout]:
    """The names of lines, in order, with what is free of the item at the site. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.sku, i.name, t.code, t.expires_on, i.hazard_class, l.code, s.code,
               (SELECT coalesce(sum(p.reserve + p.forward_pick - p.committed), 0) FROM ledger_pool p
                WHERE p.item_id = n.item AND p.site_id = s.id AND p.owner_id = n.owner)
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) WITH ORDINALITY
             AS n(item, lot, location, owner, at)
        JOIN catalog_item i ON i.id = n.item JOIN catalog_lot t ON t.id = n.lot
        JOIN locations_location l ON l.id = n.location JOIN locations_site s ON s.id = %s
        ORDER BY n.at
        """,
        (
            [x.item_id for x in lines],
            [x.lot_id for x in lines],
            [x.location_id for x in lines],
            [x.owner_id for x in lines],
            site_id,
        ),
    )
    return [HeldAbout(*row) for row in rows]


def past_of(hold_ids: Sequence[int], asked: AskedRelease) -> tuple[bool, set[int]]:
    """Whether an inspection from which one of the holds came found the lot defective, and who received the goods.

    Receivers are those of the inspected lots and, as stock may be held without an inspection, those of the last 50
    counts at the site that brought the item and lot held (as what it is now, on hold or into quarantine), and those of
    the newest counts, at most 50, of which units can still be in the house: stock is also held by hand, long after it
    came. One query.
    """
    row = sql.fetch_one(
        """
        WITH judged AS (
            SELECT n.id, n.sample_result = 'fails' OR n.damaged_units > 0 AS is_bad
            FROM inspection_hold h JOIN inspection_inspection n ON n.id = h.inspection_id
            WHERE h.id = ANY(%s::bigint[])
        ), receivers AS (
            SELECT r.received_by_id AS id
            FROM judged j JOIN inspection_inspectionline x ON x.inspection_id = j.id AND NOT x.is_dropped
            JOIN inbound_receiptline r ON r.id = x.receipt_line_id
            UNION
            SELECT w.received_by_id
            FROM (
                SELECT DISTINCT item, lot, quality
                FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS x(item, lot, quality)
            ) s CROSS JOIN LATERAL (
                SELECT r.received_by_id FROM inbound_receiptline r JOIN inbound_receipt t ON t.id = r.receipt_id
                WHERE r.item_id = s.item AND r.lot_id = s.lot AND r.quality <> 'available'
                  AND r.quality IN (s.quality, 'hold', 'quarantine') AND r.taken_back_at IS NULL AND t.site_id = %s
                ORDER BY r.id DESC LIMIT 50
            ) w
            UNION
            SELECT w.received_by_id
            FROM (SELECT DISTINCT item, lot FROM unnest(%s::bigint[], %s::bigint[]) AS x(item, lot)) s
            CROSS JOIN LATERAL (
                SELECT n.received_by_id, sum(n.units) OVER (ORDER BY n.id DESC) - n.units AS after
                FROM (
                    SELECT r.id, r.received_by_id, r.units
                    FROM inbound_receiptline r JOIN inbound_receipt t ON t.id = r.receipt_id
                    WHERE r.item_id = s.item AND r.lot_id = s.lot AND r.taken_back_at IS NULL AND t.site_id = %s
                    ORDER BY r.id DESC LIMIT 50
                ) n
            ) w
            WHERE w.after < (
                SELECT coalesce(sum(c.on_hand), 0) FROM ledger_cell c
                WHERE c.item_id = s.item AND c.lot_id = s.lot AND c.site_id = %s AND NOT c.is_virtual
            )
        )
        SELECT (SELECT coalesce(bool_or(is_bad), false) FROM judged),
               (SELECT coalesce(array_agg(id), '{}') FROM receivers)
        """,
        (
            list(hold_ids),
            [x.item_id for x in asked.lines],
            [x.lot_id for x in asked.lines],
            [x.quality for x in asked.lines],
            asked.site_id,
            [x.item_id for x in asked.lines],
            [x.lot_id for x in asked.lines],
            asked.site_id,
            asked.site_id,
        ),
    )
    return (row[0], set(row[1])) if row else (False, set())


def without_order(asked: AskedRelease) -> list[tuple[int, str]]:
    """(Line from 1, number) of the lines whose stock came without an order that it still waits for. One query.

    Stock in quarantine waits while an open discrepancy names its item and lot; stock that is held otherwise by then,
    when less is left in quarantine than open discrepancies name.
    """
    rows = sql.fetch_all(
        """
        WITH waits AS (
            SELECT d.item_id, coalesce(d.lot_id, 0) AS lot_id, min(d.number) AS number,
                   sum(d.units - d.sent_units) AS units
            FROM inbound_discrepancy d
            WHERE d.site_id = %s AND d.state = 'open' AND d.kind = 'no_po' AND d.item_id = ANY(%s::bigint[])
            GROUP BY 1, 2
        )
        SELECT x.line, w.number
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) WITH ORDINALITY AS x(item, lot, quality, line)
        JOIN waits w ON w.item_id = x.item AND w.lot_id = x.lot
        WHERE x.quality = 'quarantine' OR w.units > (
            SELECT coalesce(sum(c.on_hand), 0) FROM ledger_cell c
            WHERE c.item_id = x.item AND c.site_id = %s AND c.lot_id = x.lot AND c.quality = 'quarantine'
              AND NOT c.is_virtual
        )
        ORDER BY x.line
        """,
        (
            asked.site_id,
            [x.item_id for x in asked.lines],
            [x.item_id for x in asked.lines],
            [x.lot_id for x in asked.lines],
            [x.quality for x in asked.lines],
            asked.site_id,
        ),
    )
    return [(row[0], row[1]) for row in rows]


def waiting_like(asked: AskedRelease) -> list[tuple[int, str, bool]]:
    """Releases that wait for the same hold or any of the same stock: (id, number, is the very same).

    One query.
    """
    rows = sql.fetch_all(
        """
        WITH mine AS (
            SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[],
                                 %s::bigint[]) AS m(location, lpn, item, lot, owner, quality, units)
        )
        SELECT r.id, r.number, bool_and(m.units IS NOT DISTINCT FROM x.units) AND count(*) = %s
        FROM inspection_release r JOIN inspection_releaseline x ON x.release_id = r.id
        LEFT JOIN mine m ON (m.location, m.lpn, m.item, m.lot, m.owner, m.quality)
                          = (x.location_id, x.lpn_id, x.item_id, x.lot_id, x.owner_id, x.quality)
        WHERE r.state = 'waiting' AND r.site_id = %s AND coalesce(r.hold_id, 0) = %s
        GROUP BY r.id HAVING %s <> 0 OR bool_or(m.units IS NOT NULL) ORDER BY r.id
        """,
        (
            [x.location_id for x in asked.lines],
            [x.lpn_id for x in asked.lines],
            [x.item_id for x in asked.lines],
            [x.lot_id for x in asked.lines],
            [x.owner_id for x in asked.lines],
            [x.quality for x in asked.lines],
            [x.units for x in asked.lines],
            len(asked.lines),
            asked.site_id,
            asked.hold_id,
            asked.hold_id,
        ),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def asked_release(release_id: int) -> AskedRelease | None:
    """A release as it was asked. One query."""
    rows = sql.fetch_all(
        """
        SELECT r.site_id, r.reason, coalesce(r.hold_id, 0), x.location_id, x.lpn_id, x.item_id, x.lot_id, x.owner_id,
               x.quality, x.units
        FROM inspection_release r JOIN inspection_releaseline x ON x.release_id = r.id
        WHERE r.id = %s ORDER BY x.id
        """,
        (release_id,),
    )
    if not rows:
        return None
    site_id, reason, hold_id = rows[0][:3]
    return AskedRelease(site_id, tuple(HeldLine(*row[3:]) for row in rows), reason, hold_id)


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A release as its page and its hold show it."""

    id: int
    number: str
    site_id: int
    site: str
    state: str
    units: int
    reason: str
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    hold_id: int
    hold: str
    request_id: int
    approval: str


_RELEASE = """
    SELECT r.id, r.number, r.site_id, w.name, r.state,
           (SELECT sum(units) FROM inspection_releaseline x WHERE x.release_id = r.id)::bigint, r.reason, u.full_name,
           r.asked_at, r.ended_at, coalesce(r.hold_id, 0), coalesce(h.number, ''), coalesce(a.id, 0),
           coalesce(a.number, '')
    FROM inspection_release r JOIN platform_user u ON u.id = r.asked_by_id JOIN locations_site w ON w.id = r.site_id
    LEFT JOIN inspection_hold h ON h.id = r.hold_id
    LEFT JOIN LATERAL (
        SELECT id, number FROM approvals_request WHERE subject = 'inspection.release:' || r.id ORDER BY id DESC LIMIT 1
    ) AS a ON true
"""


def release_row(release_id: int) -> ReleaseRow | None:
    """One release. One query."""
    row = sql.fetch_one(_RELEASE + " WHERE r.id = %s", (release_id,))
    return ReleaseRow(*row) if row else None


def waiting_on_hold(hold_id: int) -> ReleaseRow | None:
    """The release of a hold that waits for the inbox. One query."""
    row = sql.fetch_one(_RELEASE + " WHERE r.hold_id = %s AND r.state = 'waiting'", (hold_id,))
    return ReleaseRow(*row) if row else None


@dataclass(frozen=True, slots=True)
class ReleaseLineRow:
    """A line of a release with the names of what it is."""

    sku: str
    name: str
    lot: str
    location: str
    lpn: str
    quality: str
    units: int


def release_lines(release_id: int) -> list[ReleaseLineRow]:
    """The lines of a release in order. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.sku, i.name, t.code, l.code, p.code, x.quality, x.units
        FROM inspection_releaseline x JOIN catalog_item i ON i.id = x.item_id JOIN catalog_lot t ON t.id = x.lot_id
        JOIN locations_location l ON l.id = x.location_id JOIN locations_lpn p ON p.id = x.lpn_id
        WHERE x.release_id = %s ORDER BY x.id
        """,
        (release_id,),
    )
    return [ReleaseLineRow(*row) for row in rows]


def by_stock(release_ids: Sequence[int]) -> set[int]:
    """Those of the releases that were asked by the places of stock, not by a hold. One query."""
    rows = sql.fetch_all(
        "SELECT id FROM inspection_release WHERE id = ANY(%s::bigint[]) AND hold_id IS NULL", (list(release_ids),)
    )
    return {row[0] for row in rows}
