"""The answer to Why? in one sentence."""

from __future__ import annotations

from flowrack.storage.rules_house import Choice
from flowrack.storage.rules_putaway import FILTERS


def closest(choice: Choice) -> str:
    """The rule that removed the bins that came closest to fitting: the last one that was asked; "" without any."""
    return next((name for name, _ in reversed(FILTERS) if name in choice.removed), "")


def putaway_sentence(choice: Choice) -> str:
    """The answer to Why? in one sentence."""
    if choice.chosen is None:
        rule = closest(choice)
        if not rule:
            return "No bin: the site has none for this kind of stock."
        return f"No bin fits. For example: {choice.removed[rule].sentence}"
    place = choice.chosen
    if place.item_ids:
        why = "it already holds this item"
    elif place.face_of:
        why = "it is the pick face of this item"
    elif choice.is_nearest:
        why = "it is the nearest empty bin that fits"
    else:
        ways = ", ".join(f"{name.replace('_', ' ')} {_metres(mm)}" for name, mm in choice.candidates[0][1].items())
        why = f"it costs least: {ways}" if ways else "it costs least"
    count = sum(gone.bins for gone in choice.removed.values())
    if not count:
        return f"{place.code}, because {why}."
    nearest = next(iter(choice.removed.values()))
    verb = "bin was" if count == 1 else "bins were"
    return f"{place.code}, because {why}. {count:,} {verb} passed over; {nearest.sentence}"


def _metres(mm: int) -> str:
    sign, mm = ("-", -mm) if mm < 0 else ("", mm)
    return f"{sign}{mm // 1000:,}.{mm % 1000 // 100} m" if mm < 10_000 and mm % 1000 else f"{sign}{mm // 1000:,} m"
