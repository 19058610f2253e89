"""Reads of the putaway rule sets and their simulations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.shared.errors import NotFound
from flowrack.storage.rules_putaway import Around
from flowrack.storage.types_putaway import BUILT_IN, ClassZone, KeptApart, PreferredZone, PutawayRules


@dataclass(frozen=True, slots=True)
class RulesInUse:
    """The version of the rules by which bins are chosen (0 = built in), and the stamp of its row where it is known."""

    rule_set_id: int = 0
    version: int = 0
    rules: PutawayRules = BUILT_IN
    stamp: str = ""

    @property
    def around(self) -> Around:
        """The surroundings of a bin, as far as these rules make them."""
        classes: dict[str, set[int]] = {}
        for row in self.rules.classes:
            classes.setdefault(row.storage_class, set()).add(row.zone_id)
        return Around(
            rules=self.rules,
            ranks={(zone.velocity, zone.zone_id): zone.rank for zone in self.rules.zones},
            classes={name: frozenset(zones) for name, zones in classes.items()},
        )

    @property
    def title(self) -> str:
        """How decisions name it."""
        return f"putaway.directed v{self.version}"


@dataclass(frozen=True, slots=True)
class RuleSetRow:
    """A version of a site's putaway rules."""

    id: int
    site_id: int
    site: str
    version: int
    state: str
    note: str
    written_by_id: int
    written_by: str
    written_at: datetime
    activated_by: str
    activated_at: datetime | None
    rules: PutawayRules

    @property
    def in_use(self) -> RulesInUse:
        """These rules, as if they were in use."""
        return RulesInUse(self.id, self.version, self.rules)


_RULE_SET = """
    SELECT r.id, r.site_id, s.code, r.version, r.state, r.note, r.written_by_id, w.full_name, r.written_at,
           coalesce(a.full_name, ''), r.activated_at, r.name, r.carry_percent, r.face_percent, r.picks_percent,
           r.consolidation_mm, r.congestion_mm, r.zone_mm, r.forward_mm, r.picks_a, r.picks_b, r.picks_c, r.bay_mm,
           r.mixes_lots, r.mixes_owners, r.never_within, r.separated_bays, r.volume_percent, r.weight_percent,
           ARRAY(SELECT z.velocity || ' ' || z.zone_id || ' ' || z.rank FROM storage_putawayzone z
                 WHERE z.rule_set_id = r.id ORDER BY z.velocity, z.rank, z.zone_id),
           ARRAY(SELECT k.one || ' ' || k.other || ' ' || k.cell FROM storage_keptapartrow k
                 WHERE k.rule_set_id = r.id ORDER BY k.one, k.other),
           ARRAY(SELECT c.storage_class || ' ' || c.zone_id FROM storage_putawayclasszone c
                 WHERE c.rule_set_id = r.id ORDER BY c.storage_class, c.zone_id)
    FROM storage_putawayruleset r
    JOIN locations_site s ON s.id = r.site_id
    JOIN platform_user w ON w.id = r.written_by_id
    LEFT JOIN platform_user a ON a.id = r.activated_by_id
"""


def _row(row: Sequence[Any]) -> RuleSetRow:
    zones = [PreferredZone(v, int(z), int(rank)) for v, z, rank in (text.split() for text in row[29])]
    apart = [KeptApart(*text.split()) for text in row[30]]
    classes = [ClassZone(text.split()[0], int(text.split()[1])) for text in row[31]]
    rules = [*row[11:29], zones, apart, classes]
    values = [*row[:11], PutawayRules(*rules)]
    return RuleSetRow(*values)


def in_use(site_id: int) -> RulesInUse:
    """The rules by which a site chooses bins: its active version, else the built-in ones. One query."""
    row = sql.fetch_one(_RULE_SET + " WHERE r.site_id = %s AND r.state = 'active'", (site_id,))
    return RulesInUse() if row is None else _row(row).in_use


def by_id(rule_set_id: int) -> RulesInUse:
    """A version as if it were in use (0 = built in). One query, none for the built-in rules."""
    row = sql.fetch_one(_RULE_SET + " WHERE r.id = %s", (rule_set_id,)) if rule_set_id else None
    return RulesInUse() if row is None else _row(row).in_use


def rule_set(rule_set_id: int, site_ids: Sequence[int]) -> RuleSetRow:
    """One version, if it belongs to a site that the person may see (0 = all). One query."""
    row = sql.fetch_one(
        _RULE_SET + " WHERE r.id = %s AND (0 = ANY(%s::bigint[]) OR r.site_id = ANY(%s::bigint[]))",
        (rule_set_id, list(site_ids), list(site_ids)),
    )
    if row is None:
        raise NotFound(f"There is no putaway rule set with id {rule_set_id}.")
    return _row(row)


def rule_sets(site_ids: Sequence[int], *, after: int = 0, limit: int = 100) -> list[RuleSetRow]:
    """The versions of sites (0 = all), oldest first. One query."""
    rows = sql.fetch_all(
        _RULE_SET
        + " WHERE (0 = ANY(%s::bigint[]) OR r.site_id = ANY(%s::bigint[])) AND r.id > %s ORDER BY r.id LIMIT %s",
        (list(site_ids), list(site_ids), after, limit),
    )
    return [_row(row) for row in rows]


def rule_set_page(query: ListQuery) -> Page[object]:
    """Versions of the putaway rules at the sites where the viewer may see them. Two queries."""
    return sql_page(
        query,
        None,
        """
        SELECT r.id, r.site_id, s.code AS site, r.version, r.state, r.name, r.note, w.full_name AS written_by,
               r.written_at, a.full_name AS activated_by, r.activated_at,
               (SELECT max(m.ran_at) FROM storage_putawaysimulation m WHERE m.rule_set_id = r.id) AS simulated_at
        FROM storage_putawayruleset r JOIN locations_site s ON s.id = r.site_id
        JOIN platform_user w ON w.id = r.written_by_id LEFT JOIN platform_user a ON a.id = r.activated_by_id
        WHERE EXISTS (
            SELECT FROM platform_userrole held JOIN platform_role role ON role.id = held.role_id
            WHERE held.user_id = %s AND held.site_id IN (0, r.site_id) AND 'storage.view' = ANY(role.permissions)
        )
        """,
        [query.actor_id],
        search=("name", "note", "site"),
        site_column="site_id",
    )


@dataclass(frozen=True, slots=True)
class SimulationRow:
    """What a version would have done with past putaways."""

    id: int
    rule_set_id: int
    from_on: date
    to_on: date
    receipts: int
    placed: int
    refused: int
    metres: int
    metres_then: int
    ran_by: str
    ran_at: datetime


def simulations(rule_set_id: int, *, limit: int = 20) -> list[SimulationRow]:
    """The simulations of a version, newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT m.id, m.rule_set_id, m.from_on, m.to_on, m.receipts, m.placed, m.refused, m.metres, m.metres_then,
               u.full_name, m.ran_at
        FROM storage_putawaysimulation m JOIN platform_user u ON u.id = m.ran_by_id
        WHERE m.rule_set_id = %s ORDER BY m.id DESC LIMIT %s
        """,
        (rule_set_id, limit),
    )
    return [SimulationRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class SimulatedRow:
    """One past putaway under a version: where it went, where it would have gone, or what refused it."""

    id: int
    planned_move_id: int
    item_id: int
    sku: str
    units: int
    went_to: str
    would_go_to: str
    metres_then: int
    metres: int
    rule: str
    sentence: str


_SIMULATED = """
    SELECT x.id, x.planned_move_id, x.item_id, i.sku, x.units, coalesce(w.code, '') AS went_to,
           coalesce(g.code, '') AS would_go_to, x.metres_then, x.metres, x.rule, x.sentence
    FROM storage_simulatedputaway x
    JOIN storage_putawaysimulation m ON m.id = x.simulation_id
    JOIN catalog_item i ON i.id = x.item_id
    LEFT JOIN locations_location w ON w.id = x.went_to_id
    LEFT JOIN locations_location g ON g.id = x.would_go_to_id
"""


def simulated(
    simulation_id: int, *, refused: bool | None = None, after: int = 0, limit: int = 100
) -> list[SimulatedRow]:
    """Lines of a simulation in the order of the receipts: all, those refused, or those placed. One query."""
    rows = sql.fetch_all(
        _SIMULATED
        + """
        WHERE x.simulation_id = %s AND (%s::boolean IS NULL OR (x.would_go_to_id IS NULL) = %s::boolean) AND x.id > %s
        ORDER BY x.id LIMIT %s
        """,
        (simulation_id, refused, refused, after, limit),
    )
    return [SimulatedRow(*row) for row in rows]


def simulated_by_zone(simulation_id: int) -> list[tuple[str, int, int, int, int]]:
    """By zone: lines that went there, lines that would, metres then and now. One query."""
    return [
        (row[0], row[1], row[2], row[3], row[4])
        for row in sql.fetch_all(
            """
            SELECT z.code, sum(p.went)::bigint, sum(p.would)::bigint, sum(p.metres_then)::bigint, sum(p.metres)::bigint
            FROM (
                SELECT went_to_id AS location_id, 1 AS went, 0 AS would, metres_then, 0 AS metres
                FROM storage_simulatedputaway WHERE simulation_id = %s AND went_to_id IS NOT NULL
                UNION ALL
                SELECT would_go_to_id, 0, 1, 0, metres
                FROM storage_simulatedputaway WHERE simulation_id = %s AND would_go_to_id IS NOT NULL
            ) p JOIN locations_location l ON l.id = p.location_id JOIN locations_zone z ON z.id = l.zone_id
            GROUP BY z.code ORDER BY z.code LIMIT 200
            """,
            (simulation_id, simulation_id),
        )
    ]


def least_put_away(site_id: int, since: datetime) -> dict[int, int]:
    """The fewest units of each item that were put away at one time at a site. One query."""
    return dict(
        sql.fetch_all(
            """
            SELECT item_id, min(units) FROM storage_plannedmove
            WHERE kind = 'putaway' AND state = 'done' AND ended_at >= %s AND site_id = %s AND quality = 'available'
            GROUP BY item_id
            """,
            (since, site_id),
        )
    )


def in_stock(item_ids: Sequence[int], site_id: int) -> set[int]:
    """Those of the items of which a site has stock. One query."""
    rows = sql.fetch_all(
        """
        SELECT DISTINCT item_id FROM ledger_cell
        WHERE item_id = ANY(%s::bigint[]) AND site_id = %s AND NOT is_virtual AND on_hand > 0
        """,
        (list(item_ids), site_id),
    )
    return {row[0] for row in rows}


def simulated_refusals(simulation_id: int, *, limit: int = 100) -> list[tuple[str, str, int, str]]:
    """Refused items with the rule, how many putaways, and an example sentence. One query."""
    rows = sql.fetch_all(
        """
        SELECT i.sku, x.rule, count(*), min(x.sentence) FROM storage_simulatedputaway x
        JOIN catalog_item i ON i.id = x.item_id
        WHERE x.simulation_id = %s AND x.would_go_to_id IS NULL GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT %s
        """,
        (simulation_id, limit),
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]
