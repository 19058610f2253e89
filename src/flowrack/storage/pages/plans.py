"""Forms of transfers that are planned: a new one, other lines, what is not staged, and the way to the floor."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import caller_of
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.format import day
from flowrack.platform.web.grid import GridForm
from flowrack.platform.web.render import ask, perform, perform_form, render_form
from flowrack.platform.web.viewer import sites_for, viewer_of
from flowrack.shared.errors import FlowrackError
from flowrack.storage import commands_staging
from flowrack.storage import commands_transfer_plans as commands
from flowrack.storage import queries_transfers as queries
from flowrack.storage.forms import PLAN_GRID, CallOffForm, PlanForm, ReplanForm, read_plan
from flowrack.storage.types_transfer_plans import (
    ChangeTransfer,
    EndStaging,
    PlanTransfer,
    ReleaseTransfers,
    TransferPlanned,
)
from flowrack.storage.types_transfers import TransferLineRow, TransferRow

PLAN = "storage.plan_transfers"


def told(done: TransferPlanned) -> str:
    """What was planned, and when it is there."""
    return f"{done.number} planned: {f'there on {day(done.due_on)}' if done.due_on else 'nobody can say when'}"


@page(PLAN)
def plan(request: HttpRequest) -> HttpResponse:
    """Plan goods to another site: they are kept at the sender from now on."""
    viewer = viewer_of(request)
    mine = [s for s in sites_for(viewer) if viewer.may(PLAN, s.id)]
    asked = request.GET
    initial: dict[str, object] = {
        "site": read_id(asked.get("site", "")) or viewer.site_id or None,
        "to_site": read_id(asked.get("to_site", "")) or None,
        "due_on": asked.get("due_on", "")[:10] or None,
        "reason": asked.get("reason", "")[:200],
        "for_ref": asked.get("for", "")[:60],
    }
    form = PlanForm(request.POST or None, mine=mine, initial=initial)
    if request.method != "POST":
        lines = [{"item": asked["item"], "units": asked.get("units", "")}] if "item" in asked else []
        return _form(request, form, GridForm(PLAN_GRID, initial=lines))
    grid = GridForm(PLAN_GRID, request.POST)
    form.is_valid()
    data = form.cleaned_data
    lines_, rows, bad = read_plan(grid.rows)
    return perform_form(
        request,
        commands.plan_transfer,
        PlanTransfer(
            data.get("site", 0), data.get("to_site", 0), lines_, data.get("due_on"), data.get("reason", ""),
            data.get("for_ref", ""), data.get("takes_promised", False),
        ),
        form=form,
        bad=[*grid.doubts("units"), *bad],
        rows=rows,
        to=lambda done: reverse("storage_transfer", args=[done.transfer_id]),
        toast=told,
        again=lambda refusal: _form(request, form, grid, refusal),
    )  # fmt: skip


def _form(request: HttpRequest, form: PlanForm, grid: GridForm, refusal: FlowrackError | None = None) -> HttpResponse:
    return render_form(
        request, form, title="Plan a transfer", verb="Plan transfer", refusal=refusal,
        back=("Transfers", reverse("storage_transfers")), template="patterns/grid.html",
        grid=grid.with_refusal(refusal),
        sub="Free stock of the sender is kept for it at once. People there stage it when it is released.",
    )  # fmt: skip


def _seen(request: HttpRequest, transfer_id: int) -> tuple[TransferRow, list[TransferLineRow]]:
    caller = caller_of(request)
    return queries.access_transfer(transfer_id, caller.sites("storage.view") if caller else frozenset())


@page(PLAN)
def change(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """Other lines, or another day."""
    found, lines = _seen(request, transfer_id)
    form = ReplanForm(request.POST or None, initial={"due_on": found.due_on, "reason": found.reason})
    back = (found.number, reverse("storage_transfer", args=[transfer_id]))

    def drawn(grid: GridForm, refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Change {found.number}", verb="Change", refusal=refusal, back=back,
            template="patterns/grid.html", grid=grid.with_refusal(refusal),
            sub=f"From {found.site} to {found.to_site}. What is staged stays on it.",
        )  # fmt: skip

    if request.method != "POST":
        initial = [{"item": x.sku, "units": str(x.units), "lot": x.lot} for x in lines]
        return drawn(GridForm(PLAN_GRID, initial=initial))
    grid = GridForm(PLAN_GRID, request.POST)
    form.is_valid()
    wanted, rows, bad = read_plan(grid.rows)
    return perform_form(
        request, commands.change_transfer,
        ChangeTransfer(
            transfer_id, wanted, form.cleaned_data.get("due_on"), form.cleaned_data.get("reason", ""),
            form.cleaned_data.get("takes_promised", False),
        ),
        form=form, bad=[*grid.doubts("units"), *bad], rows=rows, to=back[1],
        toast=lambda done: f"{done.number} changed", again=lambda refusal: drawn(grid, refusal),
    )  # fmt: skip


@page(PLAN, methods=("POST",))
def release(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """People at the sender may stage it."""
    found, _ = _seen(request, transfer_id)
    return perform(
        request, commands.release_transfers, ReleaseTransfers([transfer_id]),
        to=reverse("storage_transfer", args=[transfer_id]), toast=f"{found.number} released",
    )  # fmt: skip


@page("storage.move")
def end(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """What is not staged does not go."""
    found, _ = _seen(request, transfer_id)
    return ask(
        request, CallOffForm(request.POST or None), commands_staging.end_staging,
        lambda said: EndStaging(transfer_id, said["reason"]),
        title=f"Leave the rest of {found.number}",
        sub=f"What is staged waits for its truck. The rest is free at {found.site} again, and who waits for it at "
        f"{found.to_site} is looked at anew.",
        back=(found.number, reverse("storage_transfer", args=[transfer_id])),
        toast=lambda done: f"{done.number} waits for its truck with {done.units:,}",
    )  # fmt: skip


urlpatterns = [
    path("transfers/plan", plan, name="storage_transfer_plan"),
    path("transfers/<int:transfer_id>/change", change, name="storage_transfer_change"),
    path("transfers/<int:transfer_id>/release", release, name="storage_transfer_release"),
    path("transfers/<int:transfer_id>/end", end, name="storage_transfer_end"),
]
