"""Cross-docks: made while goods are received, ended when they stand at the door or go into a bin after all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from flowrack.allocation import locks, queries_inputs, queries_rank, queries_rules, rules_cross_docks
from flowrack.allocation import queries_cross_docks as reads
from flowrack.allocation.locks import LockedCrossDock
from flowrack.allocation.queries_cross_docks import Policy
from flowrack.allocation.rules import Claim
from flowrack.allocation.rules_cross_docks import RULE, Arrival, Given, Offer
from flowrack.allocation.rules_decide import decide
from flowrack.allocation.states import CrossDockState, advance
from flowrack.allocation.types_cross_docks import CROSS_DOCK, AlreadyStaged, CancelledEvent, ToPutAway
from flowrack.inbound import steps_cross_docks as inbound
from flowrack.inbound.steps_cross_docks import Arrived
from flowrack.inbound.types import CrossDocked
from flowrack.platform import sql
from flowrack.platform.decisions import DecisionRow, record
from flowrack.platform.numbers import next_numbers
from flowrack.platform.runner import Context
from flowrack.sales import queries_lots
from flowrack.sales import steps as sales
from flowrack.sales.types import LINE, OpenLine
from flowrack.shared.refs import ref
from flowrack.tasks import steps as tasks
from flowrack.tasks.types import NewTask

KIND = "cross_dock"
STANDARD_SECONDS = 60
FIRST = 1  # before all other work: a truck leaves with it
SHOWN = 60  # labels of one address


@dataclass(frozen=True, slots=True)
class Claimed:
    """Who waits, locked and in rank order, and by which policy they are served."""

    site_id: int
    policy: Policy
    lines: list[OpenLine]


class CrossDocking:
    """How receiving gives goods to those who wait; see inbound's protocol."""

    def claim(self, ctx: Context, site_id: int, item_ids: Sequence[int]) -> Claimed | None:
        """Lock the order lines that wait for the items: order lines come before the ledger's rows."""
        policy = reads.policy_of(site_id)
        order_ids = queries_rank.orders_waiting(item_ids, site_id, policy.min_tier, ctx.now) if policy else []
        if policy is None or not order_ids:
            return None
        return Claimed(site_id, policy, sales.claim_open_lines(site_id, order_ids))

    def assign(self, ctx: Context, claimed: Claimed, dock_id: int, arrived: Sequence[Arrived]) -> list[CrossDocked]:
        """Give lines at the dock to waiting order lines in rank order; tasks, decisions and labels follow from it."""
        on_the_way, force = queries_rules.background(claimed.site_id)
        today, claims = queries_inputs.claims_of(ctx.now, claimed.site_id, claimed.lines, on_the_way, force.rules)
        claims = _without_lot_rules(claims, claimed.site_id, arrived)
        wanted = {claim.item_id for claim in claims}
        if not wanted & {one.line.item_id for one in arrived}:
            return []
        policy = claimed.policy
        families = reads.families_of([one.line.item_id for one in arrived]) if policy.families else {}
        arrivals = [_arrival(one, families) for one in arrived]
        offers, pools = rules_cross_docks.at_the_dock(arrivals, policy.families)
        received = {one.line.po_line_id for one in arrived}
        inputs = queries_inputs.inputs_at_dock(claimed.site_id, today, claims, force.rules, pools, received, ctx.now)
        offers = rules_cross_docks.shared(offers, decide(force.rules, inputs).shares, arrivals)
        given = [one for each in offers for one in each.given]
        rows = [arrived[one.arrival].line for one in given]
        ids, numbers = _insert(ctx, claimed, dock_id, list(zip(given, rows, strict=True)))
        _explain(ctx, policy, offers, arrived, wanted, list(zip(ids, numbers, given, strict=True)))
        customers = reads.parties_of(sorted({one.claim.order_id for one in given})) if given else {}
        return [
            CrossDocked(
                cross_dock_id=cross_dock_id,
                number=number,
                receipt_line_id=row.receipt_line_id,
                units=one.units,
                order_number=one.claim.number,
                customer=customers[one.claim.order_id],
                staging=policy.staging,
                door=policy.door,
            )
            for cross_dock_id, number, one, row in zip(ids, numbers, given, rows, strict=True)
        ]

    def take_back(self, ctx: Context, receipt_line_ids: Sequence[int]) -> None:
        """End the planned ones; refuses with AlreadyStaged while goods stand at the door or have left."""
        found = locks.cross_docks_of_receipt(receipt_line_ids)
        staged = next((one for one in found if one.state == CrossDockState.STAGED), None)
        if staged is not None:
            raise AlreadyStaged(
                f"{staged.units} of these stand at the outbound door, or have left ({staged.number}).",
                fix=f"Undo {staged.number} first.",
            )
        cancel(ctx, [one for one in found if one.state == CrossDockState.PLANNED], "the count was taken back")

    def labels(self, cross_dock_ids: Sequence[int]) -> str:
        """The PDF with a label for each."""
        ids = [("id", cross_dock_id) for cross_dock_id in cross_dock_ids[:SHOWN]]
        return f"{reverse('allocation_cross_dock_labels')}?{urlencode(ids)}"


def _without_lot_rules(claims: Sequence[Claim], site_id: int, arrived: Sequence[Arrived]) -> list[Claim]:
    """Without lines whose customers take no lot twice: a run looks for lots that will do. One query with lots."""
    items = sorted({one.line.item_id for one in arrived if one.lot})
    wishes = queries_lots.lot_wishes(site_id, items) if items else {}
    return [c for c in claims if c.line_id not in wishes or wishes[c.line_id].rule != "new"]


inbound.register(CrossDocking())


def _arrival(one: Arrived, families: dict[int, int]) -> Arrival:
    line = one.line
    return Arrival(
        item_id=line.item_id,
        lot_id=line.lot_id,
        lot=one.lot,
        expires_on=one.expires_on,
        units=line.units,
        quality=line.quality,
        is_stored=bool(line.location_id),
        family_id=families.get(line.item_id, 0),
    )


def _insert(
    ctx: Context, claimed: Claimed, dock_id: int, given: Sequence[tuple[Given, Any]]
) -> tuple[list[int], list[str]]:
    """Write cross-docks with their tasks; ids and numbers in order. Three statements, none for nothing."""
    if not given:
        return [], []
    policy = claimed.policy
    numbers = next_numbers("XD", len(given))
    task_ids = tasks.create_tasks(
        ctx,
        [
            NewTask(
                kind=KIND,
                origin=ref("inbound.line", row.receipt_line_id),
                site_id=claimed.site_id,
                from_location_id=dock_id,
                to_location_id=policy.staging_id,
                lpn_id=row.lpn_id,
                item_id=row.item_id,
                units=one.units,
                priority=FIRST,
                standard_seconds=STANDARD_SECONDS,
            )
            for one, row in given
        ],
    )
    made = sql.fetch_all(
        """
        INSERT INTO allocation_crossdock
               (site_id, policy_id, from_location_id, staging_id, door_id, state, planned_by_id, planned_at, number,
                receipt_line_id, order_line_id, item_id, lot_id, lpn_id, units, task_id)
        SELECT %s, %s, %s, %s, nullif(%s, 0), 'planned', %s, %s, n.number, n.receipt_line_id, n.order_line_id,
               n.item_id, n.lot_id, n.lpn_id, n.units, n.task_id
        FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
                    %s::bigint[]) WITH ORDINALITY
             AS n(number, receipt_line_id, order_line_id, item_id, lot_id, lpn_id, units, task_id, place)
        ORDER BY n.place RETURNING id
        """,
        (
            claimed.site_id,
            policy.policy_id,
            dock_id,
            policy.staging_id,
            policy.door_id,
            ctx.actor_id,
            ctx.now,
            numbers,
            [row.receipt_line_id for _, row in given],
            [one.claim.line_id for one, _ in given],
            [row.item_id for _, row in given],
            [row.lot_id for _, row in given],
            [row.lpn_id for _, row in given],
            [one.units for one, _ in given],
            task_ids,
        ),
    )
    return [row[0] for row in made], numbers


def _explain(
    ctx: Context,
    policy: Policy,
    offers: Sequence[Offer],
    arrived: Sequence[Arrived],
    wanted: set[int],
    made: Sequence[tuple[int, str, Given]],
) -> None:
    """Why: for each receipt line of an item that somebody waits for, for each cross-dock, and for each order line."""
    where = f"{policy.staging}, door {policy.door}" if policy.door else policy.staging
    rule = f"{RULE} policy v{policy.version}"
    rows = [
        DecisionRow(
            kind="cross_dock",
            subject=ref("inbound.line", one.line.receipt_line_id),
            sentence=rules_cross_docks.sentence(offer, one.line.units),
            rule=rule,
            detail={
                "units": one.line.units,
                "given": [[g.claim.number, g.claim.tier, g.units] for g in offer.given],
                "put_away": one.line.units - offer.units,
                "why_not": offer.reasons,
            },
        )
        for offer, one in zip(offers, arrived, strict=True)
        if one.line.item_id in wanted
    ]
    for cross_dock_id, number, given in made:
        sentence = (
            f"{given.units} go from the dock to {given.claim.number} (tier {given.claim.tier}) at {where}: it was the"
            " first in rank that still waited for them."
        )
        detail = {"units": given.units, "wanted": given.claim.units, "order": given.claim.number, "number": number}
        rows.append(DecisionRow("cross_dock", ref(CROSS_DOCK, cross_dock_id), sentence, rule, detail))
        sentence = f"{given.units} of {given.claim.units} come straight from the dock as {number}."
        rows.append(DecisionRow("cross_dock", ref(LINE, given.claim.line_id), sentence, rule, detail))
    record(ctx, rows)


def cancel(ctx: Context, found: Sequence[LockedCrossDock], reason: str) -> None:
    """Cancel locked, planned cross-docks and their tasks. Two statements, none for nothing."""
    if not found:
        return
    for one in found:
        advance(CrossDockState(one.state), "cancel", number=one.number)
    sql.execute(
        """
        UPDATE allocation_crossdock SET state = 'cancelled', ended_by_id = %s, ended_at = %s, end_reason = %s
        WHERE id = ANY(%s::bigint[])
        """,
        (ctx.actor_id, ctx.now, reason[:200], [one.cross_dock_id for one in found]),
    )
    tasks.cancel(ctx, [one.task_id for one in found], reason=reason)


def cancel_and_put_away(
    ctx: Context, found: Sequence[LockedCrossDock], reason: str, *, left: Sequence[int] | None = None
) -> None:
    """The same, and their goods need bins: all, or the units `left` of each.

    Emits allocation.cross_docks_cancelled for each site where goods need one.
    """
    cancel(ctx, found, reason)
    units_of = [one.units for one in found] if left is None else left
    for site_id in sorted({one.site_id for one in found}):
        lines = [
            ToPutAway(x.receipt_line_id, x.from_location_id, x.item_id, x.lot_id, x.lpn_id, units)
            for x, units in zip(found, units_of, strict=True)
            if x.site_id == site_id and units
        ]
        if lines:
            ctx.emit(CancelledEvent(site_id, lines))


def without_goods(found: Sequence[LockedCrossDock]) -> list[tuple[LockedCrossDock, int]]:
    """Which of locked, planned cross-docks end for want of goods, with the units of each that need a bin. One query."""
    stands: dict[tuple[int, int, int, int], list[LockedCrossDock]] = {}
    for one in found:
        stands.setdefault((one.from_location_id, one.lpn_id, one.item_id, one.lot_id), []).append(one)
    if not stands:
        return []
    units_at = reads.standing(list(stands))
    needed: dict[int, int] = {}
    for key, ones in stands.items():
        planned = [(one.cross_dock_id, one.units) for one in ones]
        needed.update(rules_cross_docks.without_goods(planned, *units_at.get(key, (0, 0))))
    return [(one, needed[one.cross_dock_id]) for one in found if one.cross_dock_id in needed]


def write_staged(ctx: Context, done: Sequence[tuple[LockedCrossDock, int]], posting_id: int, staging_id: int) -> None:
    """Goods of cross-docks stand at the door: (cross-dock, LPN there). One statement."""
    sql.execute(
        """
        UPDATE allocation_crossdock x
        SET state = 'staged', staged_lpn_id = d.lpn_id, posting_id = %s, ended_by_id = %s, ended_at = %s,
            staging_id = CASE WHEN %s = 0 THEN x.staging_id ELSE %s END
        FROM unnest(%s::bigint[], %s::bigint[]) AS d(id, lpn_id) WHERE x.id = d.id
        """,
        (
            posting_id,
            ctx.actor_id,
            ctx.now,
            staging_id,
            staging_id,
            [one.cross_dock_id for one, _ in done],
            [lpn_id for _, lpn_id in done],
        ),
    )


def write_undone(ctx: Context, back: Sequence[tuple[LockedCrossDock, int]]) -> None:
    """Goods are back at the dock, and somebody has to carry them again: (cross-dock, LPN there). Two statements."""
    task_ids = tasks.create_tasks(
        ctx,
        [
            NewTask(
                kind=KIND,
                origin=ref("inbound.line", one.receipt_line_id),
                site_id=one.site_id,
                from_location_id=one.from_location_id,
                to_location_id=one.staging_id,
                lpn_id=lpn_id,
                item_id=one.item_id,
                units=one.units,
                priority=FIRST,
                standard_seconds=STANDARD_SECONDS,
            )
            for one, lpn_id in back
        ],
    )
    sql.execute(
        """
        UPDATE allocation_crossdock x
        SET state = 'planned', staged_lpn_id = NULL, posting_id = NULL, ended_by_id = NULL, ended_at = NULL,
            lpn_id = b.lpn_id, task_id = b.task_id
        FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS b(id, lpn_id, task_id) WHERE x.id = b.id
        """,
        ([one.cross_dock_id for one, _ in back], [lpn_id for _, lpn_id in back], task_ids),
    )


def replace_policy(ctx: Context, current_id: int, values: tuple[Any, ...]) -> int:
    """End the version in force and write the next: (site, version, on, families, tier, staging, door, reason)."""
    if current_id:
        sql.execute("UPDATE allocation_crossdockpolicy SET ended_at = %s WHERE id = %s", (ctx.now, current_id))
    return int(
        sql.fetch_value(
            """
            INSERT INTO allocation_crossdockpolicy
                   (site_id, version, is_on, family_ids, min_tier, staging_id, door_id, reason, set_by_id, set_at)
            VALUES (%s, %s, %s, %s, %s, nullif(%s, 0), nullif(%s, 0), %s, %s, %s) RETURNING id
            """,
            (*values, ctx.actor_id, ctx.now),
        )
    )
