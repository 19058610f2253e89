"""Pages of order holds: the board, releasing and placing, the rules and the credits."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import (
    Batch,
    Button,
    Choice,
    Column,
    DateRange,
    Empty,
    ListPage,
    ListQuery,
    NumberRange,
    Page,
    Tab,
    memory_page,
)
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import go, perform, perform_form, render_form
from flowrack.platform.web.viewer import Viewer
from flowrack.sales import commands_credit, commands_holds, queries, queries_credit, queries_holds, states
from flowrack.sales.forms_holds import CreditForm, HoldRulesForm, ReasonForm
from flowrack.sales.queries_holds import HoldRow
from flowrack.sales.rules_holds import PERMISSION_OF
from flowrack.sales.types_holds import HoldKind, PlaceHolds, ReleaseHolds
from flowrack.shared.errors import FlowrackError

TITLE = "Order holds"
MOST = 500  # holds that one form releases
MOST_SAID = 5  # sentences above the form
MARKS = {"open": "warn", "released": "ok", "changed": "ok", "cancelled": "void"}
DAY = 86_400
ENDED = "number,kind,customer,sku,sentence,state,ended_at,ended_by,reason"


def age(row: HoldRow) -> str:
    """How long a hold has stood, or stood, in words."""
    return _span(row.placed_at, row.ended_at or now())


def _span(since: datetime, until: datetime) -> str:
    seconds = max(0, int((until - since).total_seconds()))
    if seconds >= DAY:
        return f"{seconds // DAY} d"
    return f"{seconds // 3600} h" if seconds >= 3600 else f"{seconds // 60} min"


def _release(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """Say why the chosen ones are released."""
    return go(request, f"{reverse('sales_holds_release')}?ids={','.join(map(str, ids[:MOST]))}")


HOLDS = ListPage(
    name="sales.holds",
    title=TITLE,
    noun=("hold", "holds"),
    permission="sales.view",
    rows=queries_holds.hold_page,
    columns=[
        Column("number", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("kind", "Kind", sort=True),
        Column("tier", "Tier", kind="tier", sort=True),
        Column("customer", "Customer", sort=True),
        Column("sku", "Item", kind="code", sort=True, value=lambda r: r.sku or "whole order"),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("promised", "Reserved", kind="number", sort=True, value=lambda r: r.promised or None),
        Column("value", "Value", kind="money", sort=True, total=True),
        Column("sentence", "Why", wide=True),
        Column("requested_on", "Wanted", kind="date", sort=True),
        Column("age", "Age", sort="placed_at", value=age),
        Column("state", "State", kind="state", marks=MARKS, hidden=True),
        Column("placed_at", "Since", kind="datetime", sort=True, hidden=True),
        Column("placed_by", "By", hidden=True),
        Column("ended_at", "Ended", kind="datetime", sort=True, hidden=True),
        Column("ended_by", "Ended by", hidden=True),
        Column("reason", "Why it ended", hidden=True),
        Column("site", "Site", kind="code", hidden=True),
    ],
    filters=[
        Choice("kind", "Kind", [(kind.value, kind.value) for kind in HoldKind], promoted=True),
        Choice("state", "State", [(state, state) for state in MARKS]),
        Choice("tier", "Tier", [(tier, tier) for tier in "ABC"]),
        DateRange("placed_at", "Since", promoted=True),
        NumberRange("value", "Value"),
    ],
    tabs=[
        Tab("Open", "state=open"),
        *(Tab(kind.value.capitalize(), f"state=open&kind={kind.value}") for kind in HoldKind),
        Tab("Ended", f"state=released,changed,cancelled&cols={ENDED}"),
        Tab("All", "view=all"),
    ],
    sort="placed_at",
    search="Order, customer, item or reason",
    batch=[Batch("release", "Release", "sales.release_holds", _release)],
    empty=Empty("Nothing is held", "Orders that wait for a person: absurd quantities, credit, addresses, or by hand."),
)


def _ids(request: HttpRequest) -> list[int]:
    """The holds that the address or the form names."""
    named = request.POST.get("ids") or request.GET.get("ids", "")
    return [int(part) for part in named.split(",") if part.isdigit() and len(part) < 19][:MOST]


@page("sales.release_holds")
def release(request: HttpRequest) -> HttpResponse:
    """Release holds, with the reason; what they say stands above it."""
    ids, back = _ids(request), request.GET.get("order", "")
    to = reverse("sales_order", args=[int(back)]) if back.isdigit() and len(back) < 19 else reverse("sales_holds")
    form = ReasonForm(request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        caller = caller_of(request)
        sites = caller.sites("sales.view") if caller else frozenset()
        found = [hold for hold in queries_holds.holds_by_id(ids) if 0 in sites or hold.site_id in sites]
        said = " ".join(f"{hold.number}: {hold.sentence}" for hold in found[:MOST_SAID])
        more = f" And {len(found) - MOST_SAID} more." if len(found) > MOST_SAID else ""
        chosen = f"{said}{more}" or "None of these holds stands any more."
        return render_form(
            request, form, title="Release holds", verb="Release", refusal=refusal, back=(TITLE, to), sub=chosen
        )

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands_holds.release_holds,
        ReleaseHolds(ids, form.cleaned_data["reason"]),
        to=to,
        toast=lambda done: f"{len(done.hold_ids)} released",
        again=drawn,
    )


@page("sales.hold")
def hold_order(request: HttpRequest, order_id: int) -> HttpResponse:
    """Hold an order, or one of its lines, by hand."""
    caller = caller_of(request)
    head = queries.access_order(order_id, caller.sites("sales.hold") if caller else frozenset())
    states.advance(states.OrderState(head.state), "change")
    lines = [(line.line_id, f"line {line.line_no}, {line.sku}") for line in queries.lines_of(order_id)]
    asked = request.GET.get("line", "")
    line = next(((line_id, name) for line_id, name in lines if str(line_id) == asked), None)
    form = ReasonForm(request.POST or None)
    to = reverse("sales_order", args=[order_id])

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        what = f"{head.number}, {line[1]}" if line else head.number
        sub = "Nothing new is reserved and nothing goes to a picker until somebody releases it."
        return render_form(
            request, form, title=f"Hold {what}", verb="Hold", refusal=refusal, back=(head.number, to), sub=sub
        )

    if request.method != "POST" or not form.is_valid():
        return drawn()
    req = PlaceHolds(form.cleaned_data["reason"], [] if line else [order_id], [line[0]] if line else [])
    return perform(request, commands_holds.place_holds, req, to=to, toast="On hold", again=drawn)


def _rules(query: ListQuery) -> Page[queries_credit.RulesRow]:
    return memory_page(query, queries_credit.all_rules(), search=("site", "reason"))


RULES = ListPage(
    name="sales.hold_rules",
    title="Hold rules",
    noun=("version", "versions"),
    permission="sales.view",
    rows=_rules,
    columns=[
        Column("site", "Where", kind="code", sort=True),
        Column("version", "Version", kind="number", sort=True),
        Column("holds_quantity", "Quantities", kind="flag"),
        Column("factor", "Factor", kind="number", places=2),
        Column("least_spread", "Least spread", kind="number", places=3),
        Column("floor_units", "Floor, units", kind="number"),
        Column("least_lines", "Least lines", kind="number"),
        Column("most_times", "Times the largest line", kind="number"),
        Column("short_units", "New site, units", kind="number"),
        Column("holds_credit", "Credit", kind="flag"),
        Column("holds_address", "Addresses", kind="flag"),
        Column("needs_address", "Needs an address", kind="flag"),
        Column("reason", "Why", wide=True),
        Column("set_by", "Set by"),
        Column("set_at", "Set", kind="datetime", sort=True),
        Column("ended_at", "Ended", kind="datetime"),
    ],
    sort="-set_at",
    search="Site or reason",
    actions=[Button("Set rules", "sales_hold_rules_new", permission="sales.hold_rules", primary=True, key="n")],
    empty=Empty(
        "The shipped rules count",
        "Factor 5, spread at least 0.7, floor 500 units, 20 lines of history, 5 times the largest line, 10,000 units "
        "while a site has few lines.",
        "Set rules", "sales_hold_rules_new", "sales.hold_rules",
    ),
)  # fmt: skip


@page("sales.hold_rules")
def new_rules(request: HttpRequest) -> HttpResponse:
    """A new version of what is held by itself."""
    form = HoldRulesForm(request.POST or None)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request,
            form,
            title="Hold rules",
            verb="Set rules",
            refusal=refusal,
            back=("Hold rules", reverse("sales_hold_rules")),
            sub="The version in force ends, and this one begins. What was entered before is not judged anew.",
        )

    if request.method != "POST":
        return drawn()
    return perform_form(
        request,
        commands_holds.set_hold_rules,
        form.to_request(),
        form=form,
        to=reverse("sales_hold_rules"),
        toast=lambda done: f"Version {done.version} set",
        again=drawn,
    )


CREDITS = ListPage(
    name="sales.credits",
    title="Credit",
    noun=("customer", "customers"),
    permission="sales.credits",
    rows=queries_credit.credit_page,
    columns=[
        Column("code", "Customer", kind="code", sort=True),
        Column("customer", "Name", sort=True),
        Column("state", "State", kind="state", marks={"good": "ok", "used up": "warn", "stopped": "bad"}),
        Column("credit_limit", "Limit", kind="money", sort=True),
        Column("owed", "Owed", kind="money", sort=True, total=True),
        Column("open_value", "Open orders", kind="money", sort=True, total=True),
        Column("left", "Left", kind="money", sort=True, value=lambda r: r.left if r.left is not None else None),
        Column("reason", "Why", wide=True),
        Column("set_by", "Set by"),
        Column("set_at", "Set", kind="datetime", sort=True),
        Column("version", "Version", kind="number", hidden=True),
    ],
    filters=[Choice("state", "State", [(s, s) for s in ("good", "used up", "stopped")], promoted=True)],
    sort="code",
    search="Customer",
    actions=[Button("Set credit", "sales_credit_new", permission="sales.credit", primary=True, key="n")],
    empty=Empty(
        "No customer has a limit", "A limit, or a stop, holds orders until finance releases them.",
        "Set credit", "sales_credit_new", "sales.credit",
    ),
)  # fmt: skip


@page("sales.credit")
def new_credit(request: HttpRequest) -> HttpResponse:
    """A new version of a customer's credit."""
    form = CreditForm(request.POST or None, initial={"customer": request.GET.get("customer", ""), "owed": Decimal(0)})

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title="Set credit", verb="Set credit", refusal=refusal,
            back=("Credit", reverse("sales_credits")),
            sub="Orders that wait for credit and fit then are free, the oldest first. A stop holds all that is open.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands_credit.set_credits,
        form.to_request(),
        to=reverse("sales_credits"),
        toast=lambda done: f"{len(done.placed_hold_ids)} held, {len(done.ended_hold_ids)} released",
        again=drawn,
    )


def waiting(viewer: Viewer) -> int:
    """Holds at the person's site that he may release."""
    kinds = [kind for kind in HoldKind if viewer.may(PERMISSION_OF[kind])]
    return queries_holds.open_count(viewer.site_id, kinds) if kinds else 0


NAV = [
    NavItem("Outbound", TITLE, "sales_holds", permission="sales.view", order=15, count=waiting, section="Orders"),
    NavItem("Data and setup", "Hold rules", "sales_hold_rules", permission="sales.view", order=74),
    NavItem("Data and setup", "Credit", "sales_credits", permission="sales.credits", order=75),
]

urlpatterns = [
    path("orders/holds", HOLDS.view, name="sales_holds"),
    path("orders/holds/release", release, name="sales_holds_release"),
    path("orders/<int:order_id>/hold", hold_order, name="sales_order_hold"),
    path("orders/hold-rules", RULES.view, name="sales_hold_rules"),
    path("orders/hold-rules/new", new_rules, name="sales_hold_rules_new"),
    path("orders/credit", CREDITS.view, name="sales_credits"),
    path("orders/credit/new", new_credit, name="sales_credit_new"),
]
