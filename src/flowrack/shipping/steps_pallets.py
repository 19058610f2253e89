"""Writes of pallets that are built from cartons."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.platform import sql
from flowrack.platform.runner import Context, refuse_on
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


def _twice() -> CannotStack:
    return CannotStack("One of these cartons went onto another pallet at this moment.", fix="Scan it again.")


refuse_on("stacked_carton_once", _twice)
