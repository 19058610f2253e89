"""The page that says from where an order could ship, beside each other, and lets a person decide it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.allocation.queries_sites import company_rules
from flowrack.allocation.reasons_sites import sentence
from flowrack.allocation.rules_sites import Plan, SitesCase, alone, choose
from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.format import number
from flowrack.platform.web.listing import Column
from flowrack.platform.web.record import Table
from flowrack.platform.web.render import context_of, perform, render_form, render_page
from flowrack.promise import commands_sites, queries, queries_grounds, queries_sites, steps_move_preview
from flowrack.promise.commands_sites import MOVE
from flowrack.promise.queries_sites import MovableOrder
from flowrack.promise.types_sites import LinesSourced, MoveLines, MoveUnits
from flowrack.sales import commands_sites as commands_of_sales
from flowrack.sales.types import OrderNotFound
from flowrack.sales.types_sites import SetAnySite
from flowrack.shared.errors import FlowrackError, NotPermitted

SEES = "promise.see_freight"
ANY, STAY = "any", "stay"
MOST_LINES = 60
MOST_PLANS = 8


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One way to send the order."""

    sites: str
    what: str
    on: date | None
    late: int
    money: Decimal
    standing: str


class ShipFromForm(forms.Form):
    """Which units of which lines ship from where; a field for each line that can move."""

    def __init__(self, data: Any, order: MovableOrder, sites: Mapping[int, str]) -> None:
        super().__init__(data)
        choices = [(str(site_id), name) for site_id, name in sites.items() if site_id != order.site_id]
        own = sites.get(order.site_id, "")
        choices.append((STAY, f"{own}, whatever the rules say") if order.any_site else (ANY, "let the rules choose"))
        self.fields["site"] = forms.ChoiceField(label="Ship from", choices=choices)
        for line in order.lines[:MOST_LINES]:
            self.fields[f"units-{line.line_id}"] = forms.IntegerField(
                label=f"Line {line.line_no}, {line.sku}: units", min_value=0, max_value=line.units, required=False,
                initial=0 if line.why_not else line.units, disabled=bool(line.why_not),
                help_text=f"Stays: {line.why_not}." if line.why_not else f"Of {number(line.units)}; 0 stay.",
            )  # fmt: skip
        self.fields["reason"] = forms.CharField(label="Why", max_length=200)

    def clean(self) -> dict[str, Any]:
        """At least one unit moves where a site is named."""
        data = super().clean() or {}
        if data.get("site") not in (ANY, STAY) and not any(data[name] for name in data if name.startswith("units-")):
            self.add_error(None, "Nothing would move: type how many units of a line.")
        return data

    @property
    def any_site(self) -> bool | None:
        """Whether the rules are to choose, or it is to stay; None where a site is named."""
        return {ANY: True, STAY: False}.get(self.cleaned_data["site"])

    def to_request(self, order: MovableOrder) -> MoveLines:
        """The command's request."""
        data = self.cleaned_data
        asked = [(line.line_id, data.get(f"units-{line.line_id}") or 0) for line in order.lines[:MOST_LINES]]
        lines = [MoveUnits(line_id, units) for line_id, units in asked if units]
        return MoveLines(order.order_id, lines, int(data["site"]), data["reason"])


def _columns(*, sees_freight: bool) -> list[Column]:
    return [
        Column("sites", "From"),
        Column("what", "What", wide=True),
        Column("on", "There on", kind="date"),
        Column("late", "Days late", kind="number", value=lambda r: r.late or None),
        *([Column("money", "Freight and split", kind="money")] if sees_freight else []),
        Column("standing", "", kind="state", marks={"by the rules": "ok", "as it is": "wait"}),
    ]


@page(MOVE)
def ship_from(request: HttpRequest, order_id: int) -> HttpResponse:
    """From where the order could ship, by the rules; and what a person decides."""
    caller = caller_of(request)
    found = queries_sites.movable([order_id])
    if not found or caller is None or not caller.may(MOVE, found[0].site_id) or not found[0].lines:
        raise OrderNotFound("Nothing of this order can ship from elsewhere.", fix="See what is in picking.")
    [order] = found
    words = queries_sites.words()
    sites = {site_id: words.names[site_id] for site_id in queries.selling_sites()}
    form = ShipFromForm(request.POST or None, order, sites)
    to = reverse("sales_order", args=[order_id])

    asks = request.method == "POST" and "preview" in request.POST

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        told, no_way = ([], "") if request.method == "POST" and not asks else _foretold(request, order, sites)
        what: dict[str, Any] = {"told": told, "no_way": no_way, "asked": True}
        if asks and request.headers.get("HX-Request"):
            return render_page(request, "sales/_consequences.html", what)
        case = queries_grounds.case_of(order, sorted(sites), now(), company_rules(), home=0)
        table = Table(
            "Ways to send it", _columns(sees_freight=caller.may(SEES, order.site_id)),
            _plans(case, order.site_id, sites), empty="No site may send it.", is_cards=True,
        )  # fmt: skip
        sub = "Any site may send it: the rules choose, now and while it waits." if order.any_site else ""
        return render_form(
            request, form, title=f"Ship {order.number} from", verb="Ship from there", refusal=refusal,
            back=(order.number, to), sub=sub, template="promise/ship_from.html", tables=[table], **what,
        )  # fmt: skip

    if request.method != "POST" or asks or not form.is_valid():
        return drawn()
    if form.any_site is not None:
        req = SetAnySite(order_id, form.any_site, form.cleaned_data["reason"])
        said = "The rules choose its site" if req.any_site else "It stays at its site"
        return perform(request, commands_of_sales.set_any_site, req, to=to, toast=said, again=drawn)
    return perform(
        request,
        commands_sites.move_lines,
        form.to_request(order),
        to=lambda done: reverse("sales_order", args=[done.moved[0].order_id]),
        toast=_told,
        again=drawn,
    )


def _foretold(request: HttpRequest, order: MovableOrder, sites: Mapping[int, str]) -> tuple[list[str], str]:
    """What the form as it stands would do, or why it would do nothing; the reason may come later."""
    form = ShipFromForm(None, order, sites)
    first = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    first["site"] = next(iter(form.fields["site"].choices))[0]  # type: ignore[attr-defined]
    data = {**first, **request.POST.dict()}
    form = ShipFromForm(data | {"reason": str(data.get("reason") or "").strip() or "-"}, order, sites)
    if not form.is_valid():
        return [], " ".join(str(error) for errors in form.errors.values() for error in errors)
    if form.any_site is not None:
        return [_of_choice(order, sites)] if form.any_site else [f"It stays at {sites[order.site_id]}."], ""
    try:
        req = form.to_request(order)
        return steps_move_preview.preview(context_of(request), commands_sites.move_lines, req).consequences, ""
    except NotPermitted:
        raise
    except FlowrackError as refusal:
        return [], " ".join(dict.fromkeys([refusal.message, *(line.message for line in refusal.lines), refusal.fix]))


def _of_choice(order: MovableOrder, sites: Mapping[int, str]) -> str:
    """What the rules would choose now."""
    case = queries_grounds.case_of(order, sorted(sites), now(), company_rules(), home=order.site_id)
    choice = choose(case)
    said = sentence(case, choice, queries_sites.words()) if choice else "No site may send it."
    return f"The rules choose, now and while it waits. {said}"


def _told(done: LinesSourced) -> str:
    return f"{done.moved[0].number} ships from {queries_sites.name_of(done.moved[0].site_id)}"


def _plans(case: SitesCase, site_id: int, names: Mapping[int, str]) -> list[PlanRow]:
    """The plan of the rules, then the others in the order of their sums."""
    choice = choose(case)
    if choice is None:
        return []
    plans = [choice.plan, *choice.others]
    if not choice.others:  # the first site is in time, so that no other was held beside it
        plans += [plan for plan in alone(case).values() if plan.sites != choice.plan.sites]
    return [_row(case, plan, site_id, names, is_first=n == 0) for n, plan in enumerate(plans[:MOST_PLANS])]


def _row(case: SitesCase, plan: Plan, site_id: int, names: Mapping[int, str], *, is_first: bool) -> PlanRow:
    parts: list[str] = []
    for one in plan.portions if len(plan.sites) > 1 else ():
        parts.append(f"{number(one.units)} × {case.wants[one.line].sku} from {names[one.site_id]}")
    standing = "by the rules" if is_first else "as it is" if plan.sites == (site_id,) else ""
    return PlanRow(
        " + ".join(names[one] for one in plan.sites), "; ".join(parts) or "all of it", plan.on,
        plan.late if plan.on else 0, Decimal(plan.money) / 100, standing,
    )  # fmt: skip


urlpatterns = [path("orders/<int:order_id>/ship-from", ship_from, name="promise_ship_from")]
