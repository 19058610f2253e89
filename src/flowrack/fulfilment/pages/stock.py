"""Hold stock or throw it away: first it is shown which orders that hits, then it is confirmed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.fulfilment import commands, queries_stock
from flowrack.fulfilment.forms import STOCK_GRID, HoldForm, ScrapForm, read_stock
from flowrack.fulfilment.queries_stock import Hit
from flowrack.fulfilment.types_stock import HoldStock, LineLoss, ScrapStock, TransferLoss
from flowrack.inspection.types_holds import Cause
from flowrack.ledger.queries import CellRow
from flowrack.ledger.types import STATES, State
from flowrack.platform.http import now
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import in_units
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.record import Table
from flowrack.platform.web.render import perform, render_form
from flowrack.platform.web.viewer import sites_for, viewer_of
from flowrack.shared.errors import FlowrackError, Invalid
from flowrack.shared.quantity import Units
from flowrack.storage.types import StockAt

HITS = [
    Column("number", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id])),
    Column("customer", "Customer", wide=True),
    Column("tier", "Tier", kind="tier"),
    Column("requested_on", "Wanted", kind="date"),
    Column("sku", "Item", kind="code"),
    Column("promised", "Promised", kind="number"),
    Column("lost", "Loses", kind="number"),
    Column("kept", "Keeps", kind="number"),
    Column("called_back", "Called back from picking", kind="number", value=lambda r: r.called_back or None),
]


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which stock leaves: its words, form, the states it may have, and its command."""

    title: str
    verb: str
    permission: str
    form: Callable[..., forms.Form]
    states: Sequence[str]
    command: Callable[[Any, Any], Any]
    ask: Callable[[dict[str, Any], list[StockAt], list[LineLoss], list[TransferLoss]], Any]


HOLD = Way(
    "Hold stock", "Hold", "storage.hold", HoldForm,
    (State.RECEIVING, State.RESERVE, State.FORWARD_PICK, State.RETURN_REVIEW), commands.hold_stock,
    lambda said, lines, agreed, transfers: HoldStock(
        said["site"], lines, said["reason"], said["quality"], agreed, cause=Cause(said["cause"]),
        agreed_transfers=transfers,
    ),
)  # fmt: skip
SCRAP = Way(
    "Scrap stock", "Scrap", "storage.adjust", ScrapForm,
    [state for state in STATES if state not in (State.STAGED, State.IN_TRANSIT)], commands.scrap_stock,
    lambda said, lines, agreed, transfers: ScrapStock(
        said["site"], lines, said["reason"], said["note"], agreed, transfers
    ),
)  # fmt: skip


@page("storage.hold")
def hold(request: HttpRequest) -> HttpResponse:
    """Hold stock where it lies."""
    return _leave(request, HOLD)


@page("storage.adjust")
def scrap(request: HttpRequest) -> HttpResponse:
    """Throw stock away."""
    return _leave(request, SCRAP)


def _leave(request: HttpRequest, way: Way) -> HttpResponse:
    viewer = viewer_of(request)
    mine = [s for s in sites_for(viewer) if viewer.may(way.permission, s.id)]
    form = way.form(request.POST or None, mine=mine, initial={"site": viewer.site_id or None})
    if request.method != "POST":
        named = [{"item": request.GET["item"], "place": request.GET.get("place", "")}] if "item" in request.GET else []
        return _draw(request, way, form, GridForm(STOCK_GRID, initial=named))
    grid = GridForm(STOCK_GRID, request.POST)
    is_good = form.is_valid()
    site = form.cleaned_data.get("site")
    leaving, bad = read_stock(grid.rows, site, way.states) if site else ([], [])
    if bad or not is_good:
        return _draw(request, way, form, grid, Invalid("This cannot be done yet.", lines=bad) if bad else None)
    if "agreed" not in request.POST:
        return _foresee(request, way, form, grid, leaving)
    lines = [
        StockAt(c.location_id, c.item_id, Units(units), c.lot_id, c.lpn_id, c.quality, c.owner_id)
        for c, units in leaving
    ]
    return perform(
        request,
        way.command,
        way.ask(
            form.cleaned_data,
            lines,
            [LineLoss(*pair) for pair in _agreed(request.POST["agreed"])],
            [TransferLoss(*pair) for pair in _agreed(request.POST.get("agreed_transfers", ""))],
        ),
        to=f"{reverse('analytics_item', args=[lines[0].item_id])}#places",
        toast=lambda done: f"{way.verb}: {in_units(abs(done.units))}",
        again=lambda refusal: _foresee(request, way, form, grid, leaving, refusal),
    )


def _foresee(
    request: HttpRequest,
    way: Way,
    form: forms.Form,
    grid: GridForm,
    leaving: Sequence[tuple[CellRow, int]],
    refusal: FlowrackError | None = None,
) -> HttpResponse:
    """The form again, with those whom it would hit; or why it cannot be."""
    try:
        hits = queries_stock.consequences(leaving, now())
        transfers = queries_stock.transfers_hit(leaving)
    except FlowrackError as refused:
        return _draw(request, way, form, grid, refusal or refused)
    return _draw(request, way, form, grid, refusal, leaving, hits, transfers)


def _draw(
    request: HttpRequest,
    way: Way,
    form: forms.Form,
    grid: GridForm,
    refusal: FlowrackError | None = None,
    leaving: Sequence[tuple[CellRow, int]] = (),
    hits: Sequence[Hit] = (),
    transfers: Sequence[tuple[int, str, int]] = (),
) -> HttpResponse:
    """The form; with `leaving` it asks to confirm what it shows."""
    units = sum(units for _, units in leaving)
    return render_form(
        request,
        form,
        title=way.title,
        verb=f"{way.verb} {in_units(units)}" if leaving else "Show whom it hits",
        refusal=refusal,
        back=("Stock by state", reverse("analytics_stock")),
        template="fulfilment/leave.html",
        grid=grid.with_refusal(refusal),
        asks=bool(leaving),
        units=units,
        lost=sum(hit.lost for hit in hits),
        transfers=transfers,
        orders=len({hit.order_id for hit in hits if hit.lost}),
        agreed=" ".join(f"{loss.line_id}:{loss.units}" for loss in queries_stock.losses(hits)),
        agreed_transfers=" ".join(f"{transfer_id}:{left}" for transfer_id, _, left in transfers),
        table=Table(
            "Orders it hits",
            HITS,
            hits,
            totals={"lost": sum(hit.lost for hit in hits), "called_back": sum(hit.called_back for hit in hits) or None},
            empty="No order loses a promise, and no pick is called back.",
        ),
    )


def _agreed(text: str) -> list[tuple[int, int]]:
    """What the page showed when it was confirmed; nonsense agrees to nothing."""
    pairs = [pair.partition(":") for pair in text.split()]
    return [(int(key), int(units)) for key, _, units in pairs if key.isdecimal() and units.isdecimal()]


urlpatterns = [
    path("stock/hold", hold, name="fulfilment_hold"),
    path("stock/scrap", scrap, name="fulfilment_scrap"),
]
