"""What suppliers have announced, as purchasing counts it against new needs."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql
from flowrack.purchasing.types_cover import Cover, Key

ASN_KIND = "dock.asn"


def announced(keys: Sequence[Key]) -> list[Cover]:
    """Units that open ASNs announce and that have not come, by (site, item); matched ones name their PO line. Due on
    the day of arrival at the site; for a PO line without one, when the PO is due. One query."""
    rows = sql.fetch_all(
        """
        SELECT %s, n.site_id, l.item_id, l.units - l.received_units, n.number, n.id,
               coalesce((n.expected_at AT TIME ZONE site.timezone)::date, po.due_on), s.name, coalesce(l.po_line_id, 0)
        FROM unnest(%s::bigint[], %s::bigint[]) AS a(site, item)
        JOIN dock_asnline l ON l.item_id = a.item AND l.received_units < l.units
        JOIN dock_asn n ON n.id = l.asn_id AND n.site_id = a.site AND n.ended_at IS NULL
        JOIN locations_site site ON site.id = n.site_id
        JOIN parties_party s ON s.id = n.supplier_id
        LEFT JOIN purchasing_poline pl ON pl.id = l.po_line_id LEFT JOIN purchasing_po po ON po.id = pl.po_id
        ORDER BY l.id
        """,
        (ASN_KIND, [site for site, _ in keys], [item for _, item in keys]),
    )
    return [Cover(*row) for row in rows]
