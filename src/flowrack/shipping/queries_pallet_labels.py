"""What the label of a pallet says: for whom, by which carrier, and what stands on it."""

from __future__ import annotations

from flowrack.labels.types import Wanted
from flowrack.platform import sql
from flowrack.sales.queries_sites import THEIR_NUMBER
from flowrack.shared.refs import ref

_ROWS = f"""
    SELECT n.id, o.number, {THEIR_NUMBER}, o.customer_id, o.ship_to_id, k.weight_g,
           coalesce((SELECT sum(e.on_hand)::bigint FROM ledger_cell e WHERE e.lpn_id = k.lpn_id), 0),
           coalesce(dp.name, nullif(s.carrier, ''), cp.name, ''), coalesce(d.carrier_id, cs.carrier_id, 0),
           coalesce(cs.name, '')
    FROM locations_lpn n JOIN shipping_stackedcarton c ON c.pallet_id = n.id AND c.is_on
    JOIN fulfilment_carton k ON k.lpn_id = c.carton_id JOIN sales_order o ON o.id = k.order_id
    LEFT JOIN shipping_shipmentorder w ON w.order_id = o.id AND w.is_waiting
    LEFT JOIN shipping_shipment s ON s.id = w.shipment_id
    LEFT JOIN shipping_loadorder b ON b.order_id = o.id AND b.is_live LEFT JOIN shipping_load d ON d.id = b.load_id
    LEFT JOIN parties_party dp ON dp.id = d.carrier_id
    LEFT JOIN carriers_choiceorder co ON co.order_id = o.id AND co.is_latest
    LEFT JOIN carriers_choice cc ON cc.id = co.choice_id LEFT JOIN parties_carrierservice cs ON cs.id = cc.service_id
    LEFT JOIN parties_party cp ON cp.id = cs.carrier_id
    WHERE n.code = %s AND n.site_id = %s AND n.kind = 'pallet' AND n.closed_at IS NULL AND k.state = 'packed'
    ORDER BY k.id
"""  # noqa: S608 - our own text
_FOR = """
    SELECT p.name, p.code, coalesce(a.name, ''), coalesce(a.lines, ''), coalesce(a.city, ''), coalesce(a.postcode, ''),
           coalesce(a.country, ''), s.name, s.code
    FROM parties_party p JOIN locations_site s ON s.id = %(site)s
    LEFT JOIN LATERAL (
        SELECT * FROM parties_address a
        WHERE a.id = %(address)s::bigint OR (%(address)s::bigint IS NULL AND a.party_id = p.id)
        ORDER BY a.is_default DESC, a.id LIMIT 1
    ) AS a ON true
    WHERE p.id = %(customer)s
"""


def label_of(code: str, site_id: int, *, copies: int) -> Wanted | None:
    """The label of a pallet of the site; None when there is no such pallet, or nothing on it. Two queries."""
    rows = sql.fetch_all(_ROWS, (code, site_id))
    if not rows:
        return None
    pallet_id, _, reference, customer_id, ship_to_id, *_ = rows[0]
    head = sql.fetch_one(_FOR, {"site": site_id, "address": ship_to_id, "customer": customer_id})
    assert head is not None
    names = ("customer", "customer_code", "", "", "city", "postcode", "country", "site", "site_code")
    values = {name: value for name, value in zip(names, head, strict=True) if name} | {"sscc": code}
    parts = [one.strip() for one in [head[2], *head[3].splitlines()] if one.strip()]
    values |= {f"address_{n}": part for n, part in enumerate(parts[:3], 1)}
    orders = sorted({row[1] for row in rows})
    values["order"] = orders[0] if len(orders) == 1 else f"{len(orders)} orders"
    values["customer_order"] = reference if len(orders) == 1 else ""
    values["carrier"] = rows[0][7] if len({row[7] for row in rows}) == 1 else ""
    carriers = {row[8] for row in rows}
    if len(carriers) == 1 and len({row[9] for row in rows}) == 1:
        values["service"] = rows[0][9]
    values |= {"cartons": f"{len(rows):,}", "units": f"{sum(row[6] for row in rows):,}"}
    if all(row[5] for row in rows):
        weight = sum(row[5] for row in rows)
        values["weight_kg"] = f"{weight // 1000}.{weight % 1000 // 100}"
    said = {name: value for name, value in values.items() if value}
    carrier_id = rows[0][8] if len(carriers) == 1 else 0
    subject = ref("locations.lpn", pallet_id)
    return Wanted("pallet", subject, code, said, site_id, customer_id, carrier_id, copies=copies)
