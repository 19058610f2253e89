"""Forms of storage: the page's fields to a command's request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from flowrack.catalog import queries as catalog
from flowrack.ledger import queries as stock
from flowrack.ledger.queries import CellRow
from flowrack.locations import queries as places
from flowrack.platform.web.codes import CodeInput
from flowrack.platform.web.grid import GridColumn
from flowrack.platform.web.viewer import SiteChoice
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.quantity import Units, parse_units
from flowrack.storage.types import StockAt
from flowrack.storage.types_transfer_plans import PlanLine

LINE_GRID = [
    GridColumn("item", "Item, barcode or SKU", code=True, look="item"),
    GridColumn("units", "Units", kind="number"),
    GridColumn("place", "From bin", code=True, look="bin"),
    GridColumn("lot", "Lot, if several", code=True),
]


def _from_and_to(form: forms.Form, mine: Sequence[SiteChoice]) -> None:
    """The sites of a transfer: goods go to another site than they come from, so that one is chosen only where there is
    no third."""
    every = {s.site_id: f"{s.code} {s.name}" for s in places.sites()}
    form.fields["site"].choices = [(s.id, f"{s.code} {s.name}") for s in mine]  # type: ignore[attr-defined]
    start = form.initial.get("site") or (mine[0].id if mine else None)
    others = [one for one in every if one != start]
    named = form.initial.get("to_site")
    form.initial["to_site"] = named if named in others else others[0] if len(others) == 1 else None
    none = [] if form.initial["to_site"] else [("", "Choose a site")]
    form.fields["to_site"].choices = [*none, *every.items()]  # type: ignore[attr-defined]


class TransferForm(forms.Form):
    """A transfer: from where and to where. Its lines stand in the grid below."""

    site = forms.TypedChoiceField(label="From", coerce=int)
    to_site = forms.TypedChoiceField(label="To", coerce=int)
    due_on = forms.DateField(
        label="Should be there on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    note = forms.CharField(label="Note", max_length=200, required=False)
    stage_at = forms.CharField(
        label="Waits for its truck in", max_length=40, required=False, widget=CodeInput("bin"),
        help_text="A staging place or door, from which it goes on a load. Empty: it leaves now.",
    )  # fmt: skip
    plate = forms.CharField(
        label="On pallet", max_length=40, required=False,
        help_text="The label of the pallet on which what is loose waits. Whole pallets keep theirs.",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """A pallet is named only for what waits, and the place is one of the sender."""
        data = super().clean() or {}
        code, site_id = data.get("stage_at", "").strip().upper(), data.get("site", 0)
        place = places.find_by_code(site_id, [code]).get(code) if code and site_id else None
        if code and place is None:
            self.add_error("stage_at", f"The site has no place “{code}”.")
        if data.get("plate") and not code:
            self.add_error("plate", "Name the place where it waits, or leave the pallet empty.")
        data["place_id"] = place.location_id if place else 0
        return data

    def __init__(self, *args: object, mine: list[SiteChoice], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _from_and_to(self, mine)


PLAN_GRID = [
    GridColumn("item", "Item, barcode or SKU", code=True, look="item"),
    GridColumn("units", "Units", kind="number"),
    GridColumn("lot", "Lot, if a certain one", code=True),
]


class PlanForm(forms.Form):
    """A transfer that is planned: from where, to where, when and why. Its lines stand in the grid below."""

    site = forms.TypedChoiceField(label="From", coerce=int)
    to_site = forms.TypedChoiceField(label="To", coerce=int)
    due_on = forms.DateField(
        label="Should be there on", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Empty: the first day that the calendar and cut-offs of the sender allow.",
    )  # fmt: skip
    reason = forms.CharField(label="Why", max_length=200, required=False)
    takes_promised = forms.BooleanField(
        label="It goes though orders of the sender count on it", required=False,
        help_text="Otherwise no more is planned than nobody there waits for or was promised.",
    )  # fmt: skip
    for_ref = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput())

    def __init__(self, *args: object, mine: list[SiteChoice], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        _from_and_to(self, mine)


class ReplanForm(forms.Form):
    """Another day, and why; the lines stand in the grid below."""

    due_on = PlanForm.base_fields["due_on"]
    reason = forms.CharField(label="Why", max_length=200, required=False)
    takes_promised = PlanForm.base_fields["takes_promised"]


def read_plan(rows: Sequence[dict[str, str]]) -> tuple[list[PlanLine], list[int], list[BadLine]]:
    """The items and units that the grid names, the row of each line, and all that is wrong with the others. Two
    queries."""
    found = catalog.find_codes([row["item"] for row in rows])
    hits = {code: some[0] for code, some in found.items() if len(some) == 1}
    named = [(hits[row["item"]].item_id, row["lot"]) for row in rows if row["item"] in hits and row["lot"]]
    lots = catalog.lots_by_code(named) if named else {}
    lines: list[PlanLine] = []
    at_rows: list[int] = []
    bad: list[BadLine] = []
    for number, row in enumerate(rows, 1):
        hit, lot = hits.get(row["item"]), row["lot"]
        if hit is None:
            said = f"“{row['item']}” stands for several items." if found.get(row["item"]) else (
                f"No item has the code “{row['item']}”."
            )  # fmt: skip
            bad.append(BadLine(number, "item", said, "Use the SKU."))
            continue
        if lot and (hit.item_id, lot) not in lots:
            bad.append(
                BadLine(number, "lot", f"The item has no lot “{lot}”.", "Leave it empty for what expires first.")
            )
            continue
        try:
            units = parse_units(row["units"] or "0", factor=hit.factor)
        except FlowrackError as refusal:
            bad.append(BadLine(number, "units", refusal.message, refusal.fix))
            continue
        lines.append(PlanLine(hit.item_id, int(units), lots[hit.item_id, lot].lot_id if lot else 0))
        at_rows.append(number)
    return lines, at_rows, bad


class ClaimForm(forms.Form):
    """What is missing does not come any more."""

    note = forms.CharField(label="What happened", max_length=200, help_text="What the driver or the site says of it.")
    carrier = forms.CharField(
        label="Claimed from", max_length=40, required=False, help_text="Carrier's code; empty: from nobody."
    )


class CallOffForm(forms.Form):
    """Why a transfer does not go."""

    reason = forms.CharField(label="Reason", max_length=200)


class SettleForm(forms.Form):
    """What became of a claim."""

    outcome = forms.ChoiceField(
        label="What became of it",
        choices=[("credited", "Credited"), ("rejected", "Rejected"), ("found", "Found: it is on the way again")],
    )
    credited = forms.DecimalField(label="Amount credited", required=False, max_digits=14, decimal_places=2)
    answer = forms.CharField(label="Answer", max_length=200, required=False)


def read_lines(rows: Sequence[dict[str, str]], site_id: int) -> tuple[list[StockAt], list[int], list[BadLine]]:
    """The stock that the grid names, the row of each line, and all that is wrong with the others. Three queries."""
    found = catalog.find_codes([row["item"] for row in rows])
    bins = places.find_by_code(site_id, [row["place"] for row in rows if row["place"]])
    items = sorted({hits[0].item_id for hits in found.values() if len(hits) == 1})
    cells = [cell for cell in stock.cells(items, site_id) if cell.free > 0] if items else []
    lines: list[StockAt] = []
    at_rows: list[int] = []
    bad: list[BadLine] = []
    for number, row in enumerate(rows, 1):
        hits = found.get(row["item"], [])
        if len(hits) != 1:
            said = f"“{row['item']}” stands for several items." if hits else f"No item has the code “{row['item']}”."
            bad.append(BadLine(number, "item", said, "Use the SKU."))
            continue
        mine = [c for c in cells if c.item_id == hits[0].item_id]
        line = _line(number, row, hits[0].factor, mine, bins[row["place"]].location_id if row["place"] in bins else 0)
        if isinstance(line, BadLine):
            bad.append(line)
        else:
            lines.append(line)
            at_rows.append(number)
    if not rows:
        bad.append(BadLine(1, "item", "Nothing is named that should go.", "Type or scan an item, then its units."))
    return lines, at_rows, bad


def _line(
    number: int, row: dict[str, str], factor: int, cells: Sequence[CellRow], location_id: int
) -> StockAt | BadLine:
    """The one cell that a row means; the fullest when it names neither bin nor lot."""
    try:
        units = parse_units(row["units"] or "0", factor=factor)
    except FlowrackError as refusal:
        return BadLine(number, "units", refusal.message, refusal.fix)
    if units <= 0:
        return BadLine(number, "units", "The units are missing.", "Type how many.")
    if row["place"] and not location_id:
        return BadLine(number, "place", f"The site has no place “{row['place']}”.", "Scan the bin.")
    fitting = [
        c
        for c in cells
        if (not location_id or c.location_id == location_id) and (not row["lot"] or c.lot_code == row["lot"])
    ]
    if not fitting:
        field = "lot" if row["lot"] else "place" if row["place"] else "item"
        return BadLine(number, field, "None of it is free there.", "Look up where it lies.")
    cell = max(fitting, key=lambda c: (c.free, -c.cell_id))
    if units > cell.free:
        said = f"{cell.free} are free in {cell.location_code}, {units} were named."
        return BadLine(number, "units", said, f"Send {cell.free} from there, the rest on a line of its own.")
    return StockAt(cell.location_id, cell.item_id, Units(units), cell.lot_id, cell.lpn_id, cell.quality, cell.owner_id)
