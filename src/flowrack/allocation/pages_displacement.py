"""Pages of urgent orders: what came of them, and letters to customers."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.allocation import commands_displacement as commands
from flowrack.allocation import pages_urgent
from flowrack.allocation import queries_urgent as queries
from flowrack.allocation import reasons_displacement as reasons
from flowrack.allocation.queries_urgent import DisplacedRow, PriorityRow
from flowrack.allocation.types_displacement import PRIORITY, SettleNotices, WithdrawPriority
from flowrack.platform import decisions
from flowrack.platform.http import caller_of
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Batch, Choice, Column, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform
from flowrack.sales import queries as orders
from flowrack.shared.errors import NotFound
from flowrack.shared.refs import ref

TITLE = "Urgent orders"
LETTERS = "Letters to customers"
MARKS = {"waiting": "wait", "granted": "ok", "rejected": "bad", "withdrawn": "void", "voided": "void"}
LETTER_MARKS = {"draft": "warn", "sent": "ok", "dropped": "void"}

REQUESTS = ListPage(
    name="allocation.priorities",
    title=TITLE,
    noun=("request", "requests"),
    permission="allocation.view",
    rows=queries.request_page,
    columns=[
        Column("number", "Request", kind="code", sort="id", link=lambda r: reverse("allocation_priority", args=[r.id])),
        Column("state", "State", kind="state", marks=MARKS),
        Column("order", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("customer", "Customer", sort=True),
        Column("tier", "Tier", kind="tier", sort=True),
        Column("moved", "Units moved", kind="number", sort=True, total=True),
        Column("pending", "Wait for consent", kind="number", sort=True, total=True, value=lambda r: r.pending or None),
        Column("value", "Value at stake", kind="money", sort=True, total=True),
        Column("reason", "Why", wide=True),
        Column("asked_by", "Asked by"),
        Column("asked_at", "Asked", kind="datetime", sort=True),
        Column("decided_by", "Decided by"),
        Column("outcome", "What changed", hidden=True),
        Column("site", "Site", kind="code", hidden=True),
    ],
    filters=[
        Choice("state", "State", [(state, state) for state in MARKS], promoted=True),
        DateRange("asked_at", "Asked", promoted=True),
        Choice("tier", "Tier", [(tier, tier) for tier in "ABC"]),
    ],
    tabs=[Tab("All", "view=all"), Tab("Waiting", "state=waiting"), Tab("Decided", "state=granted,rejected")],
    sort="-asked_at",
    search="Request, order, customer or reason",
    empty=Empty("No order was urgent", "Call an order urgent on its page: Call urgent."),
)


def _settle(state: str, request: HttpRequest, ids: list[int]) -> HttpResponse:
    return perform(
        request,
        commands.settle_notices,
        SettleNotices(ids, state),
        to=reverse("allocation_notices"),
        toast=lambda done: f"{len(done.notice_ids)} {state}",
    )


NOTICES = ListPage(
    name="allocation.notices",
    title=LETTERS,
    noun=("letter", "letters"),
    permission="allocation.view",
    rows=queries.notice_page,
    columns=[
        Column("order", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("customer", "Customer", sort=True),
        Column("email", "To", hidden=True),
        Column("sku", "Item", kind="code"),
        Column("text", "Text", wide=True, link=lambda r: reverse("allocation_notice", args=[r.id])),
        Column("state", "State", kind="state", marks=LETTER_MARKS),
        Column("drafted_at", "Drafted", kind="datetime", sort=True),
        Column("settled_by", "By", hidden=True),
        Column("settled_at", "Dealt with", kind="datetime", hidden=True),
    ],
    filters=[
        Choice("state", "State", [(state, state) for state in LETTER_MARKS], promoted=True),
        DateRange("drafted_at", "Drafted", promoted=True),
    ],
    tabs=[Tab("Drafts", "state=draft"), Tab("Sent", "state=sent"), Tab("All", "view=all")],
    sort="drafted_at",
    search="Order, customer or item",
    row_id=lambda r: int(r.id),
    batch=[
        Batch("sent", "Sent", "allocation.notify", lambda request, ids: _settle("sent", request, ids)),
        Batch("dropped", "Not needed", "allocation.notify", lambda request, ids: _settle("dropped", request, ids)),
    ],
    empty=Empty("No letters", "A draft appears here when a promise to a customer moves."),
)


DISPLACED = [
    Column("number", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id])),
    Column("customer", "Customer", wide=True),
    Column("tier", "Tier", kind="tier"),
    Column("sku", "Item", kind="code"),
    Column("units", "Units", kind="number"),
    Column("moved", "Moved", kind="number", value=lambda r: r.moved or None),
    Column("promised_on", "Promise before", kind="date"),
    Column("leaves_on", "Leaves then", kind="date"),
    Column("slip_days", "Days late", kind="number", value=lambda r: r.slip_days or None),
    Column("value", "Value", kind="money"),
    Column("is_automatic", "How", value=lambda r: "at once, in time" if r.is_automatic else "by consent"),
]
CANDIDATES = [
    Column("number", "Order", kind="code"),
    Column("tier", "Tier", kind="tier"),
    Column("promised_on", "Promise"),
    Column("units", "Units", kind="number"),
    Column("what", "What the rule said", wide=True),
]


LOOKED_AGAIN = "All that were looked at again, when it was decided"


def _facts(row: PriorityRow, rows: Sequence[DisplacedRow], judged_again: str) -> list[Fact]:
    inbox = f"{reverse('approvals_inbox')}?request={row.approval_id}"
    return [
        Fact("Order", row.order, "code", url=reverse("sales_order", args=[row.order_id]), note=row.customer),
        Fact("Why", row.reason),
        Fact("Moved", row.moved, "number"),
        Fact("Waits for consent", row.pending or None, "number", tone="warn" if row.pending else ""),
        Fact("Value at stake", row.value, "money"),
        Fact("Asked", row.asked_at, "datetime", note=row.asked_by),
        *([Fact("Approval", row.approval, "code", url=inbox, note=row.decided_by)] if row.approval else []),
        *([Fact("What changed", row.outcome)] if row.outcome else []),
        Fact("Judged again", judged_again, note="by the rule, on what was stored"),
    ]


def _explained(row: PriorityRow) -> tuple[list[Table], str, list[str]]:
    """Every candidate with the rule that spared it, each time that they were looked at; whether the rule says the same
    today; and the subjects."""
    subjects = [ref("sales.line", line.line_id) for line in orders.lines_of(row.order_id)]
    times: dict[int, list[dict[str, object]]] = {}
    same = 0
    stored = [one for one in reversed(decisions.why(ref(PRIORITY, row.id))) if "inputs" in one.detail]
    for one in stored:
        same += reasons.replayed(one.detail["inputs"]) == one.detail["outcome"]
        times.setdefault(one.command_id, []).extend(
            dict(zip(("number", "tier", "promised_on", "units", "what"), candidate, strict=True))
            for candidate in one.detail["candidates"]
        )
    told = "the same result" if same == len(stored) else f"another result for {len(stored) - same} of {len(stored)}"
    names = ["All that were looked at", *(LOOKED_AGAIN for _ in range(len(times) - 1))]
    tables = [Table(name, CANDIDATES, rows) for name, rows in zip(names, times.values(), strict=False)]
    return tables, told if stored else "nothing was stored", subjects


@page("allocation.view", methods=("GET", "HEAD"))
def priority(request: HttpRequest, request_id: int) -> HttpResponse:
    """One request: who gave way, who did not and why, and what the customers are told."""
    row, caller = queries.request_row(request_id), caller_of(request)
    if row is None or caller is None or not caller.may("allocation.view", row.site_id):
        raise NotFound(f"There is no request with id {request_id}.")
    rows = queries.displaced([row.id])[row.id]
    candidates, judged_again, subjects = _explained(row)
    withdraw = Do(
        "Withdraw", reverse("allocation_priority_withdraw", args=[row.id]), "allocation.prioritise",
        confirm=f"Withdraw {row.number}? What moved at once stays where it is.",
    )  # fmt: skip
    record = Record(
        title=row.number,
        subtitle=f"{row.order}, {row.customer}",
        state=row.state,
        marks=MARKS,
        subject=ref(PRIORITY, row.id),
        site_id=row.site_id,
        back=(TITLE, reverse("allocation_priorities")),
        facts=_facts(row, rows, judged_again),
        actions=[withdraw] if row.state == "waiting" else [],
        tables=[
            Table("Gives way", DISPLACED, rows, empty="Nobody: it was free."),
            *candidates,
        ],
        why=dict.fromkeys(subjects, row.order),
    )
    return render_record(request, record)


@page("allocation.prioritise", methods=("POST",))
def withdraw(request: HttpRequest, request_id: int) -> HttpResponse:
    """Nobody needs to decide any more."""
    return perform(
        request,
        commands.withdraw_priority,
        WithdrawPriority(request_id, request.POST.get("reason", "") or "withdrawn on its page"),
        to=reverse("allocation_priority", args=[request_id]),
        toast="Withdrawn",
    )


@page("allocation.view", methods=("GET", "HEAD"))
def notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """One letter, to be copied and sent."""
    found, caller = queries.notices_of(notice_ids=[notice_id]), caller_of(request)
    if not found or caller is None or not caller.may("allocation.view", found[0].site_id):
        raise NotFound(f"There is no letter with id {notice_id}.")
    [row] = found
    settle = reverse("allocation_notice_settle", args=[row.id])
    record = Record(
        title=f"Letter about {row.order}",
        subtitle=row.customer,
        state=row.state,
        marks=LETTER_MARKS,
        subject=ref("allocation.notice", row.id),
        site_id=row.site_id,
        back=(LETTERS, reverse("allocation_notices")),
        facts=[
            Fact("Order", row.order, "code", url=reverse("sales_order", args=[row.order_id])),
            Fact("Item", row.sku, "code"),
            Fact("Drafted", row.drafted_at, "datetime"),
            *([Fact("Dealt with", row.settled_at, "datetime", note=row.settled_by)] if row.settled_at else []),
        ],
        actions=[
            Do("Not needed", settle, "allocation.notify", fields={"state": "dropped"}),
            Do("Mark as sent", settle, "allocation.notify", primary=True, fields={"state": "sent"}),
        ]
        if row.state == "draft"
        else [],
        tables=[Table("Text", [Column("text", "Text", wide=True)], [{"text": row.text}])],
    )
    return render_record(request, record)


@page("allocation.notify", methods=("POST",))
def settle_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """A letter was sent, or is not needed."""
    return perform(
        request,
        commands.settle_notices,
        SettleNotices([notice_id], request.POST.get("state", "")),
        to=reverse("allocation_notice", args=[notice_id]),
        toast="Letter done",
    )


NAV = [
    NavItem("Outbound", TITLE, "allocation_priorities", permission="allocation.view", order=23, section="Allocation"),
    NavItem("Outbound", LETTERS, "allocation_notices", permission="allocation.view", order=24, section="Allocation"),
]

urlpatterns = [
    path("orders/many/urgent", pages_urgent.urgent_many, name="allocation_priority_many"),
    path("orders/<int:order_id>/urgent", pages_urgent.urgent, name="allocation_priority_new"),
    path("allocation/priorities", REQUESTS.view, name="allocation_priorities"),
    path("allocation/priorities/<int:request_id>", priority, name="allocation_priority"),
    path("allocation/priorities/<int:request_id>/withdraw", withdraw, name="allocation_priority_withdraw"),
    path("allocation/notices", NOTICES.view, name="allocation_notices"),
    path("allocation/notices/<int:notice_id>", notice, name="allocation_notice"),
    path("allocation/notices/<int:notice_id>/settle", settle_notice, name="allocation_notice_settle"),
]
