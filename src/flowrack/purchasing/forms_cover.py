"""Asks on any page why to buy on top of what is coming already."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from flowrack.platform.web.render import render_form
from flowrack.purchasing.forms import CoverReasonForm
from flowrack.purchasing.types_cover import AlreadyCovered
from flowrack.shared.errors import FlowrackError


def on_top_form(request: HttpRequest, ids: Sequence[int] = ()) -> CoverReasonForm:
    """The form that asks why to buy on top, with what was typed in it; `ids` are rows ticked in a list."""
    return CoverReasonForm(request.POST if "cover_reason" in request.POST else None, initial={"ids": list(ids)})


def ask_on_top(
    request: HttpRequest,
    form: CoverReasonForm,
    otherwise: Callable[[FlowrackError], HttpResponse],
    *,
    title: str,
    verb: str,
    back: tuple[str, str],
    hidden: Mapping[str, Any] | None = None,
) -> Callable[[FlowrackError], HttpResponse]:
    """What draws a refusal: for goods that are coming already the form that asks why, else `otherwise`."""

    def drawn(refusal: FlowrackError) -> HttpResponse:
        if not isinstance(refusal, AlreadyCovered):
            return otherwise(refusal)
        return render_form(request, form, title=title, verb=verb, refusal=refusal, back=back, hidden=dict(hidden or {}))

    return drawn
