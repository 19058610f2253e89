"""The list of orders and the page of one order: the last stage of the way out sees it whole, so it is drawn here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flowrack.allocation import commands as allocation
from flowrack.allocation.types import Allocate
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment import queries as floor
from flowrack.fulfilment.types import ReleaseOrders
from flowrack.platform import decisions
from flowrack.platform.http import caller_of, now
from flowrack.platform.web import charts
from flowrack.platform.web.access import page
from flowrack.platform.web.format import number
from flowrack.platform.web.listing import Batch, Button, Choice, Column, DateRange, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import Do, Document, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform
from flowrack.platform.web.viewer import viewer_of
from flowrack.purchasing.queries import business_days
from flowrack.sales import queries as sales
from flowrack.sales import queries_holds
from flowrack.sales.queries import LineRow, OrderHead, OrderRow
from flowrack.sales.rules import order_sentence
from flowrack.shared.errors import Invalid
from flowrack.shared.refs import ref
from flowrack.shipping import queries
from flowrack.shipping.pages import holds
from flowrack.shipping.pages.ladder import LadderView, ladder_of

MARKS = {
    "held": "warn",
    "waits": "warn",
    "part": "warn",
    "reserved": "wait",
    "picking": "run",
    "picked": "run",
    "shipped": "ok",
    "cancelled": "wait",
    "confirmed": "wait",
    "released": "run",
    "open": "wait",
    "short": "warn",
    "packed": "ok",
}
CAUSE_LENGTH = 24


def _progress(row: OrderRow) -> object:
    parts = [
        charts.Part(row.shipped, "c1", "shipped"),
        charts.Part(row.picked, "c2", "picked"),
        charts.Part(row.allocated, "c3", "reserved"),
        charts.Part(row.waiting, "warn", "waits"),
    ]
    said = ", ".join(f"{part.value} {part.label}" for part in parts if part.value)
    return charts.stacked_bar(parts, f"{said or 'nothing'} of {row.units}")


def _ready(row: OrderRow) -> SafeString:
    """How many units are reserved, picked or sent, of how many."""
    return format_html('{} <span class="q2">/ {}</span>', number(row.ready), number(row.units))


def _why(row: OrderRow) -> str:
    """What an order lacks and the reason in a few words."""
    if not row.waiting:
        return ""
    if not row.why:
        return "not reserved yet"
    cause = row.why.partition(": ")[2].rstrip(".") or row.why.rstrip(".")
    cause = cause.replace(" of this item at the site", "")
    return f"{row.waiting} wait: {cause if len(cause) <= CAUSE_LENGTH else cause[: CAUSE_LENGTH - 1] + '…'}"


def _by_site(ids: Sequence[int]) -> tuple[int, list[int]]:
    """The one site of the chosen orders."""
    sites = sales.sites_of(ids)
    if len(sites) != 1:
        raise Invalid("These orders ship from more than one site.", fix="Choose orders of one site.")
    return sites[0], list(ids)


def _allocate(request: HttpRequest, ids: list[int]) -> HttpResponse:
    site_id, order_ids = _by_site(ids)
    return perform(
        request,
        allocation.allocate,
        Allocate(site_id, order_ids),
        to=request.get_full_path(),
        toast=lambda done: f"{done.units} reserved, {done.waiting_units} wait",
    )


def _release(request: HttpRequest, ids: list[int]) -> HttpResponse:
    site_id, order_ids = _by_site(ids)
    return perform(
        request,
        fulfilment.release_orders,
        ReleaseOrders(site_id, order_ids),
        to=lambda done: reverse("fulfilment_wave", args=[done.wave_id]),
        toast=lambda done: f"Wave {done.number} released",
    )


ORDERS = ListPage(
    name="sales.orders",
    title="Orders",
    noun=("order", "orders"),
    permission="sales.view",
    rows=sales.order_list,
    columns=[
        Column("number", "Order", kind="code", sort="id", link=lambda r: reverse("sales_order", args=[r.id])),
        Column("tier", "Tier", kind="tier", sort=True),
        Column("customer", "Customer", sort=True),
        Column("standing", "State", kind="state", marks=MARKS),
        Column("requested_on", "Wanted", kind="date", sort=True),
        Column("progress", "Progress", html=_progress, value=lambda r: f"{r.ready}/{r.units}"),
        Column("ready", "Ready", kind="number", total=True, html=_ready),
        Column("units", "Units", kind="number", total=True, hidden=True),
        Column("why", "Why", kind="chip", value=_why, tone=lambda r: "warn" if r.why else ""),
        Column("site", "Ship from"),
        Column("owner", "Owner"),
        Column("value", "Value", kind="money", sort=True, total=True),
        Column("reference", "Customer's order", kind="code", hidden=True),
        Column("ordered_at", "Ordered", kind="datetime", sort=True, hidden=True),
        Column("waiting", "Waits", kind="number", sort=True, hidden=True),
    ],
    filters=[
        Choice("standing", "State", [(word, word) for word in sales.STANDINGS], promoted=True),
        DateRange("requested_on", "Wanted", promoted=True),
        Choice("tier", "Tier", [(tier, tier) for tier in "ABC"]),
    ],
    tabs=[
        Tab("Open", "standing=held,waits,part,reserved,picking,picked"),
        Tab("Waiting for stock", "standing=waits,part"),
        Tab("On hold", "standing=held"),
        Tab("Ready to pick", "standing=reserved"),
        Tab("On the floor", "standing=picking,picked"),
        Tab("Tier A", "standing=held,waits,part,reserved,picking,picked&tier=A"),
        Tab("Shipped", "standing=shipped"),
        Tab("All", "view=all"),
    ],
    sort="requested_on,tier",
    search="Order, customer or customer's number",
    actions=[Button("New order", "sales_order_new", permission="sales.enter", primary=True, key="n")],
    batch=[
        Batch("allocate", "Reserve stock", "allocation.run", _allocate),
        Batch("release", "Release to pickers", "fulfilment.release", _release),
    ],
    row_id=lambda r: int(r.id),
    empty=Empty(
        "No orders yet", "Orders of customers, from entry to shipment.", "New order", "sales_order_new", "sales.enter"
    ),
)

PICK_COLUMNS = [
    Column("wave", "Wave", kind="code", link=lambda r: reverse("fulfilment_wave", args=[r.wave_id])),
    Column("location", "Bin", kind="code"),
    Column("sku", "Item", kind="code"),
    Column("lot", "Lot", kind="code"),
    Column("units", "Units", kind="number"),
    Column("state", "State", kind="state", marks=MARKS),
    Column("tote", "Tote", kind="code"),
    Column("done_by", "Picker"),
    Column("done_at", "At", kind="datetime"),
]


@page("sales.view", methods=("GET", "HEAD"))
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    """One order: how it stands in a sentence, its lines with their reasons, picks, cartons and shipments."""
    caller = caller_of(request)
    head = sales.access_order(order_id, caller.sites("sales.view") if caller else frozenset())
    lines = sales.lines_of(order_id)
    refs = {line.line_id: ref("sales.line", line.line_id) for line in lines}
    reasons = decisions.why_all(list(refs.values()), limit=1)
    picks = floor.picks_of_order(order_id)
    cartons = floor.cartons([order_id])
    shipments = queries.of_order(order_id)
    staged = floor.staged_in_words(order_id)
    held = queries_holds.holds_of_order(order_id)
    why_held = holds.sentences(held, lines)
    said = {key: _reason(reasons[text]) for key, text in refs.items()} | why_held
    tables = [_lines_table(lines, said)]
    if held:
        tables.append(Table("Holds", holds.COLUMNS, held))
    if picks:
        tables.append(Table("Picks", PICK_COLUMNS, picks))
    if cartons:
        tables.append(Table("Cartons", _carton_columns(), cartons))
    documents = [Document(f"Shipment {s.number}", reverse("shipment", args=[s.id]), s.state) for s in shipments]
    documents += [Document(f"Label {c.sscc}", reverse("carton_label", args=[c.id]), "PDF") for c in cartons]
    record = Record(
        title=head.number,
        subtitle=head.customer,
        subject=ref("sales.order", order_id),
        site_id=head.site_id,
        state="held" if any(one.state == "open" for one in held) else _standing(head, lines, [p.state for p in picks]),
        marks=MARKS,
        back=("Orders", reverse("sales_orders")),
        facts=_facts(head, lines),
        actions=holds.around(_actions(head, lines, [p.state for p in picks], staged), head, held, viewer_of(request)),
        tables=tables,
        documents=documents,
        why={refs[line.line_id]: f"line {line.line_no}, {line.sku}" for line in lines}
        | {ref("sales.order", order_id): "the order"},
    )
    return render_record(
        request,
        record,
        template="shipping/order.html",
        sentence=f"{holds.told(held)}{_sentence(lines, is_looked_at=any(reasons.values()))}",
        ladder=_ladder(request, head, lines, {key for key, text in refs.items() if reasons[text]}, why_held),
    )


def _standing(head: OrderHead, lines: Sequence[LineRow], picks: Sequence[str]) -> str:
    """The state in the words of the order list: an order is in picking only while a pick of it is open."""
    if head.state != "released":
        return str(head.state)
    if "open" in picks:
        return "picking"
    return "part" if _sum(lines, "waiting") else "picked"


def _reason(rows: Sequence[decisions.DecisionRow]) -> str:
    return rows[0].sentence if rows else ""


def _sum(lines: Sequence[LineRow], name: str) -> int:
    return sum(getattr(line, name) for line in lines)


def _sentence(lines: Sequence[LineRow], *, is_looked_at: bool) -> str:
    return order_sentence(
        ordered=_sum(lines, "units"),
        allocated=_sum(lines, "allocated"),
        picked=_sum(lines, "picked"),
        shipped=_sum(lines, "shipped"),
        cancelled=_sum(lines, "cancelled"),
        is_looked_at=is_looked_at,
    )


def _facts(head: OrderHead, lines: Sequence[LineRow]) -> list[Fact]:
    wanted = _sum(lines, "units") - _sum(lines, "cancelled")
    waiting = _sum(lines, "waiting")
    rule = {"complete": "one delivery", "line": "whole lines", "partial": "parts may ship"}[head.policy]
    life = f", {head.min_life_days} days of life" if head.min_life_days else ""
    return [
        Fact("Wanted", head.requested_on, "date"),
        Fact("Tier", head.tier, "tier"),
        Fact("Ship from", head.site, note=head.ship_to and f"to {head.ship_to}"),
        Fact("Ready", f"{wanted - waiting} of {wanted}", tone="warn" if waiting else ""),
        Fact("Value", sum(line.value for line in lines), "money"),
        Fact("Owner", head.entered_by, note=head.reference and f"their number {head.reference}"),
        Fact("Rule", f"{rule}{life}"),
    ]


def _to_ladder(line: LineRow) -> str:
    return f"?line={line.line_id}#ladder"


def _lines_table(lines: Sequence[LineRow], reasons: dict[int, str]) -> Table:
    columns = [
        Column("line_no", "#", kind="number"),
        Column("sku", "Item", kind="code"),
        Column("name", "Name", wide=True),
        Column("units", "Ordered", kind="number"),
        Column("waiting", "Waits", kind="number", value=lambda line: line.waiting or None, link=_to_ladder),
        Column("allocated", "Reserved", kind="number", value=lambda line: line.allocated or None, link=_to_ladder),
        Column("picked", "Picked", kind="number", value=lambda line: line.picked or None),
        Column("shipped", "Shipped", kind="number", value=lambda line: line.shipped or None),
        Column("cancelled", "Cancelled", kind="number", value=lambda line: line.cancelled or None),
        Column(
            "why",
            "Why",
            kind="chip",
            value=lambda line: reasons[line.line_id] if line.waiting else "",
            tone=lambda line: "warn",
        ),
        Column("unit_price", "Price", kind="money"),
        Column("value", "Value", kind="money"),
    ]
    names = ("units", "waiting", "allocated", "picked", "shipped", "cancelled")
    totals = {name: _sum(lines, name) or None for name in names}
    return Table("Lines", columns, lines, totals={**totals, "value": sum(line.value for line in lines)})


def _carton_columns() -> list[Column]:
    return [
        Column("sscc", "SSCC", kind="code", link=lambda r: reverse("carton_label", args=[r.id])),
        Column("units", "Units", kind="number"),
        Column("lines", "Lines", kind="number"),
        Column("weight_g", "Weight, g", kind="number"),
        Column("state", "State", kind="state", marks=MARKS),
        Column("packed_by", "Packed by"),
        Column("packed_at", "At", kind="datetime"),
    ]


def _ladder(
    request: HttpRequest, head: OrderHead, lines: Sequence[LineRow], looked_at: set[int], held: Mapping[int, str]
) -> LadderView | None:
    """The ladder of the line that was asked for, or of the first that waits, for those who may see it. `looked_at` are
    the lines for which stock was looked for, `held` says why lines are on hold."""
    asked = request.GET.get("line", "")
    chosen = next((line for line in lines if str(line.line_id) == asked), None)
    chosen = chosen or next((line for line in lines if line.waiting), None)
    if chosen is None or not viewer_of(request).may("allocation.view", head.site_id):
        return None
    today = business_days([head.site_id], now=now())[head.site_id]
    return ladder_of(head, chosen, today, is_looked_at=chosen.line_id in looked_at, held=held.get(chosen.line_id, ""))


def _actions(
    head: OrderHead, lines: Sequence[LineRow], picks: Sequence[str], staged: Sequence[floor.StagedRow]
) -> list[Do]:
    """What can be done now; the next step of the flow is the primary one."""
    args = [head.order_id]
    open_order = head.state in ("confirmed", "released")
    todo: list[Do] = []
    if open_order and staged:
        if any(not row.is_packed for row in staged):
            todo.append(Do("Pack", reverse("fulfilment_pack", args=args), "fulfilment.pack"))
        confirm = f"Ship what is picked of {head.number}? Goods that left come back only as a return."
        todo.append(Do("Ship", reverse("shipping_ship_order", args=args), "shipping.ship", confirm=confirm))
    if open_order and "open" in picks:
        todo.append(Do("Call back", reverse("fulfilment_recall", args=args), "fulfilment.release"))
    if open_order and any(line.allocated > line.released for line in lines):
        todo.append(Do("Release to pickers", reverse("fulfilment_release", args=args), "fulfilment.release"))
        if not any(line.released or line.picked for line in lines):
            sure = (
                f"Ship what is reserved for {head.number} from its bins, without picks? It comes back only as a return."
            )
            from_stock = reverse("shipping_ship_from_stock", args=args)
            todo.append(Do("Ship from stock", from_stock, "shipping.ship", confirm=sure))
        todo.append(Do("Take stock back", reverse("allocation_take_back", args=args), "allocation.override"))
    if open_order and any(line.waiting for line in lines):
        todo.append(Do("Reserve stock", reverse("allocation_run_order", args=args), "allocation.run"))
        todo.append(Do("Cancel the rest", reverse("sales_order_cancel_waiting", args=args), "sales.change"))
    if open_order and not any(line.released or line.picked for line in lines):
        sure = f"Cancel all that is left of {head.number}?"
        todo.append(Do("Cancel order", reverse("sales_order_cancel", args=args), "sales.change", confirm=sure))
    return [replace(do, primary=n == 0) for n, do in enumerate(todo)]


NAV = [NavItem("Outbound", "Orders", "sales_orders", permission="sales.view", order=10, keys="o")]

palette_records("Order", "sales_order", "sales.view", sales.look_up)

urlpatterns = [
    path("orders", ORDERS.view, name="sales_orders"),
    path("orders/<int:order_id>", order, name="sales_order"),
]
