"""The routing guide of a customer, from his page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.carriers import commands, queries
from flowrack.carriers.forms import GUIDE_COLUMNS, read_guide
from flowrack.carriers.types import SetRoutingGuide
from flowrack.parties import queries as parties
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.record import Do, Record, record_actions
from flowrack.platform.web.render import perform, render_form
from flowrack.shared.errors import FlowrackError

SETUP = "carriers.setup"


@page(SETUP)
def guide(request: HttpRequest, party_id: int) -> HttpResponse:
    """Which services a customer allows, requires or bars."""
    found = parties.party_record(party_id)
    rows = [
        {"carrier": line.carrier, "service": line.service, "rule": line.rule, "account": line.account}
        for line in queries.guide_of(party_id)
    ]
    grid = GridForm(GUIDE_COLUMNS, request.POST if request.method == "POST" else None, initial=rows)
    to = reverse("parties_party", args=[party_id])

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, None, title=f"Routing guide of {found.party.name}", verb="Save", refusal=refusal,
            back=(found.code, to), template="patterns/grid.html", grid=grid.with_refusal(refusal),
            sub="With a required service only the required ones go; with allowed ones only those. With an account the "
            "customer pays the carrier himself. No lines: every service may go.",
        )  # fmt: skip

    if request.method != "POST":
        return drawn()
    req = SetRoutingGuide(found.code, read_guide(grid.rows))
    to = reverse("carriers_guide", args=[party_id])
    return perform(request, commands.set_routing_guide, req, to=to, toast="Routing guide saved", again=drawn)


def _on_customers(record: Record) -> list[Do]:
    party_id = int(record.subject.partition(":")[2])
    if parties.parties([party_id])[party_id].is_customer:
        return [Do("Routing guide", reverse("carriers_guide", args=[party_id]), SETUP, post=False)]
    return []


record_actions("parties.party", _on_customers)

urlpatterns = [path("parties/<int:party_id>/routing-guide", guide, name="carriers_guide")]
