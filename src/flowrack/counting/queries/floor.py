"""What a device takes along to count without network, and the books of a bin as they were on the floor at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flowrack.counting.queries.books import Kind
from flowrack.platform import sql
from flowrack.platform.web.along import Held


@dataclass(slots=True)
class CellPast:
    """One kind of stock in a bin: units now, and (time on the floor, change) of what happened since a time."""

    on_hand: int
    moves: list[tuple[datetime, int]] = field(default_factory=list)


def bin_since(location_id: int, at: datetime) -> tuple[int, dict[Kind, CellPast]]:
    """The ledger's last move before a time, and what lies in a bin, with what happened to it since by the floor.

    Moves that were booked later but happened before the time are in `on_hand` and not in the moves. One query.
    """
    rows = sql.fetch_all(
        """
        WITH floor AS MATERIALIZED (
            SELECT coalesce((
                SELECT max(m.id) FROM ledger_move m WHERE m.posting_id = (
                    SELECT p.id FROM ledger_posting p WHERE p.recorded_at <= %(at)s::timestamptz - interval '2 minutes'
                    ORDER BY p.id DESC LIMIT 1
                )
            ), 0) AS move_id
        )
        SELECT f.move_id, c.item_id, c.lot_id, c.lpn_id, c.owner_id, c.quality, c.on_hand, m.occurred_at, m.change
        FROM floor f
        LEFT JOIN ledger_cell c ON c.location_id = %(location)s AND NOT c.is_virtual
        LEFT JOIN LATERAL (
            SELECT p.occurred_at, x.change FROM (
                SELECT posting_id, units AS change FROM ledger_move WHERE to_cell_id = c.id AND id > f.move_id
                UNION ALL
                SELECT posting_id, -units FROM ledger_move WHERE from_cell_id = c.id AND id > f.move_id
            ) x JOIN ledger_posting p ON p.id = x.posting_id WHERE p.occurred_at > %(at)s
        ) m ON true
        ORDER BY c.id
        """,
        {"at": at, "location": location_id},
    )
    found: dict[Kind, CellPast] = {}
    for _, item, lot, lpn, owner, quality, on_hand, occurred_at, change in rows:
        if item is None:
            continue
        cell = found.setdefault((item, lot, lpn, owner, quality), CellPast(on_hand))
        if change is not None:
            cell.moves.append((occurred_at, change))
    return rows[0][0], {kind: cell for kind, cell in found.items() if cell.on_hand or cell.moves}


def name_of(user_id: int) -> str:
    """A person's name. One query."""
    return str(sql.fetch_value("SELECT full_name FROM platform_user WHERE id = %s", (user_id,)) or "Somebody")


def last_counter(task_id: int) -> str:
    """Who counted a bin last; empty when nobody did. One query."""
    return str(
        sql.fetch_value(
            """
            SELECT u.full_name FROM counting_count c JOIN platform_user u ON u.id = c.counter_id
            WHERE c.task_id = %s ORDER BY c.round_no DESC LIMIT 1
            """,
            (task_id,),
        )
        or ""
    )


@dataclass(frozen=True, slots=True)
class TaskAlong:
    """A bin to be counted that a device has along. It says nothing of what is expected."""

    task_id: int
    number: str
    location_id: int
    bin: str
    zone: str
    is_recount: bool


def held_on(device: str, now: datetime) -> list[Held]:
    """The counts that lie on a device, by person, with the end of the last lease. One query."""
    rows = sql.fetch_all(
        """
        SELECT count(*), u.full_name, max(t.lease_until)
        FROM counting_counttask t JOIN platform_user u ON u.id = t.leased_by_id
        WHERE t.device = left(%s, 80) AND t.lease_until > %s AND t.state IN ('due', 'recount')
        GROUP BY u.id, 2 ORDER BY u.id LIMIT 50
        """,
        (device, now),
    )
    return [Held(f"{count:,} count{'s' if count > 1 else ''}", *more) for count, *more in rows]


def counts_along(actor_id: int, device: str, now: datetime, *, site_id: int) -> list[TaskAlong]:
    """The counts of a site that a person has along on a device, in walking order. One query."""
    rows = sql.fetch_all(
        """
        SELECT t.id, t.number, t.location_id, l.code, coalesce(z.code, ''), t.state = 'recount'
        FROM counting_counttask t
        JOIN locations_location l ON l.id = t.location_id LEFT JOIN locations_zone z ON z.id = l.zone_id
        WHERE t.leased_by_id = %s AND t.device = left(%s, 80) AND t.lease_until >= %s AND t.state IN ('due', 'recount')
          AND t.site_id = %s ORDER BY t.due_on, l.pick_sequence, t.id LIMIT 100
        """,
        (actor_id, device, now, site_id),
    )
    return [TaskAlong(*row) for row in rows]


def lease_ends(actor_id: int, device: str, now: datetime, *, site_id: int) -> datetime | None:
    """When the first lease of what a person has along on a device is over, or was; None without any. One query."""
    found: datetime | None = sql.fetch_value(
        """
        SELECT min(lease_until) FROM counting_counttask
        WHERE site_id = %s AND state IN ('due', 'recount') AND leased_by_id = %s AND device = left(%s, 80)
          AND lease_until >= %s::timestamptz - interval '12 hours'
        """,
        (site_id, actor_id, device, now),
    )
    return found


def items_near(location_ids: Sequence[int], *, limit: int) -> list[int]:
    """The items that lie in the zones of these bins, by number, so that what is in the bins themselves cannot be told.

    What is in the bins is among them when there are more than `limit`. One query.
    """
    rows = sql.fetch_all(
        """
        SELECT item_id FROM (
            SELECT c.item_id, bool_or(c.location_id = ANY(%(bins)s::bigint[])) AS is_here
            FROM locations_location b
            JOIN locations_location l ON l.site_id = b.site_id AND (l.zone_id = b.zone_id OR l.id = b.id)
            JOIN ledger_cell c ON c.location_id = l.id AND NOT c.is_virtual AND c.on_hand > 0
            WHERE b.id = ANY(%(bins)s::bigint[]) GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(limit)s
        ) near ORDER BY item_id
        """,
        {"bins": list(location_ids), "limit": limit},
    )
    return [item_id for (item_id,) in rows]


def lots_near(item_ids: Sequence[int], site_id: int, *, limit: int) -> dict[int, list[str]]:
    """The codes of the lots and serials of items that lie anywhere at a site, item by item. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT c.item_id, o.code FROM ledger_cell c JOIN catalog_lot o ON o.id = c.lot_id
        WHERE c.item_id = ANY(%s::bigint[]) AND c.site_id = %s AND c.on_hand > 0 AND NOT c.is_virtual AND c.lot_id > 0
        ORDER BY 1, 2 LIMIT %s
        """,
        (list(item_ids), site_id, limit),
    )
    found: dict[int, list[str]] = {}
    for item_id, code in rows:
        found.setdefault(item_id, []).append(code)
    return found
