"""The floors' pages: their list, the plan of one with a walk tried on it, and its aisles in one grid."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.locations import queries as locations
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.listing import Empty, ListPage
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import context_of, perform, render_form
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.errors import FlowrackError, NotFound
from flowrack.shared.refs import ref
from flowrack.walks import commands, drawing, queries, rules_layout
from flowrack.walks.forms import GRID, FloorForm, WalkForm, initial_heads, initial_rows, read_rows
from flowrack.walks.rules_routes import route
from flowrack.walks.types import Aisle, Ends, Layout, LayoutRefused, Route, Stop, TripRefused

TITLE, VIEW, EDIT = "Floor plans", "walks.view", "walks.edit"
MOST_STOPS = 300
GUESS = "Drawn from the aisle and bay codes of the places: right in its order, a guess in its metres."

FLOORS = ListPage(
    name="walks.floors",
    title=TITLE,
    noun=("floor plan", "floor plans"),
    permission=VIEW,
    rows=queries.floor_list,
    columns=[
        Column("code", "Site", kind="code", sort=True, link=lambda r: reverse("walks_floor", args=[r.id])),
        Column("name", "Name", sort=True, wide=True),
        Column("plan", "Plan", sort=True),
        Column("aisles", "Aisles measured", kind="number", sort=True),
        Column("metres", "Metres of aisle", kind="number", sort=True),
        Column("places", "Places", kind="number", sort=True),
        Column("updated_at", "Entered", kind="date", sort=True),
    ],
    sort="code",
    search="Code or name",
    empty=Empty("No floor plans yet", "Every site has one, drawn from its places until somebody measures it."),
)
AISLES = [
    Column("code", "Aisle", kind="code"),
    Column("zone", "Zone", value=lambda r: r["zone"] or "cross aisle"),
    Column("runs", "Runs"),
    Column("metres", "Metres", kind="number", value=lambda r: metres(r["length_mm"])),
    Column("bay", "Bay to bay", kind="number", value=lambda r: metres(r["bay_mm"]) if r["bay_mm"] else ""),
    Column("one_way", "One-way", value=lambda r: "" if r["one_way"] == "both" else r["one_way"]),
    Column("most_people", "People at most", kind="number", value=lambda r: r["most_people"] or ""),
]
WAYS = [
    Column("method", "Way"),
    Column("metres", "Metres", kind="number", value=lambda r: metres(r["mm"])),
    Column("more", "Longer by", kind="number", value=lambda r: metres(r["more"]) if r["more"] else ""),
]
STOPS = [
    Column("n", "#", kind="number"),
    Column("code", "Place", kind="code"),
    Column("leg", "Metres to it", kind="number", value=lambda r: metres(r["mm"])),
]


def metres(mm: int) -> str:
    """Millimetres as metres with one decimal."""
    tenths = (abs(mm) + 50) // 100
    return f"{'-' if mm < 0 else ''}{tenths // 10:,}.{tenths % 10} m"


@page(permission=VIEW, methods=("GET", "HEAD"))
def floor(request: HttpRequest, site_id: int) -> HttpResponse:
    """The plan of a site; with `places` in the address the walk through them."""
    if not viewer_of(request).may(VIEW, site_id):
        raise NotFound("There is no such floor plan.", fix="Look at the list of floor plans.")
    site = locations.site(site_id)
    ready = queries.floor_of(site_id)
    places = queries.places_of(site_id)
    form = WalkForm(request.GET) if "places" in request.GET else WalkForm()
    refusal, found, stops = _tried(form, site_id) if form.is_bound else (None, None, [])
    walk = [stops[n].location_id for n in found.order] if found else []
    return render_record(
        request,
        Record(
            title=site.code,
            subtitle=f"{site.name}, floor plan",
            state="measured" if ready.layout.is_measured else "drawn from codes",
            marks={"drawn from codes": "warn"},
            subject=ref("walks.floor", site_id),
            site_id=site_id,
            back=(TITLE, reverse("walks_floors")),
            facts=_facts(ready.layout, len(places)),
            actions=[Do("Change", reverse("walks_floor_change", args=[site_id]), EDIT, True, False, "e")],
            tables=[*_walk_tables(found, walk, site_id), *_tables(ready.layout, site_id)],
        ),
        template="walks/floor.html",
        plan=drawing.floor_plan(ready, places, walk, label=f"Floor plan of {site.name}"),
        guess="" if ready.layout.is_measured else GUESS,
        form=form, refusal=refusal, found=found, walked=metres(found.mm) if found else "",
    )  # fmt: skip


def _facts(layout: Layout, places: int) -> list[Fact]:
    aisles = [aisle for aisle in layout.aisles if not aisle.is_cross]
    return [
        Fact("Aisles", len(aisles), "number"),
        Fact("Cross aisles", len(layout.aisles) - len(aisles), "number"),
        Fact("Metres of aisle", sum(aisle.length_mm for aisle in layout.aisles) // 1_000, "number"),
        Fact("Places", places, "number"),
    ]


def _tried(form: WalkForm, site_id: int) -> tuple[FlowrackError | None, Route | None, list[Stop]]:
    """The walk through the places of the form, or why there is none."""
    if not form.is_valid():
        return None, None, []
    codes = form.cleaned_data["places"].replace(",", " ").split()
    try:
        if len(codes) > MOST_STOPS:
            raise TripRefused(f"A walk has at most {MOST_STOPS} stops.", fix="Leave some out.")
        at = locations.by_code(site_id, codes)
        stops = [Stop(at[code].location_id) for code in codes]
        return None, route(stops, queries.floor_of(site_id)), stops
    except FlowrackError as refusal:
        return refusal, None, []


def _walk_tables(found: Route | None, walk: list[int], site_id: int) -> list[Table]:
    if found is None:
        return []
    rows = [{"method": method, "mm": mm, "more": mm - found.mm} for method, mm in found.alternatives.items()]
    rows.sort(key=lambda row: (row["mm"], row["method"] != found.method))
    ready = queries.floor_of(site_id)
    codes = {place: row.code for place, row in locations.locations(walk).items()}
    stands = [ready.start, *(ready.at(place) for place in walk)]
    legs = [{"n": n, "code": codes[place], "mm": ready.mm(stands[n - 1], stands[n])} for n, place in enumerate(walk, 1)]
    return [
        Table(
            "Ways compared",
            WAYS,
            sorted(rows, key=lambda row: (row["mm"], row["method"] != found.method)),
            note=found.why,
        ),
        Table("Stops", STOPS, legs, note=f"And {metres(ready.mm(stands[-1], ready.end))} to the end."),
    ]


def _tables(layout: Layout, site_id: int) -> list[Table]:
    zones = {zone.zone_id: zone.code for zone in locations.zones(site_id)}
    tables = [Table("Aisles", AISLES, [_row(aisle, zones) for aisle in layout.aisles], empty="No place has an aisle.")]
    if layout.is_measured:
        left = rules_layout.unmeasured(queries.places_of(site_id), layout.aisles)
        rows = [{"zone": zones.get(zone_id, ""), "code": code} for zone_id, code in left]
        columns = [Column("code", "Aisle", kind="code"), Column("zone", "Zone")]
        note = "Their places count as standing where walks begin, until they are entered."
        tables.append(Table("Aisles not on the plan", columns, rows, note=note if rows else "", empty="All are on it."))
    return tables


def _row(aisle: Aisle, zones: dict[int, str]) -> dict[str, Any]:
    return {
        "code": aisle.code, "zone": zones.get(aisle.zone_id, ""), "runs": str(aisle.heading),
        "length_mm": aisle.length_mm, "bay_mm": aisle.bay_mm, "one_way": str(aisle.one_way),
        "most_people": aisle.most_people,
    }  # fmt: skip


@page(permission=EDIT)
def change(request: HttpRequest, site_id: int) -> HttpResponse:
    """The aisles of a site in one grid that takes a paste from a spreadsheet; it begins with what is drawn."""
    context_of(request).require(EDIT, site_id)
    site = locations.site(site_id)
    layout, places = queries.layout_of(site_id), queries.places_of(site_id)
    zones = {zone.zone_id: zone.code for zone in locations.zones(site_id)}
    ends = Ends((layout.start.x_mm, layout.start.y_mm), (layout.end.x_mm, layout.end.y_mm))
    points = {place.code: place.point for place in places if place.point is not None}
    if not layout.is_measured:
        seen = {place.code: layout.spots[place.location_id] for place in places if place.kind in ("door", "staging")}
        points = {code: (spot.x_mm, spot.y_mm) for code, spot in seen.items()}
    posted = request.POST if request.method == "POST" else None
    form = FloorForm(posted, initial={**initial_heads(ends, points), "version": queries.version_of(site_id)})
    grid = GridForm(GRID, posted, initial=initial_rows(layout.aisles, zones), blank=4)
    to = reverse("walks_floor", args=[site_id])

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Floor plan of {site.name}", verb="Save", refusal=refusal, back=(site.code, to),
            sub="Whole millimetres; x runs east and y north. Without any aisle the plan is drawn from the codes again.",
            template="walks/change.html", grid=grid.with_refusal(refusal),
        )  # fmt: skip

    if posted is None or not form.is_valid():
        return drawn()
    aisles, bad = read_rows(grid.rows)
    if bad:
        return drawn(LayoutRefused("This cannot be kept.", lines=bad))
    return perform(
        request, commands.set_floor, form.to_request(site_id, aisles), to=to, toast="Floor plan saved", again=drawn
    )


NAV = [NavItem("Data and setup", TITLE, "walks_floors", permission=VIEW, order=71)]

urlpatterns = [
    path("floors", FLOORS.view, name="walks_floors"),
    path("floors/<int:site_id>", floor, name="walks_floor"),
    path("floors/<int:site_id>/change", change, name="walks_floor_change"),
]
