"""Writes a built order as a draft, with what each line buys."""

from __future__ import annotations

from collections.abc import Mapping

from flowrack.platform import decisions
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.purchasing import rules_builder, steps
from flowrack.purchasing.types import BadPo, Counted, NewPo, NewPoLine, PoCreated
from flowrack.purchasing.types_builder import Built
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref

ALL_OF_IT = Units(10**12)  # more than ever comes: the cover that an item was filled by counts all that is coming


def write(
    ctx: Context,
    supplier_id: int,
    site_id: int,
    built: Built,
    counted: Mapping[int, Counted | None],
    *,
    cover_reason: str = "",
) -> PoCreated:
    """The draft of a built order; line ids in the order of its lines.

    `counted` is what was coming when the need of an item was found, where it was needed; `cover_reason` buys in spite
    of what came under way since.

    Emits purchasing.pos_created. Refuses with BadPo when there is nothing to order, AlreadyCovered.
    """
    if not built.lines:
        raise BadPo("There is nothing to order from this supplier.", fix=built.sentence)
    filled = Counted(ALL_OF_IT, ctx.now.date())
    lines = [NewPoLine(x.item_id, Units(x.units), counted=counted.get(x.item_id, filled)) for x in built.lines]
    order = NewPo(supplier_id, site_id, lines, note=built.sentence, cover_reason=cover_reason)
    [po] = steps.create_drafts(ctx, [order])
    whole = {
        "value": built.value,
        "weight_g": built.weight_g,
        "volume_ml": built.volume_ml,
        "share_pct": built.share_pct,
        "passed_over": [list(one) for one in built.passed_over],
    }
    rows = [DecisionRow("fill", ref("purchasing.po", po.po_id), built.sentence, rules_builder.RULE, whole)]
    for line_id, line in zip(po.line_ids, built.lines, strict=True):
        detail = {
            "item": line.item_id,
            "needed": line.needed,
            "filled": line.filled,
            "position": line.position,
            "cover_days": line.cover_days,
            "value": line.value,
        }
        subject = ref("purchasing.po_line", line_id)
        rows.append(DecisionRow("fill", subject, line.sentence, rules_builder.RULE, detail))
    decisions.record(ctx, rows)
    return po
