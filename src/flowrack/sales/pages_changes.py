"""Pages that change an order: what will happen stands beside the form before anybody presses the button."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import caller_of
from flowrack.platform.web.access import page
from flowrack.platform.web.render import context_of, perform, render_form, render_page, toast
from flowrack.sales import commands_changes as commands
from flowrack.sales import commands_terms, queries, states, steps_preview
from flowrack.sales.forms_changes import CancelForm, ChangeForm, OverrideForm, TermsForm
from flowrack.sales.queries import LineRow, OrderHead
from flowrack.shared.errors import FlowrackError, NotPermitted


@dataclass(frozen=True, slots=True)
class Wish:
    """A change that is asked for: its words, its form (of posted data or None), and the command with its request.

    `undo` is the page on which it can be changed back; `is_clear` says that the form as first shown asks for something.
    """

    title: str
    verb: str
    done: str
    form: Callable[[Any], Any]
    command: Callable[[Any, Any], Any]
    make: Callable[[Any], Any]
    undo: str
    is_clear: bool = True


@page("sales.change")
def change(request: HttpRequest, order_id: int) -> HttpResponse:
    """Days, address, units and prices of an order."""
    head, lines = _order(request, order_id)
    wish = request.GET.dict()
    asked = Wish(
        title=f"Change {head.number}",
        verb="Change order",
        done="Order changed",
        form=lambda data: ChangeForm(head, lines, data, wish),
        command=commands.change_order,
        make=lambda form: form.to_request(),
        undo=_way_back(head, lines),
        is_clear=bool(wish),
    )
    return _ask(request, head, asked)


@page("sales.change")
def cancel(request: HttpRequest, order_id: int) -> HttpResponse:
    """Cancel all that is left of an order."""
    head, _ = _order(request, order_id)
    asked = Wish(
        title=f"Cancel {head.number}",
        verb="Cancel order",
        done="Order cancelled",
        form=CancelForm,
        command=commands.cancel_order,
        make=lambda form: form.to_request(order_id),
        undo=f"{reverse('sales_order_new')}?copy={order_id}",
    )
    return _ask(request, head, asked)


@page("sales.change")
def cancel_waiting(request: HttpRequest, order_id: int) -> HttpResponse:
    """Cancel what waits for stock; what is reserved still ships."""
    head, lines = _order(request, order_id)
    again = {f"units-{line.line_id}": line.units + line.waiting for line in lines if line.waiting}
    asked = Wish(
        title=f"Cancel the rest of {head.number}",
        verb="Cancel the rest",
        done="Rest cancelled",
        form=CancelForm,
        command=commands.cancel_lines,
        make=lambda form: form.to_rest(lines),
        undo=f"{reverse('sales_order_change', args=[order_id])}?{urlencode(again)}",
    )
    return _ask(request, head, asked)


@page("sales.override")
def override(request: HttpRequest, order_id: int) -> HttpResponse:
    """Rank or deliver an order otherwise than its customer's terms say."""
    head, _ = _order(request, order_id)
    start = {"tier": head.tier, "policy": head.policy}
    asked = Wish(
        title=f"Rank and delivery of {head.number}",
        verb="Override terms",
        done="Terms overridden",
        form=lambda data: OverrideForm(data, initial={**start, **request.GET.dict()}),
        command=commands.override_order,
        make=lambda form: form.to_request(order_id),
        undo=f"{request.path}?{urlencode(start)}",
        is_clear=False,
    )
    return _ask(request, head, asked)


@page("sales.change")
def terms(request: HttpRequest, order_id: int) -> HttpResponse:
    """Shipments, backorders, substitutes, life and lots of one order."""
    head, _ = _order(request, order_id)
    start = {name: "" if value is None else value for name, value in asdict(queries.terms_of(head)).items()}
    start["min_shipment_value"] = f"{head.min_shipment_value:.2f}"
    asked = Wish(
        title=f"Terms of {head.number}",
        verb="Change terms",
        done="Terms changed",
        form=lambda data: TermsForm(data, initial={**start, **request.GET.dict()}),
        command=commands_terms.set_order_terms,
        make=lambda form: form.to_request(order_id),
        undo=f"{request.path}?{urlencode(start)}",
        is_clear=bool(request.GET),
    )
    return _ask(request, head, asked)


def _order(request: HttpRequest, order_id: int) -> tuple[OrderHead, list[LineRow]]:
    caller = caller_of(request)
    head = queries.access_order(order_id, caller.sites("sales.view") if caller else frozenset())
    if request.method != "POST":
        states.advance(states.OrderState(head.state), "change")  # a finished order is told at once, before a form
    return head, queries.lines_of(order_id)


def _ask(request: HttpRequest, head: OrderHead, wish: Wish) -> HttpResponse:
    """Show the form with its consequences, tell these alone when the form asks for them, or do it."""
    to = reverse("sales_order", args=[head.order_id])
    form = wish.form(request.POST or None)
    asks = request.method == "POST" and "preview" in request.POST

    def draw(refused: FlowrackError | None = None) -> HttpResponse:
        told: list[str] = []
        no_way, refusal = "", refused
        if asks:
            told, no_way, refusal = _told(request, head, wish, form)
        elif request.method != "POST" and wish.is_clear:
            told, no_way, refusal = _told(request, head, wish, wish.form(_first(form)))
        what: dict[str, Any] = {"told": told, "no_way": no_way, "asked": asks or wish.is_clear}
        if refusal is not None and refusal.details.get("cartons"):
            what["no_way_to"] = f"{reverse('fulfilment_cartons')}?{urlencode({'q': head.number})}"
        if asks and request.headers.get("HX-Request"):
            return render_page(request, "sales/_consequences.html", what)
        back = (head.number, to)
        template = "sales/change.html"
        return render_form(
            request,
            form,
            title=wish.title,
            verb=wish.verb,
            refusal=refused,
            back=back,
            template=template,
            sub=head.customer,
            **what,
        )

    def done(result: Any) -> str:
        toast(request, wish.done, undo_url=wish.undo)
        return to

    if request.method == "POST" and not asks and form.is_valid():
        return perform(request, wish.command, wish.make(form), to=done, again=draw)
    return draw()


def _first(form: Any) -> dict[str, str]:
    """What the form would post as it is first shown."""
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: "" if value is None else str(value) for name, value in values.items()}


def _told(request: HttpRequest, head: OrderHead, wish: Wish, form: Any) -> tuple[list[str], str, FlowrackError | None]:
    """The consequences, or why there are none, in words and as it was refused."""
    if not form.is_valid():
        return [], " ".join(str(error) for errors in form.errors.values() for error in errors), None
    try:
        told = steps_preview.preview(context_of(request), wish.command, wish.make(form), head.order_id)
        return told.consequences, "", None
    except NotPermitted:
        raise
    except FlowrackError as refusal:
        said = dict.fromkeys([refusal.message, *(line.message for line in refusal.lines), refusal.fix])
        return [], " ".join(said), refusal


def _way_back(head: OrderHead, lines: list[LineRow]) -> str:
    """The page that changes an order back to what it is now."""
    wish: dict[str, Any] = {"requested_on": head.requested_on, "latest_on": head.latest_on or ""}
    wish["ship_to"] = head.ship_to_code
    for line in lines:
        wish |= {f"units-{line.line_id}": line.units, f"price-{line.line_id}": f"{line.unit_price.normalize():f}"}
    return f"{reverse('sales_order_change', args=[head.order_id])}?{urlencode(wish)}"


urlpatterns = [
    path("orders/<int:order_id>/change", change, name="sales_order_change"),
    path("orders/<int:order_id>/terms", terms, name="sales_order_terms"),
    path("orders/<int:order_id>/cancel", cancel, name="sales_order_cancel"),
    path("orders/<int:order_id>/cancel-waiting", cancel_waiting, name="sales_order_cancel_waiting"),
    path("orders/<int:order_id>/override", override, name="sales_order_override"),
]
