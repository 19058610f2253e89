"""Who may have how much of an item: quotas that protect or limit, with their decay, and the fairness cap. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from flowrack.allocation.rules import Claim, Pool
from flowrack.allocation.rules_rank import Ranked, counts_for
from flowrack.allocation.types_rules import FULL, Quota

ALL = -1  # the quota number under which `used` holds all promised units of an item


def quota_units(quota: Quota, stock: int, today: date) -> int | None:
    """How many units of so much stock a quota is today; None when it does not count today.

    A protection decays in equal parts from its start to nothing on its end; a limit counts in full until its end.
    """
    if (quota.starts_on is not None and today < quota.starts_on) or (
        quota.ends_on is not None and today >= quota.ends_on
    ):
        return None
    units = stock * quota.percent // FULL
    if quota.kind == "protect" and quota.starts_on is not None and quota.ends_on is not None:
        return units * (quota.ends_on - today).days // (quota.ends_on - quota.starts_on).days
    return units


class Quotas:
    """What is left of each quota while a run is decided, by item. Never less than nothing."""

    def __init__(
        self,
        quotas: Sequence[Quota],
        used: Mapping[tuple[int, int], int],
        today: date,
        by_item: Mapping[int, Sequence[Pool]],
    ) -> None:
        self.quotas = quotas
        self.total: dict[tuple[int, int], int] = {}
        self.gone = dict(used)
        for item_id, pools in by_item.items():
            stock = sum(pool.free for pool in pools) + used.get((ALL, item_id), 0)
            for n, quota in enumerate(quotas):
                units = quota_units(quota, stock, today)
                if units is not None:
                    self.total[n, item_id] = units
        self._known: dict[int, list[bool]] = {}

    def _counts(self, claim: Claim) -> list[bool]:
        found = self._known.get(claim.line_id)
        if found is None:
            found = self._known[claim.line_id] = [counts_for(claim, quota) for quota in self.quotas]
        return found

    def left(self, n: int, item_id: int) -> int | None:
        """Units of a quota that nobody has used; None when it does not count for the item today."""
        total = self.total.get((n, item_id))
        return None if total is None else max(total - self.gone.get((n, item_id), 0), 0)

    def room(self, claim: Claim, wanted: int, free: int) -> tuple[int, str]:
        """How much of the free units a claim may have, and the quota that stops it: "limit:Web" or "quota:Clinics"."""
        counts = self._counts(claim)
        most, why, kept, keeper = wanted, "", 0, ""
        for n, quota in enumerate(self.quotas):
            left = self.left(n, claim.item_id)
            if left is None or (quota.families and claim.family not in quota.families):
                continue
            if quota.kind == "limit":
                if counts[n] and left < most:
                    most, why = left, f"limit:{quota.name}"
            elif not counts[n] and left:
                kept, keeper = kept + left, keeper or quota.name
        if kept and max(free - kept, 0) < min(most, free):
            most, why = max(free - kept, 0), f"quota:{keeper}"
        return most, why

    def count(self, claim: Claim, units: int) -> None:
        """Units were given to a claim, or (negative) taken away again."""
        for n, is_for in enumerate(self._counts(claim)):
            if is_for:
                self.gone[n, claim.item_id] = self.gone.get((n, claim.item_id), 0) + units


class Caps:
    """What customers may still have of items of which others of their class want some, too."""

    def __init__(self, percent: int, ranked: Sequence[Ranked], by_item: Mapping[int, Sequence[Pool]]) -> None:
        wanting: dict[tuple[int, int], set[int]] = defaultdict(set)
        for one in ranked:
            wanting[one.class_no, one.claim.item_id].add(one.claim.customer)
        self.contested = {key for key, customers in wanting.items() if len(customers) > 1}
        self.most = {
            item: max(sum(pool.free for pool in pools) * percent // FULL, 1) for item, pools in by_item.items()
        }
        self.got: dict[tuple[int, int], int] = {}

    def room(self, one: Ranked) -> int:
        """Units that the customer of a claim may still have."""
        claim = one.claim
        if (one.class_no, claim.item_id) not in self.contested:
            return claim.units
        return max(self.most.get(claim.item_id, 0) - self.got.get((claim.item_id, claim.customer), 0), 0)

    def count(self, claim: Claim, units: int) -> None:
        """Units were given to a claim, or (negative) taken away again."""
        key = (claim.item_id, claim.customer)
        self.got[key] = self.got.get(key, 0) + units
