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
from flowrack.sales import chosen, commands_many, steps_preview
from flowrack.sales.forms_holds import ReasonForm
from flowrack.sales.steps_preview import MOST_TOLD
from flowrack.sales.types_changes import ChangeRefused
from flowrack.sales.types_many import (
    CancelOrders,
    HoldOrders,
    ManyDone,
    Outcome,
    ReleaseOrderHolds,
    SetWantedDays,
)
from flowrack.shared.errors import FlowrackError, NotPermitted

TO_LOOK = "to look"  # the reason of a rehearsal
LOOK = "Show what comes of it"


def _back() -> tuple[str, str]:
    return "Orders", reverse("sales_orders")


class WantedForm(ReasonForm):
    """On which day orders are wanted, and why."""

    requested_on = forms.DateField(
        label="Wanted at the door", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    field_order = ("requested_on", "reason")


@dataclass(frozen=True, slots=True)
class Many:
    """One thing that is done to many orders: its words, its form, and the command with its request (ids, answers).

    `tells_all`: also what later stages do about it is told. A form that `asks` for more than a reason shows first what
    comes of the answer with that name, and the command runs only for an answer that was shown.
    """

    title: str
    verb: str
    done: str
    form: type[forms.Form]
    command: Callable[[Context, Any], ManyDone]
    make: Callable[[list[int], dict[str, Any]], Any]
    tells_all: bool = False
    asks: str = ""


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
    lambda ids, said: CancelOrders(ids, said["reason"]), tells_all=True,
)  # fmt: skip
WANTED = Many(
    "Change the wanted day", "Change the day", "changed", WantedForm, commands_many.set_wanted_days,
    lambda ids, said: SetWantedDays(ids, said["requested_on"], said["reason"], is_sure=True),  # the page asks itself
    tells_all=True, asks="requested_on",
)  # fmt: skip


def _ask(request: HttpRequest, many: Many) -> HttpResponse:
    """The form with what will come of each order; once that was seen and is sent again, what came of each."""
    ids, data = chosen.ids_of(request), request.POST if request.method == "POST" else None
    form = many.form(data)
    is_valid = form.is_valid()
    if many.asks and (data is None or many.asks not in form.cleaned_data):
        return _drawn(request, many, form, [])  # nobody can say what comes of a day that is not named
    outcomes: list[Outcome] = []
    asked = {"reason": TO_LOOK, **(form.cleaned_data if data is not None else {})}
    if many.asks or not is_valid:
        outcomes, refusal = _foreseen(request, many, many.make(ids, asked))
        is_shown = not many.asks or (data is not None and data.get("shown") == str(asked[many.asks]))
        if not is_valid or not is_shown or refusal is not None:
            return _drawn(request, many, form, outcomes, refusal, shown=asked.get(many.asks))
    doubtful = sum(one.is_doubtful for one in outcomes)
    if doubtful and not request.POST.get("sure"):
        some = "" if doubtful == len(outcomes) else f" for {doubtful:,} of the orders"
        said = f"Nothing arrives on this day{some}."
        fix = "Choose another day, or tick the last box to take it all the same."
        return _drawn(request, many, form, outcomes, ChangeRefused(said, fix=fix), shown=asked[many.asks])
    try:
        found = many.command(context_of(request), many.make(ids, form.cleaned_data)).outcomes
    except FlowrackError as refused:
        return _drawn(request, many, form, outcomes, refused, shown=asked.get(many.asks))
    return chosen.result(request, many.title, many.done, steps_preview.with_what_was_told(found, outcomes), _back())


def _foreseen(request: HttpRequest, many: Many, req: Any) -> tuple[list[Outcome], FlowrackError | None]:
    """What the command would do to each order, or its refusal; nothing is written."""
    ctx = context_of(request)
    if many.tells_all:
        try:
            return steps_preview.preview_many(ctx, many.command, req, req.order_ids), None
        except NotPermitted:
            raise
        except FlowrackError as refusal:
            return [], refusal
    found: list[Outcome] = []
    refused = rehearse(many.command, ctx, req, lambda _, done: found.extend(done.outcomes))
    return found, refused


def _drawn(
    request: HttpRequest,
    many: Many,
    form: forms.Form,
    outcomes: list[Outcome],
    refusal: FlowrackError | None = None,
    *,
    shown: Any = None,
) -> HttpResponse:
    can, cannot = ([one for one in outcomes if one.is_done is is_done] for is_done in (True, False))
    names = chosen.columns(outcomes)
    tables = [Table("Will be done", names, can)] if can else []
    tables += [Table("Stays as it is", names, cannot)] if cannot else []
    if any(one.is_doubtful for one in outcomes):
        form.fields["sure"] = forms.BooleanField(required=False, label="Take this day all the same")
    return render_form(
        request, form, title=many.title, verb=LOOK if many.asks and not outcomes else many.verb, refusal=refusal,
        back=_back(), tables=tables, template="sales/many.html", is_vain=bool(outcomes) and not can,
        is_shown=bool(many.asks and can), hidden={"shown": str(shown)} if many.asks and can else {},
        sub=_counted(outcomes) or f"{len(chosen.ids_of(request)):,} chosen.",
        most_told=MOST_TOLD if many.tells_all and len(outcomes) > MOST_TOLD else 0,
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
