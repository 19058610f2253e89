"""Writes of waves: templates, penalties, changes of people, plans and runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from flowrack.fulfilment.steps_release import register_due, register_timer
from flowrack.fulfilment.types import ReleaseOrders
from flowrack.platform import decisions, sql
from flowrack.platform.decisions import DecisionRow
from flowrack.platform.runner import Context
from flowrack.shared.refs import ref
from flowrack.waves import queries_flow
from flowrack.waves.queries_pool import CONDITIONS, FIELDS, Here
from flowrack.waves.rules_penalty import Policy
from flowrack.waves.rules_plan import LinePlan, Plan
from flowrack.waves.rules_templates import STANDARD
from flowrack.waves.types import LINE_SUBJECT, ChangeHands, SetPolicy, TemplateOf

TEMPLATE, PLAN, RUN = "waves.template", "waves.plan", "waves.run"
COLUMNS = ("name", "services", *CONDITIONS, *FIELDS, "weekdays")


def write_template(ctx: Context, site_id: int, of: TemplateOf, template_id: int) -> tuple[int, int]:
    """Write a template, and put it where it belongs in the order of match: (id, position). Two statements."""
    values = [getattr(of, name) for name in COLUMNS]
    if template_id:
        sets = ", ".join(f"{name} = %s" for name in COLUMNS)
        sql.execute(
            f"UPDATE waves_template SET {sets}, changed_by_id = %s, changed_at = %s WHERE id = %s",  # noqa: S608
            (*values, ctx.actor_id, ctx.now, template_id),
        )
    else:
        places = ", ".join(["%s"] * len(COLUMNS))
        template_id = sql.fetch_value(
            f"""
            INSERT INTO waves_template ({", ".join(COLUMNS)}, site_id, position, is_active, changed_by_id, changed_at)
            SELECT {places}, %s, coalesce((SELECT max(position) FROM waves_template WHERE site_id = %s), 0) + 1, true,
                   %s, %s
            RETURNING id
            """,  # noqa: S608 - names of columns
            (*values, site_id, site_id, ctx.actor_id, ctx.now),
        )
    place(site_id, template_id, of.position)
    position = sql.fetch_value("SELECT position FROM waves_template WHERE id = %s", (template_id,))
    return template_id, position


def place(site_id: int, template_id: int, position: int) -> None:
    """Number the templates of a site anew, one of them at a position (0 = where it is). One statement."""
    sql.execute(
        """
        UPDATE waves_template t SET position = n.place
        FROM (SELECT id, row_number() OVER (
                  ORDER BY CASE WHEN id = %(id)s AND %(at)s > 0 THEN %(at)s * 2 - (%(at)s <= position)::int
                                ELSE position * 2 END, id) AS place
              FROM waves_template WHERE site_id = %(site)s AND is_active) AS n
        WHERE n.id = t.id AND t.position <> n.place
        """,
        {"id": template_id, "at": position, "site": site_id},
    )


def retire_template(ctx: Context, template_id: int) -> None:
    """A template takes no orders any more. One statement."""
    sql.execute(
        "UPDATE waves_template SET is_active = false, changed_by_id = %s, changed_at = %s WHERE id = %s",
        (ctx.actor_id, ctx.now, template_id),
    )


def write_policy(ctx: Context, req: SetPolicy) -> int:
    """A new version of a site's penalty rule. One statement."""
    version: int = sql.fetch_value(
        """
        INSERT INTO waves_penaltypolicy (site_id, version, waits_by, tier_a, tier_b, tier_c, late_day, value_100,
                                         age_day, set_by_id, set_at)
        SELECT %s, coalesce((SELECT max(version) FROM waves_penaltypolicy WHERE site_id = %s), 0) + 1,
               %s, %s, %s, %s, %s, %s, %s, %s, %s
        RETURNING version
        """,
        (
            req.site_id,
            req.site_id,
            req.waits_by,
            req.tier_a,
            req.tier_b,
            req.tier_c,
            req.late_day,
            req.value_100,
            req.age_day,
            ctx.actor_id,
            ctx.now,
        ),
    )
    return version


def write_hands(ctx: Context, req: ChangeHands, zone_id: int, begins: datetime, ends: datetime) -> int:
    """A change of people. One statement."""
    change_id: int = sql.fetch_value(
        """
        INSERT INTO waves_handschange (site_id, zone_id, from_at, until_at, people, reason, changed_by_id, changed_at)
        VALUES (%s, nullif(%s, 0), %s, %s, %s, %s, %s, %s) RETURNING id
        """,
        (req.site_id, zone_id, begins, ends, req.people, req.reason.strip(), ctx.actor_id, ctx.now),
    )
    return change_id


def drop_live_plans(site_id: int) -> list[tuple[int, str]]:
    """What a site's plans have not released is planned anew: (id, number) of each that is dropped. One statement; the
    templates of the site are locked, so nobody else plans it now."""
    rows = sql.fetch_all(
        """
        WITH old AS (
            UPDATE waves_plan SET state = 'dropped' WHERE site_id = %s AND state IN ('draft', 'releasing')
            RETURNING id, number
        ), wave AS (
            UPDATE waves_planwave w SET state = 'dropped' FROM old WHERE w.plan_id = old.id AND w.state = 'planned'
        )
        SELECT id, number FROM old ORDER BY id
        """,
        (site_id,),
    )
    return [(row[0], row[1]) for row in rows]


def write_plan(ctx: Context, here: Here, plan: Plan, policy: Policy, ahead_days: int) -> tuple[int, str]:
    """Keep a plan: (id, number). Four statements."""
    row = sql.fetch_one(
        """
        INSERT INTO waves_plan (number, site_id, state, policy_version, ahead_days, method, points, bound, knows_hands,
                                made_by_id, made_at)
        SELECT 'WP-' || n.number, %s, 'draft', %s, %s, %s, %s, %s, %s, %s, %s
        FROM platform_next_numbers('WP', 1) AS n(number) RETURNING id, number
        """,
        (
            here.site_id,
            policy.version,
            ahead_days,
            plan.fit.method,
            plan.fit.points,
            plan.fit.bound,
            plan.knows_hands,
            ctx.actor_id,
            ctx.now,
        ),
    )
    assert row is not None
    _write_parts(row[0], here, plan)
    return row[0], row[1]


def rewrite_plan(plan_id: int, here: Here, plan: Plan) -> None:
    """A draft becomes another: what it said before is gone. Seven statements."""
    for table in ("waves_planline", "waves_planwave", "waves_planwindow"):
        sql.execute(f"DELETE FROM {table} WHERE plan_id = %s", (plan_id,))  # noqa: S608
    sql.execute(
        "UPDATE waves_plan SET method = %s, points = %s, bound = %s WHERE id = %s",
        (plan.fit.method, plan.fit.points, plan.fit.bound, plan_id),
    )
    _write_parts(plan_id, here, plan)


def _write_parts(plan_id: int, here: Here, plan: Plan) -> None:
    sql.execute(
        """
        INSERT INTO waves_planwindow (plan_id, place, cut_off_at, pick_until, hands, floor)
        SELECT %s, w.* FROM unnest(%s::int[], %s::timestamptz[], %s::timestamptz[], %s::bigint[], %s::bigint[]) AS w
        """,
        (
            plan_id,
            list(range(len(plan.windows))),
            [here.at(w.cut_off_at) for w in plan.windows],
            [here.at(w.pick_until) for w in plan.windows],
            [w.hands for w in plan.windows],
            [w.floor for w in plan.windows],
        ),
    )
    _write_waves(plan_id, here, plan)
    _write_lines(plan_id, here, plan.lines)


def _write_waves(plan_id: int, here: Here, plan: Plan) -> None:
    sql.execute(
        """
        INSERT INTO waves_planwave (plan_id, place, template_id, template, method, service_id, service, label,
                                    cut_off_at, pick_until, state)
        SELECT %s, w.*, 'planned' FROM unnest(%s::int[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::text[],
                                              %s::text[], %s::timestamptz[], %s::timestamptz[]) AS w
        """,
        (
            plan_id,
            list(range(len(plan.waves))),
            [w.template.template_id for w in plan.waves],
            [w.template.name for w in plan.waves],
            [w.template.method for w in plan.waves],
            [w.service_id for w in plan.waves],
            [w.service for w in plan.waves],
            [w.label for w in plan.waves],
            [here.at(w.cut_off_at) for w in plan.waves],
            [here.at(w.pick_until) for w in plan.waves],
        ),
    )


def _write_lines(plan_id: int, here: Here, lines: Sequence[LinePlan]) -> None:
    sql.execute(
        """
        INSERT INTO waves_planline (plan_id, order_id, line_id, item_id, wave_place, fate, units, seconds, points, why,
                                    pick_until, because)
        SELECT %s, x.* FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::text[], %s::bigint[],
                                   %s::int[], %s::int[], %s::text[], %s::timestamptz[], %s::text[]) AS x
        """,
        (
            plan_id,
            [x.order.order_id for x in lines],
            [x.line.line_id for x in lines],
            [x.line.item_id for x in lines],
            [x.wave for x in lines],
            [x.fate for x in lines],
            [x.line.units for x in lines],
            [x.line.seconds for x in lines],
            [x.penalty.points for x in lines],
            [x.why[:400] for x in lines],
            [here.at(x.slot.pick_until) if x.slot else None for x in lines],
            [x.because for x in lines],
        ),
    )


def tell_why(ctx: Context, rows: Iterable[tuple[int, str]], *, rule: str, answer: str) -> None:
    """Store, for each line, why it goes or waits. One statement."""
    decisions.record(ctx, [DecisionRow(answer, ref(LINE_SUBJECT, line_id), why, rule) for line_id, why in rows])


def tell_wave(ctx: Context, wave_id: int, why: str, *, rule: str) -> None:
    """Store why a wave went. One statement."""
    decisions.record(ctx, [DecisionRow("wave.released", ref("fulfilment.wave", wave_id), f"{why}.", rule)])


def start_run(wave_id: int, plan_wave_id: int, why: str) -> None:
    """A planned wave is on the floor: by when it must be picked stays known. Two statements."""
    sql.execute(
        """
        INSERT INTO waves_run (wave_id, plan_wave_id, template_id, template, method, service_id, service, label,
                               cut_off_at, pick_until, why)
        SELECT %s, id, template_id, template, method, service_id, service, label, cut_off_at, pick_until, %s
        FROM waves_planwave WHERE id = %s
        """,
        (wave_id, why[:300], plan_wave_id),
    )
    sql.execute("UPDATE waves_planwave SET state = 'released', wave_id = %s WHERE id = %s", (wave_id, plan_wave_id))


def start_unplanned_run(
    wave_id: int,
    *,
    template_id: int,
    template: str,
    method: str,
    service_id: int,
    service: str,
    cut_off_at: datetime,
    pick_until: datetime,
    why: str,
) -> None:
    """The same for a wave that no plan made. One statement."""
    sql.execute(
        """
        INSERT INTO waves_run (wave_id, template_id, template, method, service_id, service, label, cut_off_at,
                               pick_until, why)
        VALUES (%s, %s, %s, %s, %s, %s, '', %s, %s, %s)
        """,
        (wave_id, template_id, template, method, service_id, service, cut_off_at, pick_until, why[:300]),
    )


def split_run(wave_id: int, new_id: int, why: str) -> None:
    """A wave that was split off has the times of the one that it was in, if that has any. One statement."""
    sql.execute(
        """
        INSERT INTO waves_run (wave_id, plan_wave_id, template_id, template, method, service_id, service, label,
                               cut_off_at, pick_until, why)
        SELECT %s, NULL, template_id, template, method, service_id, service, label, cut_off_at, pick_until, %s
        FROM waves_run WHERE wave_id = %s
        """,
        (new_id, why[:300], wave_id),
    )


def follow_run(ctx: Context, wave_id: int, line_ids: Sequence[int]) -> datetime | None:
    """The rest of what is on the floor (it waited for its refill, or for stock) has the earliest cut-off of the waves
    in which it was planned, or in which the rest of its orders is, while that is no day ago: by when it must be picked
    then, None where there is none. One statement."""
    row = sql.fetch_one(
        """
        WITH line AS (SELECT id, order_id FROM sales_orderline WHERE id = ANY(%(lines)s::bigint[])
        ), was AS (
            SELECT w.wave_id FROM line JOIN waves_planline l ON l.line_id = line.id
            JOIN waves_planwave w ON w.plan_id = l.plan_id AND w.place = l.wave_place AND w.state = 'released'
            WHERE NOT EXISTS (SELECT FROM fulfilment_pickline p
                              WHERE p.wave_id = w.wave_id AND p.order_line_id = line.id)
            UNION
            SELECT p.wave_id FROM fulfilment_pickline p
            WHERE p.order_id = ANY(ARRAY(SELECT order_id FROM line)) AND p.state IN ('open', 'picked')
              AND p.wave_id <> %(wave)s
        )
        INSERT INTO waves_run (wave_id, plan_wave_id, template_id, template, method, service_id, service, label,
                               cut_off_at, pick_until, why)
        SELECT %(wave)s, NULL, r.template_id, r.template, r.method, r.service_id, r.service, r.label, r.cut_off_at,
               r.pick_until, 'the rest of what left with ' || w.number
        FROM was JOIN waves_run r ON r.wave_id = was.wave_id JOIN fulfilment_wave w ON w.id = was.wave_id
        WHERE r.cut_off_at > %(now)s::timestamptz - interval '1 day' ORDER BY r.pick_until, r.wave_id LIMIT 1
        RETURNING pick_until
        """,
        {"wave": wave_id, "lines": list(line_ids), "now": ctx.now},
    )
    return row[0] if row else None


register_due(follow_run)


def begin_by_hand(ctx: Context, req: ReleaseOrders, cut_off_at: datetime) -> Callable[[int], datetime]:
    """A person releases orders for a cut-off: how their wave begins, with the minutes at the dock of their template."""
    found = queries_flow.slot_of(req.site_id, req.order_ids, ctx.now)
    template = found[1].template if found else STANDARD
    is_offered = found is not None and found[0].at(found[1].cut_off_at) == cut_off_at
    pick_until = cut_off_at - timedelta(minutes=template.dock_minutes)

    def begin(wave_id: int) -> datetime:
        start_unplanned_run(
            wave_id,
            template_id=template.template_id,
            template=template.name,
            method="",
            service_id=found[1].service_id if found and is_offered else 0,
            service=found[1].service if found and is_offered else "",
            cut_off_at=cut_off_at,
            pick_until=pick_until,
            why="released by hand" + ("" if is_offered else ", for a cut-off that a person gave"),
        )
        return pick_until

    return begin


register_timer(begin_by_hand, queries_flow.suggested_cut_off)


def move_run(wave_id: int, cut_off_at: datetime, why: str) -> datetime | None:
    """Another cut-off for a wave on the floor: by when it must be picked then; None without a plan. One statement."""
    row = sql.fetch_one(
        """
        UPDATE waves_run SET pick_until = pick_until + (%(at)s - cut_off_at), cut_off_at = %(at)s, slipped_at = NULL,
               why = left(%(why)s, 300)
        WHERE wave_id = %(wave)s RETURNING pick_until
        """,
        {"at": cut_off_at, "why": why, "wave": wave_id},
    )
    return row[0] if row else None


def set_plan_state(plan_id: int, state: str) -> None:
    """One statement."""
    sql.execute("UPDATE waves_plan SET state = %s WHERE id = %s", (state, plan_id))


def drop_waves(plan_id: int) -> int:
    """What was not released of a plan is dropped: how many waves. One statement."""
    return sql.execute(
        "UPDATE waves_planwave SET state = 'dropped' WHERE plan_id = %s AND state = 'planned'", (plan_id,)
    )


def mark_slipped(ctx: Context, wave_ids: Sequence[int]) -> None:
    """One statement."""
    sql.execute("UPDATE waves_run SET slipped_at = %s WHERE wave_id = ANY(%s::bigint[])", (ctx.now, list(wave_ids)))
