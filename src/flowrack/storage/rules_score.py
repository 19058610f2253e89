"""The score of a bin that no hard rule removed: millimetres of walking, the fewest win.

Each term takes goods, a bin and its surroundings and answers in millimetres; the rule set says what each is worth.
"""

from __future__ import annotations

from collections.abc import Callable

from flowrack.storage.rules_putaway import Around, Bin, FaceAt, Goods

Term = Callable[[Goods, Bin, Around], int]
LAST_RANK = 3


def carry(goods: Goods, place: Bin, around: Around) -> int:
    """The way from the start of the walk, where the doors are."""
    return carry_to(place.stop, around)


def carry_to(stop: int, around: Around) -> int:
    """The same for a stop of the walk."""
    return stop * around.rules.bay_mm * around.rules.carry_percent // 100


def pick_face(goods: Goods, place: Bin, around: Around) -> int:
    """The way from the bin to the item's nearest pick face, which it will refill; nothing where there is none."""
    near = nearest_face(goods, place, around)
    return 0 if near is None else abs(near[0] - place.stop) * around.rules.bay_mm * around.rules.face_percent // 100


def nearest_face(goods: Goods, place: Bin, around: Around) -> FaceAt | None:
    """Stop, code and walk of the pick face of the goods that is nearest to the bin."""
    faces = [face for item in goods.item_ids for face in around.faces.get(item, ())]
    return min(faces, key=lambda face: (abs(face[0] - place.stop), face[0], face[1]), default=None)


def expected_picks(goods: Goods, place: Bin, around: Around) -> int:
    """The ways of a week's picks, where people pick from this bin because the item has no face."""
    if any(around.faces.get(item) for item in goods.item_ids):
        return 0
    return picks_from(goods, place.stop, around)


def picks_from(goods: Goods, stop: int, around: Around) -> int:
    """The same for a stop of the walk, of an item that has no face."""
    return stop * way_rates(goods, around)[1] // 100


def way_rates(goods: Goods, around: Around) -> tuple[int, int]:
    """What each stop of the walk costs goods without a face, in hundredths of millimetres: the carry, and the picks."""
    rules = around.rules
    picks = {"A": rules.picks_a, "B": rules.picks_b}.get(goods.velocity, rules.picks_c)
    return rules.bay_mm * rules.carry_percent, rules.bay_mm * picks * rules.picks_percent


def consolidation(goods: Goods, place: Bin, around: Around) -> int:
    """A bin that holds the item already, or is kept for it, is worth a walk."""
    holds = bool(place.item_ids & goods.item_ids) or place.face_of in goods.item_ids
    return -around.rules.consolidation_mm if holds else 0


def congestion(goods: Goods, place: Bin, around: Around) -> int:
    """Each task under way in the aisle costs time."""
    return around.busy.get((place.zone_id, place.aisle), 0) * around.rules.congestion_mm


def velocity_zone(goods: Goods, place: Bin, around: Around) -> int:
    """Zones that the rule set likes less for goods of this velocity cost more, rank by rank."""
    if not around.ranks:
        return 0
    return around.ranks.get((goods.velocity, place.zone_id), LAST_RANK) * around.rules.zone_mm


def role(goods: Goods, place: Bin, around: Around) -> int:
    """Leaving the kind of zone where such goods belong first costs most."""
    return goods.roles.index(place.role) * around.rules.forward_mm


TERMS: tuple[tuple[str, Term], ...] = (
    ("carry", carry),
    ("pick_face", pick_face),
    ("expected_picks", expected_picks),
    ("consolidation", consolidation),
    ("congestion", congestion),
    ("velocity_zone", velocity_zone),
    ("role", role),
)


def terms(goods: Goods, place: Bin, around: Around) -> dict[str, int]:
    """Every term of a bin's score in millimetres; those of nothing are left out."""
    found = {name: term(goods, place, around) for name, term in TERMS}
    return {name: mm for name, mm in found.items() if mm}


def score(goods: Goods, place: Bin, around: Around) -> int:
    """The sum of all terms."""
    total = 0
    for _, term in TERMS:
        total += term(goods, place, around)
    return total


def standing_score(goods: Goods, place: Bin, around: Around) -> int:
    """The part of the score that does not depend on where in the walk a bin is: for goods without a pick face, where
    nobody works in the aisles, it is the same for all empty bins of a shape."""
    return score(goods, place, around) - carry(goods, place, around) - expected_picks(goods, place, around)
