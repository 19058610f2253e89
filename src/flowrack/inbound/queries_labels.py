"""What the labels of received pallets say."""

from __future__ import annotations

from flowrack.labels.types import Wanted
from flowrack.platform import sql
from flowrack.shared.refs import ref


def plates_of(receipt_id: int, *, copies: int) -> list[Wanted]:
    """A label for each plate that was received, in the order of the counts; what was taken back has none. One query."""
    rows = sql.fetch_all(
        """
        SELECT n.id, n.code, r.site_id, s.name, s.code, p.name, r.number, (r.opened_at AT TIME ZONE s.timezone)::date,
               sum(l.units)::bigint, count(DISTINCT l.item_id), count(DISTINCT l.lot_id), min(i.sku), min(i.name),
               min(t.code), min(t.expires_on), coalesce(min(e.gtin), '')
        FROM inbound_receiptline l JOIN inbound_receipt r ON r.id = l.receipt_id
        JOIN locations_lpn n ON n.id = l.lpn_id AND n.id > 0 AND n.closed_at IS NULL
        JOIN locations_site s ON s.id = r.site_id JOIN parties_party p ON p.id = r.supplier_id
        JOIN catalog_item i ON i.id = l.item_id JOIN catalog_lot t ON t.id = l.lot_id
        LEFT JOIN catalog_packlevel e ON e.item_id = i.id AND e.level = 'each'
        WHERE l.receipt_id = %s AND l.taken_back_at IS NULL
        GROUP BY n.id, n.code, r.site_id, s.name, s.code, p.name, r.number, 8 ORDER BY min(l.id)
        """,
        (receipt_id,),
    )
    found = []
    for row in rows:
        plate_id, code, site_id, site, site_code, supplier, number, day, units, items, lots = row[:11]
        sku, name, lot, expires, gtin = row[11:]
        values = {"plate": code, "site": site, "site_code": site_code, "supplier": supplier, "document": number}
        values |= {"received_on": str(day), "units": f"{units:,}"}
        if items == 1:
            values |= {"sku": sku, "name": name, "gtin": gtin.zfill(14) if gtin else ""}
        if items == lots == 1:
            values["lot"] = lot
            values |= {"expires_on": str(expires), "expires_yymmdd": f"{expires:%y%m%d}"} if expires else {}
        said = {name: value for name, value in values.items() if value}
        found.append(Wanted("receipt", ref("locations.lpn", plate_id), code, said, site_id, copies=copies))
    return found
