"""Pick lists at the desk: who has which, how far they are, how long they walk."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString

from flowrack.fulfilment import commands, queries_board, queries_lists
from flowrack.fulfilment.queries_board import ListRow
from flowrack.fulfilment.states import KIND_WORDS, METHOD_WORDS, SHORT_WORDS, Method, ShortReason, UnitKind
from flowrack.fulfilment.types_lists import ListHead, ListLine, ReturnList
from flowrack.platform.http import caller_of, now
from flowrack.platform.web import charts
from flowrack.platform.web.access import page
from flowrack.platform.web.format import day
from flowrack.platform.web.listing import Choice, Column, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.refs import ref
from flowrack.walks import drawing
from flowrack.walks import queries as walking

MARKS = {
    "open": "wait", "taken": "run", "parked": "warn", "done": "ok", "cancelled": "wait", "lease over": "warn",
    "picked": "ok", "short": "warn",
}  # fmt: skip


def metres(mm: int | None) -> str:
    """Millimetres as whole metres, for people."""
    return "" if mm is None else f"{(mm + 500) // 1000:,} m"


def minutes(seconds: int | None) -> str:
    """Seconds as minutes and seconds."""
    return "" if seconds is None else f"{seconds // 60:,}:{seconds % 60:02}"


def _progress(row: ListRow) -> object:
    parts = [
        charts.Part(row.done, "c2", "picked"),
        charts.Part(row.short, "warn", "short"),
        charts.Part(row.open, "c3", "open"),
    ]
    return charts.stacked_bar(parts, f"{row.done} picked, {row.short} short, {row.open} open of {row.picks} picks")


COLUMNS = [
    Column("number", "List", kind="code", sort="id", link=lambda r: reverse("fulfilment_list", args=[r.id])),
    Column("standing", "State", kind="state", marks=MARKS),
    Column("person", "Picker", sort=True),
    Column("progress", "Progress", html=_progress, value=lambda r: f"{r.done + r.short} of {r.picks}"),
    Column("open", "Open", kind="number", sort=True, total=True),
    Column("picks", "Picks", kind="number", sort=True, total=True),
    Column("orders", "Orders", kind="number", sort=True),
    Column("method", "How", value=lambda r: METHOD_WORDS[Method(r.method)]),
    Column("unit_kind", "Handled", value=lambda r: KIND_WORDS[UnitKind(r.unit_kind)]),
    Column("zone", "Zone", kind="code", sort=True),
    Column("walk_mm", "Walk", kind="number", sort=True, value=lambda r: metres(r.walk_mm)),
    Column("saved_mm", "Saved", kind="number", sort=True, value=lambda r: metres(r.saved_mm) if r.saved_mm else ""),
    Column("pace", "Seconds a line", kind="number", value=lambda r: r.seconds_a_line),
    Column("due_at", "Pick by", kind="datetime", sort=True),
    Column("due_on", "Ship by, first", kind="date", sort=True),
    Column("wave", "Wave", kind="code", link=lambda r: reverse("fulfilment_wave", args=[r.wave_id])),
    Column("last_pick_at", "Last pick", kind="datetime", sort=True),
    Column("site", "Site"),
    Column("finished_at", "Done", kind="datetime", sort=True, hidden=True),
    Column("taken_at", "Taken", kind="datetime", sort=True, hidden=True),
    Column("device", "Device", hidden=True),
    Column("why", "Why together", hidden=True, wide=True),
]

LISTS = ListPage(
    name="fulfilment.lists",
    title="Pick lists",
    noun=("pick list", "pick lists"),
    permission="fulfilment.view",
    rows=queries_board.list_list,
    columns=COLUMNS,
    filters=[
        Choice("state", "State", [(s, s) for s in ("open", "taken", "parked", "done", "cancelled")], promoted=True),
        Choice("method", "How", [(str(m), words) for m, words in METHOD_WORDS.items()]),
        Choice("unit_kind", "Handled", [(str(k), words) for k, words in KIND_WORDS.items()]),
    ],
    tabs=[
        Tab("On the floor", "state=open,taken,parked"),
        Tab("With pickers", "state=taken"),
        Tab("Done", "state=done"),
        Tab("All", "view=all"),
    ],
    sort="-id",
    search="List, wave or picker",
    row_id=lambda r: int(r.id),
    empty=Empty("No pick lists yet", "A wave that is released is picked by lists: each is one person's walk."),
)

LINE_COLUMNS = [
    Column("place", "#", kind="number"),
    Column("location", "Bin", kind="code"),
    Column("sku", "Item", kind="code"),
    Column("name", "Name", wide=True),
    Column("lot", "Lot", kind="code"),
    Column("lpn", "Pallet", kind="code"),
    Column("units", "Units", kind="number"),
    Column("state", "State", kind="state", marks=MARKS),
    Column("letter", "Place", kind="code"),
    Column("tote", "Tote", kind="code"),
    Column("order", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r["order_id"]])),
    Column("customer", "Customer"),
    Column("done_by", "Picker"),
    Column("done_at", "At", kind="datetime"),
    Column("why_short", "Why short", kind="chip", tone=lambda r: "warn"),
]
WALK_COLUMNS = [
    Column("method", "Way", value=lambda r: "in the order of the bins" if r.method == "as given" else r.method),
    Column("mm", "Walk", kind="number", value=lambda r: metres(r.mm)),
    Column("more_mm", "Longer by", kind="number", value=lambda r: metres(r.more_mm) if r.more_mm else ""),
    Column("is_chosen", "", kind="chip", value=lambda r: "chosen" if r.is_chosen else ""),
]
TOTE_COLUMNS = [
    Column("letter", "Place", kind="code"),
    Column("order", "Order", kind="code", value=lambda r: r.order or "all orders"),
    Column("tote", "Tote", kind="code", value=lambda r: r.tote or "not yet"),
]


def table(rows: list[ListRow]) -> Table:
    """The lists of a wave on its page."""
    shown = [c for c in COLUMNS if not c.hidden and c.key not in ("wave", "site", "zone", "unit_kind", "due_on")]
    return Table("Pick lists", shown, rows, empty="Nothing of it is picked by lists.")


def _lines(found: list[ListLine]) -> list[dict[str, object]]:
    """The picks with the words of their items."""
    items = {item.item_id: item for item in queries_lists.items([line.item_id for line in found])}
    return [
        {
            **{name: getattr(line, name) for name in line.__slots__},
            "sku": items[line.item_id].sku,
            "name": items[line.item_id].name,
            "why_short": SHORT_WORDS[ShortReason(line.short_reason)] if line.short_reason else "",
        }
        for line in found
    ]


def _facts(head: ListHead, row: ListRow) -> list[Fact]:
    is_late = head.due_at is not None and head.state not in ("done", "cancelled") and head.due_at < now()
    until = head.lease_until if head.state == "taken" and head.lease_until else ""
    together = head.why.partition("; ")[2]
    who = f"{head.taken_by} on {head.device}" if head.taken_by and head.device else head.taken_by
    return [
        Fact("Picks", f"{row.done + row.short} of {row.picks} made"),
        Fact("How", METHOD_WORDS[Method(head.method)], note=KIND_WORDS[UnitKind(head.unit_kind)]),
        Fact("Picker", who or "nobody yet", note=until),
        Fact("Walk", metres(head.walk_mm) or "found when it is taken",
             note=f"{metres(row.saved_mm)} less than by the bins" if row.saved_mm else ""),
        Fact("Time", minutes(row.seconds) or "not begun",
             note=f"{row.seconds_a_line:,} s a line" if row.seconds_a_line is not None else ""),
        *([Fact("Pick by", head.due_at, "datetime", tone="bad" if is_late else "")] if head.due_at else []),
        Fact("Ship by, first", day(head.due_on)),
        Fact("Brought to", head.place, note=f"cart {head.cart}" if head.cart else ""),
        *([Fact("Together because", together)] if together else []),
    ]  # fmt: skip


@page("fulfilment.view")
def show(request: HttpRequest, list_id: int) -> HttpResponse:
    """One list: its picks in walking order, who has it, what is on the cart, and what other walks would cost."""
    caller = caller_of(request)
    head = queries_lists.head(list_id, caller.sites("fulfilment.view") if caller else frozenset())
    row, found = queries_board.list_row(list_id), queries_lists.lines(list_id)
    lines = _lines(found)
    totes = queries_lists.totes(list_id)
    tables = [Table("Picks", LINE_COLUMNS, lines, of=row.picks)]
    if totes:
        tables.append(Table("On the cart", TOTE_COLUMNS, totes))
    walks = queries_board.walks_of(list_id)
    tables.append(
        Table(
            "Ways to walk it", WALK_COLUMNS, walks, empty="Its bins are not on the floor plan, or nobody took it yet."
        )
    )
    actions = []
    if head.state == "taken":
        actions.append(
            Do("Give to anybody", reverse("fulfilment_list_free", args=[list_id]), "fulfilment.release",
               confirm=f"{head.taken_by} has {head.number}. What is picked stays picked.")
        )  # fmt: skip
    may_see_floor = viewer_of(request).may("walks.view", head.site_id)
    return render_record(
        request,
        Record(
            title=head.number,
            subtitle=head.why.partition("; ")[0],
            subject=ref("fulfilment.list", list_id),
            state=row.standing,
            marks=MARKS,
            back=("Pick lists", reverse("fulfilment_lists")),
            facts=_facts(head, row),
            actions=actions,
            tables=tables,
            why=[ref("sales.line", line_id) for line_id in queries_lists.short_lines(list_id)]
            or [ref("fulfilment.list", list_id)],
        ),
        template="fulfilment/list.html",
        plan=_plan(head, found),
        floor_url=reverse("walks_floor", args=[head.site_id]) if may_see_floor else "",
    )


def _plan(head: ListHead, found: list[ListLine]) -> SafeString:
    """The walk on the floor as it is now; a place that is not on it is left out."""
    floor = walking.floor_of(head.site_id)
    stops = [line.location_id for line in found if line.state != "cancelled" and line.location_id in floor.layout.spots]
    places = walking.places_of(head.site_id)
    return drawing.floor_plan(floor, places, list(dict.fromkeys(stops)), label=f"The walk of {head.number}")


@page("fulfilment.release", methods=("POST",))
def free(request: HttpRequest, list_id: int) -> HttpResponse:
    """The lead gives a list to anybody: its device is dead or its picker went home."""
    return perform(
        request,
        commands.return_list,
        ReturnList(list_id),
        to=reverse("fulfilment_list", args=[list_id]),
        toast="Anybody may take the list",
    )


NAV = [
    NavItem("Outbound", "Pick lists", "fulfilment_lists", permission="fulfilment.view", order=31, section="Warehouse"),
]

palette_records("Pick list", "fulfilment_list", "fulfilment.view", queries_lists.look_up)

urlpatterns = [
    path("pick-lists", LISTS.view, name="fulfilment_lists"),
    path("pick-lists/<int:list_id>", show, name="fulfilment_list"),
    path("pick-lists/<int:list_id>/free", free, name="fulfilment_list_free"),
]
