"""What the floor does when a customer changes an order: open picks are called back, and previews tell of waves."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.fulfilment import locks, steps
from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.sales import steps_floor
from flowrack.sales.types_changes import OrderSeen


class Floor:
    """The pickers, as sales knows them."""

    def call_back(self, ctx: Context, line_ids: Sequence[int]) -> int:
        """Take the open picks of lines away. Six statements."""
        picks = locks.open_picks_for(line_ids)
        steps.call_back(ctx, picks)
        return sum(pick.units for pick in picks)


def tell(ctx: Context, before: OrderSeen, after: OrderSeen) -> list[str]:
    """Promised units of a called back pick need a new wave; packed cartons keep the address that was printed."""
    said = []
    back = sum(line.released for line in before.lines) - sum(line.released for line in after.lines)
    kept = sum(line.allocated for line in after.lines)
    if back > 0 and kept:
        said.append("The rest of what was called back stays reserved and needs a new wave.")
    said += _beside_new_lines(before, after)
    if before.ship_to != after.ship_to:
        cartons = sql.fetch_value(
            "SELECT count(*) FROM fulfilment_carton WHERE order_id = %s AND state = 'packed'", (after.order_id,)
        )
        if cartons:
            said.append(f"{cartons} packed cartons carry the old address: print their labels again.")
    return said


def _beside_new_lines(before: OrderSeen, after: OrderSeen) -> list[str]:
    """What is in work of an order that gets more lines goes on; the new ones come by a wave of their own."""
    busy = sum(line.released + line.picked for line in after.lines)
    if not busy or all(line.units for line in before.lines):
        return []
    if after.policy != "complete":
        return [f"What is in picking or picked, {busy:,} units, goes on; the new lines need a wave of their own."]
    return [
        f"What is in picking or picked, {busy:,} units, goes on and then stands ready until the new lines are there."
    ]


steps_floor.register_floor(Floor())
steps_floor.register_teller(20, tell)
