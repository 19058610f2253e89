"""Pages of returns: the desk by age, a return with its goods and verdicts, announcing and receiving one."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, path, reverse

from flowrack.platform import decisions
from flowrack.platform.http import now
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import words
from flowrack.platform.web.listing import Button, Choice, Empty, ListPage, ListQuery, Page, Tab, sql_page
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import Fact, Record, render_record
from flowrack.platform.web.render import at_rows, context_of, go, perform, render_page, toast
from flowrack.platform.web.viewer import Viewer, viewer_of
from flowrack.returns import commands, queries, rules
from flowrack.returns.queries import desk
from flowrack.returns.queries.desk import DESK_LIST, LotRow, RmaView
from flowrack.returns.types import (
    LOT,
    RMA,
    CloseRma,
    Condition,
    CreateRma,
    Dispose,
    NewRmaLine,
    ReceiveReturn,
    ReturnedLine,
    ReturnRefused,
    Split,
    Verdict,
)
from flowrack.shared.errors import BadLine, FlowrackError
from flowrack.shared.quantity import parse_units
from flowrack.shared.refs import ref

MARKS = {"announced": "wait", "receiving": "warn", "closed": "ok", "cancelled": "wait"}


def link(name: str, *args: Any) -> str:
    """The address of another stage's page, empty where it does not exist."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def desk_rows(query: ListQuery) -> Page[Any]:
    """Returns of one view."""
    return sql_page(
        query, None, DESK_LIST, search=("number", "customer", "order_number"),
        totals={"waiting_units": "sum(waiting_units)", "waiting_value": "sum(waiting_value)"}, site_column="site_id",
    )  # fmt: skip


DESK = ListPage(
    name="returns.desk",
    title="Returns desk",
    noun=("return", "returns"),
    permission="returns.view",
    rows=desk_rows,
    columns=[
        Column("number", "Return", kind="code", sort="id", link=lambda r: reverse("returns_rma", args=[r.id])),
        Column("customer", "Customer", sort=True, wide=True),
        Column("order_number", "Order", kind="code", link=lambda r: link("sales_order", r.order_id or 0)),
        Column("reason", "Reason", value=lambda r: rules.REASONS.get(r.reason, r.reason)),
        Column("state", "State", kind="state", marks=MARKS),
        Column("announced_units", "Announced", kind="number"),
        Column("received_units", "Came", kind="number"),
        Column("waiting_units", "To decide", kind="number", sort=True, total=True,
               value=lambda r: r.waiting_units or None),
        Column("waiting_value", "Worth", kind="money", sort=True, total=True, permission="costing.view",
               value=lambda r: r.waiting_value or None),
        Column("arrived_at", "Waits since", kind="datetime", sort=True),
        Column("site", "Site", hidden=True),
        Column("created_by", "Announced by", hidden=True),
        Column("created_at", "Announced at", kind="datetime", sort=True, hidden=True),
    ],
    filters=[
        Choice("state", "State", [(s, words(s)) for s in MARKS], promoted=True),
        Choice("reason", "Reason", list(rules.REASONS.items()), promoted=True),
    ],
    tabs=[Tab("Open", "state=announced,receiving"), Tab("Done", "state=closed"), Tab("All", "")],
    sort="arrived_at,id",
    search="Return, customer or order",
    actions=[Button("Announce a return", "returns_new", permission="returns.create", primary=True, key="n")],
    empty=Empty("No returns", "Goods that customers send back: announced, received, decided on.", "Announce a return",
                "returns_new", "returns.create"),
)  # fmt: skip


@page("returns.create")
def new(request: HttpRequest) -> HttpResponse:
    """Announce a return: find the order, then say how many of each line come back."""
    number = (request.POST.get("order") or request.GET.get("order") or "").strip().upper()
    may = viewer_of(request).grants.get("returns.create", frozenset())
    sent = desk.order_by_number(number, may) if number else None
    context: dict[str, Any] = {"number": number, "order": sent, "reasons": rules.REASONS.items()}
    unknown = ReturnRefused(f"There is no order {number}.", fix="Look the number up on the packing slip.")
    if request.method != "POST":
        if number and sent is None:
            context["refusal"] = ReturnRefused(
                f"There is no order {number}.", fix="Look the number up on the packing slip."
            )
        return render_page(request, "returns/new.html", context, status=422 if "refusal" in context else 200)
    try:
        if sent is None:
            raise unknown
        req = CreateRma(
            site_id=sent.site_id,
            reason=request.POST.get("reason", ""),
            order_id=sent.order_id,
            lines=_wanted_lines(request, [line.order_line_id for line in sent.lines]),
            note=request.POST.get("note", ""),
        )
        done = commands.create_rma(context_of(request), req)
    except FlowrackError as refusal:
        return render_page(request, "returns/new.html", {**context, "refusal": refusal}, status=refusal.status)
    toast(request, "Return announced")
    return go(request, reverse("returns_rma", args=[done.rma_id]))


def _wanted_lines(request: HttpRequest, line_ids: list[int]) -> list[NewRmaLine]:
    wanted = [(line_id, request.POST.get(f"units_{line_id}", "").strip()) for line_id in line_ids]
    return [
        NewRmaLine(units=parse_units(text), order_line_id=line_id) for line_id, text in wanted if text not in ("", "0")
    ]


@page("returns.view")
def rma(request: HttpRequest, rma_id: int) -> HttpResponse:
    """One return: its lines, the goods as they came, the proposal for each and what was decided."""
    return _draw(request, rma_id)


def _draw(request: HttpRequest, rma_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    view = desk.rma_view(rma_id)
    context_of(request).require("returns.view", view.site_id)
    viewer = viewer_of(request)
    head = view.head
    lots = [lot for line in view.lines for lot in line.lots]
    subjects = {ref(LOT, lot.returned_lot_id): line.sku for line in view.lines for lot in line.lots}
    age = (now() - head.arrived_at).days if head.arrived_at else None
    record = Record(
        title=head.number,
        subtitle=head.customer,
        state=head.state,
        marks=MARKS,
        subject=ref(RMA, rma_id),
        site_id=view.site_id,
        back=("Returns desk", reverse("returns_desk")),
        facts=[
            Fact("Order", head.order_number or "none", url=link("sales_order", view.order_id) if view.order_id else ""),
            Fact("Reason", rules.REASONS.get(head.reason, head.reason)),
            Fact("Announced", head.announced_units, "number", note=f"by {head.created_by}"),
            Fact("Came", head.received_units, "number"),
            Fact("To decide", head.waiting_units, "number", tone="warn" if head.waiting_units else ""),
            Fact("Waits", f"{age} days" if age is not None else "no"),
            *([Fact("Worth", head.waiting_value, "money")] if viewer.may("costing.view") else []),
        ],
        why=subjects | {ref(RMA, rma_id): head.number},
    )
    is_open = head.state in ("announced", "receiving")
    context = {
        "view": view,
        "proposed": _proposals(list(subjects), lots),
        "verdicts": [(str(v), words(v)) for v in Verdict],
        "conditions": [(c.value, f"{c.value} {words(c.name.lower())}") for c in Condition],
        "review_places": queries.places_of_role(view.site_id, ["return_review"]),
        "restock_places": queries.places_of_role(view.site_id, ["receiving"]),
        "can_receive": is_open
        and viewer.may("returns.receive", view.site_id)
        and head.received_units < head.announced_units,
        "can_dispose": viewer.may("returns.dispose", view.site_id) and view.created_by_id != viewer.user.pk,
        "is_creator": view.created_by_id == viewer.user.pk,
        "can_close": is_open and not head.waiting_units and viewer.may("returns.create", view.site_id),
    }
    return render_record(
        request,
        record,
        template="returns/rma.html",
        refusal=refusal,
        status=refusal.status if refusal else 200,
        **context,
    )


def _proposals(subjects: list[str], lots: list[LotRow]) -> dict[int, str]:
    found = decisions.why_all(subjects, limit=1) if subjects else {}
    return {
        lot.returned_lot_id: found[subject][0].sentence if found.get(subject) else ""
        for subject, lot in zip(subjects, lots, strict=True)
    }


@page("returns.receive", methods=("POST",))
def receive(request: HttpRequest, rma_id: int) -> HttpResponse:
    """Book what came, line by line."""
    view = desk.rma_view(rma_id)
    try:
        lines, rows = _came(request, view)
        req = ReceiveReturn(rma_id, read_id(request.POST.get("location", "")), lines)
    except FlowrackError as refusal:
        return _draw(request, rma_id, refusal)
    return perform(
        request, commands.receive_return, req, to=reverse("returns_rma", args=[rma_id]), toast="Goods received",
        again=lambda refusal: _draw(request, rma_id, at_rows(refusal, rows)),
    )  # fmt: skip


def _came(request: HttpRequest, view: RmaView) -> tuple[list[ReturnedLine], list[int]]:
    """What was typed of each line, and the numbers of these lines."""
    lines, rows, bad = [], [], []
    for line in view.lines:
        text = request.POST.get(f"units_{line.line_id}", "").strip()
        if text in ("", "0"):
            continue
        code = request.POST.get(f"lot_{line.line_id}", "").strip()
        lot_id = desk.lot_by_code(line.item_id, code) if code else 0
        if lot_id is None:
            bad.append(BadLine(line.line_no, "lot", f"{line.sku} has no lot {code}.", "Read the lot on the goods."))
            continue
        condition = request.POST.get(f"condition_{line.line_id}", "")
        lines.append(ReturnedLine(line.line_id, parse_units(text), condition, lot_id))
        rows.append(line.line_no)
    if bad:
        raise ReturnRefused("Some goods cannot be received.", lines=bad)
    return lines, rows


@page("returns.dispose", methods=("POST",))
def dispose(request: HttpRequest, rma_id: int) -> HttpResponse:
    """Give the verdicts: a returned lot may be split over several."""
    view = desk.rma_view(rma_id)
    place = read_id(request.POST.get("location", ""))
    try:
        asked = [
            (line.line_no, lot.returned_lot_id, verdict, parse_units(text))
            for line in view.lines
            for lot in line.lots
            for verdict in map(str, Verdict)
            if (text := request.POST.get(f"units_{lot.returned_lot_id}_{verdict}", "").strip()) not in ("", "0")
        ]
    except FlowrackError as refusal:
        return _draw(request, rma_id, refusal)
    splits = [
        Split(lot_id, units, verdict, place if verdict == Verdict.RESTOCK else 0,
              request.POST.get(f"reason_{lot_id}", "").strip())
        for _, lot_id, verdict, units in asked
    ]  # fmt: skip
    rows = [line_no for line_no, *_ in asked]
    return perform(
        request, commands.dispose, Dispose(splits), to=reverse("returns_rma", args=[rma_id]), toast="Decision stored",
        again=lambda refusal: _draw(request, rma_id, at_rows(refusal, rows)),
    )  # fmt: skip


@page("returns.create", methods=("POST",))
def close(request: HttpRequest, rma_id: int) -> HttpResponse:
    """Stop waiting for the rest."""
    return perform(
        request, commands.close_rma, CloseRma(rma_id, request.POST.get("reason", "")),
        to=reverse("returns_rma", args=[rma_id]), toast="Return closed",
        again=lambda refusal: _draw(request, rma_id, refusal),
    )  # fmt: skip


def waiting(viewer: Viewer) -> int:
    """Returns whose goods wait for a decision."""
    sites = viewer.sites_of("returns.view")
    within = None if 0 in sites else sorted(sites)
    return sum(1 for row in desk.desk_rows(within, states=("receiving",), limit=99) if row.waiting_units)


palette_records("Return", "returns_rma", "returns.view", desk.look_up)

NAV = [NavItem("Returns", "Returns desk", "returns_desk", permission="returns.view", order=10, keys="b", count=waiting)]

urlpatterns = [
    path("returns", DESK.view, name="returns_desk"),
    path("returns/new", new, name="returns_new"),
    path("returns/<int:rma_id>", rma, name="returns_rma"),
    path("returns/<int:rma_id>/receive", receive, name="returns_receive"),
    path("returns/<int:rma_id>/dispose", dispose, name="returns_dispose"),
    path("returns/<int:rma_id>/close", close, name="returns_close"),
]
