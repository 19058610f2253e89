"""Label specs that every house begins with, as the migration writes them; and what a new spec begins as."""

from __future__ import annotations

from flowrack.labels.types import DraftLabelSpec, Element, Kind, Shape, Symbology


def _text(name: str, at: tuple[int, int, int, int], content: str, size: int = 10, *, bold: bool = False) -> Element:
    return Element(name, Shape.TEXT, *at, content=content, size_pt=size, is_bold=bold)


def _line(name: str, y: int, width: int) -> Element:
    return Element(name, Shape.LINE, 4 if width < 105 else 18, y, width, 1)


def _logistic(code: str, kind: Kind, name: str, content: list[Element]) -> DraftLabelSpec:
    sscc = Element("sscc", Shape.BARCODE, 4, 108, 97, 30, content="(00){sscc}", symbology=Symbology.GS1_128)
    return DraftLabelSpec(
        code, kind, name,
        [
            _text("from", (5, 5, 95, 5), "From {site}", 8),
            _line("rule 1", 11, 97),
            _text("to", (5, 14, 12, 5), "To", 8),
            _text("customer", (5, 18, 95, 8), "{customer}", 14, bold=True),
            _text("address", (5, 27, 95, 16), "{address_1} {address_2} {address_3}", 11),
            _text("town", (5, 43, 95, 7), "{postcode} {city} {country}", 13, bold=True),
            _line("rule 2", 52, 97),
            _text("order", (5, 55, 45, 5), "Order {order}", 10, bold=True),
            _text("customer order", (52, 55, 48, 5), "Your order {customer_order}", 10),
            *content,
            _line("rule 3", 105, 97),
            sscc,
            _text("sscc in words", (31, 140, 60, 6), "(00) {sscc}", 11),
        ],
        placement="On a long side, not over an edge; lower edge of the bars 32 mm or more above the floor.",
    )  # fmt: skip


def _carton() -> DraftLabelSpec:
    return _logistic("HOUSE-CARTON", Kind.CARTON, "Carton of the house", [
        _text("content 1", (5, 63, 95, 5), "{content_1}", 9),
        _text("content 2", (5, 69, 95, 5), "{content_2}", 9),
        _text("content 3", (5, 75, 95, 5), "{content_3}", 9),
        _text("content 4", (5, 81, 95, 5), "{content_4}", 9),
        _text("more", (5, 87, 95, 5), "{more}", 9),
        _text("weight", (5, 97, 60, 5), "{weight_kg} kg  {carton_type}", 9),
    ])  # fmt: skip


def _pallet() -> DraftLabelSpec:
    return _logistic("HOUSE-PALLET", Kind.PALLET, "Pallet of the house", [
        _text("cartons", (5, 63, 95, 10), "{cartons} cartons, {units} units", 16, bold=True),
        _text("weight", (5, 76, 60, 6), "{weight_kg} kg", 11),
        _text("carrier", (5, 84, 95, 6), "{carrier}", 11),
    ])  # fmt: skip


def _code(kind: Kind, name: str, field: str, small: str) -> DraftLabelSpec:
    return DraftLabelSpec(
        f"HOUSE-{kind.upper()}", kind, name,
        [
            Element("bars", Shape.BARCODE, 2, 2, 66, 15, content=field, symbology=Symbology.CODE_128),
            _text("code", (5, 19, 60, 9), field, 20, bold=True),
            _text("small", (5, 30, 60, 5), small, 8),
        ],
        width_mm=70, height_mm=37,
    )  # fmt: skip


def _item() -> DraftLabelSpec:
    return DraftLabelSpec(
        "HOUSE-ITEM", Kind.ITEM, "Item of the house",
        [
            _text("sku", (4, 3, 62, 8), "{sku}", 16, bold=True),
            _text("name", (4, 12, 62, 8), "{name}", 8),
            Element("bars", Shape.BARCODE, 2, 21, 66, 13, content="{sku}", symbology=Symbology.CODE_128),
        ],
        width_mm=70, height_mm=37,
    )  # fmt: skip


def _receipt() -> DraftLabelSpec:
    return DraftLabelSpec(
        "HOUSE-RECEIPT", Kind.RECEIPT, "Received pallet of the house",
        [
            _text("sku", (5, 5, 95, 11), "{sku}", 24, bold=True),
            _text("name", (5, 18, 95, 6), "{name}", 11),
            _text("lot", (5, 27, 45, 6), "Lot {lot}", 11),
            _text("expires", (52, 27, 48, 6), "Expires {expires_on}", 11),
            _text("units", (5, 36, 95, 9), "{units} units", 18),
            _text("from", (5, 48, 95, 5), "{document} {received_on} {supplier}", 9),
            Element("plate", Shape.BARCODE, 3, 56, 99, 22, content="{plate}", symbology=Symbology.CODE_128),
            _text("plate in words", (25, 80, 60, 6), "{plate}", 12),
        ],
        height_mm=90,
    )  # fmt: skip


def slip_spec() -> DraftLabelSpec:
    """The packing slip that every house begins with: A4, without prices."""
    columns = (
        "#:10:{row.line_no}|Item:24:{row.sku}|Your item:26:{row.customer_item}|Description:60:{row.name}"
        "|Lot:24:{row.lot}|Carton:15:{row.carton_no}|Units:15:{row.units}"
    )
    return DraftLabelSpec(
        "HOUSE-SLIP", Kind.SLIP, "Packing slip of the house",
        [
            _text("title", (18, 16, 100, 9), "Packing slip", 18, bold=True),
            _text("from", (120, 16, 72, 5), "From {site}", 10),
            _text("day", (120, 22, 72, 5), "{packed_on} {carrier} {service}", 10),
            _line("rule 1", 30, 174),
            _text("customer", (18, 34, 100, 7), "{customer}", 12, bold=True),
            _text("address", (18, 42, 100, 12), "{address_1} {address_2} {address_3}", 10),
            _text("town", (18, 55, 100, 6), "{postcode} {city} {country}", 10),
            _text("order", (120, 34, 72, 6), "Order {order}", 11, bold=True),
            _text("customer order", (120, 42, 72, 6), "Your order {customer_order}", 10),
            Element("lines", Shape.TABLE, 18, 66, 174, 200, content=columns, size_pt=9),
            _text("sum", (18, 270, 120, 6), "{units} units in {cartons} cartons", 10, bold=True),
            _text("page", (160, 280, 32, 5), "{page} / {pages}", 9),
        ],
        width_mm=210, height_mm=297, placement="In the last carton of the order.",
    )  # fmt: skip


def house_specs() -> list[DraftLabelSpec]:
    """One spec for each kind."""
    return [
        _carton(),
        _pallet(),
        _code(Kind.TOTE, "Tote of the house", "{code}", "{site}"),
        _code(Kind.BIN, "Place of the house", "{code}", "{zone} {site}"),
        _item(),
        _receipt(),
    ]
