"""Decisions about proofs of delivery: what holds together, how long it is kept, and the chain of hashes. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flowrack.shared.errors import BadLine
from flowrack.shipping.types_proofs import Kept, Outcome, ProveDelivery, Retention

REGULATED_YEARS = 10
EARLY = timedelta(minutes=5)  # clocks of phones and of the house differ by so much
MOST_PHOTOS = 12


@dataclass(frozen=True, slots=True)
class Sent:
    """A line of a shipment: what left."""

    line_id: int
    units: int


def faults(req: ProveDelivery, sent: Mapping[int, int], *, shipped_at: datetime, now: datetime) -> list[BadLine]:
    """What does not hold together in a proof; `sent` are units by line of the shipment."""
    bad: list[BadLine] = []
    if req.outcome not in list(Outcome):
        bad.append(BadLine(0, "outcome", "How did it end?", f"One of {', '.join(Outcome)}."))
    if not req.received_by.strip():
        bad.append(BadLine(0, "received_by", "Who took it?", "Write the name of the person at the door."))
    if req.outcome != Outcome.REFUSED and not (req.signature or req.photos):
        bad.append(BadLine(0, "signature", "There is neither signature nor photo.", "Let it be signed for."))
    if req.outcome == Outcome.REFUSED and not req.note.strip():
        bad.append(BadLine(0, "note", "Why was it refused?", "Write what the customer said."))
    if req.happened_at < shipped_at - EARLY:
        bad.append(BadLine(0, "happened_at", "That is before it left the house.", "Look at the clock of the device."))
    if req.happened_at > now + EARLY:
        bad.append(BadLine(0, "happened_at", "That is still to come.", "Look at the clock of the device."))
    if (req.latitude_e7 is None) != (req.longitude_e7 is None):
        bad.append(BadLine(0, "latitude_e7", "A place has latitude and longitude.", "Send both or none."))
    elif abs(req.latitude_e7 or 0) > 900_000_000 or abs(req.longitude_e7 or 0) > 1_800_000_000:
        bad.append(BadLine(0, "latitude_e7", "That is no place on earth.", "Send 10^-7 degrees."))
    if len(req.photos) > MOST_PHOTOS:
        bad.append(BadLine(0, "photos", f"{MOST_PHOTOS} photos are the most.", "Leave some out."))
    return bad + _line_faults(req, sent)


def _line_faults(req: ProveDelivery, sent: Mapping[int, int]) -> list[BadLine]:
    bad: list[BadLine] = []
    left = dict(sent)
    seen: set[tuple[int, str]] = set()
    for n, one in enumerate(req.not_taken, 1):
        if one.reason not in list(Kept) or (one.shipment_line_id, one.reason) in seen:
            bad.append(BadLine(n, "reason", "Each reason once for a line.", f"One of {', '.join(Kept)}."))
        seen.add((one.shipment_line_id, one.reason))
        if one.shipment_line_id not in sent:
            bad.append(BadLine(n, "shipment_line_id", "This line is not on the shipment.", "Choose its lines."))
        elif not 0 < one.units <= left[one.shipment_line_id]:
            most = left[one.shipment_line_id]
            bad.append(BadLine(n, "units", f"{one.units:,} of {most:,} that were sent.", f"Write 1 to {most:,}."))
        else:
            left[one.shipment_line_id] -= one.units
    if req.outcome == Outcome.PARTIAL and not req.not_taken:
        bad.append(BadLine(0, "not_taken", "What was not taken?", "Name lines, units and reason."))
    if req.outcome == Outcome.PARTIAL and not any(left.values()):
        bad.append(BadLine(0, "not_taken", "Nothing was taken.", "Then it was refused."))
    if req.outcome in (Outcome.DELIVERED, Outcome.REFUSED) and req.not_taken:
        bad.append(
            BadLine(0, "not_taken", "All of it was taken, or nothing.", "Lines are named of a partial delivery.")
        )
    return bad


def retention(*, is_watched: bool, happened_on: date, years: int) -> tuple[Retention, date]:
    """For how long a proof is kept: goods with a hazard class or an expiry date at least ten years."""
    kept = max(years, REGULATED_YEARS) if is_watched else years
    return (Retention.REGULATED if is_watched else Retention.COMMERCIAL, _years_on(happened_on, kept))


def _years_on(day: date, years: int) -> date:
    """The day so many years on; 28 February for a 29th that is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def fingerprint(previous: str, content: Mapping[str, Any]) -> str:
    """The hash of a proof: of what it says and of the proof before it."""
    body = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(previous.encode() + b"\0" + body.encode()).hexdigest()


def content_of(
    *, number: str, shipment: str, req: ProveDelivery, lines: Sequence[tuple[int, int, str]], recorded_by: int
) -> dict[str, Any]:
    """What the hash of a proof covers, in a form that is the same when it is read from the tables."""
    return {
        "number": number,
        "shipment": shipment,
        "outcome": str(req.outcome),
        "received_by": req.received_by.strip(),
        "signature": req.signature,
        "photos": sorted(set(req.photos)),
        "happened_at": int(req.happened_at.timestamp() * 1_000_000),
        "place": req.place.strip(),
        "latitude_e7": req.latitude_e7,
        "longitude_e7": req.longitude_e7,
        "note": req.note.strip(),
        "lines": sorted([line_id, units, str(reason)] for line_id, units, reason in lines),
        "recorded_by": recorded_by,
    }
