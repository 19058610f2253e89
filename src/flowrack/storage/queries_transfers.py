"""Reads of transfers between sites: the list, one of them, what is on the way to a site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from flowrack.platform import sql
from flowrack.platform.lookup import Found, look_up, numbered
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.purchasing.types_cover import Cover, Key
from flowrack.shared.errors import NotFound
from flowrack.storage.states import TransferState
from flowrack.storage.types_transfers import TRANSFER as KIND
from flowrack.storage.types_transfers import TransferClaimRow, TransferLineRow, TransferRow

CLAIM_DAYS = 5  # after which what is missing should be claimed
TRANSFER = """
    SELECT t.id, t.number, t.state, t.site_id, s.code AS site, t.to_site_id, d.code AS to_site,
           l.line_count, l.units, l.received, t.sent_at, coalesce(nullif(u.full_name, ''), u.username) AS sent_by,
           t.received_at, t.note, t.due_on, t.arrived_at, t.staged_at, coalesce(p.code, '') AS carrier_code,
           coalesce(p.name, '') AS carrier, t.truck,
           coalesce((SELECT c.number || ', ' || c.state FROM storage_transferclaim c
                     WHERE c.transfer_id = t.id AND c.state NOT IN ('found', 'refused')), '') AS claim,
           t.planned_at, coalesce(nullif(n.full_name, ''), n.username, '') AS planned_by, t.released_at, t.reason,
           t.for_ref,
           (SELECT coalesce(sum(v.units), 0)::bigint FROM ledger_reservation v
            WHERE v.ref = 'storage.transfer:' || t.id) AS staged
    FROM storage_transfer t JOIN locations_site s ON s.id = t.site_id JOIN locations_site d ON d.id = t.to_site_id
    JOIN platform_user u ON u.id = t.sent_by_id LEFT JOIN parties_party p ON p.id = t.carrier_id
    LEFT JOIN platform_user n ON n.id = t.planned_by_id
    CROSS JOIN LATERAL (
        SELECT count(*)::int AS line_count, sum(x.units)::bigint AS units, sum(x.received_units)::bigint AS received
        FROM storage_transferline x WHERE x.transfer_id = t.id
    ) l
"""


def transfer_page(query: ListQuery, *, is_short: bool = False) -> Page[TransferRow]:
    """Transfers from and to the sites where the viewer may see them; of which units are missing. Two queries."""
    return sql_page(
        query,
        TransferRow,
        TRANSFER
        + """
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role role ON role.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, t.site_id, t.to_site_id)
              AND 'storage.view' = ANY(role.permissions)
        ) AND (%s = 0 OR %s IN (t.site_id, t.to_site_id))
          AND (NOT %s OR t.state = 'short' OR t.state = 'on_the_way' AND l.received > 0)
        """,
        [query.actor_id, query.site_id, query.site_id, is_short],
        search=("number", "reason", "note", "truck"),
        totals={"units": "sum(units)", "staged": "sum(staged)", "received": "sum(received)"},
    )


def access_transfer(transfer_id: int, site_ids: frozenset[int]) -> tuple[TransferRow, list[TransferLineRow]]:
    """A transfer and its lines, if it leaves or reaches a site that the person may see (0 = all). Two queries."""
    found = transfers([transfer_id])
    if not found or not (0 in site_ids or {found[0].site_id, found[0].to_site_id} & site_ids):
        raise NotFound(f"There is no transfer with id {transfer_id}.")
    return found[0], lines(transfer_id)


def transfers(transfer_ids: Sequence[int]) -> list[TransferRow]:
    """Transfers by id. One query."""
    rows = sql.fetch_all(TRANSFER + " WHERE t.id = ANY(%s::bigint[]) ORDER BY t.id", (list(transfer_ids),))
    return [TransferRow(*row) for row in rows]


def on_the_way_to(site_id: int, *, limit: int = 50) -> list[TransferRow]:
    """Transfers that a site should receive, the oldest first. One query."""
    return transfers_to(site_id, TransferState.ON_THE_WAY, limit=limit)


def transfers_to(site_id: int, state: str, *, after: int = 0, limit: int = 50) -> list[TransferRow]:
    """Transfers to a site in a state, the oldest first. One query."""
    rows = sql.fetch_all(
        TRANSFER + " WHERE t.to_site_id = %s AND t.state = %s AND t.id > %s ORDER BY t.id LIMIT %s",
        (site_id, state, after, limit),
    )
    return [TransferRow(*row) for row in rows]


def bringing(item_id: int, site_id: int) -> list[tuple[TransferRow, int]]:
    """Transfers on the way to a site that bring an item, and how many units of it. Two queries."""
    rows = dict(
        sql.fetch_all(
            """
            SELECT t.id, sum(l.units - l.received_units)::bigint
            FROM storage_transfer t JOIN storage_transferline l ON l.transfer_id = t.id
            WHERE t.to_site_id = %s AND t.state = 'on_the_way' AND l.item_id = %s AND l.received_units < l.units
            GROUP BY t.id
            """,
            (site_id, item_id),
        )
    )
    return [(found, rows[found.id]) for found in transfers(list(rows))] if rows else []


def on_the_way_count(site_id: int) -> int:
    """How many transfers a site should receive (0 = all sites). One query."""
    return int(
        sql.fetch_value(
            "SELECT count(*) FROM storage_transfer WHERE state = 'on_the_way' AND (%s = 0 OR to_site_id = %s)",
            (site_id, site_id),
        )
    )


_CLAIMS = """
    SELECT c.id, c.number, c.transfer_id, t.number, t.site_id, c.state, coalesce(p.name, ''), c.units, c.value, c.note,
           c.opened_at, coalesce(nullif(u.full_name, ''), u.username), c.credited, c.answer, c.settled_at, c.posting_id,
           c.opened_by_id
    FROM storage_transferclaim c JOIN storage_transfer t ON t.id = c.transfer_id
    JOIN platform_user u ON u.id = c.opened_by_id LEFT JOIN parties_party p ON p.id = c.carrier_id
"""


def claims_of(transfer_id: int, *, cost_sites: frozenset[int]) -> list[TransferClaimRow]:
    """The claims of a transfer, the newest first; the value only where one may see costs (0 = all). One query."""
    rows = sql.fetch_all(_CLAIMS + " WHERE c.transfer_id = %s ORDER BY c.id DESC LIMIT 20", (transfer_id,))
    found = [TransferClaimRow(*row) for row in rows]
    return [one if {0, one.site_id} & cost_sites else replace(one, value=None) for one in found]


def claim(claim_id: int) -> TransferClaimRow | None:
    """A claim. One query."""
    row = sql.fetch_one(_CLAIMS + " WHERE c.id = %s", (claim_id,))
    return TransferClaimRow(*row) if row else None


def asked_of(transfer_id: int) -> TransferClaimRow | None:
    """The claim of a transfer that waits for somebody who allows the loss. One query."""
    row = sql.fetch_one(_CLAIMS + " WHERE c.transfer_id = %s AND c.state = 'asked'", (transfer_id,))
    return TransferClaimRow(*row) if row else None


def worth_on_the_way(item_ids: Sequence[int], site_id: int) -> dict[int, Decimal]:
    """What a unit of items is worth that left a site and is on the way. One query."""
    rows = sql.fetch_all(
        """
        SELECT item_id, sum(value) / sum(units) FROM ledger_book
        WHERE item_id = ANY(%s::bigint[]) AND site_id = %s AND account = 'in_transit'
        GROUP BY item_id HAVING sum(units) > 0
        """,
        (sorted(set(item_ids)), site_id),
    )
    return dict(rows)


def to_claim_count(site_id: int, now: datetime) -> int:
    """Transfers from a site (0 = all) of which some arrived, or all was due, five days ago and units are missing.

    One query.
    """
    return int(
        sql.fetch_value(
            """
            SELECT count(*) FROM storage_transfer t
            WHERE t.state = 'on_the_way' AND (%(site)s = 0 OR t.site_id = %(site)s)
              AND NOT EXISTS (SELECT FROM storage_transferclaim c WHERE c.transfer_id = t.id AND c.state = 'asked')
              AND coalesce(t.arrived_at, t.due_on::timestamptz) < %(now)s::timestamptz - %(days)s * interval '1 day'
            """,
            {"site": site_id, "now": now, "days": CLAIM_DAYS},
        )
    )


def by_number(number: str) -> TransferRow | None:
    """A transfer by its number. One query."""
    row = sql.fetch_one(TRANSFER + " WHERE t.number = %s", (number.strip().upper(),))
    return TransferRow(*row) if row else None


def lines(transfer_id: int) -> list[TransferLineRow]:
    """The lines of a transfer. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, l.item_id, i.sku, i.name, i.base_uom, l.lot_id, CASE WHEN l.lot_id = 0 THEN '' ELSE t.code END,
               l.quality, l.units, l.received_units
        FROM storage_transferline l JOIN catalog_item i ON i.id = l.item_id JOIN catalog_lot t ON t.id = l.lot_id
        WHERE l.transfer_id = %s ORDER BY i.sku, l.id
        """,
        (transfer_id,),
    )
    return [TransferLineRow(*row) for row in rows]


# Transfers `t` whose goods count where they go, from due_on or the day they left: one that has not left only if it has
# a day.
COMING = """
    t.state IN ('planned', 'released', 'staged', 'on_the_way') AND (t.state = 'on_the_way' OR t.due_on IS NOT NULL)
"""


def coming(keys: Sequence[Key]) -> list[Cover]:
    """Units of items that are on their way to sites, or wait elsewhere for their truck, by (site, item). One query."""
    rows = sql.fetch_all(
        """
        SELECT %s, t.to_site_id, l.item_id, (l.units - l.received_units)::bigint, t.number, t.id, t.due_on,
               CASE WHEN t.state = 'on_the_way' THEN s.name ELSE t.state || ' at ' || s.name END
        FROM unnest(%s::bigint[], %s::bigint[]) AS a(site, item)
        JOIN storage_transferline l ON l.item_id = a.item AND l.received_units < l.units AND l.quality = 'available'
        JOIN storage_transfer t ON t.id = l.transfer_id AND t.to_site_id = a.site
             AND t.state IN ('planned', 'released', 'staged', 'on_the_way')
        JOIN locations_site s ON s.id = t.site_id ORDER BY l.id
        """,
        (KIND, [site for site, _ in keys], [item for _, item in keys]),
    )
    return [Cover(*row) for row in rows]


_LOOK_UP = numbered(
    "storage_transfer",
    "s.code || ' to ' || t.code || ', ' || replace(d.state, '_', ' ')",
    joins="JOIN locations_site s ON s.id = d.site_id JOIN locations_site t ON t.id = d.to_site_id",
    at=("site_id", "to_site_id"),
)


def look_up_transfers(text: str, sites: frozenset[int]) -> list[Found]:
    """Transfers from or to these sites by number. One query."""
    return look_up(_LOOK_UP, text, sites=sites)
