"""Release held stock by the places where it stands: first it is shown what comes free, then it is confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.catalog import queries as catalog
from flowrack.fulfilment.forms import STOCK_GRID, ReleaseForm, read_stock
from flowrack.inspection import queries as inspection
from flowrack.inspection.types_holds import ReleaseAsked
from flowrack.ledger.queries import CellRow
from flowrack.ledger.types import State
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import in_units, words
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.record import Table
from flowrack.platform.web.render import perform, render_form
from flowrack.platform.web.viewer import sites_for, viewer_of
from flowrack.shared.errors import FlowrackError, Invalid
from flowrack.shared.quantity import Units
from flowrack.storage import commands_releases
from flowrack.storage.types import ReleaseStock, StockAt

HELD = (State.QUARANTINE, State.HOLD, State.DAMAGED, State.EXPIRED)
Leaving = Sequence[tuple[CellRow, int]]


@dataclass(frozen=True, slots=True)
class Free:
    """Held units at one place that would come free, and the oldest hold on such stock."""

    place: str
    sku: str
    lot: str
    quality: str
    units: int
    hold: str


COLUMNS = [
    Column("place", "Place", kind="code"),
    Column("sku", "Item", kind="code"),
    Column("lot", "Lot", kind="code"),
    Column("quality", "Held as", value=lambda r: words(r.quality)),
    Column("units", "Units", kind="number"),
    Column("hold", "Held by", wide=True),
]


@page("storage.release")
def release(request: HttpRequest) -> HttpResponse:
    """Release stock where it stands; what a policy asks about waits for the inbox."""
    viewer = viewer_of(request)
    mine = [s for s in sites_for(viewer) if viewer.may("storage.release", s.id)]
    form = ReleaseForm(request.POST or None, mine=mine, initial={"site": viewer.site_id or None})
    if request.method != "POST":
        named = [{"item": request.GET["item"], "place": request.GET.get("place", "")}] if "item" in request.GET else []
        return _draw(request, form, GridForm(STOCK_GRID, initial=named))
    grid = GridForm(STOCK_GRID, request.POST)
    is_good = form.is_valid()
    site = form.cleaned_data.get("site")
    found, bad = read_stock(grid.rows, site, HELD) if site else ([], [])
    held = [(cell, units) for cell, units in found if cell.quality not in ("available", "inspection")]
    if bad or not is_good or not site:
        return _draw(request, form, grid, Invalid("This cannot be done yet.", lines=bad) if bad else None)
    if not held:
        return _draw(request, form, grid, Invalid("Nothing of it is held there.", fix="Look at the hold board."))
    if "agreed" not in request.POST:
        return _draw(request, form, grid, free=held)
    lines = [
        StockAt(c.location_id, c.item_id, Units(units), c.lot_id, c.lpn_id, c.quality, c.owner_id) for c, units in held
    ]
    return perform(
        request,
        commands_releases.ask_release_stock,
        ReleaseStock(site, lines, form.cleaned_data["reason"]),
        to=lambda done: reverse("inspection_release", args=[done.release_id]),
        toast=_told,
        again=lambda refusal: _draw(request, form, grid, refusal, held),
    )


def _told(done: ReleaseAsked) -> str:
    if done.state == "released":
        return f"Released: {in_units(done.units)}"
    return f"Asked, {done.approval}"


def _draw(
    request: HttpRequest, form: forms.Form, grid: GridForm, refusal: FlowrackError | None = None, free: Leaving = ()
) -> HttpResponse:
    """The form; with what comes `free` it asks to confirm that."""
    units = sum(count for _, count in free)
    return render_form(
        request,
        form,
        title="Release stock",
        verb=f"Release {in_units(units)}" if free else "Show what comes free",
        refusal=refusal,
        back=("Hold board", reverse("analytics_holds")),
        template="fulfilment/release.html",
        grid=grid.with_refusal(refusal),
        asks=bool(free),
        units=units,
        table=Table("What comes free", COLUMNS, _rows(free), totals={"units": units}),
    )


def _rows(free: Leaving) -> list[Free]:
    """What comes free, place by place, with who holds such stock. One query for each site."""
    site_ids = {cell.site_id for cell, _ in free}
    items = catalog.items({cell.item_id for cell, _ in free})
    holds = {key: hold for site_id in site_ids for key, hold in inspection.holds_on(site_id, sorted(items)).items()}
    return [
        Free(
            cell.location_code,
            items[cell.item_id].sku,
            cell.lot_code,
            cell.quality,
            units,
            holds[key].named if (key := (cell.item_id, cell.lot_id)) in holds else "no hold names it",
        )
        for cell, units in free
    ]


urlpatterns = [path("stock/release", release, name="fulfilment_release")]
