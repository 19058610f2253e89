"""The words of "Why?": one sentence and a compact record for each share. Pure, like the rules it explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from flowrack.allocation.rules import HAD, NAMED_RIVALS, Share
from flowrack.allocation.types_rules import ClassRule, RuleSet

PLAIN = ("", "line", "order")  # told by HELD_BACK or by the rivals; all others by `cause`
NOTHING_HELD: Mapping[int, tuple[str, str]] = {}
HELD_BACK = {
    "order": "this customer takes one complete delivery, and not everything is there.",
    "line": "this customer takes a line only whole, and {found} are free.",
}


def sentence(
    share: Share,
    rivals: Sequence[tuple[str, str, int]],
    held: Mapping[int, tuple[str, str]] = NOTHING_HELD,
    *,
    in_run: bool = True,
    cause: str = "",
) -> str:
    """ "30 of 40 reserved, 10 wait: ..." with the reason that weighs most; `cause` is what the rules forbid."""
    wanted, got = share.claim.units, share.units
    if got == wanted:
        lots = [take.pool.lot_code for take in share.takes if take.pool.lot_code]
        return f"All {wanted} reserved" + (f" from lot {', '.join(lots[:3])}." if lots else ".")
    head = f"{got} of {wanted} reserved, {share.missing} wait" if got else f"All {wanted} wait"
    return f"{head}: {cause or _cause(share, rivals, held, in_run=in_run)}"


def cause(share: Share, its_class: ClassRule, rules: RuleSet, today: date) -> str:
    """What of the rule set keeps a share from being larger, in words."""
    code, _, name = share.held_back.partition(":")
    if code == "early":
        horizon = its_class.horizon_days if its_class.horizon_days is not None else rules.horizon_days
        assert horizon is not None, "only a horizon makes a claim early"
        begins = share.claim.ship_on - timedelta(days=horizon)
        return (
            f"it is wanted on {_day(share.claim.ship_on)}, and stock is promised {horizon} days before, from "
            f"{_day(begins)} on."
        )
    if code == "cap":
        return f"others wait too, and one customer gets at most {rules.fairness_percent} % of what is free."
    if code == "limit":
        return f"“{name}” lets these orders have no more of the item."
    if code == "quota":
        return f"what is free is kept for “{name}”."
    gets = "gets nothing new" if code == "hold" else "gives up what it has"
    return f"its class “{its_class.name}” {gets}."


def _day(on: date) -> str:
    return f"{on.day} {on:%b}"


def _cause(
    share: Share, rivals: Sequence[tuple[str, str, int]], held: Mapping[int, tuple[str, str]], *, in_run: bool
) -> str:
    if share.held_back:
        return HELD_BACK[share.held_back].format(found=share.found)
    if rivals:
        number, tier, units = rivals[0]
        if in_run:
            return f"{number} (tier {tier}) ranks higher and got {units}."
        return f"{units} were promised to {number} (tier {tier}) before."
    if share.rejects and share.units == 0:
        return _passed_over(share)
    if share.claim.lot:
        return f"no more free stock of lot {share.claim.lot}, the only one that will do, at the site."
    in_the_way = f"; {held[share.claim.item_id][1]}" if share.claim.item_id in held else ""
    return f"no more free stock of this item at the site{in_the_way}."


def _passed_over(share: Share) -> str:
    """Why the first lot that was passed over would not do."""
    code, days = share.rejects[0].pool.lot_code, _days_left(share, 0)
    if days is None:
        return f"the customer had lot {code} before and takes no lot twice."
    return f"lot {code} has {days} days left, this customer needs {share.claim.min_life_days}."


def _days_left(share: Share, index: int) -> int | None:
    """The life that a lot had left that was passed over for it; None where it was passed over for another reason."""
    if share.rejects[index].rule == HAD:
        return None
    expires_on = share.rejects[index].pool.expires_on
    assert expires_on is not None, "only dated lots are passed over for their life"
    return (expires_on - share.claim.ship_on).days


def detail(
    share: Share,
    rivals: Sequence[tuple[str, str, int]],
    incoming: Mapping[int, str],
    held: Mapping[int, tuple[str, str]] = NOTHING_HELD,
) -> dict[str, Any]:
    """What was chosen, passed over and by which rule, who stood before it, and what would change it."""
    body: dict[str, Any] = {"want": share.claim.units}
    if share.takes:
        body["took"] = [[take.pool.lot_id, take.units] for take in share.takes]
    if share.rejects:
        body["passed"] = [[r.pool.lot_id, r.free, r.rule, _days_left(share, i)] for i, r in enumerate(share.rejects)]
    if share.missing:
        body["wait"] = share.missing
        if share.held_back:
            body["held"] = share.held_back
        if rivals:
            body["ahead"] = [[number, tier, units] for number, tier, units in rivals[:NAMED_RIVALS]]
        if share.claim.item_id in held:
            body["hold"] = held[share.claim.item_id][0]
        body["change"] = changes(share, rivals, incoming, held)
    return body


def changes(
    share: Share,
    rivals: Sequence[tuple[str, str, int]],
    incoming: Mapping[int, str],
    held: Mapping[int, tuple[str, str]] = NOTHING_HELD,
) -> list[str]:
    """Feasible ways to serve the rest, most direct first."""
    ways = []
    if share.claim.item_id in held:
        ways.append(f"decide on {held[share.claim.item_id][0]}")
    if share.claim.item_id in incoming:
        ways.append(incoming[share.claim.item_id])
    if share.held_back == "order":
        ways.append("split the order")
    if share.held_back == "line" and share.found:
        ways.append(f"ship {share.found} now")
    if any(reject.rule != HAD for reject in share.rejects):
        ways.append("accept a shorter life")
    if any(reject.rule == HAD for reject in share.rejects):
        ways.append("accept a lot that he had before")
    if rivals:
        ways.append(f"rank before {rivals[0][0]}")
    return ways or ["buy more"]
