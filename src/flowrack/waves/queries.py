"""Reads of waves for commands, pages and API: templates, plans and their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.waves.rules_grouping import told_apart


def service_codes() -> list[str]:
    """Codes of carrier services in use. One query."""
    return [
        row[0] for row in sql.fetch_all("SELECT DISTINCT code FROM parties_carrierservice WHERE is_active ORDER BY 1")
    ]


def zone_codes(site_id: int) -> dict[str, int]:
    """The zones of a site from which can be picked, by code. One query."""
    rows = sql.fetch_all(
        """
        SELECT code, id FROM locations_zone
        WHERE site_id = %s AND is_active AND role IN ('forward_pick', 'reserve') ORDER BY code
        """,
        (site_id,),
    )
    return dict(rows)


def has_name(site_id: int, name: str, *, but: int) -> bool:
    """Whether another template of the site has the name. One query."""
    found: bool = sql.fetch_value(
        "SELECT EXISTS (SELECT FROM waves_template WHERE site_id = %s AND name = %s AND is_active AND id <> %s)",
        (site_id, name, but),
    )
    return found


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A template in the list."""

    id: int
    site_id: int
    site: str
    position: int
    name: str
    mode: str
    conditions: str
    splits: str
    limits: str
    staging_minutes: int
    loading_minutes: int
    method: str
    weekdays: list[int]
    wip_lines: int
    is_automatic: bool
    changed_by: str
    changed_at: datetime


_TEMPLATES = """
    SELECT t.id, t.site_id, s.name AS site, t.position, t.name, t.mode,
           concat_ws('; ',
               nullif('service ' || array_to_string(t.services, ', '), 'service '),
               nullif('region ' || array_to_string(t.regions, ', '), 'region '),
               nullif('zone ' || array_to_string(t.zones, ', '), 'zone '),
               nullif(array_to_string(t.temperatures, ', '), ''),
               nullif('dangerous goods ' || array_to_string(t.hazards, ', '), 'dangerous goods '),
               nullif('labels ' || array_to_string(t.label_needs, ', '), 'labels '),
               nullif('type ' || array_to_string(t.order_types, ', '), 'type '),
               nullif('channel ' || array_to_string(t.channels, ', '), 'channel '),
               nullif('tier ' || array_to_string(t.tiers, ', '), 'tier '),
               CASE WHEN t.min_lines > 0 OR t.max_lines > 0
                    THEN concat(t.min_lines, ' to ', coalesce(nullif(t.max_lines, 0)::text, 'any'), ' lines') END,
               CASE WHEN t.min_units > 0 OR t.max_units > 0
                    THEN concat(t.min_units, ' to ', coalesce(nullif(t.max_units, 0)::text, 'any'), ' units') END
           ) AS conditions,
           concat_ws(', ', CASE WHEN t.split_temperature THEN 'temperature' END,
               CASE t.split_hazard WHEN 'apart' THEN 'dangerous goods apart'
                                   WHEN 'incompatible' THEN 'incompatible goods' END,
               CASE WHEN t.split_labels THEN 'customer labels' END) AS splits,
           concat_ws(', ', nullif(t.limit_lines, 0) || ' lines', nullif(t.limit_orders, 0) || ' orders',
               nullif(t.limit_volume_ml / 1000, 0) || ' l', nullif(t.limit_weight_g / 1000, 0) || ' kg') AS limits,
           t.staging_minutes, t.loading_minutes, t.method, t.weekdays, t.wip_lines, t.is_automatic,
           coalesce(nullif(u.full_name, ''), u.username) AS changed_by, t.changed_at
    FROM waves_template t JOIN locations_site s ON s.id = t.site_id JOIN platform_user u ON u.id = t.changed_by_id
    WHERE t.is_active
"""


def template_page(query: ListQuery) -> Page[TemplateRow]:
    """Templates of sites in their order of match. Two queries."""
    return sql_page(query, TemplateRow, _TEMPLATES, search=("name", "conditions"), site_column="site_id")


def templates_after(site_ids: frozenset[int], *, after_id: int, limit: int) -> list[TemplateRow]:
    """Templates with ids above `after_id`, for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        _TEMPLATES
        + """ AND t.id > %(after)s AND (0 = ANY(%(sites)s::bigint[]) OR t.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY t.id LIMIT %(limit)s""",
        {"sites": sorted(site_ids), "after": after_id, "limit": limit},
    )
    return [TemplateRow(*row) for row in rows]


def template_fields(template_id: int) -> tuple[int, dict[str, Any]] | None:
    """The site of a template, and what it says, for its form. One query."""
    row = sql.fetch_one(
        "SELECT t.site_id, to_jsonb(t)::text::json FROM waves_template t WHERE t.id = %s AND t.is_active",
        (template_id,),
    )
    return (row[0], row[1]) if row else None


@dataclass(frozen=True, slots=True)
class PlanHead:
    """A plan without its lines."""

    id: int
    number: str
    site_id: int
    site: str
    timezone: str
    state: str
    policy_version: int
    ahead_days: int
    method: str
    points: int
    bound: int
    knows_hands: bool
    made_by: str
    made_at: datetime
    waves: int
    open_waves: int
    lines: int
    waiting: int
    out: int

    @property
    def gap(self) -> int:
        """By how many thousandths of its penalty the plan may be too dear."""
        return (self.points - self.bound) * 1000 // self.points if self.points > self.bound else 0


_PLANS = """
    SELECT p.id, p.number, p.site_id, s.name AS site, s.timezone, p.state, p.policy_version, p.ahead_days, p.method,
           p.points, p.bound, p.knows_hands, coalesce(nullif(u.full_name, ''), u.username) AS made_by, p.made_at,
           (SELECT count(*) FROM waves_planwave w WHERE w.plan_id = p.id) AS waves,
           (SELECT count(*) FROM waves_planwave w WHERE w.plan_id = p.id AND w.state = 'planned') AS open_waves,
           (SELECT count(*) FROM waves_planline l WHERE l.plan_id = p.id AND l.fate = 'goes') AS lines,
           (SELECT count(*) FROM waves_planline l WHERE l.plan_id = p.id AND l.fate = 'waits') AS waiting,
           (SELECT count(*) FROM waves_planline l WHERE l.plan_id = p.id AND l.fate = 'out') AS out
    FROM waves_plan p JOIN locations_site s ON s.id = p.site_id JOIN platform_user u ON u.id = p.made_by_id
"""


def plan_page(query: ListQuery) -> Page[PlanHead]:
    """Plans. Two queries."""
    return sql_page(query, PlanHead, _PLANS, search=("number", "made_by"), site_column="site_id")


def plans_after(site_ids: frozenset[int], *, after_id: int, limit: int) -> list[PlanHead]:
    """Plans with ids above `after_id`, for the API's cursor pages. One query."""
    rows = sql.fetch_all(
        _PLANS
        + """ WHERE p.id > %(after)s AND (0 = ANY(%(sites)s::bigint[]) OR p.site_id = ANY(%(sites)s::bigint[]))
        ORDER BY p.id LIMIT %(limit)s""",
        {"sites": sorted(site_ids), "after": after_id, "limit": limit},
    )
    return [PlanHead(*row) for row in rows]


def plan_head(plan_id: int, site_ids: frozenset[int] = frozenset({0})) -> PlanHead | None:
    """One plan that the person may see. One query."""
    row = sql.fetch_one(_PLANS + " WHERE p.id = %s", (plan_id,))
    head = PlanHead(*row) if row else None
    return head if head and (0 in site_ids or head.site_id in site_ids) else None


def newest_draft(site_id: int) -> int:
    """The draft of a site that stands, 0 when none does. One query."""
    found: int = sql.fetch_value(
        "SELECT coalesce(max(id), 0) FROM waves_plan WHERE site_id = %s AND state IN ('draft', 'releasing')", (site_id,)
    )
    return found


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A line of a plan, and what changed about it since; empty = it is as planned."""

    line_id: int
    order_id: int
    number: str
    customer: str
    tier: str
    goes_whole: bool
    line_no: int
    item_id: int
    sku: str
    units: int
    seconds: int
    points: int
    fate: str
    wave_place: int
    because: str
    why: str
    due_on: Any
    changed: str

    @property
    def id(self) -> int:
        """For the list's tick boxes."""
        return self.line_id


_LINES = """
    SELECT x.line_id, x.order_id, o.number, c.name AS customer, o.tier, o.policy = 'complete' AS goes_whole, l.line_no,
           x.item_id, i.sku, x.units, x.seconds, x.points, x.fate, x.wave_place, x.because, x.why,
           coalesce(l.promised_on, o.ship_by_on) AS due_on,
           CASE WHEN o.state NOT IN ('confirmed', 'released') THEN 'its order is ' || o.state
                WHEN l.held_at_units IS NOT NULL THEN 'it is on hold'
                WHEN l.allocated_units - l.released_units = 0 AND f.number IS NOT NULL THEN 'it went with ' || f.number
                WHEN l.allocated_units - l.released_units = 0 THEN 'nothing is reserved for it any more'
                WHEN l.allocated_units - l.released_units <> x.units
                THEN concat(l.allocated_units - l.released_units, ' units instead of ', x.units)
                ELSE '' END AS changed
    FROM waves_planline x JOIN sales_order o ON o.id = x.order_id JOIN sales_orderline l ON l.id = x.line_id
    JOIN parties_party c ON c.id = o.customer_id JOIN catalog_item i ON i.id = x.item_id
    LEFT JOIN LATERAL (
        SELECT w.number FROM fulfilment_pickline p JOIN fulfilment_wave w ON w.id = p.wave_id
        WHERE p.order_id = x.order_id AND p.order_line_id = x.line_id AND p.state IN ('open', 'picked')
        ORDER BY w.id DESC LIMIT 1
    ) AS f ON true
"""


def lines_of_wave(plan_id: int, place: int) -> list[PlannedLine]:
    """The lines of a wave of a plan, and what changed about them since. One query."""
    rows = sql.fetch_all(
        _LINES + " WHERE x.plan_id = %s AND x.wave_place = %s ORDER BY x.order_id, l.line_no", (plan_id, place)
    )
    return [PlannedLine(*row) for row in rows]


def lines_of(plan_id: int, *, fates: Sequence[str] = ("goes", "waits", "out")) -> list[PlannedLine]:
    """The lines of a plan; what waits first, the dearest first. One query."""
    rows = sql.fetch_all(
        _LINES
        + """ WHERE x.plan_id = %s AND x.fate = ANY(%s::text[])
        ORDER BY x.fate DESC, x.points DESC, x.order_id, l.line_no""",
        (plan_id, list(fates)),
    )
    return [PlannedLine(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class LineRow(PlannedLine):
    """A line of a plan in the list of all, with the plan and the wave."""

    plan_id: int
    plan: str
    site_id: int
    wave: str
    pick_until: datetime | None


def line_page(query: ListQuery) -> Page[LineRow]:
    """What plans do with lines. Two queries."""
    select = f"""
        SELECT z.*, p.id AS plan_id, p.number AS plan, p.site_id,
               coalesce((SELECT concat_ws(', ', w.template, nullif(w.label, '')) FROM waves_planwave w
                         WHERE w.plan_id = p.id AND w.place = z.wave_place), '') AS wave, y.pick_until
        FROM waves_plan p JOIN waves_planline y ON y.plan_id = p.id
        CROSS JOIN LATERAL ({_LINES} WHERE x.id = y.id) AS z
    """  # noqa: S608 - our own text
    return sql_page(
        query,
        LineRow,
        select,
        search=("number", "customer", "sku"),
        totals={"units": "sum(units)", "points": "sum(points)"},
        conditions={"plan": 'r."plan" = %s'},
        site_column="site_id",
        tie="line_id",
    )


@dataclass(frozen=True, slots=True)
class PlannedWave:
    """A wave of a plan, with its work."""

    id: int
    place: int
    template: str
    method: str
    service: str
    label: str
    cut_off_at: datetime
    pick_until: datetime
    state: str
    wave_id: int | None
    wave_number: str
    why: str
    orders: int
    lines: int
    units: int
    seconds: int
    changed: int
    moved_from: datetime | None
    moved_because: str
    apart: str = ""  # 1 of 2, where another has the same words

    @property
    def minutes(self) -> int:
        """Its work in minutes of one person."""
        return -(-self.seconds // 60)


def waves_of(plan_id: int) -> list[PlannedWave]:
    """The waves of a plan as they leave. One query."""
    rows = sql.fetch_all(
        """
        SELECT w.id, w.place, w.template, w.method, w.service, w.label, w.cut_off_at, w.pick_until, w.state, w.wave_id,
               coalesce(f.number, ''), w.why, t.*, w.moved_from, w.moved_because
        FROM waves_planwave w LEFT JOIN fulfilment_wave f ON f.id = w.wave_id
        CROSS JOIN LATERAL (
            SELECT count(DISTINCT x.order_id), count(*), coalesce(sum(x.units), 0)::bigint,
                   coalesce(sum(x.seconds), 0)::bigint,
                   count(*) FILTER (WHERE w.state = 'planned' AND (o.state NOT IN ('confirmed', 'released')
                       OR l.held_at_units IS NOT NULL OR l.allocated_units - l.released_units <> x.units))
            FROM waves_planline x JOIN sales_orderline l ON l.id = x.line_id JOIN sales_order o ON o.id = x.order_id
            WHERE x.plan_id = w.plan_id AND x.wave_place = w.place
        ) AS t
        WHERE w.plan_id = %s ORDER BY w.cut_off_at, w.place
        """,
        (plan_id,),
    )
    apart = told_apart([(row[2], row[4], row[5], row[6]) for row in rows])
    return [replace(PlannedWave(*row), apart=words) for row, words in zip(rows, apart, strict=True)]


def planned_waves(plan_id: int) -> int:
    """How many waves of a plan are not released. One query."""
    found: int = sql.fetch_value(
        "SELECT count(*) FROM waves_planwave WHERE plan_id = %s AND state = 'planned'", (plan_id,)
    )
    return found


def free_lines(order_id: int) -> list[int]:
    """The lines of an order of which something is reserved and not with a picker. One query."""
    rows = sql.fetch_all(
        """
        SELECT id FROM sales_orderline WHERE order_id = %s AND allocated_units > released_units
          AND held_at_units IS NULL ORDER BY line_no
        """,
        (order_id,),
    )
    return [row[0] for row in rows]
