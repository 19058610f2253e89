"""What the packing slip of an order says: for whom, and every line that is packed for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flowrack.labels import queries_prints as prints
from flowrack.labels.types import Kind, Wanted
from flowrack.platform import sql
from flowrack.sales.queries_sites import THEIR_NUMBER
from flowrack.sales.types import ORDER
from flowrack.shared.money import CENT, to_money
from flowrack.shared.quantity import split_by_largest_remainder
from flowrack.shared.refs import ref

_HEAD = f"""
    SELECT o.id, o.number, {THEIR_NUMBER}, p.name, p.code, coalesce(a.name, ''), coalesce(a.lines, ''),
           coalesce(a.city, ''), coalesce(a.postcode, ''), coalesce(a.country, ''), s.name, s.code, s.id, p.id,
           o.requested_on, coalesce(w.id, 0), coalesce(w.name, ''), coalesce(cs.name, ''), k.cartons, k.weight_g,
           (k.packed_at AT TIME ZONE s.timezone)::date, k.changed_at
    FROM sales_order o JOIN parties_party p ON p.id = o.customer_id JOIN locations_site s ON s.id = o.site_id
    JOIN LATERAL (
        SELECT count(*)::int AS cartons, max(c.packed_at) AS packed_at, max(c.changed_at) AS changed_at,
               CASE WHEN bool_and(c.weight_g > 0) THEN sum(c.weight_g) ELSE 0 END::bigint AS weight_g
        FROM fulfilment_carton c WHERE c.order_id = o.id AND c.state = 'packed'
        HAVING count(*) > 0
    ) AS k ON true
    LEFT JOIN LATERAL (
        SELECT * FROM parties_address a WHERE a.id = o.ship_to_id OR (o.ship_to_id IS NULL AND a.party_id = p.id)
        ORDER BY a.is_default DESC, a.id LIMIT 1
    ) AS a ON true
    LEFT JOIN carriers_choiceorder co ON co.order_id = o.id AND co.is_latest
    LEFT JOIN carriers_choice cc ON cc.id = co.choice_id LEFT JOIN parties_carrierservice cs ON cs.id = cc.service_id
    LEFT JOIN parties_party w ON w.id = cs.carrier_id
    WHERE o.id = ANY(%s::bigint[]) ORDER BY o.id
"""  # noqa: S608 - our own text
_LINES = """
    SELECT k.order_id, l.line_no, i.sku, i.name, coalesce(ci.code, ''), coalesce(lpad(g.gtin, 14, '0'), ''), t.code,
           t.expires_on, n.no, sum(c.units)::bigint, i.base_uom, coalesce(was.sku, ''), l.unit_price
    FROM fulfilment_carton k JOIN fulfilment_cartonline c ON c.carton_id = k.id
    JOIN sales_orderline l ON l.id = c.order_line_id JOIN sales_order o ON o.id = k.order_id
    JOIN catalog_item i ON i.id = c.item_id JOIN catalog_lot t ON t.id = c.lot_id
    CROSS JOIN LATERAL (
        SELECT count(*)::int AS no FROM fulfilment_carton b
        WHERE b.order_id = k.order_id AND b.id <= k.id AND b.state <> 'unpacked'
    ) AS n
    LEFT JOIN catalog_packlevel g ON g.item_id = i.id AND g.level = 'each' AND g.gtin <> ''
    LEFT JOIN LATERAL (
        SELECT min(c.code) AS code FROM sales_customeritem c
        WHERE c.customer_id = o.customer_id AND c.item_id = i.id AND c.pack = '' HAVING count(*) = 1
    ) AS ci ON true
    LEFT JOIN sales_substitution sub ON sub.line_id = l.id
    LEFT JOIN sales_orderline original ON original.id = sub.original_id
    LEFT JOIN catalog_item was ON was.id = original.item_id
    WHERE k.order_id = ANY(%s::bigint[]) AND k.state = 'packed'
    GROUP BY k.order_id, l.line_no, i.sku, i.name, ci.code, g.gtin, t.code, t.expires_on, n.no, i.base_uom, was.sku,
             l.unit_price
    ORDER BY k.order_id, l.line_no, n.no, t.code
"""
ROW = ("line_no", "sku", "name", "customer_item", "gtin", "lot", "expires_on", "carton_no", "units", "base_unit",
       "instead_of")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slip:
    """The slip of an order, and when its cartons changed last."""

    order_id: int
    wanted: Wanted
    changed_at: datetime


def slips(order_ids: Sequence[int], *, copies: int = 0) -> dict[int, Slip]:
    """The slip of each order that has packed cartons, by order. Two queries."""
    rows: dict[int, list[tuple[Any, ...]]] = {}
    for order_id, *line in sql.fetch_all(_LINES, (list(order_ids),)):
        rows.setdefault(order_id, []).append(tuple(line))
    found = {}
    for head in sql.fetch_all(_HEAD, (list(order_ids),)):
        values = _head(head) | _rows(rows.get(head[0], []))
        found[head[0]] = Slip(
            head[0],
            Wanted(
                Kind.SLIP, ref(ORDER, head[0]), head[1], {name: said for name, said in values.items() if said},
                site_id=head[12], customer_id=head[13], carrier_id=head[15], copies=copies,
            ),
            head[21],
        )  # fmt: skip
    return found


def _head(row: tuple[Any, ...]) -> dict[str, str]:
    names = ("order", "customer_order", "customer", "customer_code")
    values = dict(zip(names, map(str, row[1:5]), strict=True))
    name = "" if row[5].strip() == values["customer"].strip() else row[5]  # said once
    lines = [line.strip() for line in [name, *row[6].splitlines()] if line.strip()]
    values |= {f"address_{n}": line for n, line in enumerate(lines[:3], 1)}
    values |= dict(zip(("city", "postcode", "country", "site", "site_code"), row[7:12], strict=True))
    values |= {"due_on": str(row[14]), "carrier": row[16], "service": row[17], "cartons": f"{row[18]:,}"}
    values["weight_kg"] = f"{row[19] // 1000:,}.{row[19] % 1000 // 100}" if row[19] else ""
    return values | {"packed_on": str(row[20])}


def _rows(lines: Sequence[tuple[Any, ...]]) -> dict[str, str]:
    values = {"units": f"{sum(line[8] for line in lines):,}", "lines": str(len({line[1] for line in lines}))}
    total = Decimal(0)
    for n, (line, price) in enumerate(zip(lines, _prices(lines), strict=True), 1):
        said = dict(zip(ROW, line, strict=False))
        total += price
        said |= {"units": f"{line[8]:,}", "unit_price": f"{line[11]:,.2f}", "price": f"{price:,.2f}"}
        values |= {f"{n}.{name}": "" if value is None else str(value) for name, value in said.items()}
    return values | {"total": f"{total:,.2f}"}


def _prices(lines: Sequence[tuple[Any, ...]]) -> list[Decimal]:
    """The price of each row: a line of the order is rounded once, and its cartons and lots share that."""
    rows: dict[int, list[int]] = {}
    for n, line in enumerate(lines):
        rows.setdefault(line[0], []).append(n)
    prices = [Decimal(0)] * len(lines)
    for mine in rows.values():
        units = [int(lines[n][8]) for n in mine]
        whole = to_money(sum(units) * lines[mine[0]][11])
        for n, share in zip(mine, split_by_largest_remainder(whole, units, quantum=CENT), strict=True):
            prices[n] = share
    return prices


def is_last(order_ids: Sequence[int]) -> list[int]:
    """Orders of which everything picked is in cartons, no pick is open, and whose newest slip is older than that.

    One query.
    """
    rows = sql.fetch_all(
        """
        SELECT o.id FROM sales_order o
        CROSS JOIN LATERAL (
            SELECT max(k.changed_at) AS at FROM fulfilment_carton k WHERE k.order_id = o.id AND k.state = 'packed'
        ) AS packed
        WHERE o.id = ANY(%s::bigint[]) AND packed.at IS NOT NULL
          AND NOT EXISTS (SELECT FROM fulfilment_pickline p WHERE p.order_id = o.id AND p.state = 'open')
          AND NOT EXISTS (
              SELECT FROM sales_orderline l JOIN ledger_reservation r ON r.ref = 'sales.line:' || l.id
              JOIN ledger_cell e ON e.id = r.cell_id AND e.state = 'staged'
              WHERE l.order_id = o.id AND NOT EXISTS (
                  SELECT FROM fulfilment_carton k WHERE k.lpn_id = e.lpn_id AND k.state = 'packed' AND e.lpn_id > 0))
          AND NOT EXISTS (
              SELECT FROM labels_labelprint p
              WHERE p.subject = 'sales.order:' || o.id AND p.kind = 'slip' AND p.printed_at >= packed.at)
        ORDER BY o.id
        """,
        (list(order_ids),),
    )
    return [row[0] for row in rows]


def prints_of(order_ids: Sequence[int]) -> list[prints.PrintRow]:
    """The slips that were printed of orders, the newest first. One query."""
    found = prints.prints_of([ref(ORDER, one) for one in order_ids], Kind.SLIP)
    return sorted((row for rows in found.values() for row in rows), key=lambda row: -row.id)
