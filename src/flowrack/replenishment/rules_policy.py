"""What a policy and a told draw must be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from flowrack.replenishment.types import NewDraw, SetRefillPolicy
from flowrack.shared.errors import BadLine

MOST_UNITS = 10_000_000
FARTHEST = timedelta(days=31)


def bad_draws(origin: str, draws: Sequence[NewDraw], items: Mapping[int, int], *, now: datetime) -> list[BadLine]:
    """Every fault of draws that somebody tells; `items` are the faces of the site by their place."""
    bad = []
    if not origin or len(origin) > 60:
        bad.append(BadLine(0, "origin", "A name of 1 to 60 letters is needed.", "Say what will draw it."))
    if not draws:
        bad.append(BadLine(0, "draws", "Nothing was told.", "Name at least one face."))
    for n, draw in enumerate(draws, 1):
        if items.get(draw.location_id) != draw.item_id:
            bad.append(BadLine(n, "location", "This is no pick face of the item here.", "Choose the item's face."))
        if not 0 < draw.units <= MOST_UNITS:
            bad.append(BadLine(n, "units", f"{draw.units:,} units make no sense.", "Say at least 1."))
        if draw.until_at < draw.from_at:
            bad.append(BadLine(n, "until_at", "It ends before it begins.", "Swap the times."))
        elif draw.until_at < now:
            bad.append(BadLine(n, "until_at", "It is over already.", "Name a time to come."))
        elif draw.until_at > now + FARTHEST:
            bad.append(BadLine(n, "until_at", "That is more than a month ahead.", "Tell it later."))
    return bad


def bad_policy(req: SetRefillPolicy, zones: Collection[int], places: Collection[int]) -> list[BadLine]:
    """Every fault of a policy; `zones` and `places` are those of the site."""
    limits = (
        ("task_seconds", req.task_seconds, 1, 86_400, "seconds"),
        ("spare_seconds", req.spare_seconds, 0, 86_400, "seconds"),
        ("people", req.people, 1, 1_000, "people"),
        ("top_off_percent", req.top_off_percent, 0, 100, "percent"),
    )
    bad = [
        BadLine(0, name, f"{number:,} {what} make no sense.", f"Say {least:,} to {most:,}.")
        for name, number, least, most, what in limits
        if not least <= number <= most
    ]
    if (req.quiet_from is None) != (req.quiet_until is None):
        bad.append(BadLine(0, "quiet_from", "Quiet hours need a beginning and an end.", "Name both, or none."))
    if req.top_off_percent and req.quiet_from is None:
        bad.append(BadLine(0, "quiet_from", "Faces are topped off in quiet hours only.", "Name them, or say 0 %."))
    for n, (zone, place) in enumerate(req.hand_overs, 1):
        if zone not in zones:
            bad.append(BadLine(n, "zone", "This is no zone of the site.", "Choose one."))
        if place not in places:
            bad.append(BadLine(n, "location", "This is no bin of the site.", "Choose a reserve or forward bin."))
    if len({zone for zone, _ in req.hand_overs}) < len(req.hand_overs):
        bad.append(BadLine(0, "zone", "A zone is named twice.", "Name each once."))
    return bad
