"""Reads of pick lists: one list with all that a device needs, and who has what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from flowrack.fulfilment import queries, queries_policies
from flowrack.fulfilment.queries import PickRow
from flowrack.fulfilment.rules_totes import letter_of
from flowrack.fulfilment.states import Method, UnitKind
from flowrack.fulfilment.types_lists import (
    CartOf,
    CartPosition,
    DeviceList,
    ItemCode,
    ListHead,
    ListItem,
    ListLine,
    ListNotFound,
    PickRule,
    ScanPolicy,
)
from flowrack.platform import sql
from flowrack.platform.lookup import Found, numbered
from flowrack.platform.lookup import look_up as _look_up

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


def head(list_id: int, site_ids: frozenset[int]) -> ListHead:
    """One list; refuses with ListNotFound where there is none at these sites (0 = all). One query."""
    row = sql.fetch_one(_HEAD + "WHERE l.id = %s", (list_id,))
    if row is None or not (0 in site_ids or row[4] in site_ids):
        raise ListNotFound("There is no such pick list.", fix="See the pick lists of the wave.")
    return ListHead(*row)


def heads(site_ids: frozenset[int], *, after_id: int = 0, limit: int) -> list[ListHead]:
    """Lists with ids above `after_id`, for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        _HEAD
        + """WHERE l.id > %(after)s AND (0 = ANY(%(sites)s::bigint[]) OR l.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY l.id LIMIT %(limit)s""",
        {"sites": sorted(site_ids), "after": after_id, "limit": limit},
    )
    return [ListHead(*row) for row in rows]


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


def in_cases(item_id: int, units: int) -> str:
    """Units that make full cases, in words: "2 cases of 8"; empty where they do not. One query."""
    factor = sql.fetch_value(
        "SELECT max(factor) FROM catalog_packlevel WHERE item_id = %s AND level = 'case'", (item_id,)
    )
    if not factor or factor < 2 or units % factor:
        return ""
    return f"{units // factor:,} case{'s' if units > factor else ''} of {factor:,}"


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


def filled(list_id: int) -> list[tuple[str, str]]:
    """(tote, letter of its place) of the totes that a list filled up before, while its picks stand in them. One
    query."""
    rows = sql.fetch_all(
        """
        SELECT n.code, t.position FROM fulfilment_picklisttote t JOIN locations_lpn n ON n.id = t.tote_id
        WHERE t.pick_list_id = %s AND t.is_full
          AND EXISTS (SELECT FROM fulfilment_pickline p
                      WHERE p.pick_list_id = t.pick_list_id AND p.tote_id = t.tote_id AND p.state = 'picked')
        ORDER BY t.position, t.id
        """,
        (list_id,),
    )
    return [(code, letter_of(position)) for code, position in rows]


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


def list_on_cart(cart_id: int, *, but: int, now: datetime) -> str:
    """The number of another list that is at work with a cart, or whose totes stand on it; "" = none. One query."""
    found = sql.fetch_value(
        """
        SELECT l.number FROM fulfilment_picklist l
        WHERE l.cart_id = %s AND l.id <> %s AND l.state IN ('open', 'taken', 'parked')
          AND ((l.state = 'taken' AND l.lease_until > %s)
               OR EXISTS (SELECT FROM fulfilment_picklisttote t WHERE t.pick_list_id = l.id AND t.is_bound))
        ORDER BY l.id LIMIT 1
        """,
        (cart_id, but, now),
    )
    return str(found or "")


def carts(site_id: int) -> list[CartOf]:
    """The carts of a site that are in use, by code. One query."""
    rows = sql.fetch_all(
        "SELECT code, positions FROM fulfilment_cart WHERE site_id = %s AND is_active ORDER BY code", (site_id,)
    )
    return [CartOf(*row) for row in rows]


def next_pick(list_id: int, *, skip: Sequence[int] = ()) -> PickRow | None:
    """The first open pick of a list in walking order; skipped ones come last. One query."""
    return queries.first_pick("p.pick_list_id = %s AND p.state = 'open'", list_id, skip)


def last_picks(list_id: int, actor_id: int, *, limit: int = 3) -> list[PickRow]:
    """What this person picked last of a list, newest first. One query."""
    return queries.picks_done("p.pick_list_id = %s", list_id, actor_id, limit=limit)


def progress(list_id: int) -> tuple[int, int]:
    """(picks, of which not open) of a list, called-back ones left out. One query."""
    row = sql.fetch_one(
        """
        SELECT count(*), count(*) FILTER (WHERE state <> 'open') FROM fulfilment_pickline
        WHERE pick_list_id = %s AND state <> 'cancelled'
        """,
        (list_id,),
    )
    assert row is not None
    return row[0], row[1]


def list_with(actor_id: int, device: str, now: datetime) -> tuple[int, str] | None:
    """(id, number) of the list that a person has on a device now, the last taken one first. One query."""
    row = sql.fetch_one(
        """
        SELECT id, number FROM fulfilment_picklist
        WHERE taken_by_id = %s AND taken_at > %s::timestamptz - interval '2 days' AND state = 'taken'
          AND device = left(%s, 80) AND lease_until > %s ORDER BY taken_at DESC LIMIT 1
        """,
        (actor_id, now, device, now),
    )
    return (row[0], row[1]) if row else None


def lists_of(actor_id: int, site_id: int, now: datetime) -> list[tuple[int, str, int, int]]:
    """(id, number, picks that are done, picks) of the lists that a person took at a site and did not end. One query."""
    return [
        (row[0], row[1], row[2], row[3])
        for row in sql.fetch_all(
            """
            SELECT l.id, l.number, count(*) FILTER (WHERE p.state <> 'open'), count(*)
            FROM fulfilment_picklist l JOIN fulfilment_pickline p ON p.pick_list_id = l.id AND p.state <> 'cancelled'
            WHERE l.taken_by_id = %s AND l.taken_at > %s::timestamptz - interval '2 days' AND l.state = 'taken'
              AND l.site_id = %s
            GROUP BY l.id ORDER BY l.taken_at DESC LIMIT 6
            """,
            (actor_id, now, site_id),
        )
    ]


def list_named(code: str, site_ids: frozenset[int], now: datetime) -> tuple[int, str] | None:
    """(id, number) of the list with this number, or of the first one of the wave with it that is free. One query."""
    row = sql.fetch_one(
        """
        SELECT l.id, l.number FROM fulfilment_picklist l JOIN fulfilment_wave w ON w.id = l.wave_id
        WHERE (l.number = %(code)s OR w.number = %(code)s) AND l.state IN ('open', 'taken', 'parked')
          AND (0 = ANY(%(sites)s::bigint[]) OR l.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY l.number = %(code)s DESC, l.state = 'parked', l.state = 'taken' AND l.lease_until > %(now)s,
                 l.due_on, l.first_sequence, l.id LIMIT 1
        """,
        {"code": code, "sites": sorted(site_ids), "now": now},
    )
    return (row[0], row[1]) if row else None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Lists that nobody has, their picks, and the first day on which one has to leave."""

    lists: int
    picks: int
    first_due: date | None


def waiting(site_id: int, zone_id: int) -> Waiting:
    """What waits at a site (in a zone, unless that is 0). One query."""
    row = sql.fetch_one(
        """
        SELECT count(*), coalesce(sum(lines), 0)::bigint, min(due_on) FROM fulfilment_picklist
        WHERE site_id = %s AND (%s::bigint = 0 OR zone_id = %s) AND state = 'open'
        """,
        (site_id, zone_id, zone_id),
    )
    assert row is not None
    return Waiting(*row)


def waiting_at(site_ids: frozenset[int]) -> int:
    """How many lists wait for a picker at the sites (0 = all). One query."""
    found: int = sql.fetch_value(
        """
        SELECT count(*) FROM fulfilment_picklist
        WHERE state = 'open' AND (0 = ANY(%(sites)s::bigint[]) OR site_id = ANY(%(sites)s::bigint[]))
        """,
        {"sites": sorted(site_ids)},
    )
    return found


@dataclass(frozen=True, slots=True)
class CalledBack:
    """An order that left a list: what was to be picked of it, and a tote with goods of it ("" = none)."""

    order_id: int
    order: str
    words: str
    tote: str


def called_back(list_id: int, *, since: datetime) -> list[CalledBack]:
    """Orders of which open picks of a list were called back; not what was picked and is put back, and not what stood
    in for a short pick of the list when its goods were found after all. One query."""
    rows = sql.fetch_all(
        """
        SELECT p.order_id, o.number, string_agg(p.units || ' × ' || i.sku, ', ' ORDER BY p.place),
               coalesce((SELECT n.code FROM fulfilment_pickline d JOIN locations_lpn n ON n.id = d.tote_id
                         WHERE d.pick_list_id = p.pick_list_id AND d.order_id = p.order_id AND d.state = 'picked'
                           AND n.id > 0 ORDER BY d.id DESC LIMIT 1), '')
        FROM fulfilment_pickline p JOIN sales_order o ON o.id = p.order_id JOIN catalog_item i ON i.id = p.item_id
        WHERE p.pick_list_id = %s AND p.state = 'cancelled' AND p.posting_id IS NULL AND p.done_at >= %s
          AND NOT EXISTS (
              SELECT FROM fulfilment_shortpick h WHERE h.pick_list_id = p.pick_list_id AND h.found_at = p.done_at
              AND h.order_line_id IN (p.order_line_id, (SELECT s.original_id FROM sales_substitution s
                                                        WHERE s.line_id = p.order_line_id LIMIT 1)))
          AND NOT EXISTS (
              SELECT FROM fulfilment_pickline f WHERE f.pick_list_id = p.pick_list_id AND f.state = 'open'
              AND f.order_line_id IN (p.order_line_id, (SELECT s.original_id FROM sales_substitution s
                                                        WHERE s.line_id = p.order_line_id LIMIT 1)))
        GROUP BY p.pick_list_id, p.order_id, o.number ORDER BY max(p.done_at) DESC LIMIT 20
        """,
        (list_id, since),
    )
    return [CalledBack(*row) for row in rows]


def other_parts(list_id: int, *, limit: int = 20) -> list[tuple[str, list[str]]]:
    """Orders of the list that other lists still pick parts of: (order, those lists). One query."""
    rows = sql.fetch_all(
        """
        SELECT o.number, array_agg(DISTINCT l.number ORDER BY l.number)
        FROM (SELECT DISTINCT order_id FROM fulfilment_pickline
              WHERE pick_list_id = %s AND state IN ('picked', 'short')) AS mine
        JOIN fulfilment_pickline p ON p.order_id = mine.order_id AND p.pick_list_id <> %s AND p.state = 'open'
        JOIN fulfilment_picklist l ON l.id = p.pick_list_id JOIN sales_order o ON o.id = p.order_id
        GROUP BY o.number ORDER BY o.number LIMIT %s
        """,
        (list_id, list_id, limit),
    )
    return [(row[0], row[1]) for row in rows]


def rules_of(site_id: int) -> list[PickRule]:
    """The picking rules of a site as they were entered, the site's own first. One query."""
    return [
        PickRule(
            **{
                **asdict(rule),
                "max_volume_ml": rule.max_volume_ml or 0,
                "max_weight_g": rule.max_weight_g or 0,
                "consolidation_id": rule.consolidation_id or 0,
            }
        )
        for _, rule in sorted(queries_policies.policies(site_id).items())
    ]


def short_lines(list_id: int) -> list[int]:
    """Order lines of a list of which a pick was short, also where it was found after all. One query."""
    rows = sql.fetch_all(
        """
        SELECT order_line_id FROM fulfilment_shortpick WHERE pick_list_id = %s
        UNION SELECT order_line_id FROM fulfilment_pickline WHERE pick_list_id = %s AND state = 'short'
        ORDER BY 1 LIMIT 50
        """,
        (list_id, list_id),
    )
    return [row[0] for row in rows]


_LOOK_UP = numbered("fulfilment_picklist", "w.number", joins="JOIN fulfilment_wave w ON w.id = d.wave_id")


def look_up(text: str, sites: frozenset[int]) -> list[Found]:
    """Pick lists by number. One query."""
    return _look_up(_LOOK_UP, text, sites=sites)
