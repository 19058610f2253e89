"""What would become of an ASN that is received as announced: which lines need a decision, which are set apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.dock import queries as dock
from flowrack.dock.queries import AsnLineRow, AsnRow
from flowrack.inbound import (
    queries,
    queries_asns,
    queries_availability,
    queries_lots,
    queries_packs,
    queries_tolerance,
    rules,
    rules_tolerance,
)
from flowrack.inbound.queries import Dock
from flowrack.inbound.queries_packs import Delivery, Sorted
from flowrack.inbound.rules import Share
from flowrack.inbound.rules_tolerance import Counted
from flowrack.inbound.types import Available, CountedLine
from flowrack.inbound.types_deliveries import Matter
from flowrack.inbound.types_discrepancies import Outcome
from flowrack.purchasing import queries as purchasing
from flowrack.purchasing.states import TAKES_RECEIPTS
from flowrack.purchasing.types import LineForReceipt
from flowrack.shared.errors import BadLine

SCAN = "Leave it out and receive it by scan."
Found = tuple[int, str, str, str, bool]  # ASN line, field, sentence, way out, is blocking


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is there to receive of an ASN, and what is particular about single lines, blocking ones first."""

    asn: AsnRow
    place: Dock
    packs: int
    lines: int
    units: int
    matters: list[Matter]

    @property
    def blocking(self) -> list[Matter]:
        """What must be answered or left out."""
        return [m for m in self.matters if m.is_blocking]


def outlook(asn_id: int, location_id: int, *, now: datetime) -> Outlook:
    """How receiving an ASN at a dock place would end, if it came as announced. A fixed number of queries, and five for
    each PO."""
    head = dock.asn(asn_id)
    place = queries.dock(location_id, po_id=0, now=now)
    delivery = queries_packs.delivery_of(head, queries_packs.waiting_lines(asn_id))
    found: dict[int, list[LineForReceipt]] = {}
    ids = sorted({line.po_id for line in delivery.lines if line.po_id})
    for line in purchasing.lines_for_receipt(ids) if ids else []:
        if line.po_state in TAKES_RECEIPTS:
            found.setdefault(line.po_id, []).append(line)
    sorted_ = queries_packs.sort(delivery, {}, found)
    return Outlook(
        asn=head,
        place=place,
        packs=len(delivery.ssccs),
        lines=len(delivery.lines),
        units=sum(line.units for line in delivery.lines),
        matters=matters(place, delivery, sorted_, found),
    )


def matters(
    place: Dock, delivery: Delivery, sorted_: Sorted, po_lines: dict[int, list[LineForReceipt]]
) -> list[Matter]:
    """What is particular about the lines of a sorted delivery, blocking ones first, in order of the ASN's lines."""
    of = {line.asn_line_id: line for line in delivery.lines}
    found = [_matter(of, delivery, one) for one in _seen(delivery)]
    for po_id, counts in sorted(sorted_.by_po.items()):
        found += [_matter(of, delivery, one) for one in _on_po(place, po_lines[po_id], counts)]
    for asn_line, blind in sorted_.blind:
        line = of[asn_line]
        needed, bad = rules.tracking_faults([(line.item_id, line.sku, line.tracking, blind.lot, blind.units)])
        found += [_matter(of, delivery, (asn_line, b.field, b.message, SCAN, True)) for b in needed + bad]
        sentence = f"{line.sku}: no order takes {blind.units:,}; they wait in quarantine for the buyer."
        found.append(_matter(of, delivery, (asn_line, "po_number", sentence, "The buyer decides.", False)))
    return sorted(found, key=lambda m: (not m.is_blocking, m.line_no))


def _matter(of: Mapping[int, AsnLineRow], delivery: Delivery, found: Found) -> Matter:
    asn_line, field, sentence, fix, is_blocking = found
    line, sscc = of[asn_line], delivery.sscc_of[asn_line]
    return Matter(asn_line, line.line_no, line.sku, sscc, line.units, field, sentence, fix, is_blocking)


def _seen(delivery: Delivery) -> list[Found]:
    seen = queries_asns.places_of_lpns(delivery.ssccs)
    return [
        (line.asn_line_id, "sscc", f"{sscc} stands at {seen[sscc]} already.", "Look at what is on it.", True)
        for line in delivery.lines
        if (sscc := delivery.sscc_of[line.asn_line_id]) in seen
    ]


def _on_po(place: Dock, lines: list[LineForReceipt], counts: Sequence[tuple[int, CountedLine]]) -> list[Found]:
    """What is particular about counts of one PO: as booking them would refuse or record it. Four queries."""
    only = [count for _, count in counts]
    spread = rules.spread(only, lines)
    line_of = {share.count: share.line for share in spread.shares}
    needed, wrong = rules.lot_faults(only, line_of)
    bad = rules.faults(only) + spread.strangers + spread.too_many + needed + wrong
    dates = queries_lots.dates_of_lots(
        [(line_of[i].item_id, c.lot.strip()) for i, c in enumerate(only) if i in line_of]
    )
    bad += _date_faults(only, line_of, dates)
    doubtful = [i for i, count in enumerate(only) if count.lot.strip() and not count.is_lot_confirmed and i in line_of]
    others = (
        queries_lots.lots_of_others([(line_of[i].item_id, only[i].lot.strip()) for i in doubtful]) if doubtful else []
    )
    bad += [
        BadLine(doubtful[n] + 1, "lot", f"Lot {only[doubtful[n]].lot.strip()} is on file for {sku}.", SCAN)
        for n, sku in others
    ]
    found: list[Found] = [(counts[b.line - 1][0], b.field, b.message, b.fix or SCAN, True) for b in bad]
    items = sorted({share.line.item_id for share in spread.shares})
    tolerances = queries_tolerance.in_force(lines[0].po_id, items)
    policies = queries_availability.policies_followed(place.site_id, lines[0].supplier_id, items, day=place.today)
    for share in spread.shares:
        asn_line, count = counts[share.count]
        line = share.line
        expires_on, removal_days = dates.get((line.item_id, count.lot.strip()), (None, 0))
        seen = _counted(share, place, count.expires_on or expires_on, removal_days)
        findings = rules_tolerance.judge(seen, tolerances[line.item_id])
        found += [
            (asn_line, "units", f.sentence, SCAN, f.outcome == Outcome.REFUSE)
            for f in findings
            if f.outcome in (Outcome.REFUSE, Outcome.HOLD)
        ]
        policy = policies.get(line.item_id)
        if policy and policy.available == Available.AFTER_INSPECTION and not findings:
            found.append((asn_line, "quality", f"{line.sku} goes to inspection.", "Nothing needs to be done.", False))
    return found


def _counted(share: Share, place: Dock, expires_on: date | None, removal_days: int) -> Counted:
    line = share.line
    return Counted(
        sku=line.sku,
        ordered=line.ordered - line.short,
        before=share.before,
        units=share.units,
        line_over_units=line.over_units,
        allowed_units=line.allowed_units,
        due_on=line.expected_on,
        today=place.today,
        expires_on=expires_on,
        removal_days=removal_days,
    )


def _date_faults(
    counts: Sequence[CountedLine],
    line_of: dict[int, LineForReceipt],
    dates: dict[tuple[int, str], tuple[date | None, int]],
) -> list[BadLine]:
    """Counts whose lot is new and has no date though the item expires, or is known with another date."""
    bad = []
    for i, count in enumerate(counts):
        line = line_of.get(i)
        lot = count.lot.strip()
        if line is None or not lot:
            continue
        known = dates.get((line.item_id, lot), (None, 0))[0]
        if line.has_expiry and known is None and count.expires_on is None:
            bad.append(BadLine(i + 1, "expires_on", f"{line.sku}, lot {lot}: until when is it good?", "Read its date."))
        elif known and count.expires_on and known != count.expires_on:
            sentence = f"{line.sku}, lot {lot} is known to expire on {known}, not on {count.expires_on}."
            bad.append(BadLine(i + 1, "expires_on", sentence, "Read its date again."))
    return bad
