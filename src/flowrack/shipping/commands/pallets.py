"""Pallets of packed cartons: one scan of the pallet carries all of them onto the truck."""

from __future__ import annotations

from collections.abc import Sequence

from flowrack.locations import queries as places
from flowrack.locations import steps as places_steps
from flowrack.locations.types import LpnKind
from flowrack.platform.runner import Context, command
from flowrack.shared import gs1
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref
from flowrack.shipping import locks_loads, queries_pallets, rules_loads, steps_pallets
from flowrack.shipping.queries_pallets import CartonToStack
from flowrack.shipping.types_pallets import (
    CannotStack,
    CartonsStacked,
    CartonUnstacked,
    StackCartons,
    UnstackCarton,
)

MOST = 500
SSCC = 18
PALLET = "locations.lpn"


def _code(text: str) -> str:
    scan = gs1.parse(text)
    return scan.sscc or scan.raw.strip().upper()


@command(permission="shipping.load", result=CartonsStacked, is_small=lambda req: len(req.cartons) <= 20)
def stack_cartons(ctx: Context, req: StackCartons) -> CartonsStacked:
    """Put packed cartons of one address onto a pallet, a new one unless one is named.

    The goods do not move in the books: they stand in staging as before. Refuses with CannotStack, naming every carton
    that is unknown, left, on another pallet or a truck, for another address, or may not stand with what is there.
    """
    ctx.require("shipping.load", req.site_id)
    codes = [_code(code) for code in req.cartons]
    if not codes or len(set(codes)) < len(codes) or len(codes) > MOST:
        raise CannotStack(f"1 to {MOST} cartons, each once.", fix="Scan the cartons again.")
    pallet_id, pallet = _pallet(req.site_id, req.pallet)
    there = queries_pallets.on_pallet(pallet_id) if pallet_id else []
    locks_loads.plates([plate.lpn_id for plate in places.lpns_by_code(codes).values()])
    known = queries_pallets.cartons([*codes, *there])
    _refuse(req.site_id, codes, known, [known[code] for code in there if code in known])
    if not pallet_id:
        [(pallet_id, pallet)] = places_steps.new_lpns(req.site_id, 1, kind=LpnKind.PALLET)
    steps_pallets.stack(ctx, pallet_id, [known[code].lpn_id for code in codes])
    ctx.subject = ref(PALLET, pallet_id)
    return CartonsStacked(pallet_id, pallet, len(there) + len(codes))


def _pallet(site_id: int, text: str) -> tuple[int, str]:
    """The pallet that a label names; (0, "") for a new one. Refuses what is no pallet of the site, or is on a truck."""
    if not text.strip():
        return 0, ""
    code = _code(text)
    plate = places.lpns_by_code([code]).get(code)
    if plate is None and len(code) == SSCC and code.isdigit():
        return places_steps.ensure_lpns(site_id, [code])[0], code  # a label that was printed before
    if plate is None or plate.site_id != site_id or plate.kind != LpnKind.PALLET or plate.is_closed:
        raise CannotStack(
            f"{code[:40]} is no pallet that stands here.", fix="Scan a pallet's label, or take a new one."
        )
    locks_loads.plate(plate.lpn_id)
    if queries_pallets.is_on_truck(plate.lpn_id):
        raise CannotStack(f"{code} is on a truck.", fix="Take it off first.")
    return plate.lpn_id, code


def _refuse(
    site_id: int, codes: Sequence[str], known: dict[str, CartonToStack], there: Sequence[CartonToStack]
) -> None:
    """Name every carton that cannot stand on the pallet."""
    bad: list[BadLine] = []
    first = there[0] if there else next((known[code] for code in codes if code in known), None)
    aboard = {hazard: one.code for one in there for hazard in one.hazards}
    for n, code in enumerate(codes, 1):
        one = known.get(code)
        if one is None or one.site_id != site_id:
            bad.append(BadLine(n, "cartons", f"{code[:40]}: It is no packed carton of this site.", "Leave it off."))
            continue
        hazards = dict.fromkeys(one.hazards, code)
        pairs = rules_loads.pairs(hazards, aboard)
        words = _why_not(one, first) or (pairs[0].sentence if pairs else "")
        if words:
            bad.append(BadLine(n, "cartons", f"{code}: {words}", "Leave it off this pallet."))
        else:
            aboard.update(hazards)
    if bad:
        raise CannotStack(bad[0].message, lines=bad, fix=bad[0].fix)


def _why_not(one: CartonToStack, first: CartonToStack | None) -> str:
    """What keeps a carton from the pallet, as a sentence; empty when nothing does."""
    if one.state != "packed":
        return f"It is {one.state}."
    if one.load:
        return f"It is on {one.load}."
    if one.pallet:
        return f"It stands on {one.pallet}."
    if first is not None and (one.customer_id, one.ship_to_id) != (first.customer_id, first.ship_to_id):
        return f"It is for {one.customer}, the pallet for {first.customer}."
    return ""


@command(permission="shipping.load", result=CartonUnstacked)
def unstack_carton(ctx: Context, req: UnstackCarton) -> CartonUnstacked:
    """A carton comes off its pallet, before the pallet is on a truck. Refuses with CannotStack."""
    ctx.require("shipping.load", req.site_id)
    code = _code(req.carton)
    one = queries_pallets.cartons([code]).get(code)
    if one is not None and one.pallet:
        locks_loads.plate(places.lpns_by_code([one.pallet])[one.pallet].lpn_id)
        one = queries_pallets.cartons([code]).get(code)
    if one is None or one.site_id != req.site_id or not one.pallet:
        raise CannotStack(f"{code[:40]} stands on no pallet.", fix="Scan a carton that stands on one.")
    if one.load:
        raise CannotStack(f"{one.pallet} is on {one.load}.", fix="Take the pallet off first.")
    pallet = places.lpns_by_code([one.pallet])[one.pallet]
    steps_pallets.unstack(one.lpn_id)
    ctx.subject = ref(PALLET, pallet.lpn_id)
    return CartonUnstacked(one.pallet, len(queries_pallets.on_pallet(pallet.lpn_id)))
