"""Traces of documents: what came by a purchase order or receipt, what left on a shipment or for an order, and how."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flowrack.compliance.queries import steps_of_postings
from flowrack.compliance.types import NothingToTrace, Step, Subject
from flowrack.platform import sql

MOST_GOODS = 2_000


@dataclass(frozen=True, slots=True)
class TracedGoods:
    """Units of an item (with lot and LPN where they have one) that a document moved, and with whom."""

    item_id: int
    sku: str
    name: str
    lot_id: int
    lot: str
    lpn_id: int
    lpn: str
    units: int
    document: str
    partner: str
    at: datetime
    posting_id: int


@dataclass(frozen=True, slots=True)
class DocumentTrace:
    """A document with the goods that came in by it, those that left by it, and every move of it."""

    subject: Subject
    came: list[TracedGoods]
    left: list[TracedGoods]
    steps: list[Step]


_DOCUMENTS = """
    SELECT 'po' AS kind, o.id, o.number AS code, p.name || ', ' || o.state AS text
    FROM purchasing_po o JOIN parties_party p ON p.id = o.supplier_id WHERE {condition_po}
    UNION ALL
    SELECT 'receipt', r.id, r.number, p.name || ', ' || o.number
    FROM inbound_receipt r JOIN purchasing_po o ON o.id = r.po_id JOIN parties_party p ON p.id = o.supplier_id
    WHERE {condition_receipt}
    UNION ALL
    SELECT 'order', o.id, o.number, p.name || ', ' || o.state
    FROM sales_order o JOIN parties_party p ON p.id = o.customer_id WHERE {condition_order}
    UNION ALL
    SELECT 'shipment', s.id, s.number, w.name || ', ' || s.state
    FROM shipping_shipment s JOIN locations_site w ON w.id = s.site_id WHERE {condition_shipment}
"""
_CAME = """
    SELECT i.id, i.sku, i.name, l.lot_id, lot.code, l.lpn_id, lpn.code, l.units, r.number, p.name, l.received_at,
           l.posting_id
    FROM inbound_receiptline l JOIN inbound_receipt r ON r.id = l.receipt_id
    JOIN purchasing_po o ON o.id = r.po_id JOIN parties_party p ON p.id = o.supplier_id
    JOIN catalog_item i ON i.id = l.item_id JOIN catalog_lot lot ON lot.id = l.lot_id
    JOIN locations_lpn lpn ON lpn.id = l.lpn_id
    WHERE {condition} AND l.taken_back_at IS NULL ORDER BY l.id LIMIT %(limit)s
"""
_LEFT = """
    SELECT i.id, i.sku, i.name, l.lot_id, lot.code, l.lpn_id, lpn.code, l.units, s.number || ', ' || o.number, p.name,
           s.shipped_at, s.posting_id
    FROM shipping_shipmentline l JOIN shipping_shipment s ON s.id = l.shipment_id AND s.shipped_at IS NOT NULL
    JOIN sales_orderline ol ON ol.id = l.order_line_id JOIN sales_order o ON o.id = ol.order_id
    JOIN parties_party p ON p.id = o.customer_id
    JOIN catalog_item i ON i.id = l.item_id JOIN catalog_lot lot ON lot.id = l.lot_id
    JOIN locations_lpn lpn ON lpn.id = l.lpn_id
    WHERE {condition} ORDER BY l.id LIMIT %(limit)s
"""
_CAME_OF = {"po": "r.po_id = %(id)s", "receipt": "r.id = %(id)s"}
_LEFT_OF = {"order": "ol.order_id = %(id)s", "shipment": "s.id = %(id)s"}
KINDS = (*_CAME_OF, *_LEFT_OF)


def find_documents(code: str) -> list[Subject]:
    """The purchase order, receipt, order or shipment of a number. One query."""
    condition = "{}.number = upper(%(code)s)"
    statement = _DOCUMENTS.format(
        condition_po=condition.format("o"),
        condition_receipt=condition.format("r"),
        condition_order=condition.format("o"),
        condition_shipment=condition.format("s"),
    )
    return [Subject(*row) for row in sql.fetch_all(statement, {"code": code.strip()})]


def trace_document(kind: str, key: int) -> DocumentTrace:
    """What a document moved. Traced lots go on: of what came, where it went; of what left, where it came from.

    Refuses with NothingToTrace. Four queries.
    """
    places = dict.fromkeys(("condition_po", "condition_receipt", "condition_order", "condition_shipment"), "false")
    alias = {"po": "o", "receipt": "r", "order": "o", "shipment": "s"}.get(kind, "")
    if not alias:
        raise NothingToTrace("There is no such document.", fix="Search for its number.")
    places[f"condition_{kind}"] = f"{alias}.id = %(id)s"
    found = sql.fetch_all(_DOCUMENTS.format(**places), {"id": key})
    if not found:
        raise NothingToTrace("There is no such document.", fix="Search for its number.")
    if kind in _CAME_OF:
        came = _goods(_CAME.format(condition=_CAME_OF[kind]), {"id": key})
        left = _goods(_LEFT.format(condition="l.lot_id = ANY(%(lots)s::bigint[])"), {"lots": _lots(came)})
        postings = {goods.posting_id for goods in came}
    else:
        left = _goods(_LEFT.format(condition=_LEFT_OF[kind]), {"id": key})
        came = _goods(_CAME.format(condition="l.lot_id = ANY(%(lots)s::bigint[])"), {"lots": _lots(left)})
        postings = {goods.posting_id for goods in left}
    return DocumentTrace(Subject(*found[0]), came, left, steps_of_postings(sorted(postings)))


def _goods(statement: str, params: dict[str, object]) -> list[TracedGoods]:
    return [TracedGoods(*row) for row in sql.fetch_all(statement, {**params, "limit": MOST_GOODS})]


def _lots(goods: list[TracedGoods]) -> list[int]:
    return sorted({one.lot_id for one in goods if one.lot_id})
