"""Orders that could go to the floor now, with all that plans look at; templates, people and penalties of a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flowrack.carriers import queries_choices as choices
from flowrack.platform import sql
from flowrack.promise import queries as promises
from flowrack.promise.rules_house import House, hours_on
from flowrack.sales import queries_limits
from flowrack.waves import queries_transfers
from flowrack.waves.rules_hands import Change, Crew, Shift
from flowrack.waves.rules_penalty import Policy
from flowrack.waves.rules_plan import Site
from flowrack.waves.rules_pool import PoolLine, PoolOrder, waits_for_stock
from flowrack.waves.rules_templates import Template
from flowrack.waves.rules_transfers import beside

PICK = "pick"
MOST_ORDERS = 20_000
NO_BIN = "its units lie in no bin from which can be picked"


class Here(NamedTuple):
    """A site with its clock."""

    site_id: int
    code: str
    name: str
    timezone: str
    local: datetime
    house: House

    def at(self, local: datetime) -> datetime:
        """A time of the site's clock, as the database keeps it."""
        return local.replace(tzinfo=ZoneInfo(self.timezone))

    def clock(self, at: datetime) -> datetime:
        """What the site's clock shows at a time."""
        return at.astimezone(ZoneInfo(self.timezone)).replace(tzinfo=None)


def here(site_id: int, now: datetime) -> Here | None:
    """A site; None when there is none. Two queries."""
    found = promises.sites([site_id], now).get(site_id)
    zone = sql.fetch_value("SELECT timezone FROM locations_site WHERE id = %s", (site_id,))
    return None if found is None else Here(site_id, found.code, found.name, zone, found.now, found.house)


CONDITIONS = ("regions", "zones", "temperatures", "hazards", "label_needs", "order_types", "channels", "tiers")
FIELDS = (
    "min_lines", "max_lines", "min_units", "max_units", "split_temperature", "split_hazard", "split_labels",
    "limit_lines", "limit_orders", "limit_volume_ml", "limit_weight_g", "mode", "wip_lines", "is_automatic",
    "staging_minutes", "loading_minutes", "method",
)  # fmt: skip
UNKNOWN_SERVICE = -1

_TEMPLATE = f"""
    SELECT t.id, t.name, t.services, {", ".join(f"t.{name}" for name in (*CONDITIONS, *FIELDS, "weekdays"))},
           ARRAY(SELECT s.id FROM parties_carrierservice s WHERE s.code = ANY(t.services))
    FROM waves_template t WHERE {{which}} ORDER BY t.position, t.id
"""  # noqa: S608 - names of columns


def templates(site_id: int) -> tuple[Template, ...]:
    """The templates of a site in their order of match. One query."""
    rows = sql.fetch_all(_TEMPLATE.format(which="t.site_id = %s AND t.is_active"), (site_id,))
    return tuple(_template(row) for row in rows)


def template(template_id: int) -> tuple[int, Template] | None:
    """The site of a template, and the template. Two queries."""
    site_id = sql.fetch_value("SELECT site_id FROM waves_template WHERE id = %s AND is_active", (template_id,))
    if site_id is None:
        return None
    row = sql.fetch_one(_TEMPLATE.format(which="t.id = %s"), (template_id,))
    return None if row is None else (site_id, _template(row))


def _template(row: Sequence[Any]) -> Template:
    template_id, name, services, *rest, weekdays, service_ids = row
    words = dict(zip(CONDITIONS, map(frozenset, rest[: len(CONDITIONS)]), strict=True))
    values = dict(zip(FIELDS, rest[len(CONDITIONS) :], strict=True))
    ids = frozenset(service_ids or [UNKNOWN_SERVICE]) if services else frozenset()
    fields: dict[str, Any] = {**words, **values, "weekdays": frozenset(weekdays)}
    return Template(template_id, name, ids, **fields)


def policy(site_id: int) -> Policy:
    """The penalty rule of a site that counts now. One query."""
    row = sql.fetch_one(
        """
        SELECT version, waits_by, tier_a, tier_b, tier_c, late_day, value_100, age_day
        FROM waves_penaltypolicy WHERE site_id = %s ORDER BY version DESC LIMIT 1
        """,
        (site_id,),
    )
    return Policy(*row) if row else Policy()


def crew(place: Here) -> Crew:
    """Who picks when at a site. Two queries."""
    rows = sql.fetch_all(
        """
        SELECT coalesce(zone_id, 0), weekday + 1, starts_at, people, (hours * 60)::int FROM tasks_capacity
        WHERE site_id = %s AND kind = %s AND people > 0 AND hours > 0 ORDER BY 1, 2, 3
        """,
        (place.site_id, PICK),
    )
    changes = sql.fetch_all(
        """
        SELECT coalesce(zone_id, 0), from_at, until_at, people, reason FROM waves_handschange
        WHERE site_id = %s AND until_at > %s ORDER BY id
        """,
        (place.site_id, place.at(place.local)),
    )
    zone = ZoneInfo(place.timezone)
    return Crew(
        tuple(_shift(place.house, *row) for row in rows),
        tuple(
            Change(
                zone_id,
                begins.astimezone(zone).replace(tzinfo=None),
                ends.astimezone(zone).replace(tzinfo=None),
                people,
                reason,
            )
            for zone_id, begins, ends, people, reason in changes
        ),
        place.house.closed,
    )


def _shift(house: House, zone_id: int, weekday: int, starts_at: time | None, people: int, minutes: int) -> Shift:
    """A shift without a start begins when the site opens; one over midnight ends with the day."""
    monday = date(2024, 1, 1)
    opens = [h.opens_at for h in hours_on(House(hours=house.hours), monday + timedelta(days=weekday - 1))]
    start = starts_at or min(opens, default=time(8))
    end = datetime.combine(monday, start) + timedelta(minutes=minutes)
    return Shift(zone_id, weekday, start, end.time() if end.date() == monday else time.max, people)


_FLOOR = """
    SELECT coalesce(r.pick_until, %(now)s::timestamptz), coalesce(b.zone_id, 0), p.units
    FROM fulfilment_picklist l JOIN fulfilment_pickline p ON p.pick_list_id = l.id AND p.state = 'open'
    JOIN locations_location b ON b.id = p.location_id LEFT JOIN waves_run r ON r.wave_id = p.wave_id
    WHERE l.site_id = %(site)s AND l.state IN ('open', 'taken', 'parked')
"""


def floor(place: Here) -> dict[tuple[datetime, int], int]:
    """Seconds of open picks, by the time by which they must be done and zone. One query."""
    found: dict[tuple[datetime, int], int] = {}
    rows = sql.fetch_all(_FLOOR, {"now": place.at(place.local), "site": place.site_id})
    zone = ZoneInfo(place.timezone)
    for until, zone_id, units in rows:
        key = (max(place.local, until.astimezone(zone).replace(tzinfo=None)), zone_id)
        found[key] = found.get(key, 0) + place.house.policy.seconds_for(units)
    return found


_POOL = """
    WITH line AS MATERIALIZED (
        SELECT o.id AS order_id, o.number, p.name AS customer, o.tier, o.policy, o.channel, o.order_type,
               coalesce(a.region, '') AS region, coalesce(t.label_needs, '{}') AS label_needs, o.ordered_at,
               o.requested_on, l.id, l.line_no, l.item_id, l.allocated_units - l.released_units AS free_units,
               l.open_units, l.unit_price, l.promised_on, coalesce(l.promised_on, o.ship_by_on) AS due_on,
               l.held_at_units IS NOT NULL AS is_held,
               EXISTS (SELECT FROM replenishment_wait r WHERE r.order_line_id = l.id AND r.ended_at IS NULL) AS has_wait
        FROM sales_order o JOIN sales_orderline l ON l.order_id = o.id
        JOIN parties_party p ON p.id = o.customer_id
        LEFT JOIN parties_customerterms t ON t.party_id = o.customer_id
        LEFT JOIN parties_address a ON a.id = o.ship_to_id
        WHERE o.site_id = %(site)s AND o.state IN ('confirmed', 'released')
          AND (%(orders)s::bigint[] IS NULL OR o.id = ANY(%(orders)s::bigint[]))
    ), due AS (
        SELECT *, min(due_on) FILTER (WHERE free_units + open_units > 0) OVER (PARTITION BY order_id) AS first_due_on
        FROM line
    )
    SELECT l.order_id, l.number, l.customer, l.tier, l.policy, l.channel, l.order_type, l.region, l.label_needs,
           l.ordered_at, l.requested_on, l.id, l.line_no, l.item_id, c.sku, l.free_units, l.open_units,
           l.unit_price, l.due_on, l.is_held, coalesce(z.zone_id, 0), coalesce(z.code, ''),
           c.temperature, coalesce(nullif(c.hazard_division, ''), c.hazard_class),
           coalesce(k.length_mm::bigint * k.width_mm * k.height_mm / 1000, 0), coalesce(k.weight_g, 0),
           l.has_wait, l.free_units <= 0 OR z.cell_id IS NOT NULL, l.promised_on
    FROM due l
    -- Line by line and by keys: how many lines are open no statistics tell in time.
    CROSS JOIN LATERAL (
        SELECT i.sku, i.temperature, i.hazard_division, i.hazard_class FROM catalog_item i
        WHERE i.id = l.item_id OFFSET 0
    ) AS c
    LEFT JOIN LATERAL (
        SELECT e.length_mm, e.width_mm, e.height_mm, e.weight_g FROM catalog_packlevel e
        WHERE e.item_id = l.item_id AND e.level = 'each' OFFSET 0
    ) AS k ON true
    LEFT JOIN LATERAL (
        SELECT c.id AS cell_id, b.zone_id, n.code
        FROM ledger_cell c JOIN locations_location b ON b.id = c.location_id AND b.is_active
             AND b.blocked_reason = ''
        LEFT JOIN locations_zone n ON n.id = b.zone_id
        WHERE l.free_units > 0 AND c.item_id = l.item_id AND c.site_id = %(site)s AND c.owner_id = 1
          AND NOT c.is_virtual AND c.state IN ('forward_pick', 'reserve') AND c.on_hand > c.reserved
        ORDER BY c.state <> 'forward_pick', b.pick_sequence, c.id LIMIT 1
    ) AS z ON true
    WHERE l.free_units + l.open_units > 0 AND (l.first_due_on <= %(until)s::date OR %(orders)s::bigint[] IS NOT NULL)
    ORDER BY l.order_id, l.line_no LIMIT %(limit)s
"""


def pool(place: Here, *, ahead_days: int = 0, order_ids: Sequence[int] | None = None) -> list[PoolOrder]:
    """Orders of a site that are due by today (or some days ahead), and what of them could go. Three queries, two more
    where customers do not take every shipment."""
    until = place.local.date() + timedelta(days=ahead_days)
    rows = sql.fetch_all(
        _POOL,
        {
            "site": place.site_id,
            "until": until,
            "orders": None if order_ids is None else list(order_ids),
            "limit": MOST_ORDERS,
        },
    )
    chosen = choices.latest_of([row[0] for row in rows]) if rows else {}
    services = {order_id: one.service_id or 0 for order_id, one in chosen.items()}
    leaving = trucks(sorted({row[0] for row in rows}))
    kept = queries_limits.kept_back(sorted({row[0] for row in rows}), place.at(place.local))
    return [
        replace(
            _order(place, list(of), services.get(key, 0), kept.get(key, "")),
            truck=leaving[key][0] if key in leaving else "",
            leaves_at=place.clock(leaving[key][1]) if key in leaving else None,
        )
        for key, of in groupby(rows, key=lambda row: row[0])
    ]


def trucks(order_ids: Sequence[int]) -> dict[int, tuple[str, datetime]]:
    """The load that each order is planned on, where it has one that says when it leaves. One query."""
    rows = sql.fetch_all(
        """
        SELECT x.order_id, l.number, l.cut_off_at FROM shipping_loadorder x JOIN shipping_load l ON l.id = x.load_id
        WHERE x.order_id = ANY(%s::bigint[]) AND x.is_live AND l.state IN ('open', 'loading')
          AND l.cut_off_at IS NOT NULL
        """,
        (list(order_ids),),
    )
    return {order_id: (number, at) for order_id, number, at in rows}


def _order(place: Here, rows: Sequence[Sequence[Any]], service_id: int, kept: str) -> PoolOrder:
    head = rows[0]
    lines = tuple(_line(place, row) for row in rows)
    is_whole = head[4] == "complete"
    waits = sum(row[16] for row in rows)
    no_bin = next((line.out for line in lines if line.out == NO_BIN), "")
    out = kept
    if is_whole and waits:
        out = f"{waits:,} units wait for stock and the customer takes one complete delivery"
    elif is_whole and any(row[19] for row in rows):
        out = "a line is on hold and the customer takes one complete delivery"
    elif is_whole and no_bin:
        out = f"of a line, {no_bin}, and the customer takes one complete delivery"
    elif all(line.out for line in lines):
        out = next((line.out for line in lines if line.units > 0), lines[0].out)
    ordered = head[9].astimezone(ZoneInfo(place.timezone)).date()
    return PoolOrder(
        order_id=head[0],
        number=head[1],
        customer=head[2],
        tier=head[3],
        goes_whole=is_whole,
        channel=head[5],
        order_type=head[6],
        region=head[7],
        label_needs=frozenset(head[8]),
        age_days=max(0, (place.local.date() - ordered).days),
        wanted_on=head[10],
        lines=lines,
        out=out,
        service_id=service_id,
    )


def _line(place: Here, row: Sequence[Any]) -> PoolLine:
    units = row[15]
    out = ""
    if row[19]:
        out = "on hold"
    elif units <= 0:
        out = waits_for_stock(row[16], row[14], row[28])
    elif not row[27]:
        out = NO_BIN
    elif row[26]:
        out = "it waits for the refill of a pick face"
    return PoolLine(
        line_id=row[11],
        line_no=row[12],
        item_id=row[13],
        sku=row[14],
        units=units,
        seconds=place.house.policy.seconds_for(units),
        zone_id=row[20],
        zone=row[21],
        temperature=row[22],
        hazard=row[23],
        volume_ml=units * row[24],
        weight_g=units * row[25],
        value_cents=int(row[17] * units * 100),
        due_on=row[18],
        out=out,
    )


def site_of(place: Here, fixed: Mapping[int, tuple[int, str]] | None = None) -> Site:
    """All that a plan of a site goes by. Six queries."""
    transfers = tuple(queries_transfers.to_go(place.site_id, place.house, place.local, place.at(place.local)))
    return Site(
        now=place.local,
        house=place.house,
        crew=crew(place),
        policy=policy(place.site_id),
        templates=templates(place.site_id),
        floor=beside(floor(place), transfers, place.local),
        fixed=fixed or {},
        transfers=transfers,
    )
