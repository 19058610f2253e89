"""The label of a cross-dock: who gets the goods and by which door they leave, to be stuck on pallet or case."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Literal

import typst
import zxingcpp

from flowrack.allocation.queries_cross_docks import CrossDockRow

SSCC_DIGITS = 18


def cross_dock_labels(rows: Sequence[CrossDockRow]) -> bytes:
    """A label each as PDF: Code 128 of its number; GS1-128 of the SSCC where the pallet goes whole and has one."""
    return _made(rows, "pdf")


def cross_dock_picture(row: CrossDockRow) -> bytes:
    """One label as PNG, for reading its barcodes back."""
    return _made([row], "png")


def _made(rows: Sequence[CrossDockRow], output: Literal["pdf", "png"]) -> bytes:
    source = files("flowrack.allocation").joinpath("typst", "cross_dock_label.typ").read_bytes()
    data = {"data": json.dumps([_content(row) for row in rows])}
    made = typst.compile(source, format=output, sys_inputs=data, ppi=200)
    page = made[0] if isinstance(made, list) else made
    assert page is not None
    return bytes(page)


def _content(row: CrossDockRow) -> dict[str, str]:
    return {
        "number": row.number,
        "order": row.order_number,
        "tier": row.tier,
        "customer": row.customer,
        "ship_to": row.ship_to,
        "door": row.door,
        "staging": row.staging,
        "units": f"{row.units:,}",
        "sku": row.sku,
        "name": row.name,
        "lot": row.lot,
        "site": row.site,
        "receipt": row.receipt_number,
        "barcode": _barcode(row.number),
        "sscc": row.lpn if has_sscc(row) else "",
        "sscc_barcode": _sscc(row.lpn) if has_sscc(row) else "",
    }


def has_sscc(row: CrossDockRow) -> bool:
    """Whether the goods leave as the pallet they came on, with its SSCC."""
    return row.lpn_is_whole and len(row.lpn) == SSCC_DIGITS and row.lpn.isdigit()


def _barcode(code: str) -> str:
    return str(zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code128).to_svg(scale=2, add_hrt=False))


def _sscc(sscc: str) -> str:
    barcode = zxingcpp.create_barcode(f"(00){sscc}", zxingcpp.BarcodeFormat.Code128, gs1=True)
    return str(barcode.to_svg(scale=2, add_hrt=False))
