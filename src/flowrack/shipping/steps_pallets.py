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
from flowrack.storage import steps_staged


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


def refuse_kept(lpn_ids: Sequence[int], loose_of: Sequence[int]) -> None:
    """What is on a pallet or a truck is not opened: it leaves as it was scanned. Refuses with NotStaged.

    `loose_of` are orders of which loose goods are wanted; their lines are locked, as loading locks them.
    """
    locks_loads.plates(lpn_ids)
    bad = [
        BadLine(0, "carton", f"{one.code} is on {one.load}.", f"Take it off {one.load} first.")
        if one.load
        else BadLine(0, "carton", f"{one.code} stands on {one.pallet}.", "Take it off the pallet first.")
        for one in queries_pallets.kept(lpn_ids)
    ]
    bad += [
        BadLine(0, "order_id", f"Loose goods of {order} are on {load}.", f"Take them off {load} first.")
        for order, load in queries_pallets.loose_aboard(loose_of)
    ]
    if bad:
        raise NotStaged(bad[0].message, lines=bad, fix=bad[0].fix)


def refuse_built(lpn_ids: Sequence[int]) -> None:
    """Goods of a transfer go onto no plate that is on a truck, stands on a pallet, or carries cartons of orders.

    The plates are locked. Refuses with CannotStack. One query.
    """
    bad = [
        BadLine(0, "plate", f"{one.code} {one.where}.", "Name another pallet.")
        for one in queries_pallets.built(lpn_ids)
    ]
    if bad:
        raise CannotStack(bad[0].message, lines=bad, fix=bad[0].fix)


def _twice() -> CannotStack:
    return CannotStack("One of these cartons went onto another pallet at this moment.", fix="Scan it again.")


register_keeper(refuse_kept)
steps_staged.register_keeper(refuse_built)
refuse_on("stacked_carton_once", _twice)
