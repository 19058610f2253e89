"""The planner's page: orders of the pool with what a plan of now would do with them, and how full each cut-off is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.platform import sql
from flowrack.waves import queries_pool
from flowrack.waves.queries_pool import Here
from flowrack.waves.rules_hands import people_at
from flowrack.waves.rules_penalty import Penalty
from flowrack.waves.rules_plan import LinePlan, Plan, Site, make_plan, why_of

SHOWN = 5


@dataclass(frozen=True, slots=True)
class PoolRow:
    """An order of the pool, in the list."""

    id: int
    number: str
    customer: str
    tier: str
    due_on: date
    template: str
    service: str
    region: str
    cut_off_at: datetime | None
    lines: int
    units: int
    minutes: int
    points: int
    fate: str
    hazards: str
    temperatures: str
    why: str
    missed: str
    missed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DryRun:
    """A plan of now that nobody has kept, with what it went by."""

    here: Here
    site: Site
    plan: Plan

    @property
    def people(self) -> int:
        """People who pick now."""
        return sum(people_at(self.site.crew, self.site.now).values())


def dry_run(site_id: int, now: datetime, *, ahead_days: int = 0) -> DryRun | None:
    """The greedy plan of now. Nothing is written. Eight queries."""
    here = queries_pool.here(site_id, now)
    if here is None:
        return None
    site = queries_pool.site_of(here)
    return DryRun(here, site, make_plan(site, queries_pool.pool(here, ahead_days=ahead_days)))


def pool_rows(run: DryRun) -> list[PoolRow]:
    """The orders of a dry run: what waits first, then what goes, then what cannot."""
    by_order: dict[int, list[LinePlan]] = {}
    for line in run.plan.lines:
        by_order.setdefault(line.order.order_id, []).append(line)
    rows = [_row(run, lines) for lines in by_order.values()]
    rank = {"waits": 0, "part": 1, "goes": 2, "out": 3}
    return sorted(rows, key=lambda r: (rank[r.fate], r.points, r.id))


def _row(run: DryRun, lines: Sequence[LinePlan]) -> PoolRow:
    here = run.here
    order, live = lines[0].order, [x for x in lines if x.slot]
    fates = {x.fate for x in live}
    fate = "out" if not fates else "part" if len(fates) > 1 else fates.pop()
    slot = live[0].slot if live else None
    # What waits has its price; of what goes it is the price of letting all of it wait.
    told = [x for x in live if x.fate == "waits"] or live
    points = sum(x.penalty.points for x in told)
    shown = told[0] if told else lines[0]
    why = shown.why
    if len(told) > 1 and slot is not None:
        words = f"{len(told)} lines: {', '.join(f'{x.penalty.points:,}' for x in told[:SHOWN])}"
        words += ", ..." if len(told) > SHOWN else ""
        why = why_of(run.site, order, slot, Penalty(points, words), shown.fate == "waits", shown.because)
    return PoolRow(
        id=order.order_id,
        number=order.number,
        customer=order.customer,
        tier=order.tier,
        due_on=min(x.line.due_on for x in lines),
        template=slot.template.name if slot else "",
        service=slot.service if slot else "",
        region=order.region,
        cut_off_at=here.at(slot.cut_off_at) if slot else None,
        lines=len(live) or len(lines),
        units=sum(x.line.units for x in live),
        minutes=-(-sum(x.line.seconds for x in live) // 60),
        points=points,
        fate=fate,
        hazards=", ".join(sorted(order.hazards)),
        temperatures=", ".join(sorted({x.line.temperature for x in live if x.line.temperature})),
        why=why,
        missed=slot.missed.name if slot and slot.missed else "",
        missed_at=here.at(slot.missed.cut_off_at) if slot and slot.missed else None,
    )


@dataclass(frozen=True, slots=True)
class Need:
    """An item of which a plan takes more than its pick face holds, or more than can be picked."""

    item_id: int
    sku: str
    name: str
    units: int
    in_face: int
    in_reserve: int
    has_face: bool

    @property
    def refill(self) -> int:
        """Units that must come to the pick face first."""
        return min(max(0, self.units - self.in_face), self.in_reserve) if self.has_face else 0

    @property
    def short(self) -> int:
        """Units that lie in no bin from which can be picked."""
        return max(0, self.units - self.in_face - self.in_reserve)


def needs(site_id: int, lines: Sequence[LinePlan], *, limit: int = 100) -> list[Need]:
    """Refills that what goes needs, and what cannot be picked though it is promised; the shortest first. One query."""
    units: dict[int, int] = {}
    for line in lines:
        if line.fate == "goes":
            units[line.line.item_id] = units.get(line.line.item_id, 0) + line.line.units
    rows = sql.fetch_all(
        """
        SELECT w.item_id, i.sku, i.name, w.units, t.face, t.reserve,
               EXISTS (SELECT FROM storage_pickface f JOIN locations_location b ON b.id = f.location_id
                       WHERE f.item_id = w.item_id AND b.site_id = %(site)s) AS has_face
        FROM (SELECT unnest(%(items)s::bigint[]) AS item_id, unnest(%(units)s::bigint[]) AS units) AS w
        JOIN catalog_item i ON i.id = w.item_id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(c.on_hand - c.reserved) FILTER (WHERE c.state = 'forward_pick'), 0)::bigint AS face,
                   coalesce(sum(c.on_hand - c.reserved) FILTER (WHERE c.state = 'reserve'), 0)::bigint AS reserve
            FROM ledger_cell c JOIN locations_location b ON b.id = c.location_id
            WHERE c.item_id = w.item_id AND c.site_id = %(site)s AND c.owner_id = 1 AND NOT c.is_virtual
              AND c.state IN ('forward_pick', 'reserve') AND b.is_active AND b.blocked_reason = ''
        ) AS t
        WHERE w.units > t.face ORDER BY greatest(w.units - t.face - t.reserve, 0) DESC, w.units - t.face DESC, i.sku
        """,
        {"site": site_id, "items": list(units), "units": list(units.values())},
    )
    found = [Need(*row) for row in rows]
    return [need for need in found if need.refill or need.short][:limit]


def loads_named(numbers: Sequence[str]) -> dict[str, int]:
    """Loads by number. One query."""
    if not numbers:
        return {}
    return dict(sql.fetch_all("SELECT number, id FROM shipping_load WHERE number = ANY(%s::text[])", (list(numbers),)))
