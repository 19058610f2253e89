"""The cartons that packers take."""

from __future__ import annotations

import re
from collections import Counter

from flowrack.fulfilment.types_cartons import BadCartonType, CartonTypeOf, CartonTypesSet, SetCartonTypes
from flowrack.platform import sql
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine

CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,19}")
MOST_TYPES, LONGEST_MM, HEAVIEST_G = 60, 5_000, 2_000_000
SIDES = ("length_mm", "width_mm", "height_mm")


@command(permission="fulfilment.setup", result=CartonTypesSet)
def set_carton_types(ctx: Context, req: SetCartonTypes) -> CartonTypesSet:
    """All carton types in use, in place of those before; a type that is left out keeps its history.

    Refuses with BadCartonType, naming every bad row and field.
    """
    ctx.require("fulfilment.setup")
    bad = check(req)
    if bad:
        raise BadCartonType(bad[0].message, lines=bad, fix=bad[0].fix)
    types = req.types
    sql.execute(
        """
        INSERT INTO fulfilment_cartontype AS t (code, name, length_mm, width_mm, height_mm, max_weight_g, tare_g, cost,
                                                is_active, changed_at)
        SELECT n.*, true, %s FROM unnest(%s::text[], %s::text[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[],
                                         %s::numeric[]) AS n
        ON CONFLICT (code) DO UPDATE SET name = excluded.name, length_mm = excluded.length_mm,
            width_mm = excluded.width_mm, height_mm = excluded.height_mm, max_weight_g = excluded.max_weight_g,
            tare_g = excluded.tare_g, cost = excluded.cost, is_active = true, changed_at = excluded.changed_at
        WHERE (t.name, t.length_mm, t.width_mm, t.height_mm, t.max_weight_g, t.tare_g, t.cost, t.is_active)
              IS DISTINCT FROM (excluded.name, excluded.length_mm, excluded.width_mm, excluded.height_mm,
                                excluded.max_weight_g, excluded.tare_g, excluded.cost, true)
        """,
        (
            ctx.now,
            [_code(one) for one in types],
            [one.name.strip() for one in types],
            [one.length_mm for one in types],
            [one.width_mm for one in types],
            [one.height_mm for one in types],
            [one.max_weight_g for one in types],
            [one.tare_g for one in types],
            [one.cost for one in types],
        ),
    )
    ended = sql.fetch_all(
        """
        UPDATE fulfilment_cartontype SET is_active = false, changed_at = %s
        WHERE is_active AND NOT code = ANY(%s::text[]) RETURNING code
        """,
        (ctx.now, [_code(one) for one in types]),
    )
    return CartonTypesSet(len(types), sorted(row[0] for row in ended))


def check(req: SetCartonTypes) -> list[BadLine]:
    """What is wrong with the rows."""
    bad: list[BadLine] = []
    if len(req.types) > MOST_TYPES:
        bad.append(BadLine(0, "types", f"{len(req.types)} carton types are too many.", f"Keep {MOST_TYPES} or fewer."))
    seen = Counter(_code(one) for one in req.types)
    for n, one in enumerate(req.types, 1):
        code = _code(one)
        if not CODE.fullmatch(code):
            said = f"“{one.code}” is no code for a carton." if one.code.strip() else "A carton type needs a code."
            bad.append(BadLine(n, "code", said, "Use letters, digits, dot, dash: what stands on its barcode."))
        elif seen[code] > 1:
            bad.append(BadLine(n, "code", f"{code} stands there twice.", "Keep one of them."))
        for side in SIDES:
            if not 1 <= getattr(one, side) <= LONGEST_MM:
                bad.append(BadLine(n, side, f"A side is 1 to {LONGEST_MM:,} mm inside.", "Measure it inside, in mm."))
        if not 1 <= one.max_weight_g <= HEAVIEST_G:
            bad.append(BadLine(n, "max_weight_g", "A carton bears some weight.", f"1 to {HEAVIEST_G:,} g."))
        if not 0 <= one.tare_g <= HEAVIEST_G:
            bad.append(BadLine(n, "tare_g", "The weight of the empty carton is not negative.", "In g."))
        if not 0 <= one.cost < 1_000_000:
            bad.append(BadLine(n, "cost", "What a carton costs is not negative.", "Leave it empty when unknown."))
        if len(one.name) > 80:
            bad.append(BadLine(n, "name", "The name is too long.", "Use 80 letters or fewer."))
    return bad


def _code(one: CartonTypeOf) -> str:
    return one.code.strip().upper()
