"""Pages on which a draft PO is written and changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from flowrack.platform.http import caller_of
from flowrack.platform.lookup import read_id
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.render import perform_form, render_form
from flowrack.platform.web.viewer import viewer_of
from flowrack.purchasing import queries_pages as queries
from flowrack.purchasing.forms import LINE_GRID, PoForm, draft_of, read_lines, rows_of
from flowrack.purchasing.states import PoState, advance
from flowrack.purchasing.types import ChangePo, CreatePo
from flowrack.shared.errors import FlowrackError

LIST = "Purchase orders"


def sites_of(request: HttpRequest) -> frozenset[int]:
    """Where the person may see orders (0 = everywhere)."""
    caller = caller_of(request)
    return caller.sites("purchasing.view") if caller else frozenset()


Command = Callable[[Any, Any], Any]


def write(request: HttpRequest, command: Command) -> HttpResponse:
    """The page on which a draft is written."""
    form = PoForm(request.POST or None, initial={"site": viewer_of(request).site_id or None})
    grid = GridForm(LINE_GRID, request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return _po_form(
            request, form, grid, refusal, title="New purchase order", back=(LIST, reverse("purchasing_pos"))
        )

    if request.method != "POST":
        return drawn()
    form.is_valid()
    lines, rows, bad = read_lines(grid.rows)
    return perform_form(
        request,
        command,
        CreatePo([form.to_order(lines)]),
        form=form,
        bad=[*grid.doubts("units"), *bad],
        rows=rows,
        to=lambda done: reverse("purchasing_po", args=[done.pos[0].po_id]),
        toast="Draft saved",
        again=drawn,
    )


def change(request: HttpRequest, po_id: int, command: Command) -> HttpResponse:
    """The page on which a draft is changed: its dates, lines and prices."""
    found = queries.access_po(po_id, sites_of(request))
    form = PoForm(request.POST or None, initial=draft_of(found))
    grid = GridForm(LINE_GRID, request.POST or None, initial=rows_of(found.lines))
    version = request.POST.get("version", "")

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        back = (found.head.number, reverse("purchasing_po", args=[po_id]))
        hidden = {"version": version or found.version}
        return _po_form(request, form, grid, refusal, title=f"Change {found.head.number}", back=back, hidden=hidden)

    if request.method != "POST":
        advance(PoState(found.head.state), "change", number=found.head.number)
        return drawn()
    form.is_valid()
    lines, rows, bad = read_lines(grid.rows)
    return perform_form(
        request,
        command,
        ChangePo(po_id, read_id(version), form.to_order(lines)),
        form=form,
        bad=[*grid.doubts("units"), *bad],
        rows=rows,
        to=reverse("purchasing_po", args=[po_id]),
        toast="Draft changed",
        again=drawn,
    )


def _po_form(
    request: HttpRequest,
    form: PoForm,
    grid: GridForm,
    refusal: FlowrackError | None,
    *,
    title: str,
    back: tuple[str, str],
    hidden: dict[str, Any] | None = None,
) -> HttpResponse:
    return render_form(
        request,
        form,
        title=title,
        verb="Save draft",
        refusal=refusal,
        back=back,
        template="patterns/grid.html",
        grid=grid.with_refusal(refusal),
        hidden=hidden or {},
    )
