"""Stock that nobody may use any more: held where it lies, or thrown away. Promises on it give way by rank."""

from __future__ import annotations

from flowrack.fulfilment import steps_stock
from flowrack.fulfilment.types_stock import HoldStock, ScrapStock
from flowrack.ledger.types import Place
from flowrack.locations import queries as locations
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import Invalid
from flowrack.storage import steps_carries as carries
from flowrack.storage import steps_moves as moves
from flowrack.storage.types import HOLD_QUALITIES, SCRAP_REASONS, Adjusted, Moved


@command(permission="storage.hold", result=Moved)
def hold_stock(ctx: Context, req: HoldStock) -> Moved:
    """Hold stock where it lies: nobody can promise or pick it.

    Open picks of it are called back and the lowest rank loses its promise, told why, in the same transaction. Posts
    HOLD; emits storage.quality_changed. Refuses with NothingThere, ReasonNeeded, and with CannotDisplace or the
    ledger's InsufficientStock when the units are promised otherwise or reserved for a picker elsewhere, and with
    ConsequencesChanged when others would lose than were agreed to.
    """
    if req.quality not in HOLD_QUALITIES:
        raise Invalid(f"“{req.quality}” is no way to hold stock.", fix=f"Use one of: {', '.join(HOLD_QUALITIES)}.")
    ctx.require("storage.hold", req.site_id)
    asked = carries.cells_to_change(req.lines, req.site_id, quality=req.quality, reason=req.reason)
    steps_stock.free_stock(ctx, asked, f"stock was put on {req.quality} ({req.reason.strip()})", req)
    return carries.change_quality(
        ctx, req.site_id, asked, quality=req.quality, word="HOLD", reason=req.reason, owner_id=req.owner_id,
        due_at=req.due_at, cause=req.cause,
    )  # fmt: skip


@command(permission="storage.adjust", result=Adjusted)
def scrap_stock(ctx: Context, req: ScrapStock) -> Adjusted:
    """Throw stock away, promised or not: open picks of it are called back and the lowest rank loses its promise.

    Posts to SCRAP at its cost; emits storage.adjusted. Refuses with BadAdjustment, NothingThere, CannotDisplace,
    ConsequencesChanged, and with the ledger's InsufficientStock.
    """
    ctx.require("storage.adjust", req.site_id)
    carries.check_reason(req.reason, SCRAP_REASONS, [], empty=not req.lines)
    outside = Place(locations.virtual(req.site_id, "SCRAP"))
    asked = moves.cells_asked(req.lines, req.site_id)
    steps_stock.free_stock(ctx, asked, f"stock was thrown away ({req.reason.replace('_', ' ')})", req)
    wanted = [
        moves.of_cell(c, outside, units=units, reason=req.reason.upper(), origin=f"storage.scrap:{ctx.command_id}")
        for c, units in asked
    ]
    return carries.post_adjustment(ctx, req.site_id, wanted, req.reason, outside)
