"""Writes of replenishment that its commands share, and what waves and releases call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flowrack.ledger import steps as ledger
from flowrack.ledger.types import CellClaim
from flowrack.platform import sql
from flowrack.platform.decisions import DecisionRow, record
from flowrack.platform.runner import Context
from flowrack.replenishment import locks, queries
from flowrack.replenishment.locks import LockedRefill
from flowrack.replenishment.types import REFILL, FaceFull, NewDraw, NoSuchRefill, SetRefillPolicy
from flowrack.shared.errors import BadLine
from flowrack.shared.quantity import Units
from flowrack.shared.refs import ref
from flowrack.storage import steps as storage
from flowrack.storage.types import Carried, CarriedLine, PlanKind, PutawayNeed
from flowrack.tasks import steps as tasks
from flowrack.tasks.types import NewTask


def expect(ctx: Context, site_id: int, origin: str, draws: Sequence[NewDraw], *, is_of_orders: bool) -> None:
    """Say when units will leave faces; the same origin, face and beginning again replaces what was said. One statement.

    `is_of_orders`: the units are promised or reserved for orders already, this only times them (a wave's window).
    """
    if not draws:
        return
    sql.execute(
        """
        INSERT INTO replenishment_draw (site_id, location_id, item_id, origin, units, from_at, until_at, is_of_orders)
        SELECT %s, d.location_id, d.item_id, %s, sum(d.units), d.from_at, max(d.until_at), %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
             AS d(location_id, item_id, units, from_at, until_at)
        GROUP BY d.location_id, d.item_id, d.from_at ORDER BY d.location_id, d.item_id, d.from_at
        ON CONFLICT ON CONSTRAINT draw_once_per_origin DO UPDATE
        SET units = excluded.units, until_at = excluded.until_at, is_of_orders = excluded.is_of_orders
        """,
        (
            site_id,
            origin,
            is_of_orders,
            [d.location_id for d in draws],
            [d.item_id for d in draws],
            [int(d.units) for d in draws],
            [d.from_at for d in draws],
            [d.until_at for d in draws],
        ),
    )


def cancel(site_id: int, origin: str, units: int = 0) -> int:
    """Take back what was told under a name (0 = all of it), the last to leave first: the units taken back.

    The faces are locked. Two statements.
    """
    rows = locks.draws(site_id, origin)
    left = units or sum(n for _, n in rows)
    taken: list[tuple[int, int]] = []
    for draw_id, n in rows:
        off = min(n, left)
        left -= off
        if off:
            taken.append((draw_id, off))
    if taken:
        sql.execute(
            """
            WITH less AS (SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS t(id, units)), gone AS (
                DELETE FROM replenishment_draw d USING less WHERE d.id = less.id AND d.units = less.units
            )
            UPDATE replenishment_draw d SET units = d.units - less.units FROM less
            WHERE d.id = less.id AND d.units > less.units
            """,
            ([draw_id for draw_id, _ in taken], [n for _, n in taken]),
        )
    return sum(n for _, n in taken)


def refuse_full(asked: Sequence[Carried], seen: Mapping[int, queries.CarrySeen]) -> None:
    """Refuse to put more into a face than it holds, naming each line; the faces are locked. One query."""
    goes_to = [(line, line.location_id or seen[line.planned_move_id].to_location_id) for line in asked
               if line.planned_move_id in seen]  # fmt: skip
    rooms = queries.room(sorted({place for _, place in goes_to}))
    coming: dict[int, int] = {}
    bad: list[BadLine] = []
    for n, (line, place) in enumerate(goes_to, 1):
        if place not in rooms:
            continue
        face = rooms[place]
        units = int(line.units) or seen[line.planned_move_id].left
        free = max(face.max_units - face.there - coming.get(place, 0), 0)
        coming[place] = coming.get(place, 0) + units
        if units > free:
            bad.append(
                BadLine(n, "units", f"{face.code} holds {face.there:,} of {face.max_units:,}: {units:,} do not fit.",
                        f"Put {free:,} there, or wait until more is picked." if free else "Wait until more is picked.")
            )  # fmt: skip
    if bad:
        raise FaceFull(bad[0].message, lines=bad, fix=bad[0].fix)


def land(ctx: Context, refills: Mapping[int, LockedRefill], lines: Sequence[CarriedLine]) -> None:
    """Count what reached the faces. One statement."""
    landed = [
        (refills[line.planned_move_id].refill_id, line.units) for line in lines if line.planned_move_id in refills
    ]
    if not landed:
        return
    sql.execute(
        """
        UPDATE replenishment_refill r
        SET landed_units = r.landed_units + d.units,
            state = CASE WHEN r.landed_units + d.units = r.units THEN 'landed' ELSE r.state END,
            ended_at = CASE WHEN r.landed_units + d.units = r.units THEN %s::timestamptz END,
            ended_by_id = CASE WHEN r.landed_units + d.units = r.units THEN %s::bigint END
        FROM unnest(%s::bigint[], %s::bigint[]) AS d(id, units) WHERE r.id = d.id
        """,
        (ctx.now, ctx.actor_id, [refill_id for refill_id, _ in landed], [units for _, units in landed]),
    )


def hand_over(ctx: Context, refills: Mapping[int, LockedRefill], lines: Sequence[CarriedLine]) -> list[int]:
    """Goods reached their hand-over places: plan the second leg, from there to the face. The new carries, in order.

    Five statements, none without lines.
    """
    if not lines:
        return []
    legs = queries.second_legs([line.planned_move_id for line in lines])
    task_ids = tasks.create_tasks(
        ctx,
        [
            NewTask(
                kind=PlanKind.REFILL,
                origin=leg.origin,
                site_id=refills[leg.planned_move_id].site_id,
                from_location_id=leg.at_location_id,
                to_location_id=refills[leg.planned_move_id].location_id,
                lpn_id=leg.lpn_id,
                item_id=leg.item_id,
                units=leg.units,
                priority=leg.priority,
                due_at=refills[leg.planned_move_id].land_by,
                standard_seconds=leg.seconds,
                sequence=leg.walk,
                end_sequence=leg.face_walk,
            )
            for leg in legs
        ],
    )
    plans: list[storage.NewPlan] = [
        (
            PutawayNeed(leg.origin, leg.at_location_id, leg.item_id, Units(leg.units), leg.lot_id, leg.lpn_id),
            refills[leg.planned_move_id].location_id,
            task_id,
            leg.owner_id,
        )
        for leg, task_id in zip(legs, task_ids, strict=True)
    ]
    site_id = refills[legs[0].planned_move_id].site_id
    move_ids = storage.write_moves(ctx, site_id, PlanKind.REFILL, plans)
    sql.execute(
        """
        UPDATE replenishment_refill r
        SET planned_move_id = n.next_id, is_handed_over = true, state = 'planned', lifted_at = NULL, lifted_by_id = NULL
        FROM unnest(%s::bigint[], %s::bigint[]) AS n(was_id, next_id) WHERE r.planned_move_id = n.was_id
        """,
        ([leg.planned_move_id for leg in legs], move_ids),
    )
    record(
        ctx,
        [
            DecisionRow(
                kind="refill",
                subject=ref("storage.planned_move", move_id),
                sentence=f"The second leg of refill {refills[leg.planned_move_id].refill_id}: the goods stand at"
                f" {leg.at_code}, where they were handed over.",
                rule="refill.hand_over v1",
                detail={"refill": refills[leg.planned_move_id].refill_id, "units": leg.units},
            )
            for leg, move_id in zip(legs, move_ids, strict=True)
        ],
    )
    return move_ids


def hold(ctx: Context, refill_id: int) -> None:
    """Goods on a fork are for nobody else: reserve what the refill still carries. Refuses with NoSuchRefill."""
    if refill_id in queries.held_cells([refill_id]):
        return
    cell_id, left, free = queries.source_cell(refill_id)
    if not cell_id or free < left:
        raise NoSuchRefill("Its goods were given to an order.", fix="Take the next one.")
    ledger.reserve(ctx, [CellClaim(cell_id, left, ref(REFILL, refill_id))])


def let_go(ctx: Context, refill_ids: Sequence[int]) -> None:
    """What was reserved for refills on a fork is free again. Two statements at most."""
    held = queries.held_cells(refill_ids)
    ledger.unreserve(ctx, [CellClaim(cell, units, ref(REFILL, of)) for of, (cell, units) in sorted(held.items())])


def lifted(ctx: Context, refill_id: int) -> None:
    """The goods are on somebody's fork. One statement."""
    sql.execute(
        "UPDATE replenishment_refill SET state = 'lifted', lifted_at = %s, lifted_by_id = %s WHERE id = %s",
        (ctx.now, ctx.actor_id, refill_id),
    )


def put_down(refill_id: int) -> None:
    """The goods stand where they stood; somebody else may carry them. One statement."""
    sql.execute(
        "UPDATE replenishment_refill SET state = 'planned', lifted_at = NULL, lifted_by_id = NULL WHERE id = %s",
        (refill_id,),
    )


def write_policy(req: SetRefillPolicy) -> None:
    """Keep a site's policy and where its zones hand over. Three statements."""
    sql.execute(
        """
        INSERT INTO replenishment_refillpolicy (site_id, task_seconds, spare_seconds, people, draws_until, quiet_from,
                                                quiet_until, top_off_percent, waits_for_refill)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (site_id) DO UPDATE
        SET task_seconds = excluded.task_seconds, spare_seconds = excluded.spare_seconds, people = excluded.people,
            draws_until = excluded.draws_until, quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until,
            top_off_percent = excluded.top_off_percent, waits_for_refill = excluded.waits_for_refill
        """,
        (
            req.site_id, req.task_seconds, req.spare_seconds, req.people, req.draws_until, req.quiet_from,
            req.quiet_until, req.top_off_percent, req.waits_for_refill,
        ),
    )  # fmt: skip
    sql.execute(
        """
        DELETE FROM replenishment_handover h USING locations_zone z
        WHERE z.id = h.zone_id AND z.site_id = %s AND NOT h.zone_id = ANY(%s::bigint[])
        """,
        (req.site_id, [zone_id for zone_id, _ in req.hand_overs]),
    )
    sql.execute(
        """
        INSERT INTO replenishment_handover (zone_id, location_id)
        SELECT * FROM unnest(%s::bigint[], %s::bigint[])
        ON CONFLICT (zone_id) DO UPDATE SET location_id = excluded.location_id
        """,
        ([zone_id for zone_id, _ in req.hand_overs], [place for _, place in req.hand_overs]),
    )
