"""What is done with a load on its pages: planned, changed, started, closed, called off; and how a site loads."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.locations import queries as places
from flowrack.platform.http import caller_of, now
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import ask, no_site, perform, render_form
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.errors import FlowrackError
from flowrack.shipping import commands, queries_along, queries_board, queries_load_transfers, queries_loads
from flowrack.shipping.forms import CloseForm, LoadForm, PolicyForm, ReasonForm
from flowrack.shipping.pages import behind, reach
from flowrack.shipping.pages.loads import KG, LOADS_TITLE, drawn, seen
from flowrack.shipping.types_along import TakeBackLoad
from flowrack.shipping.types_loads import (
    CancelLoad,
    ChangeLoad,
    CloseLoad,
    LeaveDoor,
    LoadClosed,
    PlanLoad,
    SetLoadPolicy,
    StartLoad,
)
from flowrack.shipping.types_proofs import PrintPaper
from flowrack.storage import queries_staged


def _load_form(request: HttpRequest, site_id: int, start: dict[str, Any]) -> LoadForm:
    clock.at_own_site(site_id)
    return LoadForm(
        request.POST if request.method == "POST" else None, initial=start, doors=queries_board.doors(site_id)
    )


@page("shipping.plan_loads")
def new(request: HttpRequest) -> HttpResponse:
    """Plan a truck: its orders in the order of delivery."""
    viewer = viewer_of(request)
    numbers = request.GET.get("orders", "")[:8_000].upper().split()
    known = queries_loads.orders(list(queries_board.ids_of(numbers).values()))
    sent = queries_load_transfers.transfers(list(queries_staged.ids_of(numbers).values()))
    home = [one.site_id for one in known.values()] + [one.site_id for one in sent.values()]
    site_id = next(iter(home), viewer.site_id) or site_of_first(request)
    theirs = {one.chosen_id for one in known.values()}
    chosen = queries_board.code_of_party(theirs.pop()) if len(theirs) == 1 else ""
    form = _load_form(request, site_id, {"orders": "\n".join(numbers), "carrier": chosen})

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="Plan a load", verb="Plan load", refusal=refusal,
            back=(LOADS_TITLE, reverse("shipping_loads")), sub=places.site(site_id).name,
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return again()
    return perform(
        request,
        commands.plan_load,
        PlanLoad(site_id, form.cleaned_data["orders"], form.truck(), form.transfers),
        to=lambda done: reverse("shipping_load", args=[done.load_id]),
        toast=lambda done: " ".join([f"{done.number} planned.", *done.warnings]),
        again=again,
    )


def site_of_first(request: HttpRequest) -> int:
    """The first site at which the person works."""
    caller = caller_of(request)
    held = caller.sites("shipping.view") if caller else frozenset()
    sites = [site.site_id for site in places.sites()]
    return next((one for one in sites if 0 in held or one in held), 0)


@page("shipping.plan_loads")
def change(request: HttpRequest, load_id: int) -> HttpResponse:
    """Other orders, another order of stops, another truck."""
    row = seen(request, load_id)
    on_it = [one.number for one in queries_load_transfers.on_load(row.id)]
    add = [text for text in request.GET.get("add", "")[:8_000].upper().split() if text not in on_it]
    start = {
        "orders": "\n".join([*on_it, *add]),
        "door": row.door_id or 0,
        "carrier": queries_board.code_of_party(row.carrier_id),
        "cut_off_at": row.cut_off_at,
        "trailer": row.trailer,
        "driver": row.driver,
        "max_weight_kg": row.max_weight_g // KG or None,
        "carrier_reason": row.carrier_reason,
    }
    form = _load_form(request, row.site_id, start)

    def again(refusal: FlowrackError | None = None, told: str = "") -> HttpResponse:
        return render_form(
            request, form, title=f"Change {row.number}", refusal=refusal,
            verb="Change load all the same" if told else "Change load", hidden={"told": told} if told else {},
            back=(row.number, reverse("shipping_load", args=[load_id])),
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return again()
    told = f"{form.cleaned_data['cut_off_at'] or ''}"  # who was told it for this time knows
    late = reach.before(row, form.cleaned_data["cut_off_at"], form.cleaned_data["orders"])
    if late and request.POST.get("told") != told:
        return again(late, told)
    return perform(
        request,
        commands.change_load,
        ChangeLoad(load_id, form.cleaned_data["orders"], form.truck(), form.transfers),
        to=reverse("shipping_load", args=[load_id]),
        toast=lambda done: " ".join(["Changed.", *done.warnings]),
        again=again,
    )


@page("shipping.load", methods=("POST",))
def start(request: HttpRequest, load_id: int) -> HttpResponse:
    """The truck stands at its door."""
    return perform(
        request, commands.start_load, StartLoad(load_id), to=reverse("shipping_load", args=[load_id]),
        toast=lambda done: f"Loading at {done.door}", again=lambda refusal: drawn(request, load_id, refusal),
    )  # fmt: skip


@page("shipping.load", methods=("POST",))
def leave(request: HttpRequest, load_id: int) -> HttpResponse:
    """The truck has left its door."""
    return perform(
        request, commands.leave_door, LeaveDoor(load_id), to=reverse("shipping_load", args=[load_id]),
        toast="Truck has left", again=lambda refusal: drawn(request, load_id, refusal),
    )  # fmt: skip


@page("shipping.ship")
def close(request: HttpRequest, load_id: int) -> HttpResponse:
    """Close and seal the truck; what is missing is listed first."""
    row = seen(request, load_id)
    form = CloseForm(request.POST or None)
    if row.to_come and not row.waiting:  # nothing stands there that was left: what is missing is not ready
        form.only_not_ready()
    stops = "; ".join(f"{stop.stop_no} {stop.customer}" for stop in queries_loads.stops(load_id))
    late = f" {row.to_come:,} units are not staged." if row.to_come else ""
    late += "".join(f" {words}" for words in queries_along.words(load_id, now()))
    sub = (
        f"Door {row.door}, {row.carrier or 'no carrier named'}, stops {stops}. {row.plates} are on the truck.{late}"
        " Closing it issues these goods; what has left comes back only as a return."
    )
    return ask(
        request, form, commands.close_load,
        lambda said: CloseLoad(load_id, said["seal"], said["behind"], said["note"]),
        title=f"Close {row.number}", back=(row.number, reverse("shipping_load", args=[load_id])), sub=sub,
        toast=lambda done: " ".join([f"{done.number} closed.", done.warning, _stayed(done)]).strip(),
    )  # fmt: skip


def _stayed(done: LoadClosed) -> str:
    """How many orders did not go whole, and where customer service finds them."""
    orders = len({one.order_id for one in done.behind if one.order_id})
    many = f"{orders:,} order{'' if orders == 1 else 's'}"
    return f"{many} left behind: see {behind.TITLE}, where customer service takes over." if orders else ""


@page("shipping.load", methods=("POST",))
def print_paper(request: HttpRequest, load_id: int) -> HttpResponse:
    """Print a paper of the truck; what was printed is kept."""
    return perform(
        request, commands.print_paper, PrintPaper(load_id, request.POST.get("kind", "")[:20]),
        to=lambda done: reverse("shipping_paper", args=[done.paper_id]),
        again=lambda refusal: drawn(request, load_id, refusal),
    )  # fmt: skip


@page("shipping.load", methods=("POST",))
def take_back(request: HttpRequest, load_id: int) -> HttpResponse:
    """A device that has the truck along loses it."""
    return perform(
        request, commands.take_back_load, TakeBackLoad(load_id, request.POST.get("device", "")[:80]),
        to=reverse("shipping_load", args=[load_id]), toast="Taken back",
        again=lambda refusal: drawn(request, load_id, refusal),
    )  # fmt: skip


@page("shipping.plan_loads")
def cancel(request: HttpRequest, load_id: int) -> HttpResponse:
    """The truck does not go."""
    row = seen(request, load_id)
    return ask(
        request, ReasonForm(request.POST or None), commands.cancel_load,
        lambda said: CancelLoad(load_id, said["reason"]),
        title=f"Call off {row.number}", back=(row.number, reverse("shipping_load", args=[load_id])),
        sub="What is on the truck comes off; its orders and transfers are free for another.",
        toast=lambda done: "Called off",
    )  # fmt: skip


@page("shipping.policy")
def policy(request: HttpRequest) -> HttpResponse:
    """How the site loads."""
    site_id = viewer_of(request).site_id or site_of_first(request)
    if not site_id:
        return no_site(request, "How trucks are loaded")
    known = queries_loads.policy(site_id)
    form = PolicyForm(request.POST or None, initial={name: getattr(known, name) for name in PolicyForm.base_fields})
    return ask(
        request, form, commands.set_load_policy, lambda said: SetLoadPolicy(site_id, form.policy()),
        title="How trucks are loaded", back=(LOADS_TITLE, reverse("shipping_loads")), sub=places.site(site_id).name,
        toast=lambda done: "Set",
    )  # fmt: skip


NAV = [NavItem("Data and setup", "How trucks are loaded", "shipping_policy", permission="shipping.policy", order=66)]

urlpatterns = [
    path("loads/new", new, name="shipping_load_new"),
    path("loads/policy", policy, name="shipping_policy"),
    path("loads/<int:load_id>/change", change, name="shipping_load_change"),
    path("loads/<int:load_id>/start", start, name="shipping_load_start"),
    path("loads/<int:load_id>/close", close, name="shipping_load_close"),
    path("loads/<int:load_id>/print", print_paper, name="shipping_load_print"),
    path("loads/<int:load_id>/take-back", take_back, name="shipping_load_take_back"),
    path("loads/<int:load_id>/leave", leave, name="shipping_load_leave"),
    path("loads/<int:load_id>/cancel", cancel, name="shipping_load_cancel"),
]
