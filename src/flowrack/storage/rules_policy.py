"""Whether a rule set makes sense, and what it would leave without a bin."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from flowrack.shared.errors import BadLine
from flowrack.storage.rules_house import House
from flowrack.storage.rules_putaway import Around, Goods
from flowrack.storage.rules_shapes import Shape
from flowrack.storage.types_putaway import KEPT_APART, MOST, NEVER_WITHIN, NUMBERS, VELOCITIES, PutawayRules


def faults_of(
    rules: PutawayRules, *, zone_ids: Collection[int], hazards: Collection[str], storage_classes: Collection[str]
) -> list[BadLine]:
    """Everything that is wrong with a rule set, field by field."""
    bad = []
    if not rules.name.strip() or len(rules.name) > 80:
        bad.append(BadLine(0, "name", "A rule set needs a name of at most 80 letters.", "Give it one."))
    for name in NUMBERS:
        most = 100 if name in ("volume_percent", "weight_percent") else MOST
        least = 1 if name == "bay_mm" else 0
        if not least <= getattr(rules, name) <= most:
            bad.append(BadLine(0, name, f"It must be {least} to {most:,}.", "Change it."))
    if rules.never_within not in NEVER_WITHIN:
        bad.append(BadLine(0, "never_within", "This is neither aisle nor zone.", "Choose one of them."))
    for i, zone in enumerate(rules.zones, start=1):
        if zone.velocity not in VELOCITIES or zone.zone_id not in zone_ids or not 0 <= zone.rank < 100:
            bad.append(BadLine(i, "zones", "This is no zone of the site, or no class A, B or C.", "Change it."))
    for i, row in enumerate(rules.apart, start=1):
        if row.one not in hazards or row.other not in hazards or row.cell not in KEPT_APART:
            bad.append(BadLine(i, "apart", f"“{row.one} x {row.other} = {row.cell}” is no cell.", "Write 3 x 5.1 = X."))
    for i, named in enumerate(rules.classes, start=1):
        if named.storage_class not in storage_classes or named.zone_id not in zone_ids:
            bad.append(BadLine(i, "classes", "This is no storage class, or no zone of the site.", "Change it."))
    twice = (
        ("zones", [(z.velocity, z.zone_id) for z in rules.zones]),
        ("apart", [tuple(sorted((k.one, k.other))) for k in rules.apart]),
        ("classes", [(c.storage_class, c.zone_id) for c in rules.classes]),
    )
    bad += [
        BadLine(0, field, "Something is named twice.", "Name each once.")
        for field, keys in twice
        if len(set(keys)) < len(keys)
    ]
    return bad


def without_bin(goods: Mapping[int, Goods], shapes: Sequence[Shape], around: Around) -> dict[int, str]:
    """Items of which not even one unit would fit any bin, were all empty, with the reason of the last kind of bin."""
    house = House(around, {shape.shape_id: shape for shape in shapes})
    lost: dict[int, str] = {}
    for item_id, one in goods.items():
        reasons = [gone for _, gone in house.shapes_for(one)]
        if None not in reasons:
            lost[item_id] = reasons[-1][1] if reasons and reasons[-1] else "The site has no bins for it."
    return lost
