"""What a process remembers of sites, so that a scan need not read and judge it anew: kinds of bins, and rule sets.

Nothing is believed by its age: the stamp of the site's census, and the row version of its rule set, are read with every
choice, and what is remembered counts only for these. A stamp is random, so that no other database can have it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flowrack.storage import queries_bins, queries_rules
from flowrack.storage.queries_rules import RulesInUse
from flowrack.storage.queries_site import SiteNow
from flowrack.storage.rules import ROLES_OF_QUALITY
from flowrack.storage.rules_shapes import Judgements, Shape

MOST_SITES = 50
ROLES = sorted({role for roles in ROLES_OF_QUALITY.values() for role in roles})


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of bins of a site, and what was found out about them by each rule set."""

    stamp: str
    shapes: dict[int, Shape]
    judged: dict[tuple[int, str], Judgements] = field(default_factory=dict)

    def judgements(self, in_use: RulesInUse) -> Judgements:
        """What is known by these rules; nothing by rules of which the row is not known."""
        if in_use.rule_set_id and not in_use.stamp:
            return Judgements()
        return self.judged.setdefault((in_use.rule_set_id, in_use.stamp), Judgements())


_kinds: dict[int, Kinds] = {}
_rules: dict[int, RulesInUse] = {}


def kinds(site_id: int, now: SiteNow) -> Kinds:
    """The kinds of bins of a site as they are counted now. One query where they are not remembered."""
    known = _kinds.get(site_id)
    if known is not None and known.stamp == now.stamp != "":
        return known
    stamp, shapes = queries_bins.stamped_shapes(site_id, ROLES)
    found = Kinds(stamp, {shape.shape_id: shape for shape in shapes})
    if len(_kinds) >= MOST_SITES:
        _kinds.clear()
    _kinds[site_id] = found
    return found


def rules_in_use(now: SiteNow) -> RulesInUse:
    """The rules by which the site chooses. One query where they are not remembered, none for the built-in ones."""
    if not now.rule_set_id:
        return RulesInUse()
    known = _rules.get(now.rule_set_id)
    if known is not None and known.stamp == now.rules_stamp:
        return known
    found = replace(queries_rules.by_id(now.rule_set_id), stamp=now.rules_stamp)
    if len(_rules) >= MOST_SITES:
        _rules.clear()
    _rules[now.rule_set_id] = found
    return found
