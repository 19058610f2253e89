"""Papers of a truck as PDF: loading list, bill of lading with hazard declaration, manifest of a carrier's day."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from importlib.resources import files

import typst
from django.utils.timezone import localtime

from flowrack.shipping.queries_board import LoadRow
from flowrack.shipping.queries_papers import HazardLine, ManifestLine, PaperStop, PaperUnit
from flowrack.shipping.rules_loads import NOT_ADVICE, Plate

KG = 1000


def _kg(grams: int) -> str:
    return f"{grams / KG:,.1f}" if grams else ""


def _total(units: Sequence[PaperUnit]) -> str:
    count, weight = len(units), _kg(sum(unit.weight_g for unit in units))
    return f"{count:,} handling unit{'' if count == 1 else 's'}" + (f", {weight} kg" if weight else "")


def _head(row: LoadRow, printed_at: datetime) -> dict[str, object]:
    return {
        "number": row.number,
        "site": row.site,
        "door": row.door,
        "carrier": row.carrier or "not named",
        "trailer": row.trailer,
        "driver": row.driver,
        "seal": row.seal,
        "signed_by": row.signed_by,
        "cut_off": f"{localtime(row.cut_off_at):%d %B %Y %H:%M}" if row.cut_off_at else "",
        "closed": f"{localtime(row.closed_at):%d %B %Y %H:%M}" if row.closed_at else "",
        "printed": f"{localtime(printed_at):%d %B %Y %H:%M}",
    }


def loading_list(row: LoadRow, stops: Sequence[PaperStop], plates: Sequence[Plate], *, printed_at: datetime) -> bytes:
    """What should go on, in the order of loading: the last stop first, each plate with its place and a box to tick."""
    data = {
        **_head(row, printed_at),
        "stops": [
            {
                "stop_no": stop.stop_no,
                "customer": stop.customer,
                "address": ", ".join(stop.address),
                "orders": stop.orders,
                "plates": [
                    {
                        "code": plate.name,
                        "place": plate.location,
                        "units": f"{plate.units:,}",
                        "weight": _kg(plate.weight_g),
                        "hazard": ", ".join(f"class {hazard}" for hazard in plate.hazards),
                    }
                    for plate in plates
                    if plate.stop_no == stop.stop_no
                ],
            }
            for stop in sorted(stops, key=lambda one: -one.stop_no)
        ],
    }
    return pdf("loading_list.typ", data)


def bill_of_lading(
    row: LoadRow,
    stops: Sequence[PaperStop],
    units: Sequence[PaperUnit],
    hazards: Sequence[HazardLine],
    *,
    printed_at: datetime,
) -> bytes:
    """One sheet for each stop: shipper, consignee, carrier, seal, handling units with SSCC, hazardous materials."""
    data = {
        **_head(row, printed_at),
        "note": NOT_ADVICE,
        "stops": [
            {
                "stop_no": stop.stop_no,
                "shipment": stop.shipment,
                "customer": stop.customer,
                "address": list(stop.address),
                "orders": stop.orders,
                "references": stop.references,
                "total": _total([unit for unit in units if unit.stop_no == stop.stop_no]),
                "units": [
                    {
                        "code": unit.code,
                        "kind": unit.kind,
                        "units": f"{unit.units:,}",
                        "weight": _kg(unit.weight_g),
                        "separation": unit.separation,
                    }
                    for unit in units
                    if unit.stop_no == stop.stop_no
                ],
                "hazards": [
                    {
                        "hazard": line.hazard,
                        "name": f"{line.name} ({line.sku})",
                        "units": f"{line.units:,} {line.base_uom}",
                        "weight": _kg(line.weight_g),
                    }
                    for line in hazards
                    if (line.shipment_id, line.stop_no) == (stop.shipment_id, stop.stop_no)
                ],
            }
            for stop in stops
            if stop.shipment
        ],
    }
    return pdf("bill_of_lading.typ", data)


def _kinds(lines: Sequence[ManifestLine]) -> str:
    return "shipments" if all(line.id for line in lines) else "shipments and transfers"


def manifest(site: str, carrier: str, day: date, lines: Sequence[ManifestLine], *, printed_at: datetime) -> bytes:
    """All that left with a carrier on a day."""
    data = {
        "site": site,
        "carrier": carrier or "no carrier named",
        "day": f"{day:%d %B %Y}",
        "printed": f"{localtime(printed_at):%d %B %Y %H:%M}",
        "total": (
            f"{len(lines):,} {_kinds(lines)}, {sum(line.plates for line in lines):,} plates,"
            f" {sum(line.units for line in lines):,} units, {_kg(sum(line.weight_g for line in lines)) or '0'} kg"
        ),
        "lines": [
            {
                "number": line.number,
                "customer": line.customer,
                "city": line.city,
                "orders": line.orders,
                "load": line.load,
                "tracking": line.tracking,
                "plates": f"{line.plates:,}",
                "units": f"{line.units:,}",
                "weight": _kg(line.weight_g),
            }
            for line in lines
        ],
    }
    return pdf("manifest.typ", data)


def pdf(template: str, data: Mapping[str, object]) -> bytes:
    """A template of the stage filled with data; all text comes as data, so that no field can become markup."""
    source = files("flowrack.shipping").joinpath("typst", template).read_bytes()
    return typst.compile(source, format="pdf", sys_inputs={"data": json.dumps(data)})
