"""The page to give units by hand, which shows first whose promise breaks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from flowrack.allocation import commands_overrides, queries_given, queries_overrides
from flowrack.allocation.forms_overrides import GiveForm
from flowrack.allocation.rules_overrides import Missed, would_miss
from flowrack.allocation.types_overrides import GiveUnits
from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.format import number
from flowrack.platform.web.listing import Column
from flowrack.platform.web.record import Table
from flowrack.platform.web.render import perform, render_form
from flowrack.sales.types import OrderNotFound
from flowrack.shared.errors import FlowrackError

HOLDERS = [
    Column("number", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id])),
    Column("tier", "Tier", kind="tier"),
    Column("free", "Reserved, not in picking", kind="number", value=lambda r: r.free or None),
    Column("waiting", "Waits", kind="number", value=lambda r: r.waiting or None),
    Column("due_on", "Due", kind="date"),
    Column("customer", "Customer", wide=True),
]


MISSED = [
    Column("number", "Order", kind="code"),
    Column("units", "Units", kind="number"),
    Column("promised_on", "Promised", kind="date"),
    Column("leaves_on", "Leaves then", kind="date"),
]


@page("allocation.override")
def give(request: HttpRequest, line_id: int) -> HttpResponse:
    """Give a line units by hand, out of rank."""
    caller = caller_of(request)
    line = queries_overrides.line_facts([line_id]).get(line_id)
    if line is None or caller is None or not caller.may("allocation.override", line.site_id):
        raise OrderNotFound("There is no such order line.", fix="Open the order again.")
    others = queries_overrides.rivals(line.item_id, line.site_id, line_id)
    free = queries_overrides.free_units(line.item_id, line.site_id)
    sources = [
        (str(one.line_id), f"{one.number}, {one.customer}: {number(one.free)} reserved") for one in others if one.free
    ]
    today = queries_overrides.end_of(line.site_id, None, now()).today
    first = {"units": max(min(line.waiting, free) or line.waiting, 1), "until_on": today}
    form = GiveForm(request.POST or None, initial=first, sources=sources)
    back = (line.number, f"{reverse('sales_order', args=[line.order_id])}?line={line_id}#ladder")

    missed: list[Missed] = []

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        harm = [Table("Promises that would be missed", MISSED, missed)] if missed else []
        said = f"{would_miss(missed)} " if missed else ""
        return render_form(
            request, form, title=f"Give {line.sku} to {line.number}", verb="Give all the same" if missed else "Give",
            refusal=refusal, back=back,
            sub=f"{said}{line.customer}, tier {line.tier}: {number(line.waiting)} wait, {number(free)} are free. "
            "Only rank is broken: life, lots and holds count all the same.",
            template="allocation/urgent.html",
            tables=[*harm, Table(f"Who else wants {line.sku}", HOLDERS, others, empty="Nobody else wants it.")],
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    data = form.cleaned_data
    missed = queries_given.would_miss(line, data["units"], data["from_line_id"] or 0, today, now())
    seen = would_miss(missed)
    if seen != data["seen"]:  # first it is shown whose promise breaks
        form = GiveForm({**request.POST.dict(), "seen": seen}, sources=sources)
        return drawn()
    return perform(
        request,
        commands_overrides.give_units,
        GiveUnits(line_id, data["units"], data["reason"], data["until_on"], data["from_line_id"] or 0),
        to=back[1],
        toast=lambda done: f"Given, {done.number}" if done.number else "Reserved, as the rules would",
        again=drawn,
    )
