"""Writes of pallets that are built from cartons."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.fulfilment.steps_packing import register_keeper
from flowrack.fulfilment.types import NotStaged
from flowrack.platform import sql
from flowrack.platform.runner import Context, refuse_on
from flowrack.shared.errors import BadLine
from flowrack.shipping import locks_loads, queries_pallets
from flowrack.shipping.types_pallets import CannotStack


def stack(ctx: Context, pallet_id: int, carton_ids: Sequence[int]) -> None:
    """Cartons stand on a pallet. One statement."""
    sql.execute(
        """
        INSERT INTO shipping_stackedcarton (pallet_id, carton_id, is_on, stacked_at, stacked_by_id)
        SELECT %s::bigint, c.id, true, %s, %s FROM unnest(%s::bigint[]) WITH ORDINALITY AS c(id, n) ORDER BY c.n
        """,
        (pallet_id, ctx.now, ctx.actor_id, list(carton_ids)),
    )


def unstack(carton_id: int) -> None:
    """A carton comes off its pallet. One statement."""
    sql.execute("UPDATE shipping_stackedcarton SET is_on = false WHERE carton_id = %s AND is_on", (carton_id,))


def refuse_kept(lpn_ids: Sequence[int]) -> None:
    """Cartons on a pallet or a truck are not opened: they leave as they were scanned. Refuses with NotStaged."""
    locks_loads.plates(lpn_ids)
    bad = [
        BadLine(0, "carton", f"{one.code} is on {one.load}.", "Take it off the truck first.")
        if one.load
        else BadLine(0, "carton", f"{one.code} stands on {one.pallet}.", "Take it off the pallet first.")
        for one in queries_pallets.kept(lpn_ids)
    ]
    if bad:
        raise NotStaged(bad[0].message, lines=bad, fix=bad[0].fix)


def _twice() -> CannotStack:
    return CannotStack("One of these cartons went onto another pallet at this moment.", fix="Scan it again.")


register_keeper(refuse_kept)
refuse_on("stacked_carton_once", _twice)
