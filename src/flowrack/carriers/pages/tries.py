"""What a parcel would cost: every service with its price and days, or why it does not take it."""

from __future__ import annotations

from datetime import datetime, time

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.carriers import queries_try
from flowrack.carriers.forms import TryForm
from flowrack.carriers.queries_try import Tried
from flowrack.platform.http import now
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.record import Table
from flowrack.platform.web.render import render_page


def _card(card_id: int) -> str:
    return reverse("carriers_card", args=[card_id])


COLUMNS = [
    Column("carrier", "Carrier"),
    Column("name", "Service", wide=True),
    Column("version", "Card", value=lambda r: f"v{r.version}", link=lambda r: _card(r.card_id)),
    Column("zone", "Zone", kind="code"),
    Column("billable_g", "Billed, g", kind="number", value=lambda r: r.billable_g or None),
    Column("price", "Price", kind="money"),
    Column("parts", "Made of", wide=True),
    Column("arrives_on", "Arrives", kind="date"),
    Column("why", "Or why not", wide=True),
]


@page("carriers.view", methods=("GET", "HEAD"))
def price_parcels(request: HttpRequest) -> HttpResponse:
    """Some equal parcels for a place, by the cards in force or by the drafts. Nothing is written."""
    sites = queries_try.sites()
    asked = request.GET if "country" in request.GET else None
    form = TryForm(asked, initial={"on": now().date().isoformat()})
    form.fields["site"].choices = [(str(site.id), site.name) for site in sites]  # type: ignore[attr-defined]
    tables = []
    if asked is not None and form.is_valid():
        said = form.cleaned_data
        leaves = datetime.combine(said["on"], time.min)
        rows = queries_try.tried(Tried(leaves=leaves, **{k: v for k, v in said.items() if k != "on"}))
        empty = "No rate card is in force on that day."
        tables = [Table("Services", COLUMNS, rows, empty=empty, note="The cheapest first. Cut-offs are left aside.")]
    return render_page(
        request, "carriers/try.html", {"form": form, "tables": tables}, status=422 if form.errors else 200
    )


urlpatterns = [path("carrier-services/price", price_parcels, name="carriers_try")]
