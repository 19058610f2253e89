"""The page of one order: how it stands in a sentence, its lines, why, what happened when, and its shipments."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flowrack.allocation import queries_substitutes, queries_urgent
from flowrack.allocation.rules_coming import without_coming
from flowrack.fulfilment import queries as floor
from flowrack.platform import decisions
from flowrack.platform.http import caller_of, now
from flowrack.platform.web import charts, clock
from flowrack.platform.web.access import page
from flowrack.platform.web.listing import Column
from flowrack.platform.web.record import Do, Document, Record, Table, render_record
from flowrack.platform.web.viewer import viewer_of
from flowrack.promise.queries_lines import PromiseRow
from flowrack.purchasing import queries_pages as purchasing
from flowrack.purchasing.queries import business_days
from flowrack.sales import queries as sales
from flowrack.sales import queries_holds
from flowrack.sales import queries_substitutes as stands
from flowrack.sales.queries import LineRow, OrderHead
from flowrack.sales.rules import order_sentence
from flowrack.shared.refs import ref
from flowrack.shipping import queries, queries_timeline, queries_waits
from flowrack.shipping.pages import axis, choices, holds, instead, order_facts, promised, urgent, waits
from flowrack.shipping.pages.ladder import LadderView, ladder_of
from flowrack.shipping.pages.line_axis import LineAxis
from flowrack.shipping.pages.orders import MARKS, ORDERS

NEWEST = 5  # decisions of a line that are looked through for the one that tells why it waits

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
    clock.at_own_site(head.site_id)
    refs = {line.line_id: ref("sales.line", line.line_id) for line in lines}
    reasons = decisions.why_all(list(refs.values()), limit=NEWEST)
    picks = floor.picks_of_order(order_id)
    cartons = floor.cartons([order_id])
    staged = floor.staged_in_words(order_id)
    held = queries_holds.holds_of_order(order_id)
    asked = queries_urgent.requests_of_order(order_id)
    names, beside = stands.instead_of(list(refs)), stands.lines_instead(order_id)
    way = _way_through(request, order_id, caller.sites("sales.view") if caller else frozenset())
    why_held = holds.sentences(held, lines)
    stops, at_hand = queries_waits.of_order(order_id, now())
    promises = promised.of_lines(lines)
    said = {line.line_id: _reason(reasons[refs[line.line_id]], line, promises) for line in lines}
    said |= {key: one.sentence for key, one in at_hand.items()} | why_held
    viewer = viewer_of(request)
    today = business_days([head.site_id], now=now())[head.site_id]
    sees_margin = viewer.may("sales.see_margin", head.site_id)
    chosen = _chosen(request, lines, next((stop.id for stop in stops if stop.at == "line"), 0))
    more = [*instead.column(names), *promised.columns(order_id, lines, promises, today, frozenset(why_held))]
    ordered = _ordered(lines, beside)
    tables = [_lines_table(lines, said, more, ordered, sees_margin=sees_margin, view=way.view)]
    tables += [Table("Holds", holds.COLUMNS, held, is_cards=True)] if held else []
    tables += urgent.tables(asked) + instead.tables(queries_substitutes.requests_of_order(order_id))
    tables += [Table("Picks", PICK_COLUMNS, picks, is_cards=True)] if picks else []
    tables += [Table("Cartons", _carton_columns(), cartons, is_cards=True)] if cartons else []
    todo = _actions(head, lines, [p.state for p in picks], staged, instead.ways(lines, names, chosen))
    documents = urgent.letters(order_id)
    documents += [Document(f"Label {c.sscc}", reverse("carton_label", args=[c.id]), "PDF") for c in cartons]
    record = Record(
        title=head.number,
        subtitle=head.customer,
        subject=ref("sales.order", order_id),
        site_id=head.site_id,
        state="held" if any(one.state == "open" for one in held) else _standing(head, lines, [p.state for p in picks]),
        marks=MARKS,
        back=("Orders", f"{reverse('sales_orders')}{f'?{way.view}' if way.view else ''}"),
        previous=way.previous,
        next=way.next,
        place=way.place,
        facts=[
            *order_facts.facts(head, lines, sees_margin=sees_margin),
            *urgent.pending(asked),
            *instead.fill_fact(order_id, names),
            *choices.facts([order_id]),
            *promised.to_reserve(lines, promises, today),
        ],
        actions=holds.around(todo, head, held, viewer),
        tables=tables,
        documents=documents,
        why=_about(head, chosen),
        over=_over(head, chosen),
    )
    return render_record(
        request,
        record,
        template="shipping/order.html",
        sentence=f"{holds.told(held)}{_sentence(lines, ordered, is_looked_at=any(reasons.values()))}{_back(picks)}",
        waits=[(stop.words, waits.url_of(stop, order_id, head.number)) for stop in stops],
        axis=axis.of_order(head, lines, queries_timeline.moments(order_id), promises, now(), today),
        line_axis=_line_axis(head, chosen, promises, today),
        chosen=chosen,
        shipments=queries.of_order(order_id),
        ladder=_ladder(request, head, chosen, today, why_held),
    )


def _about(head: OrderHead, chosen: LineRow | None) -> dict[str, str]:
    """The reasons that are told: those of the line that is asked about, and of the order."""
    of_line = {ref("sales.line", chosen.line_id): f"line {chosen.line_no}, {chosen.sku}"} if chosen else {}
    return of_line | {ref("sales.order", head.order_id): "the order"}


def _line_axis(
    head: OrderHead, chosen: LineRow | None, promises: Mapping[int, PromiseRow], today: date
) -> LineAxis | None:
    """The chosen line over the days; deliveries of its item where it waits."""
    if chosen is None:
        return None
    coming = purchasing.incoming(chosen.item_id, head.site_id) if chosen.waiting else []
    return axis.of_line(head, chosen, promises.get(chosen.line_id), coming, today)


def _over(head: OrderHead, chosen: LineRow | None) -> Callable[[str, str], str]:
    """Which decisions are past though none came after them: all of a finished order, and that units wait where none
    waits any more."""

    def told(kind: str, sentence: str) -> str:
        if head.state not in ("confirmed", "released"):
            return f"the order is {head.state}"
        is_waiting = " wait" in sentence and kind == "allocation"
        return "nothing of it waits any more" if is_waiting and chosen is not None and not chosen.waiting else ""

    return told


def _standing(head: OrderHead, lines: Sequence[LineRow], picks: Sequence[str]) -> str:
    """The state in the words of the order list: in picking only while a pick is open, picked when nothing is left."""
    if head.state != "released":
        return str(head.state)
    if "open" in picks:
        return "picking"
    if _sum(lines, "waiting"):
        return "part"
    return "reserved" if _sum(lines, "allocated") else "picked"


def _reason(rows: Sequence[decisions.DecisionRow], line: LineRow, promises: Mapping[int, PromiseRow]) -> str:
    """The newest reason; of units that wait for stock the newest that is not a wave's, which tells of others. Where
    nobody decided yet, that the line is promised."""
    told = promises.get(line.line_id)
    otherwise = "Promised, and not reserved yet." if told is not None and told.ships_on is not None else ""
    return next((row.sentence for row in rows if not (line.waiting and row.kind.startswith("wave."))), otherwise)


def _sum(lines: Sequence[LineRow], name: str) -> int:
    return sum(getattr(line, name) for line in lines)


def _ordered(lines: Sequence[LineRow], beside: Collection[int]) -> int:
    """What the customer ordered: lines that stand, or stood, for others are no orders of their own."""
    return sum(line.units for line in lines if line.line_id not in beside)


def _sentence(lines: Sequence[LineRow], ordered: int, *, is_looked_at: bool) -> str:
    wanted = _sum(lines, "units") - _sum(lines, "cancelled")
    return order_sentence(
        ordered=max(ordered, wanted),
        allocated=_sum(lines, "allocated"),
        picked=_sum(lines, "picked"),
        shipped=_sum(lines, "shipped"),
        cancelled=max(ordered - wanted, 0),
        is_looked_at=is_looked_at,
    )


def _back(picks: Sequence[floor.PickRow]) -> str:
    """What was picked and nobody wants any more is on its way into its bins."""
    units = sum(pick.units for pick in picks if pick.state == "going_back")
    return f" {units:,} picked {'unit goes' if units == 1 else 'units go'} back into their bins." if units else ""


@dataclass(frozen=True, slots=True)
class Way:
    """How one goes on from an order: the view of the list that it was opened from, its place there, and the orders
    beside it."""

    view: str = ""
    previous: str = ""
    next: str = ""
    place: str = ""


def _way_through(request: HttpRequest, order_id: int, site_ids: frozenset[int]) -> Way:
    """Through the list as it was filtered and sorted; from elsewhere through the open orders, or by number."""
    carried = ORDERS.carried(request)
    if carried is None:
        before, after = sales.neighbours(order_id, site_ids)
        return Way("", _link(before), _link(after))
    view, query = carried
    found = queries_waits.place_of(query, order_id)
    if found is None:
        return Way(view, place="not in this list any more")
    return Way(view, _link(found.before, view), _link(found.after, view), f"{found.number:,} of {found.total:,}")


def _link(order_id: int | None, view: str = "") -> str:
    carried = f"?{urlencode({'in': view})}" if view else ""
    return f"{reverse('sales_order', args=[order_id])}{carried}" if order_id else ""


def _to_ladder(line: LineRow, view: str) -> str:
    return f"?{urlencode({'line': line.line_id, **({'in': view} if view else {})})}#ladder"


def _cause(sentence: str) -> str:
    """The reason without the counts before it, which have columns of their own, and without what was on order then."""
    cause = sentence.partition(" wait: ")[2].replace(
        "this customer takes one complete delivery, and ", "one delivery: "
    )
    cause = without_coming(cause)
    return f"{cause[:1].upper()}{cause[1:]}" if cause else sentence


def _progress(line: LineRow) -> object:
    parts = [
        charts.Part(line.shipped, "c1", "shipped"),
        charts.Part(line.picked, "c2", "picked"),
        charts.Part(line.allocated, "c3", "reserved"),
        charts.Part(line.waiting, "warn", "waits"),
    ]
    said = ", ".join(f"{part.value} {part.label}" for part in parts if part.value)
    return charts.stacked_bar(parts, f"{said or 'nothing'} of {line.units - line.cancelled}")


def _lines_table(
    lines: Sequence[LineRow],
    reasons: dict[int, str],
    stands_for: Sequence[Column],
    ordered: int,
    *,
    sees_margin: bool,
    view: str,
) -> Table:
    """The lines; counts that are nothing on every line have no column."""

    def ladder(line: LineRow) -> str:
        return _to_ladder(line, view)

    def count(name: str, label: str, *, to_ladder: bool = False) -> list[Column]:
        link = ladder if to_ladder else None
        one = Column(name, label, kind="number", value=lambda line: getattr(line, name) or None, link=link)
        return [one] if _sum(lines, name) else []

    def why(line: LineRow) -> str:
        return (reasons[line.line_id] or "Not reserved yet.") if line.waiting else ""

    def why_and_more(line: LineRow) -> SafeString:
        return format_html('{} <a class="ul" href="{}">Why?</a>', _cause(why(line)), ladder(line))

    columns = [
        Column("line_no", "#", kind="number"),
        Column("sku", "Item", kind="code"),
        Column("name", "Name", wide=True),
        *stands_for,
        Column("units", "Ordered", kind="number"),
        *count("allocated", "Reserved", to_ladder=True),
        *count("picked", "Picked"),
        *count("shipped", "Shipped"),
        *count("cancelled", "Cancelled"),
        *count("waiting", "Waits", to_ladder=True),
        Column("progress", "Progress", html=_progress, value=lambda line: line.units - line.waiting, minor=True),
        Column("why", "Why", wide=True, value=why, html=why_and_more),
        Column("unit_price", "Price", kind="money", minor=True),
        Column("value", "Value", kind="money"),
        *([Column("margin", "Margin", kind="money")] if sees_margin else []),
    ]
    names = ("units", "waiting", "allocated", "picked", "shipped", "cancelled")
    totals: dict[str, object] = {name: _sum(lines, name) or None for name in names}
    totals["units"] = ordered
    totals["value"] = sum(line.value for line in lines)
    if sees_margin:
        totals["margin"] = sum((line.margin for line in lines if line.margin is not None), Decimal(0))
    return Table("Lines", columns, lines, totals=totals, is_cards=True)


def _carton_columns() -> list[Column]:
    return [
        Column("sscc", "SSCC", kind="code", link=lambda r: reverse("carton", args=[r.id])),
        Column("units", "Units", kind="number"),
        Column("lines", "Lines", kind="number"),
        Column("weight_g", "Weight, g", kind="number"),
        Column("state", "State", kind="state", marks=MARKS),
        Column("packed_by", "Packed by"),
        Column("packed_at", "At", kind="datetime"),
    ]


def _chosen(request: HttpRequest, lines: Sequence[LineRow], lacking: int) -> LineRow | None:
    """The line that was asked about, or the one that lacks most, or the first that waits, or the first."""
    asked = request.GET.get("line", "") or str(lacking)
    found = next((line for line in lines if str(line.line_id) == asked), None)
    return found or next((line for line in lines if line.waiting), lines[0] if lines else None)


def _ladder(
    request: HttpRequest, head: OrderHead, chosen: LineRow | None, today: date, held: Mapping[int, str]
) -> LadderView | None:
    """The ladder of the chosen line, if it waits or was asked for, for those who may see it. `held` says why lines are
    on hold."""
    if chosen is None or not (chosen.waiting or request.GET.get("line")):
        return None
    if not viewer_of(request).may("allocation.view", head.site_id):
        return None
    return ladder_of(head, chosen, today, held=held.get(chosen.line_id, ""))


def _actions(
    head: OrderHead,
    lines: Sequence[LineRow],
    picks: Sequence[str],
    staged: Sequence[floor.StagedRow],
    ways: Sequence[Do],
) -> list[Do]:
    """What can be done now; the next step of the flow is the primary one."""
    args = [head.order_id]
    open_order = head.state in ("confirmed", "released")
    todo: list[Do] = []
    if open_order and staged:
        if any(not row.is_packed for row in staged):
            station = f"{reverse('pack_station')}?order={head.number}"
            todo.append(Do("Pack", station, "fulfilment.pack", post=False))
            back = reverse("fulfilment_put_back", args=args)
            todo.append(Do("Put back", back, "fulfilment.ask_put_back", post=False))
        confirm = f"Ship what is picked of {head.number}? Goods that left come back only as a return."
        todo.append(Do("Ship", reverse("shipping_ship_order", args=args), "shipping.ship", confirm=confirm))
    if open_order and "open" in picks:
        todo.append(Do("Call back", reverse("fulfilment_recall", args=args), "fulfilment.release"))
    if open_order and any(line.allocated > line.released for line in lines):
        release = reverse("fulfilment_release", args=args)
        todo.append(Do("Release to pickers", release, "fulfilment.release", post=False))
        if not any(line.released or line.picked for line in lines):
            sure = (
                f"Ship what is reserved for {head.number} from its bins, without picks? It comes back only as a return."
            )
            from_stock = reverse("shipping_ship_from_stock", args=args)
            todo.append(Do("Ship from stock", from_stock, "shipping.ship", confirm=sure))
        take_back = reverse("allocation_take_back", args=args)
        todo.append(Do("Take stock back", take_back, "allocation.override", post=False))
    if open_order and any(line.waiting for line in lines):
        todo.append(Do("Reserve stock", reverse("allocation_run_order", args=args), "allocation.run"))
        first = reverse("allocation_priority_new", args=args)
        todo.append(Do("Call urgent", first, "allocation.prioritise", post=False))
    if open_order:
        todo += ways
        if not all(line.released or line.picked for line in lines):
            elsewhere = reverse("promise_ship_from", args=args)
            todo.append(Do("Ship from elsewhere", elsewhere, "promise.move", post=False))
        todo.append(Do("Change", reverse("sales_order_change", args=args), "sales.change", post=False, key="c"))
        todo.append(Do("Add lines", reverse("sales_order_add_lines", args=args), "sales.change", post=False))
        todo.append(Do("Terms", reverse("sales_order_terms", args=args), "sales.change", post=False))
        todo.append(Do("Override terms", reverse("sales_order_override", args=args), "sales.override", post=False))
        if any(line.waiting for line in lines) and any(line.allocated or line.picked for line in lines):
            rest = reverse("sales_order_cancel_waiting", args=args)
            todo.append(Do("Cancel the rest", rest, "sales.change", post=False))
        todo.append(Do("Cancel order", reverse("sales_order_cancel", args=args), "sales.change", post=False))
    if _sum(lines, "shipped"):
        back = f"{reverse('returns_new')}?order={head.number}"
        todo.append(Do("Announce a return", back, "returns.create", post=False))
    return [replace(do, primary=n == 0 and open_order) for n, do in enumerate(todo)]


urlpatterns = [path("orders/<int:order_id>", order, name="sales_order")]
