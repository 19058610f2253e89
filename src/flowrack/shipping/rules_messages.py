"""Sending EDI 856: the name of its file, when a failed try comes again, and what a customer's 997 says. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from flowrack.shared.x12 import BadX12, Interchange
from flowrack.shipping.types_proofs import Answer

FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")  # one name, never a way to elsewhere
GROUP = "SH"
ACCEPTED = {"A": "accepted", "E": "accepted, with errors noted"}  # AK901
REJECTED = {  # what was taken in part is not accepted: there is one 856 in each
    "R": "rejected",
    "P": "taken in part only",
    "M": "rejected, its authentication failed",
    "W": "rejected, its assurance failed",
    "X": "rejected, its content could not be decrypted",
}
ENDS = ACCEPTED | REJECTED
MOST = 200
LONGEST = timedelta(hours=1)


class Sending(StrEnum):
    """How far an 856 is: to be put into its folder or fetched, there, or fetched through the API."""

    WAITING = "waiting"
    SENT = "sent"
    FETCHED = "fetched"


class Acknowledged(NamedTuple):
    """What a 997 says of a message of ours, by its control number."""

    control: int
    answer: Answer
    words: str


def file_name(shipment: str, control: int) -> str:
    """The name of an 856 in its folder: always the same for the same message."""
    return f"{shipment}-{control:09d}.856.edi"


def again_at(tries: int, now: datetime) -> datetime:
    """When a failed try comes again: after a minute, then twice as long each time, an hour at most."""
    return now + min(timedelta(minutes=1 << min(tries - 1, 10)), LONGEST)


def acknowledged(envelope: Interchange) -> list[Acknowledged]:
    """What the 997s of an interchange say of 856s (ASC X12 004010: AK1 names the group, AK9 how it ended). Refuses with
    BadX12 what says nothing of any."""
    found = []
    for one in envelope.sets:
        named = {segment[0]: segment for segment in one.segments}
        about, end = named.get("AK1", ()), named.get("AK9", ())
        if one.kind != "997" or len(about) < 3 or len(end) < 2 or about[1].strip() != GROUP:
            continue
        control, code = about[2].strip(), end[1].strip()
        if not (control.isascii() and control.isdigit() and len(control) <= 9) or code not in ENDS:
            raise BadX12(f"Set {one.control} does not say of which message, or how it ended.", fix="Ask for it again.")
        noted = [" ".join(part for part in segment if part) for segment in one.segments if segment[0] in ("AK3", "AK4")]
        answer = Answer.ACCEPTED if code in ACCEPTED else Answer.REJECTED
        words = ", ".join([f"{ENDS[code]} (AK9 {code})", *noted])[:MOST]
        found.append(Acknowledged(int(control), answer, words))
    if not found:
        raise BadX12("The file holds no 997 about an EDI 856.", fix="Send the acknowledgment of a notice of departure.")
    return found
