"""Pages of counting: the list of counts, the review of differences, one count."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, path, reverse

from flowrack.counting import commands, queries, rules
from flowrack.counting.queries import review
from flowrack.counting.queries.review import COUNT_LIST, CountRow, VarianceRow
from flowrack.counting.states import TaskState
from flowrack.counting.types import (
    TASK,
    ApproveVariances,
    AskRecount,
    CancelCount,
    Cause,
    CountNotFound,
    PlanCounts,
    RefreshCount,
    RequestCounts,
)
from flowrack.locations import queries as locations
from flowrack.platform.http import now
from flowrack.platform.lookup import read_id
from flowrack.platform.web import charts
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import currency_symbol, money, number, words
from flowrack.platform.web.listing import (
    Batch,
    Button,
    Choice,
    DateRange,
    Empty,
    ListPage,
    ListQuery,
    Page,
    Tab,
    sql_page,
)
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import context_of, go, perform, render_page, toast
from flowrack.platform.web.viewer import Viewer, viewer_of
from flowrack.shared.errors import FlowrackError, Invalid
from flowrack.shared.refs import ref


def count_rows(query: ListQuery) -> Page[Any]:
    """Count tasks of one view."""
    return sql_page(
        query, None, COUNT_LIST, search=("number", "location", "note"), totals={"value": "sum(value)"},
        site_column="site_id",
    )  # fmt: skip


def _recount_many(request: HttpRequest, ids: list[int]) -> HttpResponse:
    for task_id in ids:
        commands.ask_recount(context_of(request, f"recount:{task_id}:{now().isoformat()}"), AskRecount(task_id))
    toast(request, "Recounts asked")
    return go(request, reverse("counting_counts") + "?state=recount")


COUNTS = ListPage(
    name="counting.counts",
    title="Counts",
    noun=("count", "counts"),
    permission="counting.view",
    rows=count_rows,
    columns=[
        Column("number", "Count", kind="code", sort="id", link=lambda r: reverse("counting_count", args=[r.id])),
        Column("location", "Bin", kind="code", sort=True),
        Column("site", "Site"),
        Column("cause", "Cause", value=lambda r: words(r.cause)),
        Column("state", "State", kind="state", marks={"review": "warn", "due": "wait", "counting": "run"}),
        Column("due_on", "Due", kind="date", sort=True),
        Column("counts", "Times counted", kind="number", value=lambda r: r.counts or None),
        Column("open_variances", "Open", kind="number", sort=True, value=lambda r: r.open_variances or None),
        Column("value", "Difference", kind="money", sort=True, total=True, value=lambda r: r.value or None),
        Column("asked_by", "Asked by", hidden=True),
        Column("finished_at", "Finished", kind="datetime", sort=True),
    ],
    filters=[
        Choice("state", "State", [(s.value, words(s)) for s in TaskState], promoted=True),
        Choice("cause", "Cause", [(c.value, words(c)) for c in Cause], promoted=True),
        DateRange("due_on", "Due"),
    ],
    tabs=[
        Tab("Waiting", "state=due,counting,recount"),
        Tab("To review", "state=review"),
        Tab("Done", "state=posted"),
        Tab("All", ""),
    ],
    sort="due_on",
    search="Count, bin or note",
    actions=[
        Button("Review differences", "counting_review", permission="counting.approve", key="v"),
        Button("Plan the day", "counting_plan", permission="counting.plan", primary=True, key="n"),
    ],
    batch=[Batch("recount", "Recount", "counting.plan", _recount_many)],
    empty=Empty("No counts", "Bins that are due by class, and bins where a picker found too little.", "Plan the day",
                "counting_plan", "counting.plan"),
)  # fmt: skip


@page("counting.plan")
def plan(request: HttpRequest) -> HttpResponse:
    """Make the day's counts, or ask for a count of one bin."""
    viewer = viewer_of(request)
    sites = [s for s in locations.sites() if viewer.may("counting.plan", s.site_id)]
    if request.method != "POST":
        due = queries.bins_to_count([s.site_id for s in sites])
        return render_page(request, "counting/plan.html", {"sites": sites, "due": due, "policies": queries.policies()})
    site_id = read_id(request.POST.get("site", ""))
    code = request.POST.get("bin", "").strip()
    try:
        if code:
            place = locations.by_code(site_id, [code])[code]
            req = RequestCounts(site_id, [place.location_id], note=request.POST.get("note", ""))
            done = commands.request_counts(context_of(request), req)
        else:
            limit = read_id(request.POST.get("limit", "") or "50")
            if not limit:
                raise Invalid("The number of bins to count is a whole number from 1.", fix="Type 50, for example.")
            done = commands.plan_counts(context_of(request), PlanCounts(site_id, limit))
    except FlowrackError as refusal:
        context = {"sites": sites, "due": {}, "policies": queries.policies(), "refusal": refusal}
        return render_page(request, "counting/plan.html", context, status=refusal.status)
    toast(request, f"{len(done.task_ids)} counts planned")
    return go(request, reverse("counting_counts"))


@page("counting.view")
def review_page(request: HttpRequest, task_id: int = 0, refusal: FlowrackError | None = None) -> HttpResponse:
    """The review: queue, the counts beside the books, and what happened around the bin."""
    viewer = viewer_of(request)
    site_id = viewer.site_for("counting.view")
    queue = review.review_queue(site_id)
    wanted = read_id(request.GET.get("variance", ""))
    current = next((v for v in queue if v.variance_id == wanted), None)
    current = current or next((v for v in queue if v.task_id == task_id), None) or (queue[0] if queue else None)
    number_posted, net, gross = review.settled_by_policy(site_id, now() - timedelta(days=1))
    context = {
        "queue": queue, "current": current, "to_decide": sum(v.state == "review" for v in queue),
        "posted": number_posted, "net": money(net), "gross": money(gross), "refusal": refusal,
        "reasons": rules.REASONS.items(), "symbol": currency_symbol(),
        **(_around(current, viewer) if current else {}),
    }  # fmt: skip
    return render_page(request, "counting/review.html", context, status=refusal.status if refusal else 200)


def _around(v: VarianceRow, viewer: Viewer) -> dict[str, Any]:
    counts = review.counts_of(v)
    near = review.neighbours(v.location_id, v.item_id)
    past = review.past_differences(v.location_id)
    mine = any(c.counter_id == viewer.user.pk for c in counts)
    opposite = next((n for n in near if n.units and n.units * v.units < 0), None)
    may_decide = (
        viewer.may("counting.approve") and not mine and v.state == "review" and v.first_approver_id != viewer.user.pk
    )
    step, words_of_step = _next_step(v, viewer) if may_decide else ("", "")
    return {
        "step": step,
        "step_words": words_of_step,
        "amount": f"{'−' if v.value < 0 else ''}{currency_symbol()}{money(abs(v.value))}",
        "counts": counts,
        "bars": _bars(v, counts),
        "near": near,
        "moves": review.moves_at(v.location_id, v.item_id, limit=6),
        "spark": charts.sparkline([*past, v.units], f"Last counts, now {v.units}", width=280, height=48, tone="warn"),
        "sentence": _sentence(v, counts, opposite.location if opposite else ""),
        "may_decide": may_decide,
        "why_not": {"recount": "may decide after a second count", "pass": "may not approve this much"}.get(
            step, _why_not(v, viewer, mine=mine)
        ),
    }  # fmt: skip


def _next_step(v: VarianceRow, viewer: Viewer) -> tuple[str, str]:
    """What the policy asks of this person now: recount, approve, or pass it on; and the reason."""
    site_id = locations.locations([v.location_id])[v.location_id].site_id
    item = queries.items([v.item_id], site_id)[v.item_id]
    policy = queries.policies()[item.velocity]
    difference = rules.Difference(v.units, v.expected_units, v.value, item.tracking != "none", v.is_blank)
    said = queries.said(v.task_id).get(v.kind, [])
    if rules.needs_another_count(policy, said):
        cause = "The counts disagree" if len(said) > 1 else f"Class {item.velocity} is counted twice"
        cause = "Nothing was entered" if v.is_blank and len(said) < 2 else cause
        return "recount", f"{cause}: somebody else must count before anybody approves."
    approver = rules.Approver(viewer.may("counting.approve_high", site_id), viewer.may("counting.approve_any", site_id))
    needed = rules.approvers_needed(difference, policy, is_disputed=rules.disagrees(said))
    is_last = needed == 1 or v.first_approver_id is not None
    if is_last and not rules.may_give_last_approval(difference, policy, approver):
        return "pass", f"{money(abs(v.value))} is above what you may approve: a person with a higher limit must."
    return "approve", "" if is_last else "Yours is the first of two approvals."


def _why_not(v: VarianceRow, viewer: Viewer, *, mine: bool) -> str:
    if v.state != "review":
        return "is being counted again"
    if mine:
        return "counted it: somebody else must approve"
    if v.first_approver_id == viewer.user.pk:
        return "approved it already: a second person must"
    return "may decide" if viewer.may("counting.approve") else "may not approve"


def _sentence(v: VarianceRow, counts: list[CountRow], neighbour: str) -> tuple[str, str]:
    if v.is_blank:
        return f"{v.sku} was not entered.", "Blank is not zero: a second count decides."
    if neighbour:
        return f"{abs(v.units)} {'missing' if v.units < 0 else 'too many'} here, the opposite next door.", (
            f"{neighbour} differs the other way for the same item: it may lie in the wrong bin."
        )
    agree = len(counts) > 1 and len({c.counted_units for c in counts}) == 1
    head = f"{abs(v.units)} {'missing' if v.units < 0 else 'too many'}."
    if agree:
        return head, f"{len(counts)} people agree."
    return head, "Counted once." if len(counts) == 1 else "The counts do not agree."


def _bars(v: VarianceRow, counts: list[CountRow]) -> list[dict[str, Any]]:
    """Bars of the picture: the books, then each count, on one scale from zero."""
    rows: list[tuple[str, str, int | None, str]] = [("Books", "when counted", v.expected_units, "c2")]
    rows += [(f"Count {c.round_no}", c.counter, c.counted_units, "c1") for c in counts]
    top = max((units or 0 for _, _, units, _ in rows), default=0) or 1
    drawn = []
    for n, (label, who, units, tone) in enumerate(rows):
        width = (Decimal(units or 0) / top * 380).quantize(Decimal("0.1"))
        text = "blank" if units is None else number(units)
        drawn.append(
            {"label": label, "who": who, "text": text, "width": width, "tone": tone, "y": 6 + 46 * n,
             "text_y": 28 + 46 * n, "label_y": 20 + 46 * n, "who_y": 36 + 46 * n, "text_x": 142 + width}
        )  # fmt: skip
    return drawn


@page("counting.approve", methods=("POST",))
def approve(request: HttpRequest, task_id: int) -> HttpResponse:
    """Accept the ticked differences."""
    ids = [i for v in request.POST.getlist("variance_ids") if (i := read_id(v))]
    return perform(
        request, commands.approve_variances, ApproveVariances(task_id, request.POST.get("reason", ""), ids),
        to=reverse("counting_review"),
        toast=lambda done: "Posted" if done.posted_ids else "First approval kept",
        again=lambda refusal: review_page(request, task_id, refusal),
    )  # fmt: skip


@page("counting.plan", methods=("POST",))
def recount(request: HttpRequest, task_id: int) -> HttpResponse:
    """Ask for a count by another person."""
    return perform(
        request, commands.ask_recount, AskRecount(task_id), to=reverse("counting_review"), toast="Recount asked",
        again=lambda refusal: review_page(request, task_id, refusal),
    )  # fmt: skip


@page("counting.plan", methods=("POST",))
def refresh(request: HttpRequest, task_id: int) -> HttpResponse:
    """Compare with the books of now."""
    return perform(
        request, commands.refresh_count, RefreshCount(task_id), to=reverse("counting_review"), toast="Compared anew",
        again=lambda refusal: review_page(request, task_id, refusal),
    )  # fmt: skip


@page("counting.plan", methods=("POST",))
def cancel(request: HttpRequest, task_id: int) -> HttpResponse:
    """Call a count off."""
    reason = request.POST.get("reason", "") or "not needed"
    return perform(
        request, commands.cancel_count, CancelCount(task_id, reason), to=reverse("counting_counts"), toast="Called off"
    )


VARIANCE_COLUMNS = [
    Column("sku", "Item", kind="code", link=lambda r: _item_link(r.item_id)),
    Column("name", "Name", wide=True),
    Column("lot", "Lot", kind="code"),
    Column("expected_units", "Books", kind="number"),
    Column("counted_units", "Counted", kind="number"),
    Column("units", "Difference", kind="number"),
    Column("value", "Value", kind="money"),
    Column("decision", "Settled", value=lambda r: words(r.decision)),
]


def _item_link(item_id: int) -> str:
    try:
        return reverse("analytics_item", args=[item_id])
    except NoReverseMatch:
        return ""


@page("counting.view")
def count(request: HttpRequest, task_id: int) -> HttpResponse:
    """One count: what was found and how it was settled."""
    task = queries.task_row(task_id)
    if task is None:
        raise CountNotFound("There is no such count.", fix="Choose one from the list of counts.")
    context_of(request).require("counting.view", locations.locations([task.location_id])[task.location_id].site_id)
    variances = review.variances_of(task_id)
    record = Record(
        title=task.number,
        subtitle=f"Bin {task.location}",
        state=task.state,
        marks={"review": "warn", "due": "wait", "counting": "run"},
        subject=ref(TASK, task_id),
        back=("Counts", reverse("counting_counts")),
        facts=[
            Fact("Site", task.site),
            Fact("Zone", task.zone),
            Fact("Cause", words(task.cause)),
            Fact("Due", task.due_on, "date"),
            Fact("Counted", task.counts, "number", note="times"),
            Fact("Open differences", task.open_variances, "number"),
        ],
        actions=[
            *([Do("Review", reverse("counting_review_task", args=[task_id]), "counting.view", primary=True, post=False,
                  key="v")] if task.state == "review" else []),
            *([Do("Call off", reverse("counting_cancel", args=[task_id]), "counting.plan")]
              if task.state == "due" else []),
        ],
        tables=[Table("Differences", VARIANCE_COLUMNS, variances, empty="The count agrees with the books.")],
        why=[f"counting.variance:{v.variance_id}" for v in variances],
    )  # fmt: skip
    return render_record(request, record)


def waiting(viewer: Viewer) -> int:
    """Differences that wait for this person's decision."""
    if not viewer.may("counting.approve"):
        return 0
    return review.waiting(viewer.site_id)


NAV = [
    NavItem("Stock", "Counts", "counting_counts", permission="counting.view", order=40),
    NavItem("Stock", "Variance review", "counting_review", permission="counting.view", order=45, count=waiting),
]

urlpatterns = [
    path("counts", COUNTS.view, name="counting_counts"),
    path("counts/plan", plan, name="counting_plan"),
    path("counts/review", review_page, name="counting_review"),
    path("counts/<int:task_id>", count, name="counting_count"),
    path("counts/<int:task_id>/review", review_page, name="counting_review_task"),
    path("counts/<int:task_id>/approve", approve, name="counting_approve"),
    path("counts/<int:task_id>/recount", recount, name="counting_recount"),
    path("counts/<int:task_id>/refresh", refresh, name="counting_refresh"),
    path("counts/<int:task_id>/cancel", cancel, name="counting_cancel"),
]
