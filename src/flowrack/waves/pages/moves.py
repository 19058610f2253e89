"""A planned wave leaves at another time: with which cut-off or truck, and what follows, before it is done."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import now
from flowrack.platform.web.access import page
from flowrack.platform.web.render import perform, render_form, render_page, toast
from flowrack.platform.web.viewer import viewer_of
from flowrack.shipping import queries_board as trucks
from flowrack.waves import commands_moves, queries_moves, queries_pool
from flowrack.waves.drawing import day_word
from flowrack.waves.pages.common import PLAN
from flowrack.waves.queries_moves import PlannedWave
from flowrack.waves.queries_pool import Here
from flowrack.waves.types import PlanNotFound
from flowrack.waves.types_moves import AHEAD, TOO_FAR, MovePlanned

FORMAT = "%Y-%m-%dT%H:%M"


class Target(NamedTuple):
    """With what a wave can leave: when by the site's clock, as the form names it, and in words."""

    leaves_at: datetime
    value: str
    name: str
    truck: str = ""


class MoveWaveForm(forms.Form):
    """With what a planned wave leaves, or when, and why."""

    target = forms.ChoiceField(label="Leave with", required=False)
    at = forms.DateTimeField(
        label="Or at another time", required=False, help_text="by the site's clock",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=FORMAT), input_formats=[FORMAT],
    )  # fmt: skip
    reason = forms.CharField(label="Why", max_length=160, required=False)

    def __init__(self, data: Any, targets: list[Target], initial: dict[str, Any], local: datetime) -> None:
        super().__init__(data, initial=initial)
        self.local = local
        self.targets = {one.value: one for one in targets}
        choices = [("", "another time"), *((one.value, one.name) for one in targets)]
        self.fields["target"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A time is needed, by a target or as it is; who names a target has a reason in it."""
        data = super().clean() or {}
        target = self.targets.get(data.get("target") or "")
        typed = data.get("at")
        data["when"] = target.leaves_at if target else typed and typed.replace(tzinfo=None)
        if data["when"] is not None and abs(data["when"] - self.local) > AHEAD:
            data["when"] = None
            self.add_error("at", TOO_FAR)
        named = f"leaves with {target.name}" if target else ""
        data["why"] = (data.get("reason") or "").strip() or named[:160]
        if data["when"] is None and "at" not in self.errors:
            self.add_error("at", "Choose with what it leaves, or a time.")
        if not data["why"]:
            self.add_error("reason", "Say why it leaves at another time.")
        return data


def _targets(request: HttpRequest, here: Here, wave: PlannedWave) -> list[Target]:
    """The cut-offs of the plan's other waves, and the trucks that are to leave, each with its time."""
    found = {one.cut_off_at for one in queries_moves.leaving(here, wave.plan_id)}
    if wave.moved_from is not None:
        found.add(here.clock(wave.moved_from))
    at = here.clock(wave.cut_off_at)
    names = [(one, f"the cut-off at {day_word(one, here.local)}") for one in sorted(found) if one != at]
    offered = [Target(one, f"{one:{FORMAT}}", name) for one, name in names]
    sees = viewer_of(request).may("shipping.view", wave.site_id)
    for load in trucks.live_loads(frozenset({wave.site_id})) if sees else []:
        if load.cut_off_at is not None and load.state in ("open", "loading"):
            leaves = here.clock(load.cut_off_at)
            door = f" at door {load.door}" if load.door else ""
            name = f"{load.number}{door}, {day_word(leaves, here.local)}"
            offered.append(Target(leaves, f"{leaves:{FORMAT}} {load.number}", name, load.number))
    return [one for one in sorted(offered) if one.leaves_at > here.local]


def _first(request: HttpRequest, targets: list[Target], at: datetime) -> dict[str, Any]:
    """What the form begins with: what was dragged onto, else the wave's own time."""
    asked, name = request.GET.get("at", ""), request.GET.get("with", "")
    of_name = [one.value for one in targets if one.value.startswith(asked) and name and one.name.startswith(name)]
    same = of_name or [one.value for one in targets if one.value == asked]
    if asked and same:
        return {"target": same[0], "reason": request.GET.get("reason", "")[:160]}
    return {"at": asked or at, "reason": request.GET.get("reason", "")[:160]}


@page(PLAN)
def move(request: HttpRequest, plan_wave_id: int) -> HttpResponse:
    """When a planned wave leaves instead, with the hands and work of every cut-off before and after."""
    wave = queries_moves.planned_wave(plan_wave_id)
    here = queries_pool.here(wave.site_id, now()) if wave and viewer_of(request).may(PLAN, wave.site_id) else None
    if wave is None or here is None:
        raise PlanNotFound("There is no such planned wave any more.", fix="Look at the wave board.")
    targets = _targets(request, here, wave)
    first = _first(request, targets, here.clock(wave.cut_off_at))
    form = MoveWaveForm(request.POST or None, targets, first, here.local)
    asks = request.method == "POST" and "preview" in request.POST
    back = (wave.plan, reverse("waves_plan", args=[wave.plan_id]))
    if _from(request):
        back = ("Wave board", reverse("waves_board"))

    def drawn(refusal: Any = None) -> HttpResponse:
        told = _told(here, wave, form if form.is_bound else MoveWaveForm(_as_sent(first), targets, first, here.local))
        if asks and request.headers.get("HX-Request"):
            return render_page(request, "waves/_rooms.html", told)
        shown = MoveWaveForm(None, targets, request.POST.dict(), here.local) if asks else form
        of = f"{wave.template}{f', {wave.service}' if wave.service else ''}"
        return render_form(
            request, shown, title=f"Move the wave of {here.clock(wave.cut_off_at):%a %H:%M}", verb="Move the wave",
            refusal=refusal, back=back, sub=f"{of}, pick until {here.clock(wave.pick_until):%a %H:%M}",
            template="waves/move.html", **told,
        )  # fmt: skip

    if request.method != "POST" or asks or not form.is_valid():
        return drawn()
    at = _exactly(here, wave, form.cleaned_data["when"])
    req = MovePlanned(plan_wave_id, at, form.cleaned_data["why"])
    done = perform(request, commands_moves.move_planned, req, to=back[1], again=drawn)
    if done.status_code == 303:
        undo = {"at": f"{here.clock(wave.cut_off_at):{FORMAT}}", "reason": "as before", **_from(request)}
        url = f"{reverse('waves_move_planned', args=[plan_wave_id])}?{urlencode(undo)}"
        toast(request, f"The wave leaves {here.clock(at):%a %H:%M}", undo_url=url)
    return done


def _from(request: HttpRequest) -> dict[str, str]:
    return {"from": "board"} if request.GET.get("from") == "board" else {}


def _exactly(here: Here, wave: PlannedWave, when: datetime) -> datetime:
    """The chosen time; the wave's own, or that of its plan, with the seconds that no form shows."""
    own = [at for at in (wave.moved_from, wave.cut_off_at) if at is not None]
    return next((at for at in own if f"{here.clock(at):{FORMAT}}" == f"{when:{FORMAT}}"), here.at(when))


def _as_sent(first: dict[str, Any]) -> dict[str, Any]:
    at = first.get("at", "")
    return {**first, "at": f"{at:{FORMAT}}" if isinstance(at, datetime) else at}


def _told(here: Here, wave: PlannedWave, form: MoveWaveForm) -> dict[str, Any]:
    """What follows from the form as it stands; nothing while it has no time, or the wave's own."""
    form.is_valid()
    when = form.cleaned_data.get("when") if hasattr(form, "cleaned_data") else None
    if when is None or when == here.clock(wave.cut_off_at).replace(second=0, microsecond=0):
        return {"seen": None}
    target = form.targets.get(form.cleaned_data.get("target") or "")
    seen = queries_moves.foreseen(here, wave, here.at(when), truck=target.truck if target else "")
    times = [[day_word(at, here.local) for at in (room.cut_off_at, room.pick_until)] for room in seen.rooms]
    return {"seen": seen, "rows": [(room, *words) for room, words in zip(seen.rooms, times, strict=True)]}


urlpatterns = [path("waves/board/planned/<int:plan_wave_id>/move", move, name="waves_move_planned")]
