"""The rules by which a site is picked, and its carts."""

from __future__ import annotations

import re

from flowrack.fulfilment import locks, queries_policies, steps_lists
from flowrack.fulfilment.states import METHOD_WORDS, AtShort, Method
from flowrack.fulfilment.types_lists import (
    BadPickRule,
    CartsSet,
    PickRule,
    PickRulesSet,
    SetCarts,
    SetPickRules,
)
from flowrack.locations import queries as places
from flowrack.platform.runner import Context, command
from flowrack.shared.errors import BadLine
from flowrack.shared.refs import ref

CODE = re.compile(r"^[A-Z0-9][A-Z0-9._-]{0,19}$")
MOST_POSITIONS, MOST_LINES, MOST_RULES, MOST_CARTS = 26, 1_000, 200, 500


@command(permission="fulfilment.setup", result=PickRulesSet)
def set_pick_rules(ctx: Context, req: SetPickRules) -> PickRulesSet:
    """Say how a site and its zones are picked, in place of what was said before; lists on the floor stay as they are.

    Refuses with BadPickRule, naming every bad field of every line.
    """
    ctx.require("fulfilment.setup", req.site_id)
    places.site(req.site_id)
    zones = {zone.zone_id for zone in places.zones(req.site_id)}
    stagings = queries_policies.staging_places(req.site_id)
    bad: list[BadLine] = []
    seen: set[int] = set()
    for n, rule in enumerate(req.rules, 1):
        bad += _wrong(n, rule, zones, stagings)
        if rule.zone_id in seen:
            bad.append(BadLine(n, "zone_id", "There is another rule for this zone.", "Keep one of them."))
        seen.add(rule.zone_id)
    if len(req.rules) > MOST_RULES:
        bad.append(BadLine(0, "rules", f"{len(req.rules)} rules are too many.", f"At most {MOST_RULES}."))
    if bad:
        raise BadPickRule(bad[0].message, lines=bad, fix=bad[0].fix)
    locks.rules("pick", req.site_id)
    steps_lists.replace_rules(req.site_id, req.rules)
    ctx.subject = ref("locations.site", req.site_id)
    return PickRulesSet(req.site_id, len(req.rules))


def _wrong(n: int, rule: PickRule, zones: set[int], stagings: set[int]) -> list[BadLine]:
    """What is wrong with one rule."""
    bad: list[BadLine] = []
    if rule.method not in list(Method):
        ways = ", ".join(Method)
        bad.append(BadLine(n, "method", f"“{rule.method[:20]}” is no way to pick.", f"Use one of {ways}."))
    if rule.at_short not in list(AtShort):
        said = f"“{rule.at_short[:20]}” is nothing that can follow a short pick."
        bad.append(BadLine(n, "at_short", said, f"Use one of {', '.join(AtShort)}."))
    if rule.zone_id and rule.zone_id not in zones:
        bad.append(BadLine(n, "zone_id", "The site has no such zone.", "Choose a zone of the site."))
    for name, value, least, most in (
        ("positions", rule.positions, 1, MOST_POSITIONS),
        ("max_lines", rule.max_lines, 1, MOST_LINES),
        ("aisle_limit", rule.aisle_limit, 0, 100),
        ("lease_minutes", rule.lease_minutes, 1, 1_440),
        ("max_volume_ml", rule.max_volume_ml, 0, 10**9),
        ("max_weight_g", rule.max_weight_g, 0, 10**9),
    ):
        if not least <= value <= most:
            words = name.replace("_", " ")
            bad.append(BadLine(n, name, f"{value:,} {words} make no sense.", f"Enter {least:,} to {most:,}."))
    if rule.consolidation_id and rule.consolidation_id not in stagings:
        said = "Parts of an order come together at a staging place of the site."
        bad.append(BadLine(n, "consolidation_id", said, "Choose a place of a staged zone."))
    if rule.scan_tote and not rule.scan_item and rule.method != Method.DISCRETE:
        said = f"“{METHOD_WORDS[Method(rule.method)]}” without a scan of the item would not see a wrong one."
        bad.append(BadLine(n, "scan_item", said, "Scan the item too."))
    return bad


@command(permission="fulfilment.setup", result=CartsSet)
def set_carts(ctx: Context, req: SetCarts) -> CartsSet:
    """Say which carts a site has, in place of what was said before. Refuses with BadPickRule, naming every bad line."""
    ctx.require("fulfilment.setup", req.site_id)
    places.site(req.site_id)
    bad: list[BadLine] = []
    seen: set[str] = set()
    elsewhere = queries_policies.carts_elsewhere(req.site_id, [cart.code for cart in req.carts])
    for n, cart in enumerate(req.carts, 1):
        if not CODE.match(cart.code):
            bad.append(BadLine(n, "code", f"“{cart.code[:30]}” is no code.", "Capital letters, digits, . _ and -."))
        elif cart.code in seen or cart.code in elsewhere:
            bad.append(BadLine(n, "code", f"There is another cart {cart.code}.", "Give each cart a code of its own."))
        if not 1 <= cart.positions <= MOST_POSITIONS:
            said = f"A cart with {cart.positions} places makes no sense."
            bad.append(BadLine(n, "positions", said, f"Enter 1 to {MOST_POSITIONS}."))
        seen.add(cart.code)
    if len(req.carts) > MOST_CARTS:
        bad.append(BadLine(0, "carts", f"{len(req.carts)} carts are too many.", f"At most {MOST_CARTS}."))
    if bad:
        raise BadPickRule(bad[0].message, lines=bad, fix=bad[0].fix)
    locks.rules("carts", req.site_id)
    ended = steps_lists.replace_carts(req.site_id, req.carts)
    ctx.subject = ref("locations.site", req.site_id)
    return CartsSet(len(req.carts), ended)
