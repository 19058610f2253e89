"""Reads of the rules for picking and of what the making of lists must know."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.fulfilment.rules import PickPlan
from flowrack.fulfilment.rules_lists import House, Measure, Policy
from flowrack.platform import sql

_COLUMNS = """coalesce(zone_id, 0), method, positions, max_lines, max_volume_ml, max_weight_g, scan_bin, scan_item,
    scan_lot, scan_qty, scan_tote, aisle_limit, lease_minutes, consolidation_id,
    at_short"""


def policies(site_id: int) -> dict[int, Policy]:
    """The rules of a site by zone; 0 = the site's own. One query."""
    rows = sql.fetch_all(f"SELECT {_COLUMNS} FROM fulfilment_pickpolicy WHERE site_id = %s", (site_id,))  # noqa: S608
    return {row[0]: Policy(*row) for row in rows}


def policy_of(site_id: int, zone_id: int) -> Policy:
    """The rule of a zone, else of its site, else the house's first. One query."""
    row = sql.fetch_one(
        f"""
        SELECT {_COLUMNS} FROM fulfilment_pickpolicy WHERE site_id = %s AND (zone_id = %s OR zone_id IS NULL)
        ORDER BY zone_id NULLS LAST LIMIT 1
        """,  # noqa: S608
        (site_id, zone_id),
    )
    return Policy(*row) if row else Policy()


def house_of(site_id: int, plans: Sequence[PickPlan], method: str) -> House:
    """What the making of lists must know of these picks, and by which method if not by the rules. Three queries."""
    zones = sql.fetch_all(
        "SELECT id, zone_id FROM locations_location WHERE id = ANY(%s::bigint[])",
        (sorted({plan.cell.location_id for plan in plans}),),
    )
    rows = sql.fetch_all(
        """
        SELECT 1, l.id::bigint, 0::bigint, 0::bigint, 0::bigint, NULL::date
        FROM locations_lpn l WHERE l.id = ANY(%s::bigint[]) AND l.id > 0 AND l.kind = 'pallet'
             AND (SELECT count(*) FROM ledger_cell c WHERE c.lpn_id = l.id AND c.on_hand > 0) = 1
        UNION ALL
        SELECT 2, i.id, coalesce(max(p.factor) FILTER (WHERE p.level = 'case'), 0)::bigint,
               coalesce(max(p.weight_g) FILTER (WHERE p.level = 'each'), 0)::bigint,
               coalesce((max(p.length_mm::bigint * p.width_mm * p.height_mm) FILTER (WHERE p.level = 'each') + 999)
                        / 1000, 0)::bigint, CASE WHEN i.bears_g = 0 THEN DATE '2000-01-01' END
        FROM catalog_item i LEFT JOIN catalog_packlevel p ON p.item_id = i.id AND p.level IN ('each', 'case')
        WHERE i.id = ANY(%s::bigint[]) GROUP BY i.id
        UNION ALL
        SELECT 3, o.id, 0, 0, 0, o.ship_by_on FROM sales_order o WHERE o.id = ANY(%s::bigint[])
        """,
        (
            sorted({plan.cell.lpn_id for plan in plans}),
            sorted({plan.demand.item_id for plan in plans}),
            sorted({plan.demand.order_id for plan in plans}),
        ),
    )
    return House(
        zone_of=dict(zones),
        pallets=frozenset(row[1] for row in rows if row[0] == 1),
        measures={row[1]: Measure(row[2], row[3], row[4], row[5] is not None) for row in rows if row[0] == 2},
        policies=policies(site_id),
        due_on={row[1]: row[5] for row in rows if row[0] == 3},
        method=method,
    )


def staging_places(site_id: int) -> set[int]:
    """The staging places of a site. One query."""
    rows = sql.fetch_all(
        "SELECT id FROM locations_location WHERE site_id = %s AND role = 'staged' AND NOT is_virtual", (site_id,)
    )
    return {row[0] for row in rows}


def carts_elsewhere(site_id: int, codes: Sequence[str]) -> set[str]:
    """Which of the codes are carts of other sites. One query."""
    rows = sql.fetch_all(
        "SELECT code FROM fulfilment_cart WHERE site_id <> %s AND code = ANY(%s::text[])", (site_id, list(codes))
    )
    return {row[0] for row in rows}
