"""Room for stock that leaves what can be promised: held, or thrown away."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.fulfilment import queries_stock, steps
from flowrack.fulfilment.types_stock import ConsequencesChanged, HoldStock, ScrapStock
from flowrack.ledger.queries import CellRow
from flowrack.platform.runner import Context


def free_stock(ctx: Context, leaving: Sequence[tuple[CellRow, int]], reason: str, req: HoldStock | ScrapStock) -> None:
    """Make room for units that leave these cells as stock that can be promised.

    Refuses with ConsequencesChanged when other lines or transfers would lose than the request agrees to (None = nobody
    was asked).
    """
    gaps, lacking = queries_stock.gaps_of(leaving)
    done = steps.displace(ctx, gaps, reason, lacking=lacking)
    lost: dict[int, int] = {}
    for victim in done.victims:
        lost[victim.line_id] = lost.get(victim.line_id, 0) + victim.units
    if req.agreed is not None and lost != {loss.line_id: loss.units for loss in req.agreed}:
        raise _changed("orders")
    kept = req.agreed_transfers
    if kept is not None and done.transfers != {loss.transfer_id: loss.units for loss in kept}:
        raise _changed("transfers")


def _changed(what: str) -> ConsequencesChanged:
    return ConsequencesChanged(
        f"Other {what} would lose now than you were shown.", fix="Look at them again, then confirm."
    )
