"""Proof of a carton by the scan that loads it."""

from __future__ import annotations

from collections.abc import Collection

from flowrack.fulfilment import queries_packing, queries_unproved
from flowrack.fulfilment.types_packing import NotProved
from flowrack.labels import steps as labels
from flowrack.platform.runner import Context
from flowrack.shared.errors import BadLine


def prove_by_scan(ctx: Context, lpn_ids: Collection[int], scanned: str) -> None:
    """A carton's own printed label was scanned as it went on a truck: that proves the label.

    Refuses with NotProved, naming every carton of these plates that may not leave yet.
    """
    rows = queries_unproved.unproved(sorted(lpn_ids), now=ctx.now) if lpn_ids else []
    left = [one for one in rows if not (one.sscc == scanned and one.is_only_unscanned)]
    if left:
        bad = [BadLine(n, "plate", *one.refusal) for n, one in enumerate(left, 1)]
        raise NotProved(bad[0].message, lines=bad, fix=bad[0].fix)
    for one in rows:
        now = queries_packing.carton_by_sscc(one.sscc)
        if now is None or not now.print_id:
            raise NotProved(
                f"No label of {one.sscc} was printed since it was closed.", fix="Scan it in Pack: it prints."
            )
        labels.scanned(now.print_id, by=ctx.actor_id, at=ctx.now)
