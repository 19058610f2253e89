"""Preferences of sites as people write them, one on a line, and back. Pure.

Coast: site NORTH, MAIN; region COAST
Chains: site MAIN; customer C-100, C-101; only
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flowrack.allocation.rules_text import Codes, Unread, ids_of, read_lines
from flowrack.allocation.types_rules import SITE_ORDERS, SitePreference, SiteRule
from flowrack.shared.errors import BadLine

PREFERENCE_HELP = "Name: site NORTH, MAIN; region COAST; customer C-1; only"
ORDERS = {
    "nearest": "the fewest days on the way first",
    "cheapest": "the least freight first",
    "ordered": "the site that the order names first",
}
assert tuple(ORDERS) == SITE_ORDERS


def preference_text(one: SitePreference, codes: Codes) -> str:
    """A preference on one line."""
    parts = [f"site {', '.join(codes.words('sites', one.sites))}"]
    if one.regions:
        parts.append(f"region {', '.join(one.regions)}")
    if one.customers:
        parts.append(f"customer {', '.join(codes.words('customers', one.customers))}")
    return f"{one.name}: {'; '.join([*parts, *(['only'] if one.is_only else [])])}"


def read_preferences(text: str, codes: Codes) -> tuple[list[SitePreference], list[BadLine]]:
    """Preferences of a text, one on each line that is not empty; and all that cannot be read, by line."""
    return read_lines(text, lambda name, parts: _preference(name, parts, codes), "preferences", PREFERENCE_HELP)


def _preference(name: str, parts: Sequence[str], codes: Codes) -> SitePreference:
    values: dict[str, Any] = {}
    for part in parts:
        word, _, rest = part.partition(" ")
        names = [one.strip() for one in rest.split(",") if one.strip()]
        if part == "only":
            values["is_only"] = True
        elif not names or word not in ("site", "region", "customer"):
            raise Unread(f"“{part}” cannot be read.")
        elif word == "region":
            values["regions"] = tuple(names)
        else:
            values[f"{word}s"] = ids_of(word, names, codes)
    if "sites" not in values:
        raise Unread(f"“{name}” names no site.")
    return SitePreference(name, **values)


def told_preference(one: SitePreference, codes: Codes) -> str:
    """A preference in words: "from NORTH, then MAIN, for region COAST"."""
    words = f"from {', then '.join(codes.words('sites', one.sites))}" + (" and no other site" if one.is_only else "")
    whom = [f"region {', '.join(one.regions)}"] if one.regions else []
    whom += [f"customer {', '.join(codes.words('customers', one.customers))}"] if one.customers else []
    return f"{words}, for {' and '.join(whom)}" if whom else f"{words}, for every order"


def told_sites(rule: SiteRule) -> str:
    """How the site of an order is chosen, in words."""
    days = f"more than {rule.late_days} day{'s' if rule.late_days != 1 else ''} " if rule.late_days else ""
    when = f"others when a line is {days}late there"
    split = f"a split costs {rule.split_cost:,.2f}" if rule.split_cost else "a split costs nothing"
    return f"{ORDERS[rule.order]}, {when}; {split}, a day late {rule.late_percent} % of the price"
