"""The page that calls an order urgent: who would wait for it; and where nobody can, why, and what is left to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from flowrack.allocation import commands_displacement as commands
from flowrack.allocation import queries_displacement as scenes
from flowrack.allocation import queries_urgent as queries
from flowrack.allocation import reasons_displacement as reasons
from flowrack.allocation.forms_displacement import UrgentForm
from flowrack.allocation.queries_displacement import Judged, UrgentOrder
from flowrack.allocation.queries_urgent import PriorityRow
from flowrack.allocation.reasons import kept_for
from flowrack.allocation.types_displacement import PriorityRequested, RequestPriority
from flowrack.approvals.queries import business_days
from flowrack.platform.http import caller_of, now
from flowrack.platform.rehearsal import rehearse
from flowrack.platform.web.access import page
from flowrack.platform.web.format import day, number
from flowrack.platform.web.listing import Column
from flowrack.platform.web.record import Table
from flowrack.platform.web.render import context_of, perform, render_form, render_page
from flowrack.sales import chosen
from flowrack.sales import queries as orders
from flowrack.sales.forms_holds import ReasonForm
from flowrack.sales.queries import OrderHead
from flowrack.sales.types_many import Outcome
from flowrack.shared.errors import FlowrackError, Invalid

MOST_URGENT = 20  # orders at a time


@dataclass(frozen=True, slots=True)
class Waits:
    """A row of the preview: from where how much comes, and when that leaves then."""

    sku: str
    missing: int
    order_id: int
    number: str
    customer: str
    tier: str
    units: int
    promised_on: date | None
    leaves: str
    how: str


def _leaves(on: date | None, promised_on: date) -> str:
    if on is None:
        return "no cover in sight"
    late = (on - promised_on).days
    return day(on) if late <= 0 else f"{day(on)}, {late} day{'' if late == 1 else 's'} late"


PREVIEW = [
    Column("sku", "Item", kind="code"),
    Column("missing", "Missing", kind="number"),
    Column(
        "number", "From", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id]) if r.order_id else ""
    ),
    Column("customer", "Customer", wide=True),
    Column("tier", "Tier", kind="tier"),
    Column("units", "Units", kind="number"),
    Column("promised_on", "Leaves now", kind="date"),
    Column("leaves", "Leaves then"),
    Column("how", "How"),
]


def _preview(judged: Sequence[Judged]) -> list[Table]:
    """Where the units of each line would come from, and who would wait."""
    line_ids = [give.line_id for one in judged for give in [*one.made.at_once, *one.made.to_allow]]
    about = scenes.line_facts([*line_ids, *(one.made.ask.line_id for one in judged)])
    rows: list[Waits] = []
    for one in judged:
        sku, missing = about[one.made.ask.line_id].sku, one.made.ask.units
        free = sum(units for _, units in one.made.free)
        if free:
            rows.append(Waits(sku, missing, 0, "free stock", "", "", free, None, "", "at once"))
        for gives, how in ((one.made.at_once, "at once: still in time"), (one.made.to_allow, "if somebody consents")):
            for line_id, units in reasons.units_of(gives).items():
                facts = about[line_id]
                leaves = _leaves(one.made.leaves.get(line_id), facts.promised_on)
                rows.append(
                    Waits(
                        sku, missing, facts.order_id, facts.number, facts.customer, facts.tier, units,
                        facts.promised_on, leaves, how,
                    )
                )  # fmt: skip
        if one.made.missing:
            why = f"; {kept_for(one.made.kept, one.made.keeper)}" if one.made.kept else ""
            rows.append(Waits(sku, missing, 0, "nobody", "", "", one.made.missing, None, "", f"waits for stock{why}"))
    return [Table("Where it would come from", PREVIEW, rows, empty="Nothing of this order waits for stock.")]


@page("allocation.prioritise")
def urgent(request: HttpRequest, order_id: int) -> HttpResponse:
    """Call an order urgent: who would wait; where it would change nothing, why, and what is left to do."""
    caller = caller_of(request)
    head = orders.access_order(order_id, caller.sites("allocation.prioritise") if caller else frozenset())
    at = now()
    today = business_days([head.site_id], now=at)[head.site_id]
    order = scenes.urgent_order(order_id, today)
    judged: list[Judged] = []
    if order is not None and order.asks:
        judged = scenes.judge(order, today, scenes.candidates(order, today, at)[0], at)
    pending, got = sum(one.made.pending for one in judged), sum(one.made.got for one in judged)
    back, who = (head.number, reverse("sales_order", args=[order_id])), f"{head.customer}, tier {head.tier}."
    asked = next((one for one in queries.requests_of_order(order_id) if one.state == "waiting"), None)
    refused = None
    if asked is None and not (got or pending):
        refused = rehearse(commands.request_priority, context_of(request), RequestPriority(order_id, "to look"))
    if asked is not None or refused is not None:
        why, fix, ways = _asked(asked) if asked is not None else _in_vain(refused, order, head)
        return render_page(
            request, "allocation/no_way.html",
            {"title": f"Call {head.number} urgent", "back": back, "sub": who, "why": why, "fix": fix, "ways": ways,
             "tables": _preview(judged) if judged else []},
            status=200 if request.method != "POST" else refused.status if refused is not None else 409,
        )  # fmt: skip
    form = UrgentForm(request.POST or None)
    sub = f"{who} {number(got)} move at once" + (
        f", {number(pending)} when somebody else consents." if pending else "."
    )

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Call {head.number} urgent", verb="Ask" if pending else "Call urgent",
            refusal=refusal, back=back, sub=sub, template="allocation/urgent.html", tables=_preview(judged),
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands.request_priority,
        RequestPriority(order_id, form.cleaned_data["reason"]),
        to=back[1],
        toast=lambda done: f"Asked, {done.approval}" if done.state == "waiting" else "Called urgent",
        again=drawn,
    )


@page("allocation.prioritise")
def urgent_many(request: HttpRequest) -> HttpResponse:
    """Call many orders urgent, one after the other: each is judged as those before it left things."""
    ids, form = chosen.ids_of(request), ReasonForm(request.POST or None)
    back, title = ("Orders", reverse("sales_orders")), "Call orders urgent"
    if len(ids) > MOST_URGENT:
        raise Invalid(f"These are {len(ids):,} orders.", fix=f"Call at most {MOST_URGENT} urgent at a time.")
    if request.method != "POST" or not form.is_valid():
        sub = f"{len(ids)} chosen, served in the order of the list. Each takes what is free, then what others lose "
        return render_form(
            request,
            form,
            title=title,
            verb="Call urgent",
            back=back,
            sub=f"{sub}without harm; for the rest it is asked.",
        )
    ctx, outcomes = context_of(request), []
    for order_id in ids:
        head = orders.access_order(order_id, ctx.grants.get("allocation.prioritise", frozenset()))
        try:
            req = RequestPriority(order_id, form.cleaned_data["reason"])
            done = commands.request_priority(ctx.keyed(str(order_id)), req)
            outcomes.append(Outcome(order_id, head.number, True, _came(done)))
        except FlowrackError as refusal:
            outcomes.append(Outcome(order_id, head.number, False, refusal.message))
    return chosen.result(request, title, "called urgent", outcomes, back)


def _came(done: PriorityRequested) -> str:
    """What came of one order."""
    moved, pending = sum(one.units for one in done.lines), sum(one.pending for one in done.lines)
    asked = f"; {number(pending)} wait for consent, {done.approval}" if pending else ""
    return f"{number(moved)} moved to it{asked}."


Way = tuple[str, str, list[tuple[str, str]]]  # why nothing can be done here, what is left, and the pages for that


def _asked(row: PriorityRow) -> Way:
    """It was called urgent already, and somebody has to consent."""
    units = f"{number(row.pending)} units wait" if row.pending != 1 else "One unit waits"
    why = f"{row.asked_by} called it urgent already."
    return (
        why,
        f"{units} for somebody else's consent.",
        [(f"See {row.number}", reverse("allocation_priority", args=[row.id]))],
    )


def _in_vain(refusal: FlowrackError | None, order: UrgentOrder | None, head: OrderHead) -> Way:
    """Why calling it urgent changes nothing, line by line, and the pages on which something can be done."""
    assert refusal is not None
    here = reverse("sales_order", args=[head.order_id])
    why = " ".join(dict.fromkeys([*(line.message for line in refusal.lines), refusal.message]))
    if order is not None and order.asks:
        line_id = order.asks[0][1].line_id
        ways = [
            ("What would change it", f"{here}?line={line_id}#ladder"),
            ("Part, substitute, wait", reverse("allocation_instead", args=[line_id])),
            ("Ship from elsewhere", reverse("promise_ship_from", args=[head.order_id])),
        ]
    elif order is not None and order.held:
        ways = [("See the hold", f"{reverse('sales_holds')}?q={head.number}")]
    else:
        ways = [(f"Open {head.number}", here)]
    return why, refusal.fix, ways
