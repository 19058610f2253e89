"""The words of "Why?": one sentence and a compact record for each share. Pure, like the rules it explains.

A sentence says how many wait, who or what is in the way, how many and since when, and what is on order: each part is a
fact of the moment in which it was decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from flowrack.allocation.rules import HAD, NAMED_RIVALS, Keeper, Share
from flowrack.allocation.types_rules import ClassRule, Quota, RuleSet

OF_ALL = {
    "cap": "others wait too, and one customer gets at most {percent} % of what is free.",
    "best": "this full run went by the best total value, and what was free serves more of it with others.",
}
PLAIN = ("", "line", "order")  # told by what is missing or by the rivals; all others by `cause`
NOTHING_HELD: Mapping[int, tuple[str, str]] = {}
NO_WORDS: Mapping[int, str] = {}


class Rival(NamedTuple):
    """An order that has units of an item: by its rank in this run, or, with a day, promised earlier."""

    number: str
    tier: str
    units: int
    since: date | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """A share with all that its sentence is made from.

    `rivals` stand before it in this run (`in_run`), the nearest first, or hold the item since earlier. `cause` is what
    the rules forbid, in words. `lacking` are lines of its complete order for which not all was found.
    """

    share: Share
    rivals: Sequence[Rival] = ()
    in_run: bool = True
    cause: str = ""
    lacking: Sequence[Share] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """What stands beside a decision, by item: holds in the way (number, words), what is on order, item codes; and by
    line how many units were ordered."""

    held: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    incoming: Mapping[int, str] = field(default_factory=dict)
    codes: Mapping[int, str] = field(default_factory=dict)
    ordered: Mapping[int, int] = field(default_factory=dict)


NO_MORE = Words()


def sentence(ground: Ground, words: Words = NO_MORE) -> str:
    """ "30 of 40 reserved, 10 wait: ..." with what is in the way."""
    share = ground.share
    wanted, got, ordered = share.claim.units, share.units, words.ordered.get(share.claim.line_id, 0)
    last = ordered > wanted  # others of the line were promised, picked or cancelled before
    if got == wanted:
        lots = [take.pool.lot_code for take in share.takes if take.pool.lot_code]
        lots = list(dict.fromkeys(lots)) if lots else lots
        all_of = f"The last {wanted:,} of {ordered:,}" if last else f"All {wanted:,}"
        return f"{all_of} reserved" + (f" from lot {', '.join(lots[:3])}." if lots else ".")
    if got:
        head = f"{got:,} of {f'the last {wanted:,}' if last else f'{wanted:,}'} reserved, {share.missing:,} wait"
    else:
        head = f"The last {wanted:,} of {ordered:,} wait" if last else f"All {wanted:,} wait"
    return f"{head}: {ground.cause or _cause(ground, words)}"


def cause(share: Share, its_class: ClassRule, rules: RuleSet, today: date) -> str:
    """What of the rule set keeps a share from being larger, in words."""
    code, _, name = share.held_back.partition(":")
    if code == "early":
        horizon = its_class.horizon_days if its_class.horizon_days is not None else rules.horizon_days
        assert horizon is not None, "only a horizon makes a claim early"
        begins = share.claim.ship_on - timedelta(days=horizon)
        return (
            f"it is wanted on {day(share.claim.ship_on)}, and stock is promised {horizon} days before, from "
            f"{day(begins)} on."
        )
    if code in OF_ALL:
        return OF_ALL[code].format(percent=rules.fairness_percent)
    quota = next((one for one in rules.quotas if one.name == name), None)
    if code == "limit":
        return f"“{name}” lets these orders have {_percent(quota)} of the item, and they have it{_until(quota)}."
    if code == "quota":
        return f"what is free is kept for “{name}”{_until(quota)}."
    if code == "kept":
        return _kept(share)
    gets = "gets nothing new" if code == "hold" else "gives up what it has"
    return f"its class “{its_class.name}” {gets}."


def capped(rules: RuleSet) -> str:
    """One customer may not have all while others of the class wait."""
    return OF_ALL["cap"].format(percent=rules.fairness_percent)


def _percent(quota: Quota | None) -> str:
    return f"at most {quota.percent} %" if quota else "no more"


def _until(quota: Quota | None) -> str:
    return f", until {day(quota.ends_on)}" if quota and quota.ends_on else ""


def _kept(share: Share) -> str:
    return f"{kept_for(share.kept, share.keeper)}."


def kept_for(units: int, keeper: Keeper | None, where: str = " in stock") -> str:
    """ "12 in stock are kept for SO-1005 and 2 others, promised by 3 Mar" """
    said = f"{units:,}{where} {'is' if units == 1 else 'are'} kept for"
    if keeper is None:
        return f"{said} promises that were given before"
    others = keeper.lines - 1
    more = f" and {others:,} other{'s' if others > 1 else ''}" if others else ""
    return f"{said} {keeper.number}{more}, promised {'by' if others else 'for'} {day(keeper.on)}"


def day(on: date) -> str:
    """A day in a sentence: 3 Mar."""
    return f"{on.day} {on:%b}"


def _cause(ground: Ground, words: Words) -> str:
    share = ground.share
    if share.held_back == "order":
        return _incomplete(ground, words)
    if share.held_back == "line":
        free = f"{share.found:,} of {share.claim.units:,}" if share.found else "none"
        said = f"this customer takes a line only whole, and {free} are free"
        return f"{said}{_who(ground)}{_on_order(share, words)}."
    return f"{_lacks(ground, words)}{_on_order(share, words)}."


def _incomplete(ground: Ground, words: Words) -> str:
    """Which line of a complete order is missing: another one, or this one and why."""
    share, takes = ground.share, "this customer takes one complete delivery"
    line_id = share.claim.line_id
    if not ground.lacking:
        return f"{takes}, and not everything is there."
    worst = next((one for one in ground.lacking if one.claim.line_id == line_id), ground.lacking[0])
    claim, missing, more = worst.claim, worst.claim.units - worst.found, len(ground.lacking) - 1
    others = f", and {more} more line{'s' if more > 1 else ''} too" if more else ""
    if claim.line_id == line_id:
        found = f"{missing:,} of {claim.units:,} are missing"
        return f"{takes}, and {found}{others}{_who(ground)}{_on_order(worst, words)}."
    code = words.codes.get(claim.item_id, "")
    which = f"line {claim.line_no}" if claim.line_no else "another line"
    named = f"{which}, item {code}," if code else which
    found = f"{missing:,} of {claim.units:,} missing"
    return f"{takes}, and {named} has {found}{others}{_on_order(worst, words)}."


def _who(ground: Ground) -> str:
    """Who has what is missing, as the end of a clause; nothing where nobody is known."""
    return f"; {_first(ground)}" if ground.rivals else ""


def _first(ground: Ground) -> str:
    """The first rival: ranks higher in this run, or has its units since a day."""
    rival = ground.rivals[0]
    if ground.in_run:
        return f"{rival.number} (tier {rival.tier}) ranks higher and got {rival.units:,}"
    since = f" since {day(rival.since)}" if rival.since else ""
    return f"{rival.number} (tier {rival.tier}) has {rival.units:,}{since}"


def _lacks(ground: Ground, words: Words) -> str:
    """What is in the way of a claim that nothing forbids."""
    share = ground.share
    if share.rejects:
        taken = f"{_first(ground)}, and " if ground.rivals and ground.in_run else ""
        return f"{taken}{_passed_over(share)}"
    if share.claim.lot:
        none = f"no more free stock of lot {share.claim.lot}, the only one that will do, at the site"
        return f"{none}{_who(ground)}"
    if ground.rivals and ground.in_run:
        return _first(ground)
    in_the_way = f"; {words.held[share.claim.item_id][1]}" if share.claim.item_id in words.held else ""
    return f"no more free stock of this item at the site{in_the_way}{_who(ground)}"


def _on_order(share: Share, words: Words) -> str:
    """What is on order, the first alone: others may stand before this line for it."""
    coming = words.incoming.get(share.claim.item_id, "").partition(", ")[0].rstrip(".")
    return f"; {coming}" if coming else ""


def _passed_over(share: Share) -> str:
    """Why the first lot that was passed over would not do."""
    code, left = share.rejects[0].pool.lot_code, _days_left(share, 0)
    if left is None:
        return f"the customer had lot {code} before and takes no lot twice"
    return f"lot {code} has {left} days left, this customer needs {share.claim.min_life_days}"


def _days_left(share: Share, index: int) -> int | None:
    """The life that a lot had left that was passed over for it; None where it was passed over for another reason."""
    if share.rejects[index].rule == HAD:
        return None
    expires_on = share.rejects[index].pool.expires_on
    assert expires_on is not None, "only dated lots are passed over for their life"
    return (expires_on - share.claim.ship_on).days


def detail(ground: Ground, words: Words = NO_MORE) -> dict[str, Any]:
    """What was chosen, passed over and by which rule, who stood before it, and what by itself would have changed it."""
    share = ground.share
    body: dict[str, Any] = {"want": share.claim.units}
    if share.takes:
        body["took"] = [[take.pool.lot_id, take.units] for take in share.takes]
    if share.rejects:
        body["passed"] = [[r.pool.lot_id, r.free, r.rule, _days_left(share, i)] for i, r in enumerate(share.rejects)]
    if share.missing:
        body["wait"] = share.missing
        if share.held_back:
            body["held"] = share.held_back
        if ground.rivals:
            body["ahead"] = [[r.number, r.tier, r.units] for r in ground.rivals[:NAMED_RIVALS]]
        if ground.lacking:
            body["lacking"] = [[one.claim.line_id, one.claim.units - one.found] for one in ground.lacking]
        if share.claim.item_id in words.held:
            body["hold"] = words.held[share.claim.item_id][0]
        if share.claim.item_id in words.incoming:
            body["coming"] = words.incoming[share.claim.item_id]
        body["change"] = changes(share, words)
    return body


def changes(share: Share, words: Words = NO_MORE) -> list[str]:
    """What would have given the line more in this very decision: nothing here depends on who else waits."""
    ways = []
    if share.claim.item_id in words.held:
        ways.append(f"decide on {words.held[share.claim.item_id][0]}")
    alone = min(share.found, share.claim.units)
    if share.held_back == "order" and alone:
        ways.append(f"split the order: {alone} of {share.claim.units}")
    if share.held_back == "line" and share.found:
        ways.append(f"ship {share.found} now")
    for rule, said in (("life", "accept a shorter life"), (HAD, "accept a lot that the customer had before")):
        units = min(sum(one.free for one in share.rejects if one.rule == rule), share.missing)
        if units:
            ways.append(f"{said}: {units} more")
    return ways
