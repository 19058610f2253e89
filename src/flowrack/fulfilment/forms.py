"""Forms of fulfilment: the stock that a page names, as cells with the units of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django import forms

from flowrack.catalog import queries as catalog
from flowrack.catalog.types import Resolved
from flowrack.inspection.types_holds import Cause
from flowrack.ledger import queries as stock
from flowrack.ledger.queries import CellRow
from flowrack.locations import queries as places
from flowrack.locations.types import LocationRow
from flowrack.platform.web.format import words
from flowrack.platform.web.grid import GridColumn
from flowrack.platform.web.viewer import SiteChoice
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.quantity import parse_units
from flowrack.storage.types import HOLD_QUALITIES, SCRAP_REASONS

STOCK_GRID = [
    GridColumn("item", "Item, barcode or SKU", code=True, look="item"),
    GridColumn("units", "Units, empty for all", kind="number"),
    GridColumn("place", "Bin, empty for all", code=True, look="bin"),
    GridColumn("lot", "Lot, empty for all", code=True),
]


class _LeavingForm(forms.Form):
    """Where the stock lies. Its lines stand in the grid below."""

    site = forms.TypedChoiceField(label="Site", coerce=int)

    def __init__(self, *args: object, mine: list[SiteChoice], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["site"].choices = [(s.id, f"{s.code} {s.name}") for s in mine]  # type: ignore[attr-defined]


class HoldForm(_LeavingForm):
    """Stock to hold: as what, whose matter it is, and why."""

    quality = forms.ChoiceField(label="Hold as", choices=[(q, words(q)) for q in HOLD_QUALITIES])
    cause = forms.ChoiceField(label="Cause", choices=[(c.value, words(c)) for c in Cause])
    reason = forms.CharField(label="Why", max_length=200)


class ReleaseForm(_LeavingForm):
    """Held stock to release, and why."""

    reason = forms.CharField(label="Why is it fit for sale", max_length=200)


class ScrapForm(_LeavingForm):
    """Stock to throw away: why, and a note."""

    reason = forms.ChoiceField(label="Why", choices=[(r, words(r)) for r in SCRAP_REASONS])
    note = forms.CharField(label="Note", max_length=200, required=False)


def read_stock(
    rows: Sequence[dict[str, str]], site_id: int, states: Sequence[str]
) -> tuple[list[tuple[CellRow, int]], list[BadLine]]:
    """The cells that the grid names with the units of each, and all that is wrong with it. Three queries.

    A row without bin or lot means every cell of the item; with units it must mean one cell.
    """
    found = catalog.find_codes([row["item"] for row in rows])
    bins = places.find_by_code(site_id, [row["place"] for row in rows if row["place"]])
    items = sorted({hits[0].item_id for hits in found.values() if len(hits) == 1})
    cells = stock.cells(items, site_id, states) if items else []
    asked: list[tuple[CellRow, int]] = []
    bad: list[BadLine] = []
    named: dict[int, int] = {}
    for number, row in enumerate(rows, 1):
        hits = found.get(row["item"], [])
        faults = _faults(number, row, hits, bins)
        fitting = [] if faults else [cell for cell in cells if _fits(cell, row, hits[0].item_id, bins)]
        line, more = ([], []) if faults else _line(number, row, hits[0].factor, fitting)
        bad += faults + more
        asked += line
        for cell, _ in line:
            if named.setdefault(cell.cell_id, number) != number:
                said = f"Line {named[cell.cell_id]} names the same stock in {cell.location_code}."
                bad.append(BadLine(number, "item", said, "Name it once."))
    if not rows:
        bad.append(BadLine(1, "item", "No stock is named.", "Type or scan an item."))
    return asked, bad


def _faults(
    number: int, row: dict[str, str], hits: Sequence[Resolved], bins: Mapping[str, LocationRow]
) -> list[BadLine]:
    """What is wrong with a row before it is known which stock it means: each field with its own fault."""
    bad = []
    if len(hits) != 1:
        said = f"“{row['item']}” stands for several items." if hits else f"No item has the code “{row['item']}”."
        bad.append(BadLine(number, "item", said if row["item"] else "The item is missing.", "Use the SKU."))
    if row["units"]:
        try:
            if parse_units(row["units"], factor=hits[0].factor if len(hits) == 1 else 1) <= 0:
                bad.append(BadLine(number, "units", "Units are more than 0.", "Name what leaves, or none for all."))
        except FlowrackError as refusal:
            bad.append(BadLine(number, "units", refusal.message, refusal.fix))
    if row["place"] and row["place"] not in bins:
        bad.append(BadLine(number, "place", f"The site has no place “{row['place']}”.", "Scan the bin."))
    return bad


def _fits(cell: CellRow, row: dict[str, str], item_id: int, bins: Mapping[str, LocationRow]) -> bool:
    """Whether a row means the cell."""
    at = not row["place"] or cell.location_id == bins[row["place"]].location_id
    return at and cell.item_id == item_id and (not row["lot"] or cell.lot_code == row["lot"])


def _line(
    number: int, row: dict[str, str], factor: int, fitting: Sequence[CellRow]
) -> tuple[list[tuple[CellRow, int]], list[BadLine]]:
    """The cells that a good row means with the units of each, or why it means none."""
    if not fitting:
        field = "lot" if row["lot"] else "place" if row["place"] else "item"
        return [], [BadLine(number, field, "None of it lies there.", "Look up where it lies.")]
    if not row["units"]:
        return [(cell, cell.on_hand) for cell in fitting], []
    if len(fitting) > 1:
        said = f"It lies in {len(fitting)} places or lots."
        return [], [BadLine(number, "place", said, "Name bin and lot, or leave the units out to mean all.")]
    [cell], units = fitting, parse_units(row["units"], factor=factor)
    if units > cell.on_hand:
        said = f"{cell.on_hand} lie in {cell.location_code}, {units} were named."
        return [], [BadLine(number, "units", said, f"Name 1 to {cell.on_hand}, or none for all.")]
    return [(cell, units)], []


class PutBackForm(forms.Form):
    """What becomes of the order when its goods are back."""

    then_cancel = forms.BooleanField(
        label="Cancel the order when all is back", required=False, initial=True,
        help_text="Off: it stays promised, and goes to pickers again or is cancelled by hand.",
    )  # fmt: skip
    reason = forms.CharField(
        label="Why", max_length=200, required=False, help_text="Needed to cancel it: the customer may ask."
    )


class CutOffForm(forms.Form):
    """When the truck of a wave leaves."""

    at = forms.DateTimeField(
        label="The truck leaves at", required=False,
        help_text="By the site's clock. Empty: nobody knows, and the wave never slips.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
    )  # fmt: skip
