"""The grids in which a draft of a rate card is written, a section at a time."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.carriers import commands, queries
from flowrack.carriers.forms import SECTIONS
from flowrack.carriers.types import BadRateCard, CardNotDraft, CardNotFound, WriteRateCard
from flowrack.platform.web.access import page
from flowrack.platform.web.grid import MOST_ROWS, GridForm
from flowrack.platform.web.render import perform, render_form
from flowrack.shared.errors import BadLine, FlowrackError


@page("carriers.rates")
def edit(request: HttpRequest, card_id: int, name: str) -> HttpResponse:
    """One section of a draft in a grid; the other sections stay as they are."""
    section = SECTIONS.get(name)
    if section is None:
        raise CardNotFound("A rate card has no such section.", fix="Open the rate card.")
    head, content = queries.card_row(card_id), queries.card(card_id)
    if head.state != "draft":
        raise CardNotDraft(f"This version is {head.state}.", fix="Copy it as a new version.")
    shown = section.show(content)
    if len(shown) > MOST_ROWS:
        raise CardNotDraft(
            f"These are {len(shown):,} rows, more than the {MOST_ROWS} that a page can take.", fix="Use Import."
        )
    grid = GridForm(section.columns, request.POST if request.method == "POST" else None, initial=shown)
    to = reverse("carriers_card", args=[card_id])

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, None, title=f"{section.title}, {head.code} v{head.version}", verb="Save", refusal=refusal,
            back=(f"{head.code} v{head.version}", to), sub=section.sub, template="patterns/grid.html",
            grid=grid.with_refusal(refusal),
        )  # fmt: skip

    if request.method != "POST":
        return drawn()
    bad: list[BadLine] = []
    card = section.read(content, grid.rows, bad)
    if bad:
        return drawn(BadRateCard("This cannot be kept.", lines=bad))
    req = WriteRateCard(head.code, card)
    return perform(request, commands.write_rate_card, req, to=to, toast="Draft saved", again=drawn)


urlpatterns = [path("rate-cards/<int:card_id>/edit/<slug:name>", edit, name="carriers_card_section")]
