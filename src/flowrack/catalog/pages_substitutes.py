"""The page on which a substitute is named, changed or taken back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.catalog import commands, queries
from flowrack.catalog.forms_substitutes import SubstituteForm
from flowrack.platform.web.access import page
from flowrack.platform.web.render import perform, render_form
from flowrack.shared.errors import FlowrackError


@page(permission="catalog.edit")
def new_substitute(request: HttpRequest, item_id: int) -> HttpResponse:
    """Say what may be sent instead of an item."""
    found = queries.item(item_id)
    form = SubstituteForm(request.POST or None)
    back = reverse("catalog_item", args=[item_id])

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Substitute for {found.sku}", verb="Save", refusal=refusal, back=(found.sku, back),
            sub="In this direction only. The same substitute once more changes it; ratio 0 for 0 takes it back.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request, commands.set_substitute, form.to_request(found.sku), to=back, toast="Substitute saved", again=drawn
    )


urlpatterns = [path("items/<int:item_id>/substitutes/new", new_substitute, name="catalog_substitute_new")]
