"""What is found about counts before they are booked: against the tolerance, and where and how the goods arrive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flowrack.inbound import rules, rules_tolerance
from flowrack.inbound.queries import Dock
from flowrack.inbound.rules import Policy, Share
from flowrack.inbound.rules_tolerance import Counted, Finding, Tolerance
from flowrack.inbound.steps import NO_LOT, BookedLine, Lot
from flowrack.inbound.steps_discrepancies import NewDiscrepancy, of_finding
from flowrack.inbound.types import Available, CountedLine
from flowrack.inbound.types_discrepancies import Kind, NotTolerated, Outcome
from flowrack.purchasing.rules import receipt_value
from flowrack.purchasing.types import LineForReceipt
from flowrack.shared.errors import BadLine
from flowrack.shared.money import to_money


@dataclass(frozen=True, slots=True)
class Judged:
    """A share with its line to book and what was found about it."""

    share: Share
    line: BookedLine
    tolerance: Tolerance
    findings: list[Finding]


def judge(
    counts: Sequence[CountedLine],
    shares: Sequence[Share],
    dock: Dock,
    lots: dict[int, Lot],
    lpns: dict[str, int],
    policies: dict[int, Policy],
    tolerances: dict[int, Tolerance],
) -> list[Judged]:
    judged, refused = [], []
    for share in shares:
        tolerance, lot = tolerances[share.line.item_id], lots.get(share.count, NO_LOT)
        found = rules_tolerance.judge(
            Counted(
                sku=share.line.sku,
                ordered=share.line.ordered - share.line.short,
                before=share.before,
                units=share.units,
                line_over_units=share.line.over_units,
                allowed_units=share.line.allowed_units,
                due_on=share.line.expected_on,
                today=dock.today,
                expires_on=lot.expires_on,
                removal_days=lot.removal_days,
            ),
            tolerance,
        )
        refused += [
            BadLine(share.count + 1, "units", f.sentence, "Set it aside, or hold it for the buyer.")
            for f in found
            if f.outcome == Outcome.REFUSE
        ]
        policy = policies.get(share.line.item_id)
        line = _booked(counts[share.count], share, dock, lot, lpns, found, policy)
        judged.append(Judged(share, line, tolerance, found))
    if refused:
        raise NotTolerated(refused[0].message, lines=refused, fix=refused[0].fix)
    return judged


def _booked(
    count: CountedLine,
    share: Share,
    dock: Dock,
    lot: Lot,
    lpns: dict[str, int],
    found: list[Finding],
    policy: Policy | None,
) -> BookedLine:
    quality = rules.quality_on_arrival(stated=count.quality, expires_on=lot.expires_on, today=dock.today)
    if quality == "available" and rules_tolerance.worst(found) == Outcome.HOLD:
        quality = "hold"
    policy = policy if quality == "available" else None
    if policy and policy.available == Available.AFTER_INSPECTION:
        quality = "inspection"
    return BookedLine(
        po_line_id=share.line.po_line_id,
        item_id=share.line.item_id,
        lot_id=lot.lot_id,
        lpn_id=lpns.get(count.lpn, 0),
        units=share.units,
        value=receipt_value(before=share.before, units=share.units, unit_cost=share.line.unit_cost),
        quality=quality,
        discrepancy=rules.discrepancy(quality=quality, is_over=share.is_over, reason=count.reason)
        or (str(found[0].kind) if found else ""),
        location_id=policy.location_id if policy else 0,
        available=str(policy.available) if policy else "",
    )


def discrepancies(
    counts: Sequence[CountedLine],
    one: Judged,
    dock: Dock,
    head: LineForReceipt,
    receipt_id: int,
    line_id: int,
    posting_id: int,
) -> list[NewDiscrepancy]:
    """What the tolerance found of a booked line, and the damage that the person saw."""
    count, line = counts[one.share.count], one.line
    common: dict[str, Any] = {
        "site_id": dock.site_id,
        "supplier_id": head.supplier_id,
        "tolerance_id": one.tolerance.tolerance_id,
        "receipt_id": receipt_id,
        "receipt_line_id": line_id,
        "po_line_id": line.po_line_id,
        "item_id": line.item_id,
        "location_id": dock.location_id,
        "lot_id": line.lot_id,
        "lpn": count.lpn,
        "posting_id": posting_id,
        "photos": count.photos,
    }
    found = [of_finding(f, value=to_money(line.value * f.units / line.units), **common) for f in one.findings]
    if line.quality == "damaged":
        found.append(
            NewDiscrepancy(
                kind=Kind.DAMAGED,
                reason=f"{one.share.line.sku}: {line.units} damaged, {count.reason.strip()}.",
                units=line.units,
                value=line.value,
                responsible=count.responsible,
                **common,
            )
        )
    return found
