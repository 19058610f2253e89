"""Writes of pick lists, inside the commands that release, pick, undo and call back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from flowrack.fulfilment import queries_policies
from flowrack.fulfilment.rules import PickPlan
from flowrack.fulfilment.rules_lists import ListDraft, make_lists
from flowrack.fulfilment.states import Method, UnitKind
from flowrack.platform import sql
from flowrack.platform.numbers import next_numbers
from flowrack.platform.runner import Context

ALL_ORDERS = 0  # the position of a batch holds goods of every order


def plan_lists(
    wave_id: int, site_id: int, staging_id: int, plans: Sequence[PickPlan]
) -> tuple[list[tuple[int, int]], list[int]]:
    """Make the lists of a wave: for each pick its list and place in it, and the ids of the lists. Five statements."""
    drafts = make_lists(plans, queries_policies.house_of(site_id, plans))
    list_ids = _insert(wave_id, site_id, staging_id, drafts, plans)
    places = [(0, 0)] * len(plans)
    for list_id, draft in zip(list_ids, drafts, strict=True):
        for place, n in enumerate(draft.picks, 1):
            places[n] = (list_id, place)
    return places, list_ids


def _insert(
    wave_id: int, site_id: int, staging_id: int, drafts: Sequence[ListDraft], plans: Sequence[PickPlan]
) -> list[int]:
    numbers = next_numbers("PL", len(drafts))
    totes = [
        (number, position, order_id)
        for number, draft in zip(numbers, drafts, strict=True)
        for position, order_id in enumerate(_on_cart(draft), 1)
    ]
    rows = sql.fetch_all(
        """
        WITH head AS (
            INSERT INTO fulfilment_picklist (number, wave_id, site_id, zone_id, method, unit_kind, place_id, why,
                                             due_on, first_sequence, lines, weight_g, volume_ml, walk_method)
            SELECT d.number, %s, %s, nullif(d.zone_id, 0), d.method, d.unit_kind, coalesce(d.place_id, %s), d.why,
                   d.due_on, d.first_sequence, d.lines, d.weight_g, d.volume_ml, ''
            FROM (SELECT unnest(%s::text[]) AS number, unnest(%s::bigint[]) AS zone_id, unnest(%s::text[]) AS method,
                         unnest(%s::text[]) AS unit_kind, unnest(%s::bigint[]) AS place_id, unnest(%s::text[]) AS why,
                         unnest(%s::date[]) AS due_on, unnest(%s::bigint[]) AS first_sequence,
                         unnest(%s::int[]) AS lines, unnest(%s::bigint[]) AS weight_g,
                         unnest(%s::bigint[]) AS volume_ml) AS d
            RETURNING id, number
        ), tote AS (
            INSERT INTO fulfilment_picklisttote (pick_list_id, position, order_id)
            SELECT head.id, t.position, nullif(t.order_id, 0)
            FROM (SELECT unnest(%s::text[]) AS number, unnest(%s::int[]) AS position, unnest(%s::bigint[]) AS order_id)
                 AS t JOIN head ON head.number = t.number
        )
        SELECT id, number FROM head
        """,
        (
            wave_id,
            site_id,
            staging_id,
            numbers,
            [draft.zone_id for draft in drafts],
            [str(draft.method) for draft in drafts],
            [str(draft.unit_kind) for draft in drafts],
            [draft.consolidation_id for draft in drafts],
            [draft.why for draft in drafts],
            [draft.due_on for draft in drafts],
            [plans[draft.picks[0]].cell.pick_sequence for draft in drafts],
            [len(draft.picks) for draft in drafts],
            [draft.weight_g for draft in drafts],
            [draft.volume_ml for draft in drafts],
            [number for number, _, _ in totes],
            [position for _, position, _ in totes],
            [order_id for _, _, order_id in totes],
        ),
    )
    ids = {number: list_id for list_id, number in rows}
    return [ids[number] for number in numbers]


def _on_cart(draft: ListDraft) -> Sequence[int]:
    """Whose goods go to the positions A, B, C...; a pallet needs none."""
    if draft.unit_kind == UnitKind.PALLET:
        return ()
    return (ALL_ORDERS,) if draft.method == Method.BATCH else draft.orders


def settle(list_ids: Iterable[int], *, at: datetime) -> None:
    """Lists of which nothing is open are done, or cancelled where nothing of them was picked. One statement."""
    sql.execute(
        """
        WITH over AS (
            UPDATE fulfilment_picklist l
            SET state = CASE WHEN p.is_any_done THEN 'done' ELSE 'cancelled' END, lease_until = NULL,
                finished_at = %s
            FROM (
                SELECT pick_list_id, bool_or(state IN ('picked', 'short')) AS is_any_done
                FROM fulfilment_pickline WHERE pick_list_id = ANY(%s::bigint[])
                GROUP BY pick_list_id HAVING NOT bool_or(state = 'open')
            ) AS p
            WHERE l.id = p.pick_list_id AND l.state IN ('open', 'taken', 'parked')
            RETURNING l.id
        )
        UPDATE fulfilment_picklisttote t SET is_bound = false FROM over WHERE t.pick_list_id = over.id AND t.is_bound
        """,
        (at, sorted(set(list_ids))),
    )


def reopen(list_id: int) -> None:
    """A pick of the list is open again. One statement."""
    sql.execute(
        """
        UPDATE fulfilment_picklist SET state = 'open', finished_at = NULL, taken_by_id = NULL, device = ''
        WHERE id = %s AND state IN ('done', 'cancelled')
        """,
        (list_id,),
    )


def take(ctx: Context, list_id: int, until: datetime) -> None:
    """The list is the actor's on this device. One statement; the list is locked."""
    sql.execute(
        """
        UPDATE fulfilment_picklist
        SET state = 'taken', taken_by_id = %s, device = left(%s, 80), taken_at = %s, lease_until = %s,
            started_at = coalesce(started_at, %s)
        WHERE id = %s
        """,
        (ctx.actor_id, ctx.device, ctx.now, until, ctx.now, list_id),
    )


def give_back(list_id: int, state: str) -> int:
    """Nobody has the list any more; how many picks are left. One statement; the list is locked."""
    left = sql.fetch_value(
        """
        UPDATE fulfilment_picklist l SET state = %s, taken_by_id = NULL, device = '', lease_until = NULL
        WHERE id = %s
        RETURNING (SELECT count(*) FROM fulfilment_pickline p WHERE p.pick_list_id = l.id AND p.state = 'open')
        """,
        (state, list_id),
    )
    return int(left)
