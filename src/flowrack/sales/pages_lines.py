"""The page that adds lines to an order; what will happen stands beside the grid before anybody presses the button."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import caller_of
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.render import at_rows, context_of, perform_form, render_form, render_page, toast
from flowrack.sales import commands_lines, queries, states, steps_preview
from flowrack.sales.forms import LINE_GRID, read_lines
from flowrack.sales.forms_changes import AddLinesForm
from flowrack.sales.types_changes import AddLines, LinesAdded
from flowrack.shared.errors import BadLine, FlowrackError, Invalid, NotPermitted

BLANK = 5


@page("sales.change")
def add_lines(request: HttpRequest, order_id: int) -> HttpResponse:
    """Lines that the customer wants besides what he ordered."""
    caller = caller_of(request)
    head = queries.access_order(order_id, caller.sites("sales.view") if caller else frozenset())
    to = reverse("sales_order", args=[order_id])
    form = AddLinesForm(request.POST or None)
    grid = GridForm(LINE_GRID, request.POST if request.method == "POST" else None, blank=BLANK)

    def draw(refusal: FlowrackError | None = None, **what: Any) -> HttpResponse:
        return render_form(
            request,
            form,
            title=f"Add lines to {head.number}",
            verb="Add lines",
            refusal=refusal,
            back=(head.number, to),
            template="sales/add_lines.html",
            sub=head.customer,
            grid=grid.with_refusal(refusal),
            order=head,
            **what,
        )

    if request.method != "POST":
        states.advance(states.OrderState(head.state), "change")
        return draw()
    form.is_valid()
    lines, rows, bad = read_lines(grid.rows)
    bad = [*grid.doubts("quantity", "unit_price"), *bad]
    req = AddLines(order_id, lines, form.cleaned_data.get("reason", ""))
    if "preview" in request.POST:
        what, refusal = _told(request, req, rows, bad if grid.rows else [], is_asked=bool(grid.rows))
        if request.headers.get("HX-Request"):
            return render_page(request, "sales/_consequences.html", what)
        return draw(refusal, **what)

    def done(result: LinesAdded) -> str:
        none = urlencode({f"units-{line.line_id}": 0 for line in result.lines})
        words = "1 line added" if len(result.lines) == 1 else f"{len(result.lines):,} lines added"
        toast(request, words, undo_url=f"{reverse('sales_order_change', args=[order_id])}?{none}")
        return to

    return perform_form(request, commands_lines.add_lines, req, form=form, bad=bad, rows=rows, to=done, again=draw)


def _told(
    request: HttpRequest, req: AddLines, rows: list[int], bad: list[BadLine], *, is_asked: bool
) -> tuple[dict[str, Any], FlowrackError | None]:
    """The consequences, or why there are none, and the refusal with its lines at their rows."""
    if not is_asked:
        return {"told": [], "no_way": "", "asked": False}, None
    refusal: FlowrackError | None = None
    if bad:
        refusal = Invalid("This cannot be saved yet.", lines=bad)
    else:
        try:
            preview = steps_preview.preview(context_of(request), commands_lines.add_lines, req, req.order_id)
            return {"told": preview.consequences, "no_way": "", "asked": True}, None
        except NotPermitted:
            raise
        except FlowrackError as no:
            refusal = at_rows(no, rows)
    words = [f"Line {line.line}: {line.message}" if line.line else line.message for line in refusal.lines]
    return {"told": [], "no_way": " ".join(words or [refusal.message, refusal.fix]), "asked": True}, refusal


urlpatterns = [path("orders/<int:order_id>/add-lines", add_lines, name="sales_order_add_lines")]
