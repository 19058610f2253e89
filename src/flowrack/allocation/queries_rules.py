"""Reads of the allocation rules: what is in force, versions, and what rule sets look at beside the order lines."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils.timezone import localtime
from pydantic import TypeAdapter
from pydantic_core import to_json

from flowrack.allocation.rules_text import Codes
from flowrack.allocation.types_rules import BEST, SHIPPED, InForce, RuleSet
from flowrack.platform import sql
from flowrack.platform.sql import Asked
from flowrack.sales import queries_lists as order_lists
from flowrack.shared.errors import NotFound

RULES = TypeAdapter(RuleSet)
BODY = """
    json_build_object(
        'classes', coalesce((
            SELECT json_agg(json_build_object(
                'name', c.name, 'semantics', c.semantics, 'tiers', c.tiers, 'customers', c.customer_ids,
                'families', c.family_ids, 'channels', c.channels, 'order_types', c.order_types,
                'contracts', c.contracts, 'wanted_from', c.wanted_from, 'wanted_to', c.wanted_to,
                'margin_from', c.margin_from, 'margin_to', c.margin_to, 'age_from', c.age_from,
                'weights', json_build_object('tier', c.weight_tier, 'date', c.weight_date, 'margin', c.weight_margin,
                                             'age', c.weight_age, 'consolidation', c.weight_consolidation,
                                             'whole', c.weight_whole),
                'horizon_days', c.horizon_days, 'life_days', c.life_days) ORDER BY c.place)
            FROM allocation_ruleclass c WHERE c.rule_set_id = v.id), '[]'),
        'quotas', coalesce((
            SELECT json_agg(json_build_object(
                'name', q.name, 'kind', q.kind, 'percent', q.percent, 'tiers', q.tiers, 'customers', q.customer_ids,
                'families', q.family_ids, 'channels', q.channels, 'order_types', q.order_types,
                'contracts', q.contracts, 'starts_on', q.starts_on, 'ends_on', q.ends_on) ORDER BY q.place)
            FROM allocation_rulequota q WHERE q.rule_set_id = v.id), '[]'),
        'supply', json_build_object('order', v.supply_order, 'full_packs', v.full_packs, 'one_lot', v.one_lot,
                                    'pick_face_only', v.pick_face_only, 'min_life_days', v.min_life_days),
        'sites', json_build_object(
            'order', v.site_order, 'split_cost', trim_scale(v.split_cost)::text, 'late_days', v.late_days,
            'late_percent', v.late_percent, 'preferences', coalesce((
                SELECT json_agg(json_build_object(
                    'name', p.name, 'sites', p.site_ids, 'customers', p.customer_ids, 'regions', p.regions,
                    'is_only', p.is_only) ORDER BY p.place)
                FROM allocation_rulesites p WHERE p.rule_set_id = v.id), '[]')),
        'fairness_percent', v.fairness_percent, 'horizon_days', v.horizon_days, 'date_days', v.date_days,
        'promises', v.promises, 'full_runs', v.full_runs, 'solver_seconds', v.solver_seconds)::text
"""
SHIPPED_RULES = InForce(SHIPPED, SHIPPED, RuleSet())


def written_of(rules: RuleSet) -> dict[str, Any]:
    """What rules say, as it is written down. What later versions added is left out where it says what rule sets meant
    before: sites that are chosen as shipped, full runs by rank, no life of classes. So what was written, tried or asked
    for before one could say so stays the same."""
    said: dict[str, Any] = RULES.dump_python(rules, mode="json")
    for one in said["classes"]:
        if one["life_days"] is None:
            del one["life_days"]
    if rules.full_runs != BEST:
        del said["full_runs"], said["solver_seconds"]
    if rules.sites == SHIPPED_RULES.rules.sites:
        del said["sites"]
    else:
        said["sites"]["split_cost"] = f"{rules.sites.split_cost.normalize():f}"
    return said


def digest_of(rules: RuleSet) -> str:
    """A fingerprint of what rules say: two versions that say the same share it."""
    return hashlib.sha256(to_json(written_of(rules))).hexdigest()


_BACKGROUND = """
    SELECT o.order_line_id, sum(o.units)::bigint, 0, '' FROM (
        SELECT order_line_id, units FROM allocation_crossdock WHERE site_id = %(site)s AND state = 'planned'
        UNION ALL
        SELECT t.id, CASE o.policy WHEN 'partial' THEN -x.units ELSE t.open_units END FROM allocation_override v
        JOIN allocation_overrideline x ON x.override_id = v.id JOIN sales_orderline l ON l.id = x.order_line_id
        JOIN sales_order o ON o.id = l.order_id
        JOIN sales_orderline t ON t.order_id = o.id AND (t.id = l.id OR o.policy = 'complete')
        WHERE v.site_id = %(site)s AND v.ended_at IS NULL AND v.kind = 'taken_back'
    ) AS o GROUP BY 1
    UNION ALL
    (SELECT 0, id, version, digest FROM allocation_rulesetversion
     WHERE state = 'active' AND (site_id = %(site)s OR site_id IS NULL) ORDER BY site_id IS NULL LIMIT 1)
"""
_SHARED = """
    UNION ALL
    SELECT -1, max(k.items) + 0 * count(CASE WHEN k.items <= %(most)s THEN pg_advisory_xact_lock_shared(
        hashtextextended('promised days ' || k.item || ' ' || %(site)s::bigint, 0)) END), 0, ''
    FROM (SELECT i.item, count(*) OVER () AS items
          FROM (SELECT unnest(%(items)s::bigint[]) AS item
                UNION
                SELECT t.item_id FROM sales_orderline l
                JOIN sales_order o ON o.id = l.order_id AND o.site_id = %(site)s AND o.policy = 'complete'
                     AND o.state IN ('confirmed', 'released')
                JOIN sales_orderline t ON t.order_id = o.id AND t.open_units > 0 AND t.held_at_units IS NULL
                WHERE l.item_id = ANY(%(items)s::bigint[]) AND l.open_units > 0 AND l.held_at_units IS NULL
                LIMIT %(most)s + 1) AS i
          ORDER BY i.item OFFSET 0) AS k
"""


def background(site_id: int) -> tuple[dict[int, int], InForce]:
    """What runs leave out of what lines of a site want (line -> units), and the rules in force there. One query.

    Left out is what cross-docks bring already, and what a person took back until a day that has not come: of a line
    or an order that leaves only whole, everything. One query more the first time that a process meets a version.
    """
    return background_of(sql.fetch_all(*ask_background(site_id)))


def ask_background(site_id: int) -> Asked:
    """The question of `background`, to be asked together with others."""
    return _BACKGROUND, {"site": site_id}


def shared_background(site_id: int, item_ids: Sequence[int], most: int) -> tuple[dict[int, int], InForce] | None:
    """The same, and the promised days of items and of the other items of complete orders that wait for them are shared
    with it, as `locks.share_promised_days` does; None, and nothing is shared, where these are more than `most`."""
    rows = sql.fetch_all(_BACKGROUND + _SHARED, {"site": site_id, "items": sorted(set(item_ids)), "most": most})
    shared = max((row[1] or 0 for row in rows if row[0] == -1), default=0)
    return None if shared > most else background_of(rows)


def background_of(rows: Sequence[Any]) -> tuple[dict[int, int], InForce]:
    """The answer to `ask_background`."""
    on_the_way = {row[0]: row[1] for row in rows if row[0] > 0}
    found = next((row for row in rows if not row[0]), None)
    return on_the_way, SHIPPED_RULES if found is None else InForce(found[1], found[2], _known(found[1], found[3]))


def in_force(site_id: int) -> InForce:
    """The rules by which a site promises stock now. One query, and one for a version not met before."""
    return background(site_id)[1]


def overtaken(subjects: Sequence[str]) -> list[str]:
    """Which of these approved versions another came before, that is in force or was approved sooner. One query."""
    if not subjects:
        return []
    rows = sql.fetch_all(
        """
        WITH asked AS (
            SELECT v.id, v.version, v.site_id, v.state, coalesce(v.instead_of, 0) AS instead_of, r.id AS request_id,
                   r.ended_at, r.state AS verdict
            FROM allocation_rulesetversion v
            CROSS JOIN LATERAL (SELECT id, ended_at, state FROM approvals_request
                                WHERE subject = 'allocation.rule_set:' || v.id ORDER BY id DESC LIMIT 1) AS r
            WHERE v.state IN ('asked', 'draft')
        )
        SELECT a.version, o.version FROM asked a
        CROSS JOIN LATERAL (
            SELECT v.version FROM allocation_rulesetversion v
            WHERE v.state = 'active' AND v.site_id IS NOT DISTINCT FROM a.site_id AND v.id <> a.instead_of
            UNION ALL
            (SELECT b.version FROM asked b
             WHERE b.state = 'asked' AND b.verdict = 'approved' AND b.site_id IS NOT DISTINCT FROM a.site_id
               AND b.instead_of = a.instead_of AND (b.ended_at, b.request_id) < (a.ended_at, a.request_id)
             ORDER BY b.ended_at, b.request_id)
            LIMIT 1
        ) AS o
        WHERE 'allocation.rule_set:' || a.id = ANY(%s::text[]) ORDER BY a.version
        """,
        (list(subjects),),
    )
    return [f"v{version} is a draft again: v{before} came into force meanwhile" for version, before in rows]


def sites_of(site_id: int) -> list[tuple[int, str]]:
    """The sites (id, code) for which rules written for a site (0 = the company) would count. One query."""
    return sql.fetch_all(
        """
        SELECT s.id, s.code FROM locations_site s
        WHERE s.id = %(site)s OR (%(site)s = 0 AND s.is_active AND NOT EXISTS (
            SELECT FROM allocation_rulesetversion v WHERE v.site_id = s.id AND v.state = 'active'))
        ORDER BY s.code
        """,
        {"site": site_id},
    )


@lru_cache(maxsize=64)
def _known(rule_set_id: int, digest: str) -> RuleSet:
    return decided_rules(rule_set_id)


def decided_rules(rule_set_id: int) -> RuleSet:
    """The rules of a version, 0 = the shipped ones. One query at most. A version is never deleted; refuses with
    NotFound one that never was."""
    if rule_set_id == SHIPPED:
        return RuleSet()
    row = sql.fetch_one(
        f"SELECT {BODY} FROM allocation_rulesetversion v WHERE v.id = %s",  # noqa: S608 - our own text
        (rule_set_id,),
    )
    if row is None:
        raise NotFound(f"There is no rule set with id {rule_set_id}.", fix="Its page has the id in its address.")
    return RULES.validate_json(row[0])


@dataclass(frozen=True, slots=True)
class RuleSetRow:
    """A version in a list and on its page."""

    id: int
    site_id: int
    site: str
    version: int
    state: str
    name: str
    note: str
    written_by_id: int
    written_by: str
    written_at: datetime
    instead_of: int | None
    activated_at: datetime | None
    ended_at: datetime | None
    ended_reason: str
    rules: RuleSet


_VERSIONS = f"""
    SELECT v.id, coalesce(v.site_id, 0), coalesce(s.code, 'every site'), v.version, v.state, v.name, v.note,
           v.written_by_id, coalesce(nullif(u.full_name, ''), u.username), v.written_at, v.instead_of, v.activated_at,
           v.ended_at, v.ended_reason, {BODY}
    FROM allocation_rulesetversion v JOIN platform_user u ON u.id = v.written_by_id
    LEFT JOIN locations_site s ON s.id = v.site_id
"""  # noqa: S608 - our own text


def rule_set(rule_set_id: int) -> RuleSetRow:
    """A version; refuses with NotFound. One query."""
    row = sql.fetch_one(_VERSIONS + "WHERE v.id = %s", (rule_set_id,))
    if row is None:
        raise NotFound("There is no such version of the allocation rules.", fix="See the list of versions.")
    return _row(row)


def _row(row: tuple[Any, ...]) -> RuleSetRow:
    return RuleSetRow(*(*row[:14], RULES.validate_json(row[14])))


STANDING = {"draft": "a draft", "asked": "asked for", "dropped": "dropped"}
AS_SHIPPED = "one class: tier, requested date, age of the order"


def called(row: RuleSetRow) -> str:
    """The number of a version with whose it is, as each site counts its own: "MAIN 7", "company 2"."""
    return f"{row.site if row.site_id else 'company'} {row.version}"


def told_version(row: RuleSetRow | None) -> str:
    """A version as people name it, with since when it decides: "MAIN version 7, Whole orders, in force since 3 Nov
    2026", "company version 2, ..."; without one the rules as shipped."""
    if row is None:
        return "the rules as shipped"
    said = f"{row.site if row.site_id else 'company'} version {row.version}, {row.name}"
    if row.activated_at is None:
        return f"{said}, {STANDING[row.state]}"
    since = _day(row.activated_at)
    return f"{said}, in force {f'from {since} to {_day(row.ended_at)}' if row.ended_at else f'since {since}'}"


def told_rules(rule_set_id: int) -> str:
    """The same, by its id; 0 = as shipped, with what these say. One query at most."""
    return told_version(rule_set(rule_set_id)) if rule_set_id else f"the rules as shipped ({AS_SHIPPED})"


def _day(at: datetime) -> str:
    """The day of a moment by the clock of the page."""
    on = localtime(at)
    return f"{on.day} {on:%b %Y}"


def visible(rule_set_id: int, site_ids: frozenset[int]) -> RuleSetRow:
    """A version of the company or of a site that the person may see; refuses with NotFound. One query."""
    row = rule_set(rule_set_id)
    if row.site_id and not ({0, row.site_id} & site_ids):
        raise NotFound("There is no such version of the allocation rules.", fix="See the list of versions.")
    return row


def rule_sets(site_ids: frozenset[int]) -> list[RuleSetRow]:
    """The versions of the company and of sites (0 = all), the newest first. One query."""
    rows = sql.fetch_all(
        _VERSIONS
        + "WHERE v.site_id IS NULL OR 0 = ANY(%(sites)s::bigint[]) OR v.site_id = ANY(%(sites)s::bigint[]) "
        + "ORDER BY v.id DESC LIMIT 500",
        {"sites": sorted(site_ids)},
    )
    return [_row(row) for row in rows]


def codes() -> Codes:
    """Customers, item families, sites, channels and order types by their codes. Four queries."""
    customers = sql.fetch_all("SELECT code, id, name FROM parties_party WHERE is_customer")
    families = sql.fetch_all("SELECT code, id, name FROM catalog_family")
    names = {(word, row[0]): row[2] for word, rows in (("customer", customers), ("family", families)) for row in rows}
    lists: dict[str, dict[str, str]] = {"channel": {}, "order type": {}}
    for row in order_lists.order_codes():
        lists[row.list][row.code] = row.name
    of_customers, of_families = ({row[0]: row[1] for row in rows} for rows in (customers, families))
    sites = dict(sql.fetch_all("SELECT code, id FROM locations_site"))
    return Codes(of_customers, of_families, names, lists["channel"], lists["order type"], sites)


def families_of(item_ids: Sequence[int]) -> dict[int, int]:
    """The family of each item, 0 without one. One query."""
    rows = sql.fetch_all(
        "SELECT id, coalesce(family_id, 0) FROM catalog_item WHERE id = ANY(%s::bigint[])", (list(item_ids),)
    )
    return dict(rows)


def packs_of(item_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The pack sizes of items above one unit. One query."""
    rows = sql.fetch_all(
        """
        SELECT item_id, array_agg(DISTINCT factor ORDER BY factor) FROM catalog_packlevel
        WHERE item_id = ANY(%s::bigint[]) AND factor > 1 GROUP BY 1
        """,
        (list(item_ids),),
    )
    return {row[0]: tuple(row[1]) for row in rows}


def margins_of(line_ids: Sequence[int]) -> dict[int, int]:
    """The margin of order lines at their price and at what a unit cost when the order came in, in whole percent of the
    price rounded down; lines of which the cost or a price is not known are left out. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.id, floor(100 * (l.unit_price - l.unit_cost) / l.unit_price)::int
        FROM unnest(%s::bigint[]) AS w(id) JOIN sales_orderline l ON l.id = w.id AND l.unit_price > 0
        WHERE l.unit_cost > 0
        """,
        (list(line_ids),),
    )
    return dict(rows)


def ready_of(order_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """For each order the units that are promised or picked, and all that are wanted still. One query."""
    rows = sql.fetch_all(
        """
        SELECT order_id, sum(allocated_units + picked_units)::bigint,
               sum(units - shipped_units - cancelled_units)::bigint
        FROM sales_orderline WHERE order_id = ANY(%s::bigint[]) GROUP BY 1
        """,
        (list(order_ids),),
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def sorts_of(order_ids: Sequence[int]) -> dict[int, tuple[str, str, str]]:
    """Channel, order type and contract of orders. One query."""
    rows = sql.fetch_all(
        "SELECT id, channel, order_type, contract FROM sales_order WHERE id = ANY(%s::bigint[])", (list(order_ids),)
    )
    return {row[0]: row[1:] for row in rows}


@dataclass(frozen=True, slots=True)
class PromisedTo:
    """Promised units of an item with what quotas look at in their order."""

    item_id: int
    tier: str
    customer_id: int
    channel: str
    order_type: str
    contract: str
    units: int


def promised_to(item_ids: Sequence[int], site_id: int) -> list[PromisedTo]:
    """Who is promised how much of items at a site. One query."""
    rows = sql.fetch_all(
        """
        SELECT l.item_id, o.tier, o.customer_id, o.channel, o.order_type, o.contract, sum(l.allocated_units)::bigint
        FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id
        WHERE l.item_id = ANY(%s::bigint[]) AND o.site_id = %s AND o.state IN ('confirmed', 'released')
          AND l.allocated_units > 0
        GROUP BY 1, 2, 3, 4, 5, 6
        """,
        (list(item_ids), site_id),
    )
    return [PromisedTo(*row) for row in rows]
