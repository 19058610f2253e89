"""The page to give units by hand, which shows first whose promise breaks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from flowrack.allocation import commands_overrides, queries_given, queries_overrides
from flowrack.allocation.forms_overrides import GiveForm
from flowrack.allocation.pages_urgent import Way
from flowrack.allocation.queries_overrides import LineFacts
from flowrack.allocation.rules_overrides import Missed, would_miss
from flowrack.allocation.types_overrides import GiveUnits
from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.format import number
from flowrack.platform.web.listing import Column
from flowrack.platform.web.record import Table
from flowrack.platform.web.render import perform, render_form, render_page
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
    back = (line.number, f"{reverse('sales_order', args=[line.order_id])}?line={line_id}#ladder")
    if (stops := _stops(line, free, is_held_by_others=bool(sources))) is not None:
        why, fix, ways = stops
        return render_page(
            request, "allocation/no_way.html",
            {"title": f"Give {line.sku} to {line.number}", "back": back, "why": why, "fix": fix, "ways": ways,
             "sub": f"{line.customer}, tier {line.tier}: {number(line.waiting)} wait, {number(max(free, 0))} are free.",
             "tables": [Table(f"Who else wants {line.sku}", HOLDERS, others, empty="Nobody else wants it.")]},
        )  # fmt: skip
    today = queries_overrides.end_of(line.site_id, None, now()).today
    first = {"units": max(min(line.waiting, free) or line.waiting, 1), "until_on": today}
    form = GiveForm(request.POST or None, initial=first, sources=sources)
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


def _stops(line: LineFacts, free: int, *, is_held_by_others: bool) -> Way | None:
    """Why nothing can be given to a line, what is left, and the pages for that; None where something can."""
    order = reverse("sales_order", args=[line.order_id])
    if line.state not in ("confirmed", "released"):
        return f"{line.number} is {line.state}: nothing is given to it any more.", "", [(f"Open {line.number}", order)]
    if line.is_held:
        why = f"Line {line.line_no} of {line.number} is on hold."
        return why, "Have the hold released first.", [("See the hold", f"{reverse('sales_holds')}?q={line.number}")]
    if line.waiting <= 0:
        return f"Nothing of line {line.line_no} of {line.number} waits.", "", [(f"Open {line.number}", order)]
    if free > 0 or is_held_by_others:
        return None
    ways = [
        ("What would change it", f"{order}?line={line.line_id}#ladder"),
        ("Part, substitute, wait", reverse("allocation_instead", args=[line.line_id])),
    ]
    return (
        f"There is no {line.sku} to give: none is free at the site, and no other order has any that no picker has.",
        "Send a part or a substitute, wait for the next delivery, or bring goods from another site.",
        ways,
    )
