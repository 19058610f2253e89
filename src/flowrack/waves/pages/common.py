"""What the pages of waves share: the site they are about, and glasses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest

from flowrack.platform.web.viewer import SiteChoice, sites_for, viewer_of
from flowrack.waves.drawing import Glass, day_word
from flowrack.waves.queries import PlannedWave
from flowrack.waves.queries_windows import WindowRow
from flowrack.waves.rules_plan import Plan

PLANNER = "Wave planner"
VIEW, PLAN, RELEASE = "waves.view", "waves.plan", "waves.release"
MARKS = {
    "goes": "ok", "waits": "warn", "part": "warn", "out": "info", "draft": "wait", "releasing": "run",
    "released": "ok", "dropped": "info", "planned": "wait", "picking": "run", "packing": "run",
    "loading": "run", "gone": "ok",
}  # fmt: skip


def sites_here(request: HttpRequest, permission: str) -> list[SiteChoice]:
    """The sites at which the person holds a permission."""
    viewer = viewer_of(request)
    return [site for site in sites_for(viewer) if viewer.may(permission, site.id)]


def site_here(request: HttpRequest, permission: str) -> SiteChoice | None:
    """The site that a page is about: the chosen one, else the first at which the person holds the permission."""
    mine = sites_here(request, permission)
    wanted = viewer_of(request).site_id
    return next((site for site in mine if site.id == wanted), mine[0] if mine else None)


def glasses_of(plan: Plan, now: datetime) -> list[Glass]:
    """A plan of now as glasses; work is counted from now up to each."""
    found, so_far = [], 0
    for window in plan.windows:
        so_far += window.planned
        services = {w.service for w in plan.waves if w.pick_until == window.pick_until and w.service}
        found.append(
            Glass(
                day_word(window.cut_off_at, now),
                day_word(window.pick_until, now),
                ", ".join(sorted(services)),
                window.hands,
                window.floor,
                so_far,
                window.waiting,
                window.lines,
                window.lines_waiting,
                plan.knows_hands,
            )
        )
    return found


def glasses_kept(
    windows: Sequence[WindowRow], waves: Sequence[PlannedWave], local: Sequence[datetime], knows_hands: bool
) -> list[Glass]:
    """A kept plan as glasses; `local` has its times by the site's clock: made, then of each window."""
    made, times = local[0], local[1:]
    found = []
    for n, window in enumerate(windows):
        services = {w.service for w in waves if w.pick_until == window.pick_until and w.service}
        found.append(
            Glass(
                day_word(times[2 * n], made),
                day_word(times[2 * n + 1], made),
                ", ".join(sorted(services)),
                window.hands,
                window.floor,
                window.planned,
                window.waiting,
                window.lines,
                window.lines_waiting,
                knows_hands,
                f"{times[2 * n]:%Y-%m-%dT%H:%M}",
            )
        )
    return found
