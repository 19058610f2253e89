"""Putaway, moves, holds and adjustments for devices and other systems."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from flowrack.inspection.types_holds import ReleaseAsked
from flowrack.platform.apipages import LIMIT, BigId, PageOut, after_id, page_out
from flowrack.platform.decisions import why
from flowrack.platform.http import caller_of, context_from, requires
from flowrack.platform.importing.api import add_import
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import commands, commands_along, commands_releases, commands_transfers, commands_undo, queries
from flowrack.storage import queries_pages as seen
from flowrack.storage import queries_transfers as transfers
from flowrack.storage.api.custody import add_custody
from flowrack.storage.api.plans import add_plans
from flowrack.storage.api.rules import add_rules
from flowrack.storage.api.staging import add_staging
from flowrack.storage.api_shapes import (
    AdjustedOut,
    AdjustIn,
    CarriedListIn,
    CarryDoneOut,
    FacesIn,
    FacesOut,
    MovedOut,
    MoveIn,
    MoveUndoneOut,
    PlanIn,
    PlannedMoveOut,
    PlansOut,
    PutawaysTakenOut,
    PutawayUndoneOut,
    ReceiveSentIn,
    ReleaseIn,
    ReplanIn,
    SendIn,
    SentOut,
    SentReceivedOut,
    StockAtIn,
    StockReleaseAskedOut,
    TakePutawaysIn,
    UnpackIn,
    WhyOut,
)
from flowrack.storage.api_shapes_transfers import (
    ClaimMissingIn,
    MissingClaimedOut,
    SettleTransferClaimIn,
    TransferClaimSettledOut,
    TransferRecordOut,
)
from flowrack.storage.imports import OPENING
from flowrack.storage.types import (
    Adjusted,
    Adjustment,
    AdjustStock,
    BinMove,
    Carried,
    CarryDone,
    ConfirmPutaway,
    FacesSet,
    ItemMove,
    LpnMove,
    Moved,
    MoveStock,
    PickFaceSetting,
    PlanPutaways,
    PutawayNeed,
    PutawaysPlanned,
    PutawayUndone,
    ReleaseStock,
    ReplanPutaways,
    SetPickFaces,
    StockAt,
    UndoPutaway,
    UnpackLpns,
)
from flowrack.storage.types_moves import MoveUndone, PutawaysTaken, TakePutaways, UndoMove
from flowrack.storage.types_transfers import (
    ArrivedLine,
    ClaimMissing,
    ReceiveSent,
    SendStock,
    Sent,
    SentReceived,
    SettleTransferClaim,
    TransferClaimSettled,
    TransferRow,
)

router = Router(tags=["storage"])


@router.get("/planned-moves", response=PageOut[PlannedMoveOut])
@requires("storage.view")
def list_moves(
    request: HttpRequest,
    response: HttpResponse,
    site_id: BigId | None = None,
    kind: str = "",
    state: str = "open",
    lpn_id: BigId | None = None,
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """Planned moves of the sites at which the caller may see them, oldest first."""
    rows = queries.planned_moves(
        site_ids=_sites(request, site_id),
        kind=kind,
        state=state,
        lpn_id=lpn_id or 0,
        after=after_id(cursor),
        limit=limit + 1,
    )
    return page_out(request, response, rows, limit=limit)


@router.get("/planned-moves/{int:move_id}/why", response=list[WhyOut])
@requires("storage.view")
def why_move(request: HttpRequest, move_id: BigId) -> Any:
    """Why a planned move goes where it goes, newest decision first."""
    seen.access_move(move_id, frozenset(_sites(request, None)))
    return why(ref("storage.planned_move", move_id))


@router.post("/putaways/plan", response=PlansOut)
def plan_putaways(request: HttpRequest, body: PlanIn) -> PutawaysPlanned:
    """Choose bins for goods. Receipts do this by themselves."""
    needs = [PutawayNeed(**need.dict()) for need in body.needs]
    return commands.plan_putaways(context_from(request), PlanPutaways(body.site_id, needs))


@router.post("/putaways/replan", response=PlansOut)
def replan_putaways(request: HttpRequest, body: ReplanIn) -> PutawaysPlanned:
    """Choose bins again."""
    return commands.replan_putaways(context_from(request), ReplanPutaways(body.site_id, body.planned_move_ids))


@router.post("/putaways/take", response=PutawaysTakenOut)
def take_putaways(request: HttpRequest, body: TakePutawaysIn) -> PutawaysTaken:
    """Take goods along on the device that `Flowrack-Device` names: for an hour nobody else may put them away."""
    return commands_along.take_putaways(context_from(request), TakePutaways(**body.dict()))


@router.post("/putaways/confirm", response=CarryDoneOut)
def confirm_putaway(request: HttpRequest, body: CarriedListIn) -> CarryDone:
    """Goods reached their bins."""
    return commands.confirm_putaway(context_from(request), ConfirmPutaway(_carried(body)))


@router.post("/putaways/{int:posting_id}/undo", response=PutawayUndoneOut)
def undo_putaway(request: HttpRequest, posting_id: BigId) -> PutawayUndone:
    """Take a confirmed putaway back, named by its posting: the goods wait again where they were carried from."""
    return commands_undo.undo_putaway(context_from(request), UndoPutaway(posting_id))


@router.put("/pick-faces", response=FacesOut)
def set_pick_faces(request: HttpRequest, body: FacesIn) -> FacesSet:
    """Make, change or end pick faces."""
    faces = [
        PickFaceSetting(f.location_id, f.item_id, Units(f.min_units), Units(f.max_units), f.trigger) for f in body.faces
    ]
    return commands.set_pick_faces(context_from(request), SetPickFaces(body.site_id, faces))


@router.post("/stock/move", response=MovedOut)
def move_stock(request: HttpRequest, body: MoveIn) -> Moved:
    """Move LPNs, items or whole bins inside a site."""
    req = MoveStock(
        site_id=body.site_id,
        lpns=[LpnMove(**line.dict()) for line in body.lpns],
        items=[ItemMove(**line.dict()) for line in body.items],
        bins=[BinMove(**line.dict()) for line in body.bins],
    )
    return commands.move_stock(context_from(request), req)


@router.post("/stock/moves/{int:posting_id}/undo", response=MoveUndoneOut)
def undo_move(request: HttpRequest, posting_id: BigId) -> MoveUndone:
    """Take a move from bin to bin back, named by its posting: the goods lie again where they lay."""
    return commands_undo.undo_move(context_from(request), UndoMove(posting_id))


@router.post("/stock/unpack", response=MovedOut)
def unpack_lpn(request: HttpRequest, body: UnpackIn) -> Moved:
    """Take everything off LPNs."""
    return commands.unpack_lpn(context_from(request), UnpackLpns(body.site_id, body.lpn_ids))


@router.post("/stock/release", response=MovedOut)
def release_stock(request: HttpRequest, body: ReleaseIn) -> Moved:
    """Make held stock available again, at once, where no policy asks."""
    req = ReleaseStock(body.site_id, _stock(body.lines), body.reason)
    return commands_releases.release_stock(context_from(request), req)


@router.post("/stock/release/ask", response={201: StockReleaseAskedOut})
def ask_release_stock(request: HttpRequest, body: ReleaseIn) -> Status[ReleaseAsked]:
    """Ask whether held stock may be released; what no policy asks about is released at once."""
    req = ReleaseStock(body.site_id, _stock(body.lines), body.reason)
    return Status(201, commands_releases.ask_release_stock(context_from(request), req))


@router.post("/stock/adjust", response=AdjustedOut)
def adjust_stock(request: HttpRequest, body: AdjustIn) -> Adjusted:
    """Correct stock for a reason."""
    lines = [Adjustment(**line.dict()) for line in body.lines]
    return commands.adjust_stock(context_from(request), AdjustStock(body.site_id, lines, body.reason, body.note))


def _carried(body: CarriedListIn) -> list[Carried]:
    return [Carried(line.planned_move_id, line.location_id or 0, Units(line.units), line.reason) for line in body.lines]


def _stock(lines: list[StockAtIn]) -> list[StockAt]:
    return [StockAt(**line.dict()) for line in lines]


def _sites(request: HttpRequest, site_id: int | None) -> list[int]:
    """The sites to show: the asked one if the caller may see it, else all of theirs (0 = every site)."""
    caller = caller_of(request)
    if caller is None or (site_id is not None and not caller.may("storage.view", site_id)):
        raise NotPermitted("You may not see the work of this site.", permission="storage.view")
    return [site_id] if site_id is not None else sorted(caller.sites("storage.view"))


add_import(router, OPENING, commands.load_opening_stock)


@router.get("/transfers", response=PageOut[TransferRow])
@requires("storage.view")
def list_transfers(
    request: HttpRequest,
    response: HttpResponse,
    to_site_id: BigId,
    state: Literal["planned", "released", "staged", "on_the_way", "received", "short", "cancelled"] = "on_the_way",
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """Transfers to a site that are on the way, or in another state, the oldest first."""
    [site_id] = _sites(request, to_site_id)
    rows = transfers.transfers_to(site_id, state, after=after_id(cursor), limit=limit + 1)
    return page_out(request, response, rows, limit=limit)


@router.get("/transfers/{int:transfer_id}", response=TransferRecordOut)
@requires("storage.view")
def get_transfer(request: HttpRequest, transfer_id: BigId) -> dict[str, Any]:
    """A transfer with its lines: what was sent and what has arrived."""
    found, lines = transfers.access_transfer(transfer_id, frozenset(_sites(request, None)))
    return {"transfer": found, "lines": lines, "claims": transfers.claims_of(transfer_id, cost_sites=_costs(request))}


@router.post("/transfers", response={201: SentOut})
@requires("storage.move")
def send_stock(request: HttpRequest, body: SendIn) -> Status[Sent]:
    """Send stock to another site: it is on the way until that site receives it."""
    req = SendStock(body.site_id, body.to_site_id, _stock(body.lines), body.note, body.due_on)
    return Status(201, commands_transfers.send_stock(context_from(request), req))


@router.post("/transfers/{int:transfer_id}/claim", response={201: MissingClaimedOut})
def claim_missing(request: HttpRequest, transfer_id: BigId, body: ClaimMissingIn) -> Status[MissingClaimedOut]:
    """Give up what has not arrived, and claim it."""
    req = ClaimMissing(transfer_id, body.note, body.carrier)
    done = commands_transfers.claim_missing(context_from(request), req)
    out = MissingClaimedOut.from_orm(done)
    sees = bool({0, done.site_id} & _costs(request))
    return Status(201, out if sees else out.model_copy(update={"value": None}))


def _costs(request: HttpRequest) -> frozenset[int]:
    """The sites whose costs the caller may see."""
    caller = caller_of(request)
    return caller.sites("purchasing.view") if caller else frozenset()


@router.post("/transfer-claims/{int:claim_id}/settle", response=TransferClaimSettledOut)
def settle_transfer_claim(request: HttpRequest, claim_id: BigId, body: SettleTransferClaimIn) -> TransferClaimSettled:
    """Say what became of a claim for what is missing of a transfer."""
    req = SettleTransferClaim(claim_id, body.outcome, body.credited, body.answer)
    return commands_transfers.settle_transfer_claim(context_from(request), req)


@router.post("/transfers/receive", response=SentReceivedOut)
@requires("storage.move")
def receive_sent(request: HttpRequest, body: ReceiveSentIn) -> SentReceived:
    """Receive what another site sent, of one transfer or of the oldest that brings it."""
    lines = [ArrivedLine(line.item_id, Units(line.units), line.lot_id, line.quality) for line in body.lines]
    req = ReceiveSent(body.site_id, body.from_site_id, body.location_id, lines, body.transfer_id)
    return commands_transfers.receive_sent(context_from(request), req)


add_custody(router)
add_rules(router)
add_staging(router)
add_plans(router)
