"""Pages of overrides: give units by hand, the list with reviews, one override, and whether overrides were right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.allocation import commands, commands_overrides, queries_overrides
from flowrack.allocation.forms_overrides import EndForm, ObjectForm, TakeBackForm
from flowrack.allocation.pages_give import give
from flowrack.allocation.queries_overrides import OverrideRow, SummaryRow
from flowrack.allocation.types import ReleaseAllocation
from flowrack.allocation.types_overrides import (
    OVERRIDE,
    WORDS,
    EndOverride,
    OverrideKind,
    ReviewOverrides,
    Verdict,
)
from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.details import rule_in_words
from flowrack.platform.web.format import number
from flowrack.platform.web.listing import (
    Batch,
    Button,
    Choice,
    Column,
    DateRange,
    Empty,
    ListPage,
    ListQuery,
    Page,
    Tab,
    memory_page,
)
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import ask, go, perform
from flowrack.platform.web.viewer import Viewer, viewer_of
from flowrack.sales import queries as orders
from flowrack.shared.errors import NotFound
from flowrack.shared.refs import ref

TITLE = "Overrides"
SUMMARY = "Were overrides right?"
PRICES = "sales.view"  # who sees what units are worth
REVIEWS = {"to review": "warn", "overdue": "bad", "confirmed": "ok", "objected": "bad"}
OUTCOMES = {"right": "ok", "at a cost": "warn", "in vain": "warn", "wrong": "bad", "open": "", "no line": ""}
MOST = 500
SUMMARY_DAYS = 90


def _ids(request: HttpRequest) -> list[int]:
    named = request.POST.get("ids") or request.GET.get("ids", "")
    return [int(part) for part in named.split(",") if part.isdigit() and len(part) < 19][:MOST]


def _confirm(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """The chosen ones were right to make."""
    return perform(
        request,
        commands_overrides.review_overrides,
        ReviewOverrides(ids[:MOST], Verdict.CONFIRMED),
        to=reverse("allocation_overrides"),
        toast=lambda done: f"{len(done.override_ids)} confirmed",
    )


def _object(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """Say what was wrong with the chosen ones."""
    return go(request, f"{reverse('allocation_overrides_object')}?ids={','.join(map(str, ids[:MOST]))}")


def _kind(row: Any) -> str:
    return WORDS[OverrideKind(row.kind)]


OVERRIDES = ListPage(
    name="allocation.overrides",
    title=TITLE,
    noun=("override", "overrides"),
    permission="allocation.view",
    rows=lambda query: queries_overrides.override_page(query, now()),
    columns=[
        Column(
            "number", "Override", kind="code", sort="id", link=lambda r: reverse("allocation_override", args=[r.id])
        ),
        Column("review", "Review", kind="state", marks=REVIEWS, sort="review_due_on"),
        Column("kind", "What", value=_kind, sort=True),
        Column("made_by", "By", sort=True),
        Column("made_at", "When", kind="datetime", sort=True),
        Column("orders", "Orders", kind="code"),
        Column("gained", "Units given", kind="number", sort=True, total=True, value=lambda r: r.gained or None),
        Column("lost", "Units taken", kind="number", sort=True, total=True, value=lambda r: r.lost or None),
        Column("value", "Value at stake", kind="money", sort=True, total=True, permission=PRICES),
        Column("reason", "Why", wide=True),
        Column("outcome", "Came of it", kind="state", marks=OUTCOMES, sort=True),
        Column("late", "Units late", kind="number", sort=True, value=lambda r: r.late or None, hidden=True),
        Column("cost", "Worth", kind="money", sort=True, permission=PRICES, hidden=True),
        Column("broken", "By the rules", wide=True, hidden=True),
        Column("rule", "Rules", value=lambda r: rule_in_words(r.rule), sort=True, hidden=True),
        Column("stands_until", "Stands until", kind="datetime", sort=True, hidden=True),
        Column("standing", "Standing", hidden=True),
        Column("reviewed_by", "Reviewed by", hidden=True),
        Column("review_note", "Review says", hidden=True),
        Column("site", "Site", kind="code", hidden=True),
    ],
    filters=[
        Choice("review", "Review", [(state, state) for state in REVIEWS], promoted=True),
        Choice("kind", "What", [(str(kind), WORDS[kind]) for kind in OverrideKind], promoted=True),
        Choice("standing", "Standing", [("standing", "standing"), ("over", "over")]),
        Choice("outcome", "Came of it", [(word, word) for word in OUTCOMES]),
        DateRange("made_at", "When", promoted=True),
    ],
    tabs=[
        Tab("To review", "review=overdue,to review"),
        Tab("Standing", "standing=standing"),
        Tab("All", "view=all"),
    ],
    sort="-made_at",
    search="Override, order, person or words",
    row_id=lambda r: int(r.id),
    batch=[
        Batch("confirm", "Confirm", "allocation.review_overrides", _confirm),
        Batch("object", "Object", "allocation.review_overrides", _object),
    ],
    actions=[Button(SUMMARY, "allocation_overrides_summary", permission="allocation.view")],
    empty=Empty(
        "Nothing to see here", "Whatever people decide against the allocation rules stands here until it is reviewed."
    ),
)


def _rows(query: ListQuery) -> Page[SummaryRow]:
    at = now()
    rows = queries_overrides.summary([query.site_id], now=at, since=at - timedelta(days=SUMMARY_DAYS))
    return memory_page(query, rows, search=("made_by", "rule"))


def _said(viewer: Viewer) -> str:
    return f"Of the last {SUMMARY_DAYS} days, by who decided. What left, and when, is what the ledger says."


BY_PERSON = ListPage(
    name="allocation.overrides_summary",
    title=SUMMARY,
    noun=("row", "rows"),
    permission="allocation.view",
    rows=_rows,
    row_id=lambda r: 0,
    columns=[
        Column("made_by", "By", sort=True),
        Column("kind", "What", value=_kind, sort=True),
        Column("rule", "Rules", value=lambda r: rule_in_words(r.rule), sort=True),
        Column("overrides", "Overrides", kind="number", sort=True),
        Column("value", "Value at stake", kind="money", sort=True, permission=PRICES),
        Column("right", "Right", kind="number", sort=True, value=lambda r: r.right or None),
        Column("at_a_cost", "At a cost", kind="number", sort=True, value=lambda r: r.at_a_cost or None),
        Column("in_vain", "In vain", kind="number", sort=True, value=lambda r: r.in_vain or None),
        Column("wrong", "Wrong", kind="number", sort=True, value=lambda r: r.wrong or None),
        Column("undecided", "Not known yet", kind="number", sort=True, value=lambda r: r.undecided or None),
        Column("late", "Units late", kind="number", sort=True, value=lambda r: r.late or None),
        Column("cost", "Worth", kind="money", sort=True, permission=PRICES),
        Column("confirmed", "Confirmed", kind="number", sort=True, value=lambda r: r.confirmed or None),
        Column("objected", "Objected", kind="number", sort=True, value=lambda r: r.objected or None),
        Column("to_review", "To review", kind="number", sort=True, value=lambda r: r.to_review or None),
    ],
    filters=[Choice("kind", "What", [(str(kind), WORDS[kind]) for kind in OverrideKind], promoted=True)],
    sort="-overrides",
    search="Person or rules",
    sub=_said,
    legend="Right: who got the units shipped in time, and nobody who would have had them was late. At a cost: somebody "
    "was. In vain: who got them was late all the same. Wrong: both.",
    actions=[Button(TITLE, "allocation_overrides", permission="allocation.view")],
    empty=Empty("Nobody decided against the rules", "What people decide by hand is counted here by person and kind."),
)


def _fate(row: queries_overrides.FateRow) -> str:
    if row.is_open:
        return "not known yet"
    if row.units > 0:
        return "all in time" if row.in_time >= row.units else f"{row.in_time:,} of {row.units:,} in time"
    if not row.late:
        return "in time"
    days = row.days or 0
    return f"{row.late:,} late, {days} day{'' if days == 1 else 's'}"


FATES = [
    Column("number", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id])),
    Column("customer", "Customer", wide=True),
    Column("tier", "Tier", kind="tier"),
    Column("sku", "Item", kind="code"),
    Column("gained", "Got", kind="number", value=lambda r: r.units if r.units > 0 else None),
    Column("lost", "Would have had", kind="number", value=lambda r: -r.units if r.units < 0 else None),
    Column("due_on", "Due", kind="date"),
    Column("fate", "Came of it", value=_fate),
]


def _facts(row: OverrideRow, *, sees_prices: bool) -> list[Fact]:
    return [
        Fact("Decided by", row.made_by, note=row.made_at),
        Fact("Why", row.reason),
        Fact("By the rules", row.broken, note=rule_in_words(row.rule)),
        *([Fact("Value at stake", row.value, "money")] if sees_prices else []),
        Fact("Stands until", row.stands_until, "datetime")
        if row.ended_at is None
        else Fact("Over", row.ended_at, "datetime", note=row.ended_reason),
        Fact("Review by", row.review_due_on, "date", tone="bad" if row.review == "overdue" else "")
        if row.verdict == Verdict.OPEN
        else Fact("Review", row.verdict, note=f"{row.reviewed_by}{f': {row.review_note}' if row.review_note else ''}"),
        Fact("Came of it", row.outcome, tone=OUTCOMES[row.outcome] if OUTCOMES[row.outcome] in ("bad", "warn") else ""),
        *([Fact("Late units worth", row.cost, "money")] if sees_prices and row.late else []),
    ]


@page("allocation.view", methods=("GET", "HEAD"))
def override(request: HttpRequest, override_id: int) -> HttpResponse:
    """One override: what the rules would have done, who got and who lost, its review, and what came of it."""
    at, caller, viewer = now(), caller_of(request), viewer_of(request)
    row = queries_overrides.override_row(override_id, at)
    if row is None or caller is None or not caller.may("allocation.view", row.site_id):
        raise NotFound(f"There is no override with id {override_id}.")
    args = [row.id]
    actions: list[Do] = []
    if row.verdict == Verdict.OPEN and viewer.user.pk != row.made_by_id:
        confirm, doubt = reverse("allocation_override_confirm", args=args), reverse("allocation_overrides_object")
        actions.append(Do("Confirm", confirm, "allocation.review_overrides", primary=True))
        actions.append(Do("Object", f"{doubt}?ids={row.id}", "allocation.review_overrides", post=False))
    if row.ended_at is None:
        end_url = reverse("allocation_override_end", args=args)
        actions.append(Do("Let the rules decide", end_url, "allocation.override", post=False))
    record = Record(
        title=row.number,
        subtitle=f"{_kind(row)}, {row.orders}" if row.orders else _kind(row),
        state=row.review,
        marks=REVIEWS,
        subject=ref(OVERRIDE, row.id),
        site_id=row.site_id,
        back=(TITLE, reverse("allocation_overrides")),
        facts=_facts(row, sees_prices=viewer.may(PRICES, row.site_id)),
        actions=actions,
        tables=[Table("Who got them, who would have had them", FATES, queries_overrides.fates(row.id, at))],
        why=[ref(OVERRIDE, row.id)],
    )
    return render_record(request, record)


@page("allocation.review_overrides", methods=("POST",))
def confirm(request: HttpRequest, override_id: int) -> HttpResponse:
    """It was right to decide so."""
    return perform(
        request,
        commands_overrides.review_overrides,
        ReviewOverrides([override_id], Verdict.CONFIRMED),
        to=reverse("allocation_override", args=[override_id]),
        toast="Confirmed",
    )


@page("allocation.review_overrides")
def doubt(request: HttpRequest) -> HttpResponse:
    """Object to overrides, with the reason."""
    ids = _ids(request)
    back = reverse("allocation_override", args=ids) if len(ids) == 1 else reverse("allocation_overrides")
    return ask(
        request,
        ObjectForm(request.POST or None),
        commands_overrides.review_overrides,
        lambda data: ReviewOverrides(ids, Verdict.OBJECTED, data["note"]),
        title="Object",
        back=(TITLE, back),
        sub=f"{len(ids)} override{'' if len(ids) == 1 else 's'}. Nothing moves by it; it counts in the report.",
        toast="Objected",
    )


@page("allocation.override")
def end(request: HttpRequest, override_id: int) -> HttpResponse:
    """Let the rules decide before the day."""
    found, caller = queries_overrides.made([override_id]), caller_of(request)
    if not found or caller is None or not caller.may("allocation.override", found[0].site_id):
        raise NotFound(f"There is no override with id {override_id}.")
    return ask(
        request,
        EndForm(request.POST or None),
        commands_overrides.end_override,
        lambda data: EndOverride(override_id, data["reason"]),
        title="Let the rules decide",
        back=(found[0].number, reverse("allocation_override", args=[override_id])),
        sub="What was given by hand and no picker has goes back, and the rules share it out.",
        toast=lambda done: f"{number(done.units)} went back" if done.units else "Over",
    )


@page("allocation.override")
def take_back(request: HttpRequest, order_id: int) -> HttpResponse:
    """Take back what is reserved for an order and not in picking."""
    caller = caller_of(request)
    head = orders.access_order(order_id, caller.sites("allocation.override") if caller else frozenset())
    lines = [line for line in orders.lines_of(order_id) if line.allocated > line.released]
    units = sum(line.allocated - line.released for line in lines)
    return ask(
        request,
        TakeBackForm(request.POST or None),
        commands.release_allocation,
        lambda data: ReleaseAllocation([line.line_id for line in lines], data["reason"], data["until_on"]),
        title="Take stock back",
        back=(head.number, reverse("sales_order", args=[order_id])),
        sub=f"{number(units)} units of {len(lines)} line{'' if len(lines) == 1 else 's'} for {head.customer} are "
        "reserved and in no picker's hands.",
        toast="Stock freed",
    )


NAV = [NavItem("Outbound", TITLE, "allocation_overrides", permission="allocation.view", order=25, section="Allocation")]

urlpatterns = [
    path("allocation/overrides", OVERRIDES.view, name="allocation_overrides"),
    path("allocation/overrides/right", BY_PERSON.view, name="allocation_overrides_summary"),
    path("allocation/overrides/object", doubt, name="allocation_overrides_object"),
    path("allocation/overrides/<int:override_id>", override, name="allocation_override"),
    path("allocation/overrides/<int:override_id>/confirm", confirm, name="allocation_override_confirm"),
    path("allocation/overrides/<int:override_id>/end", end, name="allocation_override_end"),
    path("order-lines/<int:line_id>/give", give, name="allocation_give"),
    path("orders/<int:order_id>/take-back", take_back, name="allocation_take_back"),
]
