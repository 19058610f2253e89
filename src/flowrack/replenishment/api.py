"""Refills for devices and other systems: plan, carry, expect draws, policy."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from flowrack.locations import queries as locations
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.decisions import why
from flowrack.platform.http import caller_of, context_from, now, requires
from flowrack.replenishment import commands, commands_along, queries, queries_board
from flowrack.replenishment.api_shapes import (
    CarriedRefillsIn,
    DrawsCancelIn,
    DrawsIn,
    DrawsOut,
    FaceOut,
    PolicySetOut,
    RefillDoneOut,
    RefillIn,
    RefillMovedOut,
    RefillOut,
    RefillPolicyIn,
    RefillPolicyOut,
    RefillsOut,
    RefillsTakenOut,
    TakeRefillsIn,
)
from flowrack.replenishment.api_slotting import add_slotting
from flowrack.replenishment.types import (
    REFILL,
    CancelDraws,
    ConfirmRefill,
    DrawsChanged,
    ExpectDraws,
    LiftRefill,
    NewDraw,
    PlanRefills,
    PolicySet,
    PutDownRefill,
    RefillDone,
    RefillMoved,
    RefillsPlanned,
    RefillsTaken,
    ReportLeftover,
    SetRefillPolicy,
    TakeRefills,
)
from flowrack.shared.errors import NotFound, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage.api_shapes import WhyOut
from flowrack.storage.types import Carried

router = Router(tags=["replenishment"])


@router.get("/refills", response=list[RefillOut])
@requires("replenishment.view")
def list_refills(request: HttpRequest, site_id: BigId, limit: int = LIMIT) -> Any:
    """The open refills of a site, the first to run out first."""
    _may_view(request, site_id)
    return [
        {
            **{name: getattr(row, name) for name in RefillOut.model_fields if hasattr(row, name)},
            "face": row.face_code,
            "planned_move_id": row.move_id,
        }
        for row in queries.open_refills(site_id, limit=limit)
    ]


@router.get("/refills/{int:refill_id}/why", response=list[WhyOut])
@requires("replenishment.view")
def why_refill(request: HttpRequest, refill_id: BigId) -> Any:
    """Why a refill was planned, and why it ended, newest first."""
    site_id = queries_board.site_of_refill(refill_id)
    caller = caller_of(request)
    if not site_id or caller is None or not caller.may("replenishment.view", site_id):
        raise NotFound(f"There is no refill {refill_id}.")
    return why(ref(REFILL, refill_id))


@router.get("/pick-face-levels", response=PageOut[FaceOut])
@requires("replenishment.view")
def list_faces(
    request: HttpRequest, response: HttpResponse, site_id: BigId, cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """The pick faces of a site: what lies there, what is on its way, and their levels."""
    _may_view(request, site_id)
    rows = queries_board.faces_of(site_id, after=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.get("/refill-urgency", response=queries_board.Urgency)
@requires("replenishment.view")
def refill_urgency(request: HttpRequest, site_id: BigId, days: int = Query(1, ge=1, le=366)) -> Any:  # type: ignore[type-arg]
    """Order lines that waited for a face and how long, and refills that came late, in the last days."""
    _may_view(request, site_id)
    return queries_board.urgency(site_id, now=now(), days=days)


@router.post("/refills/plan", response=RefillsOut)
def plan_refills(request: HttpRequest, body: RefillIn) -> RefillsPlanned:
    """Plan what pick faces need before they run out."""
    return commands.plan_refills(context_from(request), PlanRefills(body.site_id, body.item_ids))


@router.post("/refills/confirm", response=RefillDoneOut)
def confirm_refill(request: HttpRequest, body: CarriedRefillsIn) -> RefillDone:
    """Refills reached their faces, or where they are handed over."""
    lines = [Carried(x.planned_move_id, x.location_id or 0, Units(x.units), x.reason) for x in body.lines]
    return commands.confirm_refill(context_from(request), ConfirmRefill(lines))


@router.post("/refills/take", response=RefillsTakenOut)
def take_refills(request: HttpRequest, body: TakeRefillsIn) -> RefillsTaken:
    """Take refills along on the device that `Flowrack-Device` names: for an hour nobody else may lift them."""
    return commands_along.take_refills(context_from(request), TakeRefills(**body.dict()))


@router.post("/refills/{int:refill_id}/lift", response=RefillMovedOut)
def lift_refill(request: HttpRequest, refill_id: BigId) -> RefillMoved:
    """The goods of a refill are on the fork."""
    return commands.lift_refill(context_from(request), LiftRefill(refill_id))


@router.post("/refills/{int:refill_id}/put-down", response=RefillMovedOut)
def put_down_refill(request: HttpRequest, refill_id: BigId) -> RefillMoved:
    """The goods stand again where they were taken from."""
    return commands.put_down_refill(context_from(request), PutDownRefill(refill_id))


@router.post("/refills/{int:refill_id}/leftover", response=RefillMovedOut)
def report_leftover(request: HttpRequest, refill_id: BigId) -> RefillMoved:
    """Something is left where the books say that the refill took the last."""
    return commands.report_leftover(context_from(request), ReportLeftover(refill_id))


@router.post("/draws", response={201: DrawsOut})
def expect_draws(request: HttpRequest, body: DrawsIn) -> Status[DrawsChanged]:
    """Tell of draws that no order knows of."""
    draws = [NewDraw(d.location_id, d.item_id, Units(d.units), d.from_at, d.until_at) for d in body.draws]
    return Status(201, commands.expect_draws(context_from(request), ExpectDraws(body.site_id, body.origin, draws)))


@router.post("/draws/cancel", response=DrawsOut)
def cancel_draws(request: HttpRequest, body: DrawsCancelIn) -> DrawsChanged:
    """Units that were told will not be drawn after all."""
    return commands.cancel_draws(context_from(request), CancelDraws(body.site_id, body.origin, Units(body.units)))


@router.get("/refill-policies/{int:site_id}", response=RefillPolicyOut)
@requires("replenishment.view")
def get_refill_policy(request: HttpRequest, site_id: BigId) -> Any:
    """How a site refills."""
    _may_view(request, site_id)
    locations.site(site_id)
    kept = queries_board.policy(site_id)
    overs = [{"zone_id": zone, "location_id": place} for zone, place in kept.hand_overs]
    return {**{name: getattr(kept, name) for name in RefillPolicyOut.model_fields}, "hand_overs": overs}


@router.put("/refill-policies/{int:site_id}", response=PolicySetOut)
def set_refill_policy(request: HttpRequest, site_id: BigId, body: RefillPolicyIn) -> PolicySet:
    """Keep how a site refills."""
    told = body.dict(exclude={"hand_overs"})
    overs = [(one.zone_id, one.location_id) for one in body.hand_overs]
    return commands.set_refill_policy(context_from(request), SetRefillPolicy(site_id, **told, hand_overs=overs))


add_slotting(router)


def _may_view(request: HttpRequest, site_id: int) -> None:
    caller = caller_of(request)
    if caller is None or not caller.may("replenishment.view", site_id):
        raise NotPermitted("You may not see the refills of this site.", permission="replenishment.view")
