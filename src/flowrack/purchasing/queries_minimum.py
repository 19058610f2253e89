"""How far POs are of the least that their suppliers take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from flowrack.platform import sql
from flowrack.purchasing import queries_agreements
from flowrack.purchasing.rules_builder import amount_text, share_of
from flowrack.purchasing.types_builder import Minimum


@dataclass(frozen=True, slots=True)
class MinimumOf:
    """The share of the minimum that binds, in percent, and of how much; None = the supplier takes any order."""

    share_pct: int | None
    told: str
    early_days: int | None
    late_days: int | None


def minimums(po_ids: Sequence[int]) -> dict[int, MinimumOf]:
    """Each PO against the terms of the day on which it was written. Two queries."""
    rows = sql.fetch_all(
        """
        SELECT po.id, po.supplier_id, po.site_id, po.ordered_on, po.early_days, po.late_days,
               coalesce(sum(round(l.units * l.unit_cost, 2)), 0),
               coalesce(sum(l.units * w.weight_g / w.factor), 0)::bigint,
               coalesce(sum(l.units * v.volume_ml / v.factor), 0)::bigint
        FROM purchasing_po po JOIN purchasing_poline l ON l.po_id = po.id
        LEFT JOIN LATERAL (
            SELECT weight_g, factor FROM catalog_packlevel WHERE item_id = l.item_id AND weight_g > 0
            ORDER BY factor LIMIT 1
        ) AS w ON true
        LEFT JOIN LATERAL (
            SELECT length_mm::bigint * width_mm * height_mm / 1000 AS volume_ml, factor FROM catalog_packlevel
            WHERE item_id = l.item_id AND length_mm > 0 AND width_mm > 0 AND height_mm > 0 ORDER BY factor LIMIT 1
        ) AS v ON true
        WHERE po.id = ANY(%s) GROUP BY po.id
        """,
        (list(po_ids),),
    )
    terms = queries_agreements.order_terms([(row[1], row[2], row[3]) for row in rows])
    found = {}
    for po_id, supplier, site, day, early, late, value, weight, volume in rows:
        of = terms.get((supplier, site, day))
        least = Minimum(of.min_value, of.min_weight_g, of.min_volume_ml) if of else Minimum()
        have = {"value": value, "weight_g": Decimal(weight), "volume_ml": Decimal(volume)}
        kind, share = share_of(have, least)
        told = f"of {amount_text(kind, Decimal(getattr(least, kind)))}" if kind else ""
        found[po_id] = MinimumOf(share if kind else None, told, early, late)
    return found
