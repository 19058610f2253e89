"""Pages of replenishment: the board of refills, a refill with its reasons, a plan by hand, the policy."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.locations import queries as locations
from flowrack.locations.types import SiteRow
from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.charts import bar
from flowrack.platform.web.format import moment
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.listing import Button, Choice, Column, DateRange, Empty, Flag, ListPage, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.palette import palette_records
from flowrack.platform.web.record import Do, Fact, Record, render_record
from flowrack.platform.web.render import perform, render_form, render_page
from flowrack.platform.web.viewer import Viewer, viewer_of
from flowrack.replenishment import commands, pages_faces, pages_slotting, queries_board
from flowrack.replenishment.forms import (
    HAND_OVER_GRID,
    PolicyForm,
    hand_over_rows,
    initial_of,
    read_hand_overs,
)
from flowrack.replenishment.queries_board import RefillLine
from flowrack.replenishment.rules import Cause
from flowrack.replenishment.states import RefillState
from flowrack.replenishment.types import REFILL, BadRefillPolicy, PlanRefills, PutDownRefill
from flowrack.shared.errors import FlowrackError, NotFound
from flowrack.shared.refs import ref

VIEW, PLAN, SETUP = "replenishment.view", "replenishment.plan", "replenishment.setup"
CAUSES = {
    Cause.RUN_OUT: "runs out",
    Cause.MINIMUM: "under its minimum",
    Cause.TOP_OFF: "topped off",
    Cause.SLOTTING: "moves to another face",
}
MARKS = {"going_back": "warn", "cancelled": "", "lifted": "acc"}


def _left(row: RefillLine) -> str:
    """Minutes until the face is empty, in words."""
    if row.minutes_left is None:
        return ""
    late = f"{_minutes(-row.minutes_left)} late" if row.is_late else ""
    if row.there == 0:
        return f"empty now, {late}" if late else "empty now"
    return late or _minutes(max(row.minutes_left, 0))


def _minutes(minutes: int) -> str:
    return f"{minutes:,} min" if minutes < 600 else f"{minutes // 60:,} h"


def _unstarted(row: RefillLine) -> str:
    """What is to be said of the time to start."""
    is_due = row.state == RefillState.PLANNED and row.start_by is not None and row.start_by < now()
    return "nobody has begun" if is_due else ""


def _sub(viewer: Viewer) -> str:
    """How well the house was refilled today."""
    seen = queries_board.urgency(viewer.site_id or 0, now=now())
    waits = f"{seen.waited_lines:,} lines waited {seen.waited_minutes:,} min for a face in the last 24 hours"
    if not seen.waited_lines:
        waits = "No line waited for a face in the last 24 hours"
    if seen.waiting_now and seen.oldest_since:
        waits += f"; {seen.waiting_now:,} wait now, the first since {moment(seen.oldest_since)}"
    late = f"; {seen.landed_late:,} of {seen.landed:,} refills came late" if seen.landed else ""
    now_late = f"; {seen.late_now:,} should have landed by now" if seen.late_now else ""
    return f"{waits}{late}{now_late}."


REFILLS = ListPage(
    name="replenishment.refills",
    title="Refills",
    noun=("refill", "refills"),
    permission=VIEW,
    rows=queries_board.board,
    columns=[
        Column("id", "No.", kind="code", sort=True, link=lambda r: reverse("replenishment_refill", args=[r.id])),
        Column("site", "Site", kind="code", sort=True, of_sites=True),
        Column("face", "Face", kind="code", sort=True, link=lambda r: pages_faces.address(r.face_id)),
        Column("state", "State", kind="state", sort=True, marks=MARKS),
        Column("sku", "Item", kind="code", sort=True),
        Column("name", "Name", wide=True, minor=True),
        Column("there", "In the face", kind="number", html=lambda r: bar(r.there, r.max_units) if r.is_open else ""),
        Column("minutes_left", "Empty in", kind="text", sort="urgency", html=_left),
        Column("start_by", "Start by", kind="datetime", sort=True),
        Column("not_before", "Room from", kind="datetime", sort=True, hidden=True),
        Column("land_by", "Land by", kind="datetime", sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("from_code", "From", kind="code", sort=True),
        Column("lpn", "LPN", kind="code", sort=True),
        Column("lot", "Lot", kind="code", hidden=True),
        Column("cause", "Because it", value=lambda r: CAUSES[Cause(r.cause)], sort="cause"),
        Column("waiting_lines", "Lines that wait", kind="number", sort=True),
        Column("driver", "By", sort=True, minor=True),
        Column("planned_at", "Planned", kind="datetime", sort=True, hidden=True),
        Column("ended_at", "Ended", kind="datetime", sort=True, hidden=True),
        Column("reason", "Ended because", hidden=True),
    ],
    filters=[
        Choice("state", "State", [(s.value, s.value.replace("_", " ")) for s in RefillState], promoted=True),
        Choice("cause", "Because", [(c.value, CAUSES[c]) for c in Cause], promoted=True),
        Flag("is_late", "Late", promoted=True),
        DateRange("planned_at", "Planned"),
        DateRange("ended_at", "Ended"),
    ],
    tabs=[
        Tab("To do", "state=planned,lifted,going_back"),
        Tab("Late", "is_late=yes"),
        Tab("On the fork", "state=lifted,going_back"),
        Tab("Landed", "state=landed&sort=-ended_at"),
        Tab("Not needed", "state=cancelled,returned&sort=-ended_at"),
        Tab("All", ""),
    ],
    sort="urgency,land_by,id",
    is_cards=True,
    search="Face, item, LPN or bin",
    sub=_sub,
    actions=[
        Button("Pick faces", "replenishment_faces", permission=VIEW),
        Button("Policy", "replenishment_policy", permission=SETUP),
        Button("Plan now", "replenishment_plan", permission=PLAN, primary=True, key="p"),
    ],
    empty=Empty(
        "No face needs a refill",
        "Pick faces are looked at every two minutes, and whenever a wave, an order or a count changes something.",
        "Plan now",
        "replenishment_plan",
        PLAN,
    ),
)


@page(VIEW)
def refill(request: HttpRequest, refill_id: int) -> HttpResponse:
    """One refill: when it may and must land, why, and how full its face will be."""
    return _refill(request, refill_id)


def _refill(request: HttpRequest, refill_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    caller = caller_of(request)
    row = queries_board.refill_line(refill_id, caller.sites(VIEW) if caller else frozenset())
    subject = ref(REFILL, refill_id)
    landed = f"{row.landed_units:,} landed" if row.landed_units else ""
    record = Record(
        title=f"Refill {row.id}",
        subtitle=f"{row.sku} {row.name}",
        state=row.state,
        marks=MARKS,
        subject=subject,
        site_id=row.site_id,
        back=("Refills", reverse("replenishment_refills")),
        facts=[
            Fact(
                "Face",
                row.face,
                "code",
                note=f"{row.there:,} of {row.max_units:,}",
                url=pages_faces.address(row.face_id),
            ),
            Fact("Units", row.units, "number", note=landed),
            Fact(
                "From",
                row.from_code,
                "code",
                note=row.lpn or "loose",
                url=reverse("storage_putaway", args=[row.move_id]),
            ),
            *([Fact("Next stop", row.to_code, "code", note="hand-over")] if row.to_code not in ("", row.face) else []),
            Fact("Room from", row.not_before, "datetime"),
            *(
                [Fact("Land by", row.land_by, "datetime", note=_left(row), tone="bad" if row.is_late else "")]
                if row.land_by
                else []
            ),
            *([Fact("Start by", row.start_by, "datetime", note=_unstarted(row))] if row.start_by else []),
            *([Fact("Driver", row.driver, note=row.lifted_at or "")] if row.driver else []),
            *([Fact("Ended", row.ended_at, "datetime", note=row.reason)] if row.ended_at else []),
        ],
        actions=_actions(row),
        why=[subject],
    )
    shown = pages_faces.drawn(row.site_id, row.location_id) if row.is_open else None
    return render_record(request, record, template="replenishment/refill.html", refusal=refusal, shown=shown)


def _actions(row: RefillLine) -> list[Do]:
    if row.state == RefillState.GOING_BACK:
        return [Do("It is back", reverse("replenishment_put_down", args=[row.id]), "replenishment.carry")]
    if row.state == RefillState.LIFTED:
        confirm = f"Do the goods stand in {row.from_code} again? Somebody else may carry them then."
        return [
            Do("Give it back", reverse("replenishment_put_down", args=[row.id]), "replenishment.carry", confirm=confirm)
        ]
    return []


@page("replenishment.carry", methods=("POST",))
def put_down(request: HttpRequest, refill_id: int) -> HttpResponse:
    """The goods stand again where they were taken from."""
    return perform(
        request,
        commands.put_down_refill,
        PutDownRefill(refill_id),
        to=reverse("replenishment_refill", args=[refill_id]),
        toast="It stands where it was taken from",
        again=lambda refusal: _refill(request, refill_id, refusal),
    )


def _chosen_site(request: HttpRequest, permission: str) -> SiteRow:
    """The site that the person works at, or the first at which they hold the permission."""
    caller = caller_of(request)
    held = caller.sites(permission) if caller else frozenset()
    sites = [site for site in locations.sites() if 0 in held or site.site_id in held]
    chosen = viewer_of(request).site_id
    site = next((s for s in sites if s.site_id == chosen), sites[0] if sites else None)
    if site is None:
        raise NotFound("There is no site whose faces you may refill.")
    return site


@page(PLAN)
def plan(request: HttpRequest) -> HttpResponse:
    """Look at the faces of the site now."""
    site = _chosen_site(request, PLAN)
    if request.method == "POST":
        return perform(
            request,
            commands.plan_refills,
            PlanRefills(site.site_id),
            to=reverse("replenishment_refills"),
            toast=lambda done: (
                f"{len(done.refill_ids)} planned, {len(done.cancelled_ids)} cancelled, {len(done.sent_back_ids)} sent"
                f" back; {len(done.empty_handed_face_ids)} faces find nothing in reserve"
            ),
        )
    context = {
        "title": "Plan refills",
        "sub": f"Looks at every pick face of {site.name}: what will leave it, what is on its way, and what is missing.",
        "verb": "Plan now",
        "back": ("Refills", reverse("replenishment_refills")),
    }
    return render_page(request, "patterns/form.html", context)


@page(SETUP)
def policy(request: HttpRequest) -> HttpResponse:
    """How the site refills."""
    site = _chosen_site(request, SETUP)
    is_post = request.method == "POST"
    form = PolicyForm(request.POST if is_post else None, initial=initial_of(queries_board.policy(site.site_id)))
    rows = hand_over_rows(queries_board.hand_overs(site.site_id))
    grid = GridForm(HAND_OVER_GRID, request.POST if is_post else None, initial=rows)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"How {site.name} refills", verb="Save", refusal=refusal,
            back=("Refills", reverse("replenishment_refills")), template="patterns/grid.html",
            grid=grid.with_refusal(refusal),
            sub="Below: zones whose goods change from one machine to another on their way to a face.",
        )  # fmt: skip

    if not is_post or not form.is_valid():
        return drawn()
    zones = queries_board.zone_ids(site.site_id, [row["zone"] for row in grid.rows])
    places = locations.find_by_code(site.site_id, [row["bin"] for row in grid.rows])
    overs, bad = read_hand_overs(grid.rows, zones, {code.upper(): row.location_id for code, row in places.items()})
    if bad:
        return drawn(BadRefillPolicy("This cannot be kept.", lines=bad))
    req = form.to_request(site.site_id, overs)
    return perform(
        request, commands.set_refill_policy, req, to=reverse("replenishment_refills"), toast="Policy saved", again=drawn
    )


palette_records("Refill", "replenishment_refill", VIEW, queries_board.look_up_refills)

urlpatterns = [
    path("refills", REFILLS.view, name="replenishment_refills"),
    path("refills/plan", plan, name="replenishment_plan"),
    path("refills/policy", policy, name="replenishment_policy"),
    path("refills/<int:refill_id>", refill, name="replenishment_refill"),
    path("refills/<int:refill_id>/put-down", put_down, name="replenishment_put_down"),
    *pages_faces.urlpatterns,
    *pages_slotting.urlpatterns,
]
NAV = [
    NavItem("Stock", "Refills", "replenishment_refills", permission=VIEW, order=34),
    *pages_faces.NAV,
    *pages_slotting.NAV,
]
