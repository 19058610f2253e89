"""Decisions of the catalogue: packs and exact conversion, expiry of lots, substitutes. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flowrack.catalog.types import HAZARD_DIVISIONS, DoesNotDivide, ItemFields, Level, Pack
from flowrack.shared.check_digits import gtin14
from flowrack.shared.errors import BadLine
from flowrack.shared.quantity import Units

LEVELS = tuple(Level)


def to_units(count: int, *, factor: int) -> Units:
    """So many packs in base units."""
    return Units(count * factor)


def to_packs(units: Units, *, factor: int, pack: str) -> int:
    """Base units in whole packs; refuses with DoesNotDivide and names the nearest quantities that do divide."""
    whole, rest = divmod(units, factor)
    if rest == 0:
        return whole
    near = [n for n in (whole * factor, (whole + 1) * factor) if n > 0]
    raise DoesNotDivide(
        f"{units} units are not a whole number of {pack} of {factor}.",
        fix="Use " + " or ".join(f"{n} units ({n // factor} {pack})" for n in near) + ".",
        nearest=near,
    )


def breakdown(units: Units, packs: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """Units in the fewest packs of a tree whose factors divide each other, largest first: (name, count), no zeros.

    2655 with Pallet 1200... becomes Pallet 2, Case 2, Each 15 and so on. Where factors do not divide each other the
    larger pack is still filled first; what is left is told in the smallest, which must be 1.
    """
    assert units >= 0
    assert any(factor == 1 for _, factor in packs), "every tree has a pack of one unit"
    found: list[tuple[str, int]] = []
    rest = int(units)
    for name, factor in sorted(packs, key=lambda pack: -pack[1]):
        count, rest = divmod(rest, factor)
        if count:
            found.append((name, count))
    return found


def say(units: Units, packs: Sequence[tuple[str, int]]) -> str:
    """The breakdown in words: "Pallet 1, Case 3, Each 5"."""
    return ", ".join(f"{name} {count}" for name, count in breakdown(units, packs)) or "0"


COUNTRY = re.compile(r"[A-Z]{2}")
HS_CODE = re.compile(r"[0-9]{6,12}")


def check_packs(packs: Sequence[Pack]) -> list[BadLine]:
    """What is wrong with a packaging tree: one 'each' of 1, every level once, rising factors, true GTINs used once."""
    bad: list[BadLine] = []
    seen: set[str] = set()
    gtins: set[str] = set()
    largest = 0
    ordered = sorted(
        enumerate(packs, start=1), key=lambda p: LEVELS.index(Level(p[1].level)) if p[1].level in LEVELS else 9
    )
    for line, pack in ordered:
        if pack.level not in LEVELS:
            bad.append(BadLine(line, "level", f"“{pack.level}” is no pack level.", f"Use one of: {', '.join(LEVELS)}."))
            continue
        if pack.level in seen:
            bad.append(BadLine(line, "level", f"There are two packs of level {pack.level}.", "Delete one."))
        seen.add(pack.level)
        if pack.factor < 1:
            bad.append(
                BadLine(line, "factor", f"A {pack.level} of {pack.factor} units holds nothing.", "Use 1 or more.")
            )
        elif pack.level == Level.EACH and pack.factor != 1:
            bad.append(BadLine(line, "factor", "The each is the base unit: its factor is 1.", "Use 1."))
        elif pack.factor < largest:
            bad.append(
                BadLine(
                    line,
                    "factor",
                    f"A {pack.level} of {pack.factor} holds less than a smaller pack of {largest}.",
                    f"Use {largest} or more.",
                )
            )
        largest = max(largest, pack.factor)
        bad += _check_gtin(line, pack.gtin, gtins)
    if Level.EACH not in seen:
        bad.append(BadLine(0, "packs", "There is no pack of level each.", "Add it with factor 1."))
    return bad


def _check_gtin(line: int, gtin: str, known: set[str]) -> list[BadLine]:
    if not gtin:
        return []
    full = gtin14(gtin)
    if full is None:
        return [BadLine(line, "gtin", f"“{gtin}” is no GTIN: its length or check digit is wrong.", "Check the label.")]
    if full in known:
        return [BadLine(line, "gtin", f"{gtin} is given twice.", "A GTIN names one pack.")]
    known.add(full)
    return []


NOT_NEGATIVE = (
    "best_before_days",
    "removal_days",
    "alert_days",
    "reorder_point",
    "order_up_to",
    "standard_cost",
    "list_price",
    "bears_g",
)


def check_item(item: ItemFields) -> list[BadLine]:
    """What is wrong with an item's fields, beyond what their types say."""
    bad: list[BadLine] = []
    if not item.name.strip():
        bad.append(BadLine(0, "name", "An item needs a name.", "Fill it in."))
    if item.has_expiry and item.tracking == "none":
        bad.append(BadLine(0, "tracking", "An item with expiry dates is kept by lot.", "Use lot or serial."))
    if item.costing == "standard" and item.standard_cost is None:
        bad.append(BadLine(0, "standard_cost", "An item at standard cost needs one.", "Fill it in."))
    if item.costing == "lot_actual" and item.tracking == "none":
        bad.append(BadLine(0, "costing", "Costing by lot needs lots.", "Use lot or serial tracking."))
    bad += _check_hazard(item)
    if item.hs_code and not HS_CODE.fullmatch(item.hs_code):
        fix = "Leave out dots and blanks, or leave it empty."
        bad.append(BadLine(0, "hs_code", f"“{item.hs_code}” is no HS code: it has 6 to 12 digits.", fix))
    if item.shelf_life_days is not None and item.shelf_life_days < 1:
        said = f"A shelf life of {item.shelf_life_days} days is none."
        bad.append(BadLine(0, "shelf_life_days", said, "Use 1 or more, or leave it empty."))
    for name in NOT_NEGATIVE:
        if (getattr(item, name) or 0) < 0:
            bad.append(BadLine(0, name, f"{getattr(item, name)} is less than 0.", "Use 0 or more, or leave it empty."))
    if item.origin_country and not COUNTRY.fullmatch(item.origin_country):
        said = f"“{item.origin_country}” is no country code."
        bad.append(BadLine(0, "origin_country", said, "Use two capital letters, for example DE, or leave it empty."))
    if item.reorder_point is not None and item.order_up_to is not None and item.order_up_to < item.reorder_point:
        bad.append(BadLine(0, "order_up_to", "Order up to is less than the reorder point.", "Raise it."))
    return bad


def _check_hazard(item: ItemFields) -> list[BadLine]:
    """What is wrong with the hazard of an item: its class, its division, its limited quantity."""
    bad: list[BadLine] = []
    if item.hazard_division and item.hazard_division not in HAZARD_DIVISIONS.get(item.hazard_class, ()):
        bad.append(
            BadLine(0, "hazard_division", "The division is not one of the hazard class.", "Correct one of them.")
        )
    if item.is_limited_quantity and not item.hazard_class:
        said = "Limited quantity is of a hazard class."
        bad.append(BadLine(0, "is_limited_quantity", said, "Name the class, or take it out."))
    if item.hazard_class and item.hazard_class not in HAZARD_DIVISIONS:
        said = f"“{item.hazard_class}” is no hazard class."
        bad.append(BadLine(0, "hazard_class", said, f"Use one of: {', '.join(HAZARD_DIVISIONS)}, or leave it empty."))
    return bad


@dataclass(frozen=True, slots=True)
class LotDates:
    """The days that matter in a lot's life; None where the item names none."""

    expires_on: date | None
    best_before_on: date | None
    remove_on: date | None
    alert_on: date | None


def lot_dates(
    *,
    made_on: date | None,
    expires_on: date | None,
    shelf_life_days: int | None,
    best_before_days: int | None,
    removal_days: int | None,
    alert_days: int | None,
) -> LotDates:
    """The dates of a lot: the label's expiry, else making plus shelf life; the others count back from expiry."""
    expiry = expires_on
    if expiry is None and made_on is not None and shelf_life_days is not None:
        expiry = made_on + timedelta(days=shelf_life_days)
    if expiry is None:
        return LotDates(None, None, None, None)

    def before(days: int | None) -> date | None:
        return None if days is None else expiry - timedelta(days=days)

    return LotDates(expiry, before(best_before_days), before(removal_days), before(alert_days))


def way_between(edges: Sequence[tuple[int, int]], start: int, goal: int) -> list[int]:
    """The shortest way from one item to another along the edges, both ends named; empty when there is none."""
    came: dict[int, int] = {start: start}
    ahead = [start]
    while ahead and goal not in came:
        here = ahead.pop(0)
        for of, to in edges:
            if of == here and to not in came:
                came[to] = here
                ahead.append(to)
    if goal not in came:
        return []
    way = [goal]
    while way[-1] != start:
        way.append(came[way[-1]])
    return way[::-1]


def substitute_units(units: Units, *, ratio_num: int, ratio_den: int) -> Units:
    """Units of the substitute for so many of the item; refuses with DoesNotDivide when it is no whole number."""
    whole, rest = divmod(units * ratio_num, ratio_den)
    if rest == 0:
        return Units(whole)
    step = ratio_den
    below = units // step * step
    near = [n for n in (below, below + step) if n > 0]
    raise DoesNotDivide(
        f"{units} units cannot be replaced exactly at {ratio_num} for {ratio_den}.",
        fix="Use " + " or ".join(str(n) for n in near) + " units.",
        nearest=near,
    )
