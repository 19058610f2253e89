"""Choices of carriers: the list with what was refused and why, one choice with every option, and what a person does."""

from __future__ import annotations

from collections.abc import Sequence

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.carriers import queries_choices as carriers
from flowrack.carriers.commands_live import keep_carrier_answers
from flowrack.carriers.queries_choices import LatestChoice, OptionRow
from flowrack.carriers.rules_choice import MAY_OVERRIDE, Why
from flowrack.platform.http import caller_of
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.filters import NumberRange
from flowrack.platform.web.listing import Choice, DateRange, Empty, Flag, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import context_of, perform, render_form
from flowrack.sales.types import ORDER
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref
from flowrack.shipping import commands, queries_carriers, queries_choices
from flowrack.shipping.live import PERSON_MS, ask_for_orders
from flowrack.shipping.queries_choices import STAGES, ChoiceRow
from flowrack.shipping.types_carriers import OverrideCarrier, ReshopCarriers

LIST, CHOOSE, OVERRIDE = "Carrier choices", "shipping.choose", "shipping.override_carrier"
WHY = {
    Why.GUIDE: "routing guide",
    Why.ZONE: "does not go there",
    Why.HAZARD: "hazard",
    Why.SIZE: "size",
    Why.WEIGHT: "weight",
    Why.PALLETS: "too few pallets",
    Why.SERVICE_DAY: "no service day",
    Why.CUT_OFF: "cut-off",
    Why.CARRIER: "the carrier says no",
}


SOURCES = {"card": "rate card", "live": "the carrier", "fallback": "rate card, no answer"}


def _out(row: ChoiceRow) -> str:
    return ", ".join(WHY.get(Why(code), code) for code in row.out.split(",") if code)


CHOICES = ListPage(
    name="shipping.choices",
    title=LIST,
    noun=("choice", "choices"),
    permission="shipping.view",
    rows=queries_choices.choice_list,
    is_cards=True,
    columns=[
        Column("made_at", "Chosen", kind="datetime", sort=True, link=lambda r: _url(r.id)),
        Column("orders", "Orders", kind="code"),
        Column("customer", "Customer", sort=True, wide=True),
        Column("place", "To", kind="code", minor=True),
        Column("service", "Goes with", sort=True, wide=True, tone=lambda r: "bad" if r.service == "none" else ""),
        Column("cost", "Freight", kind="money", sort=True, total=True),
        Column("lateness", "Lateness", kind="money", sort=True, total=True, minor=True),
        Column("landed", "Landed total", kind="money", sort=True, total=True, minor=True),
        Column("saved", "Landed less than the next", kind="money", sort=True, hidden=True),
        Column("leaves_on", "Leaves", kind="date", sort=True, minor=True),
        Column("arrives_on", "Arrives", kind="date", sort=True),
        Column("days_late", "Days late", kind="number", sort=True, value=lambda r: r.days_late or None),
        Column("out", "Refused for", value=_out, wide=True),
        Column("stage", "When", value=lambda r: STAGES[r.stage]),
        Column("parcels", "Parcels", kind="number", sort=True, minor=True),
        Column("lines", "Lines", kind="number", total=True, sort=True, minor=True),
        Column("cost_per_line", "Freight a line", kind="money", sort=True, total=True, minor=True),
        Column("wave", "Wave", kind="code", hidden=True),
        Column("reason", "Because", hidden=True),
        Column("made_by", "By", hidden=True),
        Column("site", "From", hidden=True),
    ],
    filters=[
        Choice("service", "Goes with", queries_choices.services_chosen, promoted=True),
        Choice("out", "Refused for", [(str(code), words) for code, words in WHY.items()], promoted=True),
        NumberRange("cost", "Freight"),
        Choice("stage", "When", list(STAGES.items())),
        NumberRange("days_late", "Days late"),
        DateRange("made_at", "Chosen"),
        Flag("is_latest", "Counts"),
    ],
    tabs=[
        Tab("In effect", "is_latest=yes"),
        Tab("Late", "is_latest=yes&days_late=1.."),
        Tab("No carrier", "is_latest=yes&service=none"),
        Tab("By a person", "stage=person"),
        Tab("All", "view=all"),
    ],
    sort="-made_at",
    search="Order, customer, service or wave",
    row_id=lambda r: int(r.id),
    empty=Empty(
        "No carriers chosen yet", "A released wave gets its carriers when a rate card is in force.",
        "Rate cards", "carriers_cards", "carriers.view",
    ),
)  # fmt: skip


def _url(choice_id: int, step: str = "") -> str:
    return reverse(f"shipping_choice{step}", args=[choice_id])


def _card(card_id: int) -> str:
    return reverse("carriers_card", args=[card_id])


def _cut_off(row: OptionRow) -> str:
    return f"{row.leaves_on:%d %b} {row.leaves_time:%H:%M}" if row.leaves_on and row.leaves_time else ""


OPTIONS = [
    Column("rank", "#", kind="number"),
    Column("carrier", "Carrier"),
    Column("service", "Service", wide=True),
    Column("is_chosen", "Chosen", kind="flag"),
    Column("freight", "Freight", kind="money"),
    Column("penalty", "Lateness", kind="money", value=lambda r: r.penalty if r.price is not None else None),
    Column("landed", "Landed total", kind="money"),
    Column("leaves", "Cut-off", value=_cut_off),
    Column("arrives_on", "Arrives", kind="date"),
    Column("words", "Why", wide=True),
    Column("zone", "Zone", kind="code"),
    Column("charges", "Made of", wide=True),
    Column("version", "Card", value=lambda r: f"v{r.version}", link=lambda r: _card(r.card_id), minor=True),
    Column("source", "Priced by", value=lambda r: SOURCES[r.source]),
    Column("account", "His account", minor=True),
]
PARCELS = [
    Column("number", "#", kind="number"),
    Column("weight_g", "Weight, g", kind="number"),
    Column(
        "sides", "Outside, mm",
        value=lambda r: f"{r.length_mm} × {r.width_mm} × {r.height_mm}" if r.length_mm else "not measured",
    ),
    Column("hazards", "Hazards", value=lambda r: ", ".join(r.hazards)),
    Column("is_pallet", "Pallet", kind="flag"),
]  # fmt: skip


@page("shipping.view", methods=("GET", "HEAD"))
def choice(request: HttpRequest, choice_id: int) -> HttpResponse:
    """One choice: every service that was looked at, the parcels, and whether the same answer comes again."""
    found = _seen(request, choice_id)
    orders = queries_choices.orders_of_choice(choice_id)
    differs = carriers.differences(choice_id)
    left = queries_carriers.left_since(choice_id) if found.is_latest else ""
    actions = []
    if found.is_latest:
        actions = [
            Do("Choose again", _url(choice_id, "_again"), CHOOSE, primary=bool(left), post=False),
        ]
        if not left:
            url = _url(choice_id, "_override")
            actions.append(Do("Take another service", url, OVERRIDE, primary=True, post=False, key="o"))
    record = Record(
        title=found.service,
        subtitle=f"takes {found.orders} for {found.customer}" if found.service != "none" else f"takes {found.orders}",
        subject=ref("carriers.choice", choice_id),
        site_id=found.site_id,
        state="in effect" if found.is_latest else "replaced",
        marks={"in effect": "ok", "replaced": "void"},
        back=(LIST, reverse("shipping_choices")),
        facts=[
            Fact("Freight", found.cost, "money", note=_per_line(found)),
            Fact("Lateness", found.lateness, "money", note=f"{found.days_late} late" if found.days_late else ""),
            Fact("Landed total", found.landed, "money", note="by which services are compared"),
            Fact("Arrives", found.arrives_on, "date", tone="bad" if found.days_late else ""),
            Fact("To", found.place),
            *([Fact("Left already", left, note="choose again for what is still here")] if left else []),
            Fact("Chosen", STAGES[found.stage], note=found.made_at),
            Fact("By", found.made_by, note=found.reason),
            Fact("Made again", "another answer" if differs else "the same answer", note="; ".join(differs),
                 tone="bad" if differs else ""),
        ],
        actions=actions,
        tables=[
            Table("Services", OPTIONS, carriers.options_of(choice_id), is_cards=True,
                  note="The landed total is compared: freight and the price of lateness."),
            Table("Parcels", PARCELS, carriers.parcels_of(choice_id)),
        ],
        why={ref(ORDER, order_id): number for order_id, number in orders},
    )  # fmt: skip
    return render_record(request, record)


def _per_line(found: ChoiceRow) -> str:
    return f"{found.cost_per_line:,.2f} a line" if found.cost_per_line is not None else ""


def _seen(request: HttpRequest, choice_id: int) -> ChoiceRow:
    caller = caller_of(request)
    return queries_choices.access_choice(choice_id, caller.sites("shipping.view") if caller else frozenset())


class OverrideForm(forms.Form):
    """Another service, and why."""

    service = forms.ChoiceField(label="Goes with")
    reason = forms.CharField(max_length=300)


class AgainForm(forms.Form):
    """What slipped."""

    reason = forms.CharField(max_length=300, help_text="What slipped, as customer service should hear it.")


@page(OVERRIDE)
def override(request: HttpRequest, choice_id: int) -> HttpResponse:
    """Take another service than the one that was chosen."""
    found = _seen(request, choice_id)
    form = OverrideForm(request.POST or None)
    chosen = next((o for o in carriers.options_of(choice_id) if o.is_chosen), None)
    free = [o for o in carriers.options_of(choice_id) if not o.is_chosen and Why(o.why) in MAY_OVERRIDE]
    form.fields["service"].choices = [  # type: ignore[attr-defined]
        (str(o.service_id), f"{o.carrier} {o.service}, {_asks(o)}{_more(o, chosen)}: {o.words}") for o in free
    ]

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Take another service than {found.service}", verb="Take it", refusal=refusal,
            back=(found.orders, _url(choice_id)),
            sub="What a service does not take (hazard, size, weight, place) cannot be set aside.",
        )  # fmt: skip

    if request.method == "POST" and form.is_valid():
        req = OverrideCarrier(choice_id, int(form.cleaned_data["service"]), form.cleaned_data["reason"])
        return perform(
            request, commands.override_carrier, req, to=lambda done: _url(done.choices[0].choice_id),
            toast="Service taken", again=again,
        )  # fmt: skip
    return again()


def _more(option: OptionRow, chosen: OptionRow | None) -> str:
    """How much dearer it is than the one that was chosen, as the choice compares them."""
    if chosen is None or option.landed is None or chosen.landed is None or option.landed == chosen.landed:
        return ""
    more = option.landed - chosen.landed
    return f" (landed {abs(more):,.2f} {'dearer' if more > 0 else 'cheaper'})"


def _asks(option: OptionRow) -> str:
    """Its freight, and what its lateness counts."""
    if option.freight is None:
        return "not priced"
    return f"{option.freight:,.2f} freight" + (f" and {option.penalty:,.2f} for lateness" if option.penalty else "")


@page(CHOOSE)
def choose_again(request: HttpRequest, choice_id: int) -> HttpResponse:
    """Choose anew for the orders of a choice, by what is so now."""
    found = _seen(request, choice_id)
    form = AgainForm(request.POST or None)

    def again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Choose a carrier again for {found.orders}", verb="Choose again", refusal=refusal,
            back=(found.orders, _url(choice_id)),
            sub="By parcels, cut-offs and rate cards of now. A promised day that breaks is told to customer service.",
        )  # fmt: skip

    if request.method == "POST" and form.is_valid():
        ids = [order_id for order_id, _ in queries_choices.orders_of_choice(choice_id)]
        ask_for_orders(context_of(request), ids, keep_carrier_answers, budget_ms=PERSON_MS)
        return perform(
            request, commands.reshop_carriers, ReshopCarriers(form.cleaned_data["reason"], ids),
            to=lambda done: _url(done.choices[0].choice_id) if done.choices else _url(choice_id),
            toast=lambda done: "Another carrier goes" if done.changed else "The same carrier goes", again=again,
        )  # fmt: skip
    return again()


def facts(order_ids: Sequence[int], left_with: str = "") -> list[Fact]:
    """Who takes orders, for the page of an order or a shipment: with the way to why, and with whom it left instead."""
    latest = {one.choice_id: one for one in carriers.latest_of(order_ids).values()}
    return [_fact(one, left_with) for one in latest.values()]


def _fact(one: LatestChoice, left_with: str) -> Fact:
    name = f"{one.carrier} {one.service}".strip() or "no carrier takes it"
    if left_with and not f"{left_with} ".lower().startswith(f"{one.carrier} ".lower().lstrip()):
        return Fact("Chosen was", name, note=f"left with {left_with} instead", url=_url(one.choice_id), tone="bad")
    return Fact(
        "Goes with", name, note=f"{one.cost:,.2f} freight, arrives {one.arrives_on:%d %b}" if one.arrives_on else "",
        url=_url(one.choice_id), tone="bad" if one.days_late or not one.service_id else "",
    )  # fmt: skip


NAV = [NavItem("Outbound", LIST, "shipping_choices", permission="shipping.view", order=46, section="Shipping")]

urlpatterns = [
    path("carrier-choices", CHOICES.view, name="shipping_choices"),
    path("carrier-choices/<int:choice_id>", choice, name="shipping_choice"),
    path("carrier-choices/<int:choice_id>/override", override, name="shipping_choice_override"),
    path("carrier-choices/<int:choice_id>/again", choose_again, name="shipping_choice_again"),
]
