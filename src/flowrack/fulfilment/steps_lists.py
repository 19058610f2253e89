"""Writes of pick lists, inside the commands that release, pick, undo and call back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime

from flowrack.fulfilment import queries_policies, rules_walks
from flowrack.fulfilment.rules import PickPlan
from flowrack.fulfilment.rules_lists import ListDraft, make_lists
from flowrack.fulfilment.rules_walks import Goods, Walk
from flowrack.fulfilment.states import Method, UnitKind
from flowrack.fulfilment.types_lists import CartOf, PickRule
from flowrack.platform import sql
from flowrack.platform.numbers import next_numbers
from flowrack.platform.runner import Context
from flowrack.walks import queries as walking

ALL_ORDERS = 0  # the position of a batch holds goods of every order


def plan_lists(
    wave_id: int, site_id: int, staging_id: int, plans: Sequence[PickPlan], method: str = ""
) -> tuple[list[tuple[int, int]], list[int]]:
    """Make the lists of a wave: for each pick its list and place in it, and the ids of the lists. Seven statements.

    With a method, it is picked by that, whatever the rules of its zones say.
    """
    house, floor = queries_policies.house_of(site_id, plans, method), walking.floor_of(site_id)
    drafts = make_lists(plans, house, rules_walks.group_by(plans, floor))
    walks = rules_walks.walks(drafts, plans, house.measures, floor)
    list_ids = _insert(wave_id, site_id, staging_id, drafts, plans, [walk for _, walk in walks])
    write_alternatives((list_id, walk) for list_id, (_, walk) in zip(list_ids, walks, strict=True) if walk)
    places = [(0, 0)] * len(plans)
    for list_id, (picks, _) in zip(list_ids, walks, strict=True):
        for place, n in enumerate(picks, 1):
            places[n] = (list_id, place)
    return places, list_ids


def write_alternatives(walks: Iterable[tuple[int, Walk]]) -> None:
    """Keep what every way of walking a list would have cost. One statement, none for no walks."""
    rows = [(list_id, method, mm) for list_id, walk in walks for method, mm in walk.alternatives.items()]
    if rows:
        sql.execute(
            """
            INSERT INTO fulfilment_picklistwalk (pick_list_id, method, mm)
            SELECT w.* FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS w
            ON CONFLICT (pick_list_id, method) DO UPDATE SET mm = excluded.mm
            """,
            tuple(list(column) for column in zip(*rows, strict=True)),
        )


def walk_now(list_id: int, site_id: int) -> None:
    """Find the walk of a list that was not looked for at the release; nobody has begun it. Four statements."""
    rows = sql.fetch_all(
        """
        SELECT p.id, p.location_id, p.units * coalesce(e.weight_g, 0), coalesce(i.bears_g = 0, false)
        FROM fulfilment_pickline p JOIN catalog_item i ON i.id = p.item_id
        LEFT JOIN catalog_packlevel e ON e.item_id = p.item_id AND e.level = 'each'
        WHERE p.pick_list_id = %s AND p.state = 'open' ORDER BY p.place, p.id
        """,
        (list_id,),
    )
    answer = rules_walks.walk([Goods(*row[1:]) for row in rows], walking.floor_of(site_id)) if rows else None
    if answer is None:
        return
    order, walk = answer
    sql.execute(
        """
        UPDATE fulfilment_pickline p SET place = w.place
        FROM unnest(%s::bigint[]) WITH ORDINALITY AS w(id, place) WHERE p.id = w.id
        """,
        ([rows[n][0] for n in order],),
    )
    sql.execute(
        "UPDATE fulfilment_picklist SET walk_method = %s, walk_mm = %s WHERE id = %s", (walk.method, walk.mm, list_id)
    )
    write_alternatives([(list_id, walk)])


def _insert(
    wave_id: int,
    site_id: int,
    staging_id: int,
    drafts: Sequence[ListDraft],
    plans: Sequence[PickPlan],
    walks: Sequence[Walk | None],
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
                                             due_on, first_sequence, lines, weight_g, volume_ml, walk_method, walk_mm)
            SELECT d.number, %s, %s, nullif(d.zone_id, 0), d.method, d.unit_kind, coalesce(d.place_id, %s), d.why,
                   d.due_on, d.first_sequence, d.lines, d.weight_g, d.volume_ml, d.walk_method, d.walk_mm
            FROM (SELECT unnest(%s::text[]) AS number, unnest(%s::bigint[]) AS zone_id, unnest(%s::text[]) AS method,
                         unnest(%s::text[]) AS unit_kind, unnest(%s::bigint[]) AS place_id, unnest(%s::text[]) AS why,
                         unnest(%s::date[]) AS due_on, unnest(%s::bigint[]) AS first_sequence,
                         unnest(%s::int[]) AS lines, unnest(%s::bigint[]) AS weight_g,
                         unnest(%s::bigint[]) AS volume_ml, unnest(%s::text[]) AS walk_method,
                         unnest(%s::bigint[]) AS walk_mm) AS d
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
            [walk.method if walk else "" for walk in walks],
            [walk.mm if walk else None for walk in walks],
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
    """A pick of the list is open again: its order's tote is filled further, unless it is gone. One statement."""
    sql.execute(
        """
        WITH again AS (
            UPDATE fulfilment_picklist SET state = 'open', finished_at = NULL, taken_by_id = NULL, device = ''
            WHERE id = %s AND state IN ('done', 'cancelled') RETURNING id
        ), place AS (
            SELECT t.id, EXISTS (SELECT FROM ledger_cell c WHERE c.lpn_id = t.tote_id AND c.on_hand > 0)
                   AND NOT EXISTS (SELECT FROM fulfilment_picklisttote o WHERE o.tote_id = t.tote_id AND o.is_bound)
                   AS is_here
            FROM again JOIN fulfilment_picklisttote t ON t.pick_list_id = again.id AND NOT t.is_full
            WHERE t.tote_id > 0 AND EXISTS (
                SELECT FROM fulfilment_pickline p WHERE p.pick_list_id = again.id AND p.state = 'open'
                AND (t.order_id IS NULL OR t.order_id = p.order_id)
            )
        )
        UPDATE fulfilment_picklisttote t
        SET tote_id = CASE WHEN place.is_here THEN t.tote_id END, is_bound = place.is_here
        FROM place WHERE t.id = place.id
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


def set_cart(list_id: int, cart_id: int) -> None:
    """The list is picked with this cart. One statement; both are locked."""
    sql.execute("UPDATE fulfilment_picklist SET cart_id = %s WHERE id = %s", (cart_id, list_id))


def replace_carts(site_id: int, carts: Sequence[CartOf]) -> list[str]:
    """These carts are in use at the site and no others; the codes of those that ended. Two statements."""
    sql.execute(
        """
        INSERT INTO fulfilment_cart (code, site_id, positions, is_active)
        SELECT c.code, %s, c.positions, true FROM unnest(%s::text[], %s::int[]) AS c(code, positions)
        ON CONFLICT (code) DO UPDATE SET positions = excluded.positions, is_active = true
        WHERE fulfilment_cart.site_id = excluded.site_id
        """,
        (site_id, [cart.code for cart in carts], [cart.positions for cart in carts]),
    )
    ended = sql.fetch_all(
        """
        UPDATE fulfilment_cart SET is_active = false WHERE site_id = %s AND is_active AND code <> ALL(%s::text[])
        RETURNING code
        """,
        (site_id, [cart.code for cart in carts]),
    )
    return sorted(row[0] for row in ended)


def replace_rules(site_id: int, rules: Sequence[PickRule]) -> None:
    """These are the site's picking rules and no others. Two statements."""
    sql.execute("DELETE FROM fulfilment_pickpolicy WHERE site_id = %s", (site_id,))
    columns = [[getattr(rule, field.name) for rule in rules] for field in fields(PickRule)]
    sql.execute(
        """
        INSERT INTO fulfilment_pickpolicy (site_id, zone_id, method, positions, max_lines, max_volume_ml, max_weight_g,
                                           scan_bin, scan_item, scan_lot, scan_qty, scan_tote, aisle_limit,
                                           lease_minutes, consolidation_id, at_short)
        SELECT %s, nullif(r.zone_id, 0), r.method, r.positions, r.max_lines, nullif(r.max_volume_ml, 0),
               nullif(r.max_weight_g, 0), r.scan_bin, r.scan_item, r.scan_lot, r.scan_qty, r.scan_tote, r.aisle_limit,
               r.lease_minutes, nullif(r.consolidation_id, 0), r.at_short
        FROM (SELECT unnest(%s::bigint[]) AS zone_id, unnest(%s::text[]) AS method, unnest(%s::int[]) AS positions,
                     unnest(%s::int[]) AS max_lines, unnest(%s::bigint[]) AS max_volume_ml,
                     unnest(%s::bigint[]) AS max_weight_g, unnest(%s::boolean[]) AS scan_bin,
                     unnest(%s::boolean[]) AS scan_item, unnest(%s::boolean[]) AS scan_lot,
                     unnest(%s::boolean[]) AS scan_qty, unnest(%s::boolean[]) AS scan_tote,
                     unnest(%s::int[]) AS aisle_limit, unnest(%s::int[]) AS lease_minutes,
                     unnest(%s::bigint[]) AS consolidation_id, unnest(%s::text[]) AS at_short) AS r
        """,
        (site_id, *columns),
    )


def set_lot(pick_id: int, lot_id: int, cell_id: int) -> None:
    """The pick is of another lot, from another cell of its bin. One statement; the pick is locked."""
    sql.execute(
        """
        UPDATE fulfilment_pickline p SET lot_id = %s, cell_id = c.id, lpn_id = c.lpn_id
        FROM ledger_cell c WHERE p.id = %s AND c.id = %s
        """,
        (lot_id, pick_id, cell_id),
    )
