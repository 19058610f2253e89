"""What customers of each tier may hold in quotes."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.render import context_of, go, render_form, toast
from flowrack.promise import commands_setup as commands
from flowrack.promise import queries_quotes
from flowrack.promise.forms_limits import LIMITS_GRID, read_limits
from flowrack.promise.types import BadSetup
from flowrack.shared.errors import FlowrackError

SETUP = "promise.setup"


@page(SETUP)
def limits(request: HttpRequest) -> HttpResponse:
    """How many quotes and units, for how long, and how often a quote is held longer."""
    rows = queries_quotes.limits_of_tiers()
    grid = GridForm(
        LIMITS_GRID,
        request.POST if request.method == "POST" else None,
        initial=[{"tier": row.tier, **{name: str(n) for name, n in asdict(row.limits).items()}} for row in rows],
        blank=0,
    )

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, None, title="Limits of quotes", verb="Save", refusal=refusal,
            back=("Promise set-up", reverse("promise_setup")),
            sub="A quote holds stock for a customer until its time is over or an order takes it.",
            template="patterns/grid.html", grid=grid.with_refusal(refusal),
        )  # fmt: skip

    if request.method != "POST":
        return drawn()
    wanted, bad = read_limits(grid.rows)
    if bad:
        return drawn(BadSetup("This cannot be kept.", lines=bad))
    ctx = context_of(request)
    try:
        for one in wanted:
            commands.set_quote_limits(ctx.keyed(one.tier), one)
    except FlowrackError as refusal:
        return drawn(refusal)
    toast(request, "Limits saved")
    return go(request, reverse("promise_limits"))


urlpatterns = [path("promise/quote-limits", limits, name="promise_limits")]
