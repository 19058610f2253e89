"""Decisions about returned goods: what may come back, and what should become of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flowrack.returns.types import Condition, Verdict

DISPOSITION_RULE = "returns.disposition/1"
MIN_LIFE_DAYS = 30
OUR_FAULT = ("supplier_fault", "warranty")
REASONS = {
    "wrong_item": "We sent the wrong item",
    "too_many": "We sent too many",
    "changed_mind": "Not wanted any more",
    "damaged_in_transit": "Damaged on the way",
    "supplier_fault": "Faulty from the supplier",
    "warranty": "Failed within warranty",
    "refused": "Delivery refused",
    "unknown": "Not known yet",
}


@dataclass(frozen=True, slots=True)
class SentLine:
    """What one order line sent, and what was announced as coming back from it so far."""

    order_line_id: int
    item_id: int
    shipped_units: int
    announced_units: int

    @property
    def returnable(self) -> int:
        """Units that may still come back."""
        return max(0, self.shipped_units - self.announced_units)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of returned units when they are inspected."""

    condition: Condition
    reason: str
    expires_on: date | None
    has_supplier: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """The proposed verdict, the sentence that says why, and why each other verdict was not chosen."""

    verdict: Verdict
    sentence: str
    rejected: dict[str, str]


def propose(seen: Seen, *, today: date, min_life_days: int = MIN_LIFE_DAYS) -> Proposal:
    """What should become of returned units; the clerk may overrule it with a reason.

    Unfit goods are scrapped, a supplier's fault goes back to the supplier, goods with too little life left or
    with damage are kept apart from what is sold, and only goods as new are restocked.
    """
    life = None if seen.expires_on is None else (seen.expires_on - today).days
    expired = life is not None and life < 0
    short_dated = life is not None and life < min_life_days
    at_fault = seen.reason in OUR_FAULT
    why_not: dict[Verdict, str] = {}
    if seen.condition is not Condition.AS_NEW:
        why_not[Verdict.RESTOCK] = f"condition {seen.condition} is not as new"
    elif at_fault:
        why_not[Verdict.RESTOCK] = "the customer says it is faulty"
    elif expired:
        why_not[Verdict.RESTOCK] = f"expired {-life if life is not None else 0} days ago"
    elif short_dated:
        why_not[Verdict.RESTOCK] = f"{life} days of life left, {min_life_days} are wanted"
    if not at_fault:
        why_not[Verdict.SUPPLIER] = "the supplier is not at fault"
    elif not seen.has_supplier:
        why_not[Verdict.SUPPLIER] = "the item has no supplier"
    elif expired:
        why_not[Verdict.SUPPLIER] = "expired goods are not taken back"
    if seen.condition is not Condition.UNFIT and not expired:
        why_not[Verdict.SCRAP] = "it still has a value"
    for verdict, sentence in _in_order(seen, expired):
        if verdict not in why_not:
            others = {str(v): why_not.get(v, "another verdict comes first") for v in Verdict if v is not verdict}
            return Proposal(verdict, sentence, others)
    raise AssertionError("damaged is never ruled out")


def _in_order(seen: Seen, expired: bool) -> list[tuple[Verdict, str]]:
    scrap = "Scrap: expired." if expired else "Scrap: condition D is unfit for any use."
    return [
        (Verdict.SUPPLIER, "Back to the supplier: the fault is theirs."),
        (Verdict.SCRAP, scrap),
        (Verdict.RESTOCK, "Restock: as new and with enough life left."),
        (Verdict.DAMAGED, f"Keep apart as damaged: condition {seen.condition}, not to be sold as new."),
    ]


def is_finished(announced: list[int], received: list[int], disposed: list[int]) -> bool:
    """Whether all that was announced came back and all that came back was decided on."""
    return all(r >= a for a, r in zip(announced, received, strict=True)) and received == disposed
