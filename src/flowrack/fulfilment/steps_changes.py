"""What the floor does when a customer changes an order: open picks are called back, and previews tell of waves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowrack.fulfilment import locks, rules_recall, steps, steps_putback
from flowrack.fulfilment.locks import LockedPick
from flowrack.fulfilment.rules_recall import OpenPick
from flowrack.fulfilment.states import PickState, UnitKind
from flowrack.platform import sql
from flowrack.platform.runner import Context
from flowrack.sales import steps as sales
from flowrack.sales import steps_floor
from flowrack.sales.types import LineCounts
from flowrack.sales.types_changes import Fewer, OrderSeen


class Floor:
    """The pickers, as sales knows them."""

    def claim(self, order_ids: Sequence[int]) -> None:
        """Lock the picks of orders that nobody has done. One statement."""
        locks.open_picks_of(order_ids)

    def call_back(self, ctx: Context, fewer: Mapping[int, int | None]) -> int:
        """Take as many units of the open picks of lines away as are wanted no more. Eight statements."""
        picks = locks.open_picks_for(sorted(fewer))
        return _call_back(ctx, picks, sales.claim_lines(sorted(fewer)), fewer) if picks else 0

    def take_back(self, ctx: Context, fewer: Mapping[int, Fewer]) -> int:
        """The same, and what is picked of what is wanted no more goes back into its bins. Not more statements for more
        lines.

        How many that are is reckoned from the locked lines: of two people who want 6 of 10 at once, the second finds 6.
        """
        picks = locks.picks_in_work_for(sorted(fewer))
        held = sales.claim_lines(sorted(fewer))
        asked = {line_id: fewer[line_id].of(counts.units) for line_id, (_, counts) in held.items()}
        called_back = _call_back(ctx, [one for one in picks if one.state == PickState.OPEN], held, asked)
        back = {
            line_id: counts.picked if units is None else units - counts.waiting - counts.allocated
            for line_id, (_, counts) in held.items()
            if counts.picked and ((units := asked[line_id]) is None or units > counts.waiting + counts.allocated)
        }
        if back:
            made = [one for one in picks if one.state == PickState.PICKED and one.line_id in back]
            steps_putback.send_back(ctx, made, back, sorted({held[line_id][0] for line_id in back}))
        return called_back


def _call_back(
    ctx: Context,
    picks: Sequence[LockedPick],
    held: Mapping[int, tuple[int, LineCounts]],
    fewer: Mapping[int, int | None],
) -> int:
    """Take open picks of locked lines away, as many units as are wanted no more; so many units."""
    taken: dict[int, int] = {}
    for line_id, units in fewer.items():
        mine = [
            OpenPick(one.pick_id, one.list_id, one.place, one.units, one.unit_kind == UnitKind.PALLET)
            for one in picks
            if one.line_id == line_id
        ]
        counts = held[line_id][1]
        asked = counts.released if units is None else units - counts.waiting - counts.unreleased
        taken |= rules_recall.to_call_back(mine, asked)
    steps.take_off(ctx, [(one, taken[one.pick_id]) for one in picks if one.pick_id in taken])
    return sum(taken.values())


def tell(ctx: Context, before: OrderSeen, after: OrderSeen) -> list[str]:
    """Pickers go on with what is still wanted; a pallet that was called back whole needs a new wave for the rest of it.
    Packed cartons keep the address that was printed."""
    said = []
    pairs = [(line, next((one for one in after.lines if one.line_id == line.line_id), None)) for line in before.lines]
    both = [(was, now) for was, now in pairs if now is not None]
    if any(0 < now.released < was.released for was, now in both):
        said.append("What is still wanted of these picks goes on; the picker's screen says how many it is now.")
    kept = sum(max(was.released - now.released - (was.allocated - now.allocated), 0) for was, now in both)
    if kept:
        said.append(f"{kept:,} of what was called back stay reserved and need a new wave.")
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
