"""What the labels of cartons say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flowrack.fulfilment.types_packing import CARTON
from flowrack.labels.types import Wanted
from flowrack.platform import sql
from flowrack.sales.queries_sites import THEIR_NUMBER
from flowrack.shared.refs import ref

CONTENT_LINES = 4
NO_ADDRESS = "NO ADDRESS ON FILE"  # loud, so that nobody sends it off like that
_HEADS = f"""
    SELECT k.id, k.sscc, o.number, {THEIR_NUMBER}, p.name, p.code, a.name, a.lines, a.city, a.postcode, a.country,
           s.name, s.code, s.id, p.id, k.weight_g, coalesce(t.code, ''), (k.packed_at AT TIME ZONE s.timezone)::date,
           (SELECT count(*) FROM fulfilment_carton b WHERE b.order_id = k.order_id AND b.id <= k.id
            AND b.state <> 'unpacked'), o.requested_on,
           (SELECT min(c.code) FROM sales_customeritem c
            WHERE c.customer_id = p.id AND c.pack = '' AND c.item_id IN
                  (SELECT l.item_id FROM fulfilment_cartonline l WHERE l.carton_id = k.id)
            HAVING count(*) = 1),
           coalesce(w.id, 0), coalesce(w.name, ''), coalesce(cs.name, '')
    FROM fulfilment_carton k JOIN sales_order o ON o.id = k.order_id JOIN parties_party p ON p.id = o.customer_id
    JOIN locations_site s ON s.id = k.site_id LEFT JOIN fulfilment_cartontype t ON t.id = k.carton_type_id
    LEFT JOIN LATERAL (
        SELECT * FROM parties_address a WHERE a.id = o.ship_to_id OR (o.ship_to_id IS NULL AND a.party_id = p.id)
        ORDER BY a.is_default DESC, a.id LIMIT 1
    ) AS a ON true
    LEFT JOIN carriers_choiceorder co ON co.order_id = o.id AND co.is_latest
    LEFT JOIN carriers_choice cc ON cc.id = co.choice_id LEFT JOIN parties_carrierservice cs ON cs.id = cc.service_id
    LEFT JOIN parties_party w ON w.id = cs.carrier_id
    WHERE k.id = ANY(%s::bigint[])
"""  # noqa: S608 - our own text
_CONTENT = """
    SELECT l.carton_id, i.sku, i.name, t.code, sum(l.units)::bigint, coalesce(p.gtin, ''), coalesce(was.sku, ''),
           t.expires_on
    FROM fulfilment_cartonline l
    JOIN catalog_item i ON i.id = l.item_id JOIN catalog_lot t ON t.id = l.lot_id
    LEFT JOIN catalog_packlevel p ON p.item_id = i.id AND p.level = 'each'
    LEFT JOIN sales_substitution sub ON sub.line_id = l.order_line_id
    LEFT JOIN sales_orderline original ON original.id = sub.original_id
    LEFT JOIN catalog_item was ON was.id = original.item_id
    WHERE l.carton_id = ANY(%s::bigint[])
    GROUP BY l.carton_id, i.sku, i.name, t.code, p.gtin, was.sku, t.expires_on ORDER BY l.carton_id, i.sku, t.code
"""


@dataclass(frozen=True, slots=True)
class LabelLine:
    """Goods in a carton; a substitute shows its GTIN and the item that was ordered."""

    sku: str
    name: str
    lot: str
    units: int
    gtin: str
    instead_of: str
    expires_on: date | None


def label_lines(carton_ids: Sequence[int]) -> dict[int, list[LabelLine]]:
    """What the labels of cartons list. One query."""
    found: dict[int, list[LabelLine]] = {carton_id: [] for carton_id in carton_ids}
    for carton_id, *line in sql.fetch_all(_CONTENT, (list(carton_ids),)):
        found[carton_id].append(LabelLine(*line))
    return found


def label_values(carton_ids: Sequence[int], *, copies: int = 0) -> dict[int, Wanted]:
    """The label of each carton, by id: for whom, by which carrier, and every field with its value. Two queries."""
    content = label_lines(carton_ids)
    found = {}
    for row in sql.fetch_all(_HEADS, (list(carton_ids),)):
        values = _head_values(row) | _content_values(content[row[0]])
        values |= {"carrier": row[22], "service": row[23]}
        values["customer_item"] = row[20] or "" if values["lines"] == "1" else ""
        found[row[0]] = Wanted(
            "carton", ref(CARTON, row[0]), row[1], {name: said for name, said in values.items() if said},
            site_id=row[13], customer_id=row[14], carrier_id=row[21], copies=copies,
        )  # fmt: skip
    return found


def _head_values(row: tuple[object, ...]) -> dict[str, str]:
    names = ("sscc", "order", "customer_order", "customer", "customer_code")
    values = dict(zip(names, map(str, row[1:6]), strict=True))
    lines = [line.strip() for line in str(row[7] or "").splitlines() if line.strip()]
    name = str(row[6] or "")
    address = ["" if name == values["customer"] else name, *(lines or ([] if row[8] else [NO_ADDRESS]))]
    values |= {f"address_{n}": line for n, line in enumerate([one for one in address if one][:3], 1)}
    values |= dict(zip(("city", "postcode", "country"), (str(one or "") for one in row[8:11]), strict=True))
    weight = int(str(row[15]))
    values |= {"site": str(row[11]), "site_code": str(row[12]), "carton_type": str(row[16])}
    values["weight_kg"] = f"{weight // 1000}.{weight % 1000 // 100}" if weight else ""
    values |= {"packed_on": str(row[17]), "carton_no": str(row[18]), "due_on": str(row[19])}
    return values


def _content_values(lines: Sequence[LabelLine]) -> dict[str, str]:
    skus = {line.sku for line in lines}
    values = {"units": str(sum(line.units for line in lines)), "lines": str(len(skus))}
    for n, line in enumerate(lines[:CONTENT_LINES], 1):
        instead = f"instead of {line.instead_of}, GTIN {line.gtin or 'none'}" if line.instead_of else ""
        parts = [f"{line.units} × {line.sku} {line.name}", f"lot {line.lot}" if line.lot else "", instead]
        values[f"content_{n}"] = ", ".join(part for part in parts if part)
    more = len(lines) - CONTENT_LINES
    values["more"] = f"and {more} more line{'' if more == 1 else 's'}" if more > 0 else ""
    if len(skus) == 1:
        values |= {"sku": lines[0].sku, "name": lines[0].name, "gtin": lines[0].gtin and lines[0].gtin.zfill(14)}
    if len(lines) == 1:
        expires = lines[0].expires_on
        values["lot"] = lines[0].lot
        values |= {"expires_on": f"{expires}", "expires_yymmdd": f"{expires:%y%m%d}"} if expires else {}
    return values
