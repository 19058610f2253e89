"""Reads of transfers to sites of ours that go on loads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flowrack.platform import sql
from flowrack.shipping.rules_loads import Content


@dataclass(frozen=True, slots=True)
class PlannedTransfer:
    """A transfer as a plan of trucks sees it: where it goes and what of it stands staged."""

    transfer_id: int
    number: str
    site_id: int
    to_site_id: int
    to_site: str
    state: str
    weight_g: int
    volume_ml: int
    hazards: list[str]
    hazard_skus: list[str]
    load: str

    @property
    def hazardous(self) -> dict[str, str]:
        """Hazard classes and divisions of it, each with an item."""
        return dict(zip(self.hazards, self.hazard_skus, strict=True))


def transfers(transfer_ids: Sequence[int]) -> dict[int, PlannedTransfer]:
    """Transfers by id with weight, hazards and the live load that they are on. One query."""
    rows = sql.fetch_all(
        """
        SELECT t.id, t.number, t.site_id, t.to_site_id, s.name, t.state, coalesce(g.weight_g, 0)::bigint,
               coalesce(g.volume_ml, 0)::bigint, coalesce(h.hazards, ARRAY[]::text[]),
               coalesce(h.skus, ARRAY[]::text[]),
               coalesce((SELECT d.number FROM shipping_loadtransfer x JOIN shipping_load d ON d.id = x.load_id
                         WHERE x.transfer_id = t.id AND x.is_live), '')
        FROM storage_transfer t JOIN locations_site s ON s.id = t.to_site_id
        CROSS JOIN LATERAL (
            SELECT sum(l.units * k.weight_g) AS weight_g,
                   sum(l.units * k.length_mm::bigint * k.width_mm * k.height_mm / 1000) AS volume_ml
            FROM storage_transferline l LEFT JOIN catalog_packlevel k ON k.item_id = l.item_id AND k.level = 'each'
            WHERE l.transfer_id = t.id
        ) AS g
        CROSS JOIN LATERAL (
            SELECT array_agg(u.hazard ORDER BY u.hazard) AS hazards, array_agg(u.sku ORDER BY u.hazard) AS skus
            FROM (SELECT coalesce(nullif(i.hazard_division, ''), i.hazard_class)
                         || CASE WHEN i.is_limited_quantity THEN ' LQ' ELSE '' END AS hazard, min(i.sku) AS sku
                  FROM storage_transferline l JOIN catalog_item i ON i.id = l.item_id AND i.hazard_class <> ''
                  WHERE l.transfer_id = t.id GROUP BY 1) AS u
        ) AS h
        WHERE t.id = ANY(%s::bigint[])
        """,
        (list(transfer_ids),),
    )
    return {row[0]: PlannedTransfer(*row) for row in rows}


def contents(load_id: int) -> list[Content]:
    """What stands staged for the transfers of a load, loaded or not. One query."""
    rows = sql.fetch_all(
        """
        SELECT x.stop_no, 0, t.number, s.name, e.lpn_id, n.code, n.kind, i.id, i.sku,
               coalesce(nullif(i.hazard_division, ''), i.hazard_class)
               || CASE WHEN i.is_limited_quantity THEN ' LQ' ELSE '' END, r.units,
               coalesce(r.units * w.weight_g, 0)::bigint,
               coalesce(r.units * w.length_mm::bigint * w.width_mm * w.height_mm / 1000, 0)::bigint, b.code,
               e.lpn_id, 0, t.id
        FROM shipping_loadtransfer x JOIN storage_transfer t ON t.id = x.transfer_id
        JOIN locations_site s ON s.id = t.to_site_id
        JOIN ledger_reservation r ON r.ref = 'storage.transfer:' || t.id
        JOIN ledger_cell e ON e.id = r.cell_id JOIN locations_lpn n ON n.id = e.lpn_id
        JOIN catalog_item i ON i.id = e.item_id JOIN locations_location b ON b.id = e.location_id
        LEFT JOIN catalog_packlevel w ON w.item_id = i.id AND w.level = 'each'
        WHERE x.load_id = %s AND x.is_live
        ORDER BY x.stop_no DESC, n.code, t.id, i.sku, e.id
        """,
        (load_id,),
    )
    return [Content(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class OnLoad:
    """An order or a transfer of a load, as its plan names it."""

    number: str
    order_id: int
    transfer_id: int


def on_load(load_id: int) -> list[OnLoad]:
    """What goes on a load, in the order of delivery. One query."""
    rows = sql.fetch_all(
        """
        SELECT g.number, g.order_id, g.transfer_id FROM (
            SELECT x.stop_no, o.number, o.id AS order_id, 0::bigint AS transfer_id
            FROM shipping_loadorder x JOIN sales_order o ON o.id = x.order_id WHERE x.load_id = %(load)s
            UNION ALL
            SELECT x.stop_no, t.number, 0, t.id
            FROM shipping_loadtransfer x JOIN storage_transfer t ON t.id = x.transfer_id WHERE x.load_id = %(load)s
        ) AS g ORDER BY g.stop_no, g.order_id, g.transfer_id
        """,
        {"load": load_id},
    )
    return [OnLoad(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class StagedTransfer:
    """A plate of a transfer that stands staged at a site, or its loose goods (no plate)."""

    plate: str
    transfer: str
    to_site: str
    load_id: int
    load: str
    door: str


def staged_at(site_id: int, *, limit: int) -> list[StagedTransfer]:
    """What of transfers stands staged at a site, with the truck that it goes on. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT n.code, t.number, s.name, coalesce(h.id, 0), coalesce(h.number, ''), coalesce(d.code, '')
        FROM storage_transfer t JOIN locations_site s ON s.id = t.to_site_id
        JOIN ledger_reservation r ON r.ref = 'storage.transfer:' || t.id JOIN ledger_cell e ON e.id = r.cell_id
        JOIN locations_lpn n ON n.id = e.lpn_id
        LEFT JOIN shipping_loadtransfer x ON x.transfer_id = t.id AND x.is_live
        LEFT JOIN shipping_load h ON h.id = x.load_id LEFT JOIN locations_location d ON d.id = h.door_id
        WHERE t.site_id = %s AND t.state = 'staged' ORDER BY 2, 1 LIMIT %s
        """,
        (site_id, limit),
    )
    return [StagedTransfer(*row) for row in rows]


def where(transfer_ids: Sequence[int]) -> StagedTransfer | None:
    """The first of these transfers, with the truck that it goes on. One query."""
    row = sql.fetch_one(
        """
        SELECT '', t.number, s.name, coalesce(h.id, 0), coalesce(h.number, ''), coalesce(d.code, '')
        FROM storage_transfer t JOIN locations_site s ON s.id = t.to_site_id
        LEFT JOIN shipping_loadtransfer x ON x.transfer_id = t.id AND x.is_live
        LEFT JOIN shipping_load h ON h.id = x.load_id LEFT JOIN locations_location d ON d.id = h.door_id
        WHERE t.id = ANY(%s::bigint[]) ORDER BY t.id LIMIT 1
        """,
        (list(transfer_ids),),
    )
    return StagedTransfer(*row) if row else None
