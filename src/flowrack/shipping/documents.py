"""Papers of a shipment: packing slip as PDF."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.resources import files

import typst
from django.utils.timezone import localtime

from flowrack.shipping.queries import LeftRow, OrderOn, ShipmentRow


def packing_slip(shipment: ShipmentRow, orders: list[OrderOn], lines: list[LeftRow], *, printed_at: datetime) -> bytes:
    """The packing slip as PDF: what left, by order, with lots and cartons."""
    left_at = shipment.shipped_at or printed_at
    data = {
        "number": shipment.number,
        "site": shipment.site,
        "date": f"{localtime(left_at):%d %B %Y}",
        "carrier": shipment.carrier,
        "tracking": shipment.tracking,
        "units": shipment.units,
        "cartons": f"{shipment.cartons} carton{'' if shipment.cartons == 1 else 's'}",
        "orders": [
            {
                "number": order.number,
                "reference": order.reference,
                "customer": order.customer,
                "address": list(order.address),
                "lines": [
                    {
                        "line_no": str(line.line_no),
                        "sku": line.sku,
                        "name": line.name,
                        "lot": line.lot,
                        "lpn": line.lpn,
                        "units": str(line.units),
                        "instead_of": line.instead_of,
                    }
                    for line in lines
                    if line.order_id == order.order_id
                ],
            }
            for order in orders
        ],
    }
    return _pdf("packing_slip.typ", data, {})


def _pdf(template: str, data: dict[str, object], more: dict[str, str]) -> bytes:
    source = files("flowrack.shipping").joinpath("typst", template).read_bytes()
    return typst.compile(source, format="pdf", sys_inputs={"data": json.dumps(data), **more})
