"""Reads of pick lists: one list with all that a device needs, and who has what."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.fulfilment import queries_policies
from flowrack.fulfilment.states import Method, UnitKind
from flowrack.fulfilment.types_lists import (
    CartPosition,
    DeviceList,
    ItemCode,
    ListHead,
    ListItem,
    ListLine,
    ListNotFound,
    ScanPolicy,
)
from flowrack.platform import sql

_HEAD = """
    SELECT l.id, l.number, l.wave_id, w.number, l.site_id, coalesce(l.zone_id, 0), coalesce(z.code, ''), l.method,
           l.unit_kind, l.state, l.place_id, b.code, coalesce(k.code, ''), l.due_on, l.due_at, l.why, l.walk_method,
           l.walk_mm, coalesce(l.taken_by_id, 0), coalesce(nullif(u.full_name, ''), u.username, ''), l.device,
           l.taken_at, l.lease_until, l.started_at, l.last_pick_at, l.finished_at
    FROM fulfilment_picklist l JOIN fulfilment_wave w ON w.id = l.wave_id
    JOIN locations_location b ON b.id = l.place_id
    LEFT JOIN locations_zone z ON z.id = l.zone_id LEFT JOIN fulfilment_cart k ON k.id = l.cart_id
    LEFT JOIN platform_user u ON u.id = l.taken_by_id
"""


def letter_of(position: int) -> str:
    """Position 1 of a cart is A."""
    return chr(ord("A") + position - 1)


def head(list_id: int, site_ids: frozenset[int]) -> ListHead:
    """One list; refuses with ListNotFound where there is none at these sites (0 = all). One query."""
    row = sql.fetch_one(_HEAD + "WHERE l.id = %s", (list_id,))
    if row is None or not (0 in site_ids or row[4] in site_ids):
        raise ListNotFound("There is no such pick list.", fix="See the pick lists of the wave.")
    return ListHead(*row)


def list_id_of(number: str) -> int | None:
    """The id behind the number of a list. One query."""
    found: int | None = sql.fetch_value("SELECT id FROM fulfilment_picklist WHERE number = %s", (number,))
    return found


_LINES = """
    SELECT p.id, p.place, p.state, p.location_id, b.code, p.lpn_id, n.code, p.item_id, p.lot_id, t.code, t.expires_on,
           p.units, p.order_id, o.number, c.name, coalesce(chr(64 + s.position), ''),
           coalesce(p.tote_id, s.tote_id, 0), coalesce(x.code, ''),
           coalesce(nullif(u.full_name, ''), u.username, ''), p.done_at, p.short_reason
    FROM fulfilment_pickline p JOIN sales_order o ON o.id = p.order_id JOIN parties_party c ON c.id = o.customer_id
    JOIN locations_location b ON b.id = p.location_id JOIN locations_lpn n ON n.id = p.lpn_id
    JOIN catalog_lot t ON t.id = p.lot_id
    LEFT JOIN fulfilment_picklisttote s ON s.pick_list_id = p.pick_list_id AND NOT s.is_full
              AND (s.order_id = p.order_id OR s.order_id IS NULL)
    LEFT JOIN locations_lpn x ON x.id = coalesce(p.tote_id, s.tote_id)
    LEFT JOIN platform_user u ON u.id = p.done_by_id
    WHERE p.pick_list_id = %s ORDER BY p.place, p.id LIMIT %s
"""


def lines(list_id: int, *, limit: int = 1_000) -> list[ListLine]:
    """The picks of a list in walking order, called-back ones too. One query."""
    return [ListLine(*row) for row in sql.fetch_all(_LINES, (list_id, limit))]


def items(item_ids: Sequence[int]) -> list[ListItem]:
    """Items with all their codes: SKU, GTINs of their packs (as 14 digits), other barcodes. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.id, i.sku, i.name, i.base_uom, i.tracking, c.code, c.units,
               coalesce((SELECT f.factor FROM catalog_packlevel f WHERE f.item_id = i.id AND f.level = 'case'), 0)
        FROM catalog_item i CROSS JOIN LATERAL (
            SELECT 1 AS n, i.sku AS code, 1::bigint AS units
            UNION ALL SELECT 2, p.gtin, p.factor FROM catalog_packlevel p WHERE p.item_id = i.id AND p.gtin IS NOT NULL
            UNION ALL SELECT 3, b.code, b.factor FROM catalog_barcode b WHERE b.item_id = i.id
        ) AS c
        WHERE i.id = ANY(%s::bigint[]) ORDER BY i.id, c.n, c.units, c.code
        """,
        (sorted(set(item_ids)),),
    )
    found: dict[int, ListItem] = {}
    for item_id, sku, name, uom, tracking, code, units, case_units in rows:
        item = found.setdefault(item_id, ListItem(item_id, sku, name, uom, tracking, case_units, []))
        item.codes.append(ItemCode(code, units))
    return list(found.values())


def totes(list_id: int) -> list[CartPosition]:
    """The positions of a list's cart, A first, each with the tote that stands there now. One query."""
    rows = sql.fetch_all(
        """
        SELECT t.position, coalesce(t.order_id, 0), coalesce(o.number, ''), coalesce(t.tote_id, 0), coalesce(n.code, '')
        FROM fulfilment_picklisttote t LEFT JOIN sales_order o ON o.id = t.order_id
        LEFT JOIN locations_lpn n ON n.id = t.tote_id
        WHERE t.pick_list_id = %s AND NOT t.is_full ORDER BY t.position
        """,
        (list_id,),
    )
    return [CartPosition(letter_of(row[0]), *row[1:]) for row in rows]


def scan_policy(head: ListHead) -> ScanPolicy:
    """What is scanned for the picks of a list: a tote only where goods of several orders are on the way. One query."""
    rule = queries_policies.policy_of(head.site_id, head.zone_id)
    in_totes = head.unit_kind == UnitKind.EACH and head.method in (Method.CLUSTER, Method.ZONE, Method.BATCH)
    return ScanPolicy(rule.scan_bin, rule.scan_item, rule.scan_lot, rule.scan_qty, rule.scan_tote and in_totes)


def device_list(list_id: int, site_ids: frozenset[int] = frozenset({0})) -> DeviceList:
    """A list with all that is needed to pick it without the network; refuses with ListNotFound. Five queries.

    What was called back is left out; a pick that is done stays, so that it can be undone.
    """
    of = head(list_id, site_ids)
    found = [line for line in lines(list_id) if line.state != "cancelled"]
    return DeviceList(of, scan_policy(of), found, items([line.item_id for line in found]), totes(list_id))
