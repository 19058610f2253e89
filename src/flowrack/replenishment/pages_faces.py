"""Pages of pick faces: the list, one with its level over time, the grid of levels, draws that somebody tells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString

from flowrack.catalog import queries as catalog
from flowrack.locations import queries as locations
from flowrack.platform.http import caller_of, now
from flowrack.platform.web import clock
from flowrack.platform.web.access import page
from flowrack.platform.web.charts import bar, twin
from flowrack.platform.web.format import moment
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.listing import Button, Choice, Column, Empty, Flag, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.record import Do, Fact, Record, Table, render_record
from flowrack.platform.web.render import perform, render_form
from flowrack.platform.web.viewer import viewer_of
from flowrack.replenishment import commands, queries_board, queries_scene
from flowrack.replenishment.drawing import Landing, projection
from flowrack.replenishment.forms import FACE_GRID, TRIGGER_WORDS, DrawForm, face_rows, in_site_time, read_faces
from flowrack.replenishment.queries_plan import StandingSeen
from flowrack.replenishment.types import FACE, REFILL, ExpectDraws, NewDraw
from flowrack.shared.errors import FlowrackError, Invalid, NotFound
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import commands as storage
from flowrack.storage.types import SetPickFaces

VIEW, EDIT, PLAN = "replenishment.view", "storage.plan", "replenishment.plan"
MOST_IN_GRID = 200


def address(face_id: int) -> str:
    """The page of a face; empty where it is none any more."""
    return reverse("replenishment_face", args=[face_id]) if face_id else ""


FACES = ListPage(
    name="replenishment.faces",
    title="Pick faces",
    noun=("face", "faces"),
    permission=VIEW,
    rows=queries_board.face_page,
    columns=[
        Column("code", "Bin", kind="code", sort=True, link=lambda r: address(r.id)),
        Column("site", "Site", kind="code", sort=True, of_sites=True),
        Column("sku", "Item", kind="code", sort=True),
        Column("name", "Name", wide=True, minor=True),
        Column("level", "How full", html=lambda r: bar(r.there, r.max_units), value=lambda r: r.there),
        Column("there", "There", kind="number", sort=True, total=True),
        Column("reserved", "For waves", kind="number", sort=True),
        Column("coming", "On the way", kind="number", sort=True, total=True),
        Column("min_units", "At least", kind="number", sort=True),
        Column("max_units", "At most", kind="number", sort=True),
        Column("trigger", "Refilled", value=lambda r: TRIGGER_WORDS[r.trigger], sort="trigger"),
        Column("waiting_lines", "Lines that wait", kind="number", sort=True),
    ],
    filters=[
        Choice("trigger", "Refilled", list(TRIGGER_WORDS.items()), promoted=True),
        Flag("is_low", "Under its minimum", promoted=True),
    ],
    tabs=[Tab("All", ""), Tab("Under their minimum", "is_low=yes")],
    sort="code",
    is_cards=True,
    search="Bin or item",
    actions=[Button("Levels", "replenishment_levels", permission=EDIT, primary=True, key="e")],
    empty=Empty("No pick faces yet", "Bins that always hold one item, refilled before they run out.", "Levels",
                "replenishment_levels", EDIT),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """The picture of a face's level and its table."""

    picture: SafeString
    table: SafeString
    runs_out: str


def drawn(site_id: int, location_id: int) -> Shown | None:
    """The level of a face over time; None where it is no face any more."""
    at = now()
    scene = queries_scene.scene(site_id, location_ids=[location_id], now=at)
    if not scene.faces:
        return None
    clock.at_own_site(site_id)
    seen = scene.faces[0]
    landings = [
        Landing(
            one.standing.refill_id, one.standing.units, _lands(one, at, scene.clock.task_seconds),
            max(one.not_before, at),
            max(one.land_by, at) if one.land_by else None,
        )
        for one in scene.standing
        if one.location_id == location_id and not one.standing.is_going_back
    ]  # fmt: skip
    shown = projection(seen.face, seen.code, scene.draws[seen.face.face_id], landings, now=at)
    rows = [(moment(when), f"{level:,}", words) for when, level, words in shown.rows]
    total = sum(draw.units for draw in scene.draws[seen.face.face_id])
    words = f"{total:,} units are known to leave it." if total else "Nothing is known to leave it today."
    due = min((one.land_by for one in scene.standing if one.location_id == location_id and one.land_by), default=at)
    if due < at:
        words += f" A refill that should have landed by {moment(due)} has not."
    return Shown(shown.picture, twin(["When", "Units", "What happens"], rows), words)


def _lands(one: StandingSeen, at: datetime, task_seconds: int) -> datetime:
    """When a refill is expected in the face: by its time, or when somebody who begins now can be there."""
    by = max(one.land_by or one.not_before, one.not_before)
    is_begun = one.standing.is_lifted or by >= at
    return max(by, at if is_begun else at + timedelta(seconds=task_seconds))


@page(VIEW)
def face(request: HttpRequest, face_id: int) -> HttpResponse:
    """One face: its level over time, its refills, and why they come."""
    caller = caller_of(request)
    row = queries_board.face_line(face_id, caller.sites(VIEW) if caller else frozenset())
    refills = queries_board.of_face(row.location_id)
    record = Record(
        title=row.code,
        subtitle=f"{row.sku} {row.name}",
        subject=ref(FACE, face_id),
        site_id=row.site_id,
        back=("Pick faces", reverse("replenishment_faces")),
        facts=[
            Fact("There", row.there, "number", note=f"of at most {row.max_units:,}"),
            Fact("At least", row.min_units, "number", tone="warn" if row.is_low else ""),
            Fact("For waves", row.reserved, "number"),
            Fact("On the way", row.coming, "number"),
            Fact("Refilled", TRIGGER_WORDS[row.trigger]),
            *([Fact("Lines that wait", row.waiting_lines, "number", tone="warn")] if row.waiting_lines else []),
        ],
        actions=[
            Do("Tell of a draw", reverse("replenishment_draw", args=[face_id]), PLAN, post=False),
            Do("Levels", reverse("replenishment_levels") + f"?q={row.code}", EDIT, post=False),
        ],
        tables=[
            Table(
                "Refills",
                [
                    Column("id", "No.", kind="code", link=lambda r: reverse("replenishment_refill", args=[r.id])),
                    Column("units", "Units", kind="number"),
                    Column("from_code", "From", kind="code"),
                    Column("lpn", "LPN", kind="code"),
                    Column("not_before", "Room from", kind="datetime"),
                    Column("land_by", "Land by", kind="datetime"),
                    Column("start_by", "Start by", kind="datetime"),
                    Column("state", "State", kind="state"),
                    Column("ended_at", "Ended", kind="datetime"),
                    Column("driver", "By"),
                ],
                refills,
                empty="No refill was ever planned for it.",
            )
        ],
        why={ref(REFILL, r.id): f"refill {r.id}" for r in refills[:10]},
    )
    shown = drawn(row.site_id, row.location_id)
    return render_record(request, record, template="replenishment/refill.html", shown=shown)


@page(PLAN)
def draw(request: HttpRequest, face_id: int) -> HttpResponse:
    """Tell of units that will leave a face, which no order knows of."""
    caller = caller_of(request)
    row = queries_board.face_line(face_id, caller.sites(PLAN) if caller else frozenset())
    clock.at_own_site(row.site_id)
    form = DrawForm(request.POST or None)

    def shown(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"What will leave {row.code}", verb="Keep it", refusal=refusal,
            back=(row.code, address(face_id)), sub=f"{row.sku} {row.name}: a counter sale, a kitting job, a show.",
        )  # fmt: skip

    if request.method != "POST" or not form.is_valid():
        return shown()
    data = form.cleaned_data
    new = NewDraw(
        row.location_id,
        row.item_id,
        Units(data["units"]),
        in_site_time(data["from_at"]),
        in_site_time(data["until_at"]),
    )
    return perform(
        request,
        commands.expect_draws,
        ExpectDraws(row.site_id, data["origin"], [new]),
        to=address(face_id),
        toast=lambda done: f"Kept; {done.planned} refills planned",
        again=shown,
    )


@page(EDIT)
def levels(request: HttpRequest) -> HttpResponse:
    """The levels of faces as a grid that takes a paste from a spreadsheet."""
    caller = caller_of(request)
    held = caller.sites(EDIT) if caller else frozenset()
    sites = [site for site in locations.sites() if 0 in held or site.site_id in held]
    site = next((s for s in sites if s.site_id == viewer_of(request).site_id), sites[0] if sites else None)
    if site is None:
        raise NotFound("There is no site whose faces you may set.")
    is_post, wanted = request.method == "POST", request.GET.get("q", "").strip().upper()
    known = [] if is_post else queries_board.faces_of(site.site_id, limit=100_000 if wanted else MOST_IN_GRID)
    shown_faces = [one for one in known if not wanted or wanted in (one.code.upper(), one.sku.upper())]
    grid = GridForm(FACE_GRID, request.POST if is_post else None, initial=face_rows(shown_faces[:MOST_IN_GRID]))

    def drawn_again(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, None, title=f"Pick faces of {site.name}", verb="Save", refusal=refusal,
            back=("Pick faces", reverse("replenishment_faces")), template="patterns/grid.html",
            grid=grid.with_refusal(refusal),
            sub="Faces that are not in the grid stay as they are. Paste lines from a spreadsheet to set many.",
        )  # fmt: skip

    if not is_post:
        return drawn_again()
    bins = locations.find_by_code(site.site_id, [row["bin"] for row in grid.rows])
    items = catalog.find_codes([row["item"] for row in grid.rows])
    faces, bad = read_faces(
        grid.rows,
        {code.upper(): row.location_id for code, row in bins.items()},
        {code.upper(): hits[0].item_id for code, hits in items.items() if len({h.item_id for h in hits}) == 1},
    )
    if bad:
        return drawn_again(Invalid(bad[0].message, lines=bad))
    return perform(
        request,
        storage.set_pick_faces,
        SetPickFaces(site.site_id, faces),
        to=reverse("replenishment_faces"),
        toast=lambda done: f"{done.count} faces kept",
        again=drawn_again,
    )


urlpatterns = [
    path("pick-faces", FACES.view, name="replenishment_faces"),
    path("pick-faces/levels", levels, name="replenishment_levels"),
    path("pick-faces/<int:face_id>", face, name="replenishment_face"),
    path("pick-faces/<int:face_id>/draw", draw, name="replenishment_draw"),
]
NAV = [NavItem("Stock", "Pick faces", "replenishment_faces", permission=VIEW, order=36)]
