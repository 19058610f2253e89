"""The bin of goods in the act that receives them: chosen before they are posted, planned when their lines exist."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flowrack.inbound import steps_putaways as inbound
from flowrack.inbound.steps_putaways import AtDock
from flowrack.inbound.types import Suggested
from flowrack.platform.runner import Context
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import steps
from flowrack.storage.steps import RECEIPT_LINE, Thought
from flowrack.storage.types import PutawayNeed


class BinChoice:
    """Chooses as the worker would a moment later, with the same reasons."""

    def choose(self, ctx: Context, site_id: int, dock_id: int, goods: Sequence[AtDock]) -> Thought:
        """A bin for each; locked until the command ends."""
        needs = [PutawayNeed("", dock_id, g.item_id, Units(g.units), g.lot_id, g.lpn_id, g.quality) for g in goods]
        return steps.think(ctx, site_id, needs)

    def write(self, ctx: Context, chosen: Thought, receipt_line_ids: Sequence[int]) -> list[Suggested]:
        """Planned moves, tasks and decisions of what was chosen."""
        needs = [
            replace(need, origin=ref(RECEIPT_LINE, line_id))
            for need, line_id in zip(chosen.needs, receipt_line_ids, strict=True)
        ]
        planned = steps.write_plan(ctx, replace(chosen, needs=needs))
        code_of = {c.chosen.location_id: c.chosen.code for c in chosen.chosen.choices if c.chosen is not None}
        return [
            Suggested(line_id, move_id, place, code_of.get(place, ""))
            for line_id, (move_id, place) in zip(receipt_line_ids, planned, strict=True)
        ]


inbound.register(BinChoice())
