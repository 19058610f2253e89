"""Pages of holds: one hold with its release, and one release that was asked for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.approvals.types import ApprovalNeeded
from flowrack.inspection import commands_holds, queries
from flowrack.inspection.queries import releases
from flowrack.inspection.types import HOLD
from flowrack.inspection.types_holds import RELEASE, ReleaseHold
from flowrack.platform.http import caller_of, now
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.format import words
from flowrack.platform.web.record import Fact, Record, Table, render_record
from flowrack.platform.web.render import perform
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.errors import FlowrackError, NotFound
from flowrack.shared.quantity import parse_units
from flowrack.shared.refs import ref

RELEASED = [
    Column("units", "Units", kind="number"),
    Column("reason", "Why", wide=True),
    Column("released_by", "By"),
    Column("released_at", "Released", kind="datetime"),
]


@page("inspection.view")
def hold(request: HttpRequest, hold_id: int) -> HttpResponse:
    """One hold: why, whose, until when, and its release."""
    return _hold(request, hold_id)


def _hold(request: HttpRequest, hold_id: int, refusal: FlowrackError | None = None) -> HttpResponse:
    row, caller, viewer = queries.hold_row(hold_id), caller_of(request), viewer_of(request)
    if row is None or caller is None or not caller.may("inspection.view", row.site_id):
        raise NotFound(f"There is no hold with id {hold_id}.")
    released, of_all = queries.releases_of_hold(row.id)
    is_late = row.due_at is not None and row.closed_at is None and row.due_at < now()
    is_mine = row.placed_by_id == viewer.user.pk
    record = Record(
        title=row.number,
        subtitle=f"{row.sku} {row.name}{f', lot {row.lot}' if row.lot else ''}",
        state=row.state,
        marks={"open": "warn", "released": "ok"},
        subject=ref(HOLD, row.id),
        site_id=row.site_id,
        back=("Hold board", reverse("analytics_holds")),
        facts=[
            Fact("Held", row.left_units, "number", note=f"of {row.units:,}"),
            Fact("Why", row.reason),
            Fact("Cause", words(row.cause)),
            Fact("Owner", row.owner),
            Fact("Due", row.due_at, "datetime", tone="bad" if is_late else ""),
            Fact("Placed", row.placed_at, "datetime", note=row.placed_by),
            Fact("Placed at", row.location, "code"),
            *([Fact("Inspection", row.inspection, "code", url=reverse("inspection", args=[row.inspection_id]))]
              if row.inspection_id else []),
        ],
        tables=[Table("Released", RELEASED, released, of=of_all)] if released else [],
    )  # fmt: skip
    may = row.closed_at is None and viewer.may("inspection.release", row.site_id)
    return render_record(
        request, record, template="inspection/hold.html", refusal=refusal, status=refusal.status if refusal else 200,
        row=row, may_release=may, is_mine=may and is_mine, waiting=releases.waiting_on_hold(hold_id),
        must_ask=is_mine or isinstance(refusal, ApprovalNeeded), typed=request.POST if refusal else {},
    )  # fmt: skip


def _typed(request: HttpRequest, hold_id: int) -> ReleaseHold:
    typed = request.POST.get("units", "").strip()
    return ReleaseHold(hold_id, request.POST.get("reason", ""), parse_units(typed) if typed else 0)


@page("inspection.release", methods=("POST",))
def release(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Make held units available at once; where a policy asks, the page offers to ask."""
    try:
        req = _typed(request, hold_id)
    except FlowrackError as refusal:
        return _hold(request, hold_id, refusal)
    return perform(
        request, commands_holds.release_hold, req, to=reverse("inspection_hold", args=[hold_id]),
        toast=lambda done: f"{done.released_units:,} released", again=lambda refusal: _hold(request, hold_id, refusal),
    )  # fmt: skip


@page("inspection.release", methods=("POST",))
def ask(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Ask for a release."""
    try:
        req = _typed(request, hold_id)
    except FlowrackError as refusal:
        return _hold(request, hold_id, refusal)
    return perform(
        request, commands_holds.ask_release, req, to=reverse("inspection_hold", args=[hold_id]),
        toast=lambda done: f"Asked, {done.approval}" if done.state == "waiting" else f"{done.units:,} released",
        again=lambda refusal: _hold(request, hold_id, refusal),
    )  # fmt: skip


@page("inspection.view")
def asked(request: HttpRequest, release_id: int) -> HttpResponse:
    """One release: what, why, who asked for it, and what came of it."""
    row, caller, viewer = releases.release_row(release_id), caller_of(request), viewer_of(request)
    if row is None or caller is None or not caller.may("inspection.view", row.site_id):
        raise NotFound(f"There is no release with id {release_id}.")
    inbox = f"{reverse('approvals_inbox')}?request={row.request_id}" if viewer.may("approvals.view") else ""
    record = Record(
        title=row.number,
        subtitle=row.site,
        state=row.state,
        marks={"waiting": "wait", "released": "ok", "rejected": "bad"},
        subject=ref(RELEASE, row.id),
        site_id=row.site_id,
        back=("Hold board", reverse("analytics_holds")),
        facts=[
            Fact("Units", row.units, "number"),
            Fact("Why", row.reason),
            Fact("Asked", row.asked_at, "datetime", note=row.asked_by),
            *([Fact("Ended", row.ended_at, "datetime")] if row.ended_at else []),
            *([Fact("Hold", row.hold, "code", url=reverse("inspection_hold", args=[row.hold_id]))]
              if row.hold_id else []),
            Fact("Approval", row.approval, "code", url=inbox),
        ],
        tables=[
            Table(
                "Stock",
                [
                    Column("sku", "Item", kind="code"),
                    Column("name", "Name", wide=True),
                    Column("lot", "Lot", kind="code"),
                    Column("location", "Where", kind="code"),
                    Column("lpn", "LPN", kind="code"),
                    Column("quality", "Held as"),
                    Column("units", "Units", kind="number"),
                ],
                releases.release_lines(row.id),
            )
        ],
    )  # fmt: skip
    return render_record(request, record)


urlpatterns = [
    path("holds/<int:hold_id>", hold, name="inspection_hold"),
    path("holds/<int:hold_id>/release", release, name="inspection_hold_release"),
    path("holds/<int:hold_id>/ask", ask, name="inspection_hold_ask"),
    path("holds/releases/<int:release_id>", asked, name="inspection_release"),
]
