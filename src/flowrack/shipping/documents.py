"""Papers of a shipment: packing slip and carton label as PDF, the SSCC as GS1-128."""

from __future__ import annotations

import json
from datetime import datetime
from importlib.resources import files

import typst
import zxingcpp
from django.utils.timezone import localtime

from flowrack.shipping.queries import CartonLabel, LeftRow, OrderOn, ShipmentRow

LABEL_LINES = 6


def sscc_svg(sscc: str) -> str:
    """The barcode of a carton: GS1-128 with application identifier 00."""
    barcode = zxingcpp.create_barcode(f"(00){sscc}", zxingcpp.BarcodeFormat.Code128, gs1=True)
    return str(barcode.to_svg(scale=2, add_hrt=False))


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


def carton_label(label: CartonLabel) -> bytes:
    """The logistic label of a carton as PDF."""
    data = {
        "sscc": label.sscc,
        "order": label.order,
        "reference": label.reference,
        "customer": label.customer,
        "address": list(label.address),
        "site": label.site,
        "content": [
            {
                "sku": line.sku,
                "name": line.name,
                "lot": line.lot,
                "units": str(line.units),
                "gtin": line.gtin,
                "instead_of": line.instead_of,
            }
            for line in label.content[:LABEL_LINES]
        ],
        "more": max(len(label.content) - LABEL_LINES, 0),
    }
    return _pdf("carton_label.typ", data, {"barcode": sscc_svg(label.sscc)})


def _pdf(template: str, data: dict[str, object], more: dict[str, str]) -> bytes:
    source = files("flowrack.shipping").joinpath("typst", template).read_bytes()
    return typst.compile(source, format="pdf", sys_inputs={"data": json.dumps(data), **more})
