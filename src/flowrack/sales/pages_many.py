"""Pages that do one thing to many orders of the list: what will come of each is shown first, and told afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.rehearsal import rehearse
from flowrack.platform.runner import Context
from flowrack.platform.web.access import page
from flowrack.platform.web.record import Table
from flowrack.platform.web.render import context_of, render_form
from flowrack.sales import chosen, commands_many
from flowrack.sales.forms_holds import ReasonForm
from flowrack.sales.types_many import (
    CancelOrders,
    HoldOrders,
    ManyDone,
    Outcome,
    ReleaseOrderHolds,
    SetWantedDays,
)
from flowrack.shared.errors import FlowrackError

TO_LOOK = "to look"  # the reason of a rehearsal


class WantedForm(ReasonForm):
    """On which day orders are wanted, and why."""

    requested_on = forms.DateField(
        label="Wanted at the door", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    field_order = ("requested_on", "reason")


@dataclass(frozen=True, slots=True)
class Many:
    """One thing that is done to many orders: its words, its form, and the command with its request (ids, answers)."""

    title: str
    verb: str
    done: str
    form: type[forms.Form]
    command: Callable[[Context, Any], ManyDone]
    make: Callable[[list[int], dict[str, Any]], Any]


HOLD = Many(
    "Hold orders", "Hold", "on hold", ReasonForm, commands_many.hold_orders,
    lambda ids, said: HoldOrders(ids, said["reason"]),
)  # fmt: skip
RELEASE = Many(
    "Release holds of orders", "Release", "released", ReasonForm, commands_many.release_order_holds,
    lambda ids, said: ReleaseOrderHolds(ids, said["reason"]),
)  # fmt: skip
CANCEL = Many(
    "Cancel orders", "Cancel orders", "cancelled", ReasonForm, commands_many.cancel_orders,
    lambda ids, said: CancelOrders(ids, said["reason"]),
)  # fmt: skip
WANTED = Many(
    "Change the wanted day", "Change the day", "changed", WantedForm, commands_many.set_wanted_days,
    lambda ids, said: SetWantedDays(ids, said["requested_on"], said["reason"]),
)  # fmt: skip


def _ask(request: HttpRequest, many: Many) -> HttpResponse:
    """The form with what will come of each order; when it was sent, what came of each."""
    ids, data = chosen.ids_of(request), request.POST if request.method == "POST" else None
    back = ("Orders", reverse("sales_orders"))
    form = many.form(data)
    is_looking = data is None or "preview" in data
    if not is_looking and form.is_valid():
        try:
            found = many.command(context_of(request), many.make(ids, form.cleaned_data))
        except FlowrackError as refusal:
            return _drawn(request, many, form, [], back, refusal)
        return chosen.result(request, many.title, many.done, found.outcomes, back)
    if not form.is_bound and many.form is not ReasonForm:
        return _drawn(request, many, form, [], back)  # nobody can say what comes of a day that is not named
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    if form.is_bound and not asked and not is_looking:
        return _drawn(request, many, form, [], back)
    outcomes, refused = _foreseen(request, many, many.make(ids, {"reason": TO_LOOK, **asked}))
    return _drawn(request, many, form, outcomes, back, refused)


def _foreseen(request: HttpRequest, many: Many, req: Any) -> tuple[list[Outcome], FlowrackError | None]:
    """What the command would do to each order, or its refusal; nothing is written."""
    found: list[Outcome] = []
    refused = rehearse(many.command, context_of(request), req, lambda _, done: found.extend(done.outcomes))
    return found, refused


def _drawn(
    request: HttpRequest,
    many: Many,
    form: forms.Form,
    outcomes: list[Outcome],
    back: tuple[str, str],
    refusal: FlowrackError | None = None,
) -> HttpResponse:
    can, cannot = ([one for one in outcomes if one.is_done is is_done] for is_done in (True, False))
    tables = [Table("Will be done", chosen.COLUMNS, can)] if can else []
    tables += [Table("Stays as it is", chosen.COLUMNS, cannot)] if cannot else []
    return render_form(
        request, form, title=many.title, verb=many.verb, refusal=refusal, back=back, tables=tables,
        template="sales/many.html", has_preview=many.form is not ReasonForm, is_vain=bool(outcomes) and not can,
        sub=_counted(outcomes) or f"{len(chosen.ids_of(request)):,} chosen.",
    )  # fmt: skip


def _counted(outcomes: list[Outcome]) -> str:
    if not outcomes:
        return ""
    can = sum(one.is_done for one in outcomes)
    rest = len(outcomes) - can
    stay = f" {rest:,} will stay as they are, for the reasons below." if rest else ""
    return f"{can:,} of {len(outcomes):,} chosen.{stay}"


@page("sales.hold")
def hold(request: HttpRequest) -> HttpResponse:
    """Hold many orders by hand."""
    return _ask(request, HOLD)


@page("sales.release_holds")
def release(request: HttpRequest) -> HttpResponse:
    """Release the holds of many orders."""
    return _ask(request, RELEASE)


@page("sales.change")
def cancel(request: HttpRequest) -> HttpResponse:
    """Cancel many orders."""
    return _ask(request, CANCEL)


@page("sales.change")
def wanted(request: HttpRequest) -> HttpResponse:
    """Let many orders be wanted on another day."""
    return _ask(request, WANTED)


urlpatterns = [
    path("orders/many/hold", hold, name="sales_many_hold"),
    path("orders/many/release", release, name="sales_many_release"),
    path("orders/many/cancel", cancel, name="sales_many_cancel"),
    path("orders/many/wanted", wanted, name="sales_many_wanted"),
]
