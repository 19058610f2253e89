"""What an ASN must be as a whole: who sends it, where to, under which reference, with which SSCCs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flowrack.dock.rules import Known, ReadLine, packs_of, read_lines
from flowrack.dock.types import NewAsn
from flowrack.shared.documents import too_many_lines
from flowrack.shared.errors import BadLine


@dataclass(frozen=True, slots=True)
class AsnFacts:
    """Everything that new ASNs are checked against."""

    suppliers: set[int]
    carriers: set[int]
    arrives_on: list[date | None]  # by ASN; None = there is no such site
    known: Known
    references: dict[tuple[int, str], str]  # (supplier, reference) -> number of the ASN that has it
    ssccs: dict[str, str]  # SSCC that may not come -> why


def examine(asns: Sequence[NewAsn], facts: AsnFacts) -> tuple[list[list[ReadLine]], list[BadLine]]:
    """The lines of each ASN as they would be kept, and all that is wrong in any of them."""
    read: list[list[ReadLine]] = []
    bad: list[BadLine] = []
    for place, asn in enumerate(asns):
        arrives_on = facts.arrives_on[place]
        faults = _head_faults(asn, facts, is_site=arrives_on is not None)
        lines: list[ReadLine] = []
        if arrives_on is not None:
            lines, found = read_lines(asn, facts.known, arrives_on=arrives_on)
            faults += found
        read.append(lines)
        prefix = f"{asn.reference.strip() or f'ASN {place + 1}'}: " if len(asns) > 1 else ""
        bad += [BadLine(b.line, b.field, prefix + b.message, b.fix) for b in faults]
    bad += _twins(asns)
    return read, bad


def _head_faults(asn: NewAsn, facts: AsnFacts, *, is_site: bool) -> list[BadLine]:
    """What is wrong above the lines."""
    bad = too_many_lines(max(len(asn.lines), len(asn.packs)), "The ASN")
    if asn.supplier_id not in facts.suppliers:
        bad.append(BadLine(0, "supplier", f"There is no supplier {asn.supplier_id} in use.", "Choose another."))
    if not is_site:
        bad.append(BadLine(0, "site", f"There is no site {asn.site_id} in use.", "Choose another."))
    if not asn.reference.strip() or len(asn.reference.strip()) > 80:
        bad.append(BadLine(0, "reference", "The supplier's reference is missing.", "It has 1 to 80 characters."))
    if asn.carrier_id and asn.carrier_id not in facts.carriers:
        bad.append(BadLine(0, "carrier", f"There is no carrier {asn.carrier_id} in use.", "Choose another."))
    if asn.expected_at is not None and asn.expected_at.tzinfo is None:
        bad.append(BadLine(0, "expected_at", "The time has no time zone.", "Write it as 2026-05-14T08:00:00Z."))
    return bad


def _twins(asns: Sequence[NewAsn]) -> list[BadLine]:
    """The same reference or SSCC in two ASNs of one request."""
    bad: list[BadLine] = []
    references: set[tuple[int, str]] = set()
    ssccs: dict[str, int] = {}
    for place, asn in enumerate(asns):
        key = (asn.supplier_id, asn.reference.strip())
        if key in references:
            bad.append(BadLine(0, "reference", f"Reference {key[1]} is sent twice.", "Send each delivery once."))
        references.add(key)
        for pack in packs_of(asn):
            if ssccs.setdefault(pack.sscc, place) != place:
                bad.append(BadLine(0, "packs", f"Pack {pack.sscc} is in two ASNs.", "A pack comes once."))
    return bad


def known_reference(asn: NewAsn, facts: AsnFacts) -> BadLine | None:
    """The ASN that has this reference of the supplier already."""
    number = facts.references.get((asn.supplier_id, asn.reference.strip()))
    if number is None:
        return None
    sentence = f"The supplier has sent {asn.reference.strip()} before: it is {number}."
    return BadLine(0, "reference", sentence, f"If this one replaces it, cancel {number} first.")


def known_ssccs(asn: NewAsn, facts: AsnFacts) -> list[BadLine]:
    """Packs that may not come again, at the first line that names them (0 = only among the packs)."""
    first: dict[str, int] = {}
    for number, line in enumerate(asn.lines, start=1):
        first.setdefault(line.sscc, number)
    return [
        BadLine(
            first.get(pack.sscc, 0),
            "sscc",
            f"SSCC {pack.sscc} may not come again: {facts.ssccs[pack.sscc]}.",
            "An SSCC names one pack for a year: ask the supplier for the right number.",
        )
        for pack in packs_of(asn)
        if pack.sscc in facts.ssccs
    ]
