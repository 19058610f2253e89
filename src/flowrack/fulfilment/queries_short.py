"""What becomes of units that a picker did not find, in words for the picker's screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flowrack.allocation import queries_outlook, queries_substitutes, rules_cover
from flowrack.allocation.rules_foresight import Coming
from flowrack.fulfilment.states import AtShort
from flowrack.fulfilment.types import ShortPicked
from flowrack.platform import sql
from flowrack.platform.web.format import day
from flowrack.platform.web.query import ListQuery, Page, sql_page
from flowrack.purchasing.queries import business_days
from flowrack.shared.refs import ref

PICK = "fulfilment.pick"


def policy_of(list_id: int) -> str:
    """What the rule of a list's zone, or its site, says of the rest of a short pick. One query."""
    return str(
        sql.fetch_value(
            """
            SELECT coalesce((
                SELECT p.at_short FROM fulfilment_pickpolicy p
                WHERE p.site_id = l.site_id AND (p.zone_id = l.zone_id OR p.zone_id IS NULL)
                ORDER BY p.zone_id NULLS LAST LIMIT 1
            ), %s) FROM fulfilment_picklist l WHERE l.id = %s
            """,
            (AtShort.BINS, list_id),
        )
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """A short pick that was not found after all: the pick for which units are in doubt, and the one that is short.

    `is_at_work`: its list is on the floor, or ended with this very pick.
    """

    short_id: int
    pick_id: int
    rest_id: int
    list_id: int
    number: str
    line_id: int
    order_id: int
    units: int
    is_at_work: bool
    instead_ids: list[int]
    told_by_id: int
    told_at: datetime


def standing(pick_id: int) -> Standing | None:
    """The short pick of a pick, named by itself or by what is short of it; None when there is none. One query."""
    row = sql.fetch_one(
        """
        SELECT s.id, s.pick_id, s.rest_id, l.id, l.number, s.order_line_id, p.order_id, s.units,
               l.state IN ('open', 'taken', 'parked') OR (l.state = 'done' AND l.finished_at = s.told_at),
               ARRAY(SELECT r.pick_id FROM fulfilment_shortrest r WHERE r.short_id = s.id ORDER BY r.pick_id),
               s.told_by_id, s.told_at
        FROM fulfilment_pickline p JOIN fulfilment_shortpick s ON s.pick_list_id = p.pick_list_id AND s.found_at IS NULL
             AND p.id IN (s.pick_id, s.rest_id)
        JOIN fulfilment_picklist l ON l.id = s.pick_list_id
        WHERE p.id = %s
        """,
        (pick_id,),
    )
    return Standing(*row) if row else None


@dataclass(frozen=True, slots=True)
class OwnShort:
    """A short pick that a person told and may still take back."""

    pick_id: int
    units: int
    sku: str
    location: str
    list_id: int
    number: str


def own_shorts(actor_id: int, site_id: int, now: datetime, *, limit: int = 3) -> list[OwnShort]:
    """What a person told of as short at a site and may find after all: its list is on the floor or ended with it, and
    nobody has counted the bin. The newest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT s.pick_id, s.units, i.sku, b.code, l.id, l.number
        FROM fulfilment_shortpick s JOIN fulfilment_pickline p ON p.id = s.rest_id
        JOIN fulfilment_picklist l ON l.id = s.pick_list_id JOIN catalog_item i ON i.id = p.item_id
        JOIN locations_location b ON b.id = p.location_id
        WHERE s.told_by_id = %(actor)s AND l.site_id = %(site)s AND s.found_at IS NULL
          AND s.told_at > %(now)s::timestamptz - interval '1 day'
          AND (l.state IN ('open', 'taken', 'parked') OR (l.state = 'done' AND l.finished_at = s.told_at))
          AND s.units <= (SELECT coalesce(sum(r.units), 0) FROM ledger_reservation r
                          WHERE r.ref = 'fulfilment.pick:' || s.pick_id)
        ORDER BY s.told_at DESC, s.id DESC LIMIT %(limit)s
        """,
        {"actor": actor_id, "site": site_id, "now": now, "limit": limit},
    )
    return [OwnShort(*row) for row in rows]


def rest_of(pick_id: int) -> int:
    """The pick of what was short of a pick and was found after all, the last of them; 0 = there is none. One query."""
    return int(
        sql.fetch_value(
            """
            SELECT max(s.rest_id) FROM fulfilment_pickline p JOIN fulfilment_shortpick s
            ON s.pick_list_id = p.pick_list_id AND s.pick_id = p.id AND s.found_at IS NOT NULL WHERE p.id = %s
            """,
            (pick_id,),
        )
        or 0
    )


def was_found(pick_id: int) -> bool:
    """Whether what was short of a pick was found after all. One query."""
    return bool(
        sql.fetch_value(
            """
            SELECT EXISTS (SELECT FROM fulfilment_pickline p JOIN fulfilment_shortpick s
                           ON s.pick_list_id = p.pick_list_id AND s.pick_id = p.id AND s.found_at IS NOT NULL
                           WHERE p.id = %s)
            """,
            (pick_id,),
        )
    )


def doubt_of(pick_id: int) -> int:
    """Units in doubt for a pick: what was short and what else its cell held; fewer once it was counted. One query."""
    return int(
        sql.fetch_value(
            "SELECT coalesce(sum(units), 0)::bigint FROM ledger_reservation WHERE ref = %s", (ref(PICK, pick_id),)
        )
    )


def free_in(cell_id: int) -> int:
    """Units of a cell that nobody has reserved. One query."""
    return int(sql.fetch_value("SELECT on_hand - reserved FROM ledger_cell WHERE id = %s", (cell_id,)))


def is_clear(location_id: int) -> bool:
    """Whether no units of a bin are in doubt. One query."""
    return not sql.fetch_value(
        """
        SELECT EXISTS (SELECT FROM ledger_cell c JOIN ledger_reservation r ON r.cell_id = c.id
                       WHERE c.location_id = %s AND r.ref LIKE 'fulfilment.pick:%%')
        """,
        (location_id,),
    )


def rest_in_words(done: ShortPicked, line_id: int, at: datetime) -> list[str]:
    """Where the rest of a short pick comes from: other bins, what is to come, or a substitute that may be offered.

    One query where all comes from other bins, one for what is in doubt; some twenty where units wait.
    """
    said = [_elsewhere(done.elsewhere_ids)] if done.elsewhere_ids else []
    if done.unseen_units:
        said.append(
            f"{_place_of(done.pick_id)} has {done.unseen_units:,} more in the books: nobody gets them before a count."
        )
    return said + _waiting(done.waiting_units, line_id, at) if done.waiting_units else said


def _place_of(pick_id: int) -> str:
    return str(
        sql.fetch_value(
            """
            SELECT b.code FROM fulfilment_pickline p JOIN locations_location b ON b.id = p.location_id WHERE p.id = %s
            """,
            (pick_id,),
        )
    )


def _elsewhere(pick_ids: Sequence[int]) -> str:
    rows = sql.fetch_all(
        """
        SELECT b.code, CASE WHEN s.line_id IS NULL THEN '' ELSE i.sku END, sum(p.units)::bigint, min(p.place)
        FROM fulfilment_pickline p JOIN locations_location b ON b.id = p.location_id
        JOIN catalog_item i ON i.id = p.item_id
        LEFT JOIN sales_substitution s ON s.line_id = p.order_line_id AND s.undone_at IS NULL
        WHERE p.id = ANY(%s::bigint[]) GROUP BY 1, 2 ORDER BY 2, 4, 1
        """,
        (list(pick_ids),),
    )
    own = ", ".join(f"{units:,} from {code}" for code, sku, units, _ in rows if not sku)
    instead = ", ".join(f"{units:,} × {sku} from {code} instead" for code, sku, units, _ in rows if sku)
    return f"{', '.join(filter(None, (own, instead)))}: on this list."


def _waiting(units: int, line_id: int, at: datetime) -> list[str]:
    """By when the units are covered as runs will keep promises, and what may be sent instead."""
    sites = sql.fetch_value(
        "SELECT o.site_id FROM sales_orderline l JOIN sales_order o ON o.id = l.order_id WHERE l.id = %s", (line_id,)
    )
    today = business_days([sites], now=at)[sites]
    line = queries_substitutes.short_line(line_id, today)
    if line is None:
        return []
    pair = (line.need.item_id, line.site_id)
    wants, coming = queries_outlook.scenes([pair], at)[pair]
    found = rules_cover.outlook(wants, coming, today).get(line_id)
    said = [_until(units, found, coming)]
    offers = queries_substitutes.propose(line, today, at).offers
    portions = (offers.b or offers.a).portions
    if portions:
        words = ", ".join(f"{portion.units:,} × {portion.edge.sku}" for portion in portions)
        said.append(f"Customer service may offer {words} instead.")
    return said


def _until(units: int, found: rules_cover.Cover | None, coming: Sequence[Coming]) -> str:
    wait = "1 waits" if units == 1 else f"{units:,} wait"
    if found is None or found.on is None:
        return f"{wait}: nothing that is to come covers it."
    if found.on == date.min:
        return f"{wait}: stock that is free now is promised to it in the next run."
    number = next((one.number for one in coming if one.po_line_id == found.po_line_id and one.number), "")
    return f"{wait} until {day(found.on)}{f', when {number} is expected' if number else ''}."


@dataclass(frozen=True, slots=True)
class ShortRow:
    """A short pick on the list of short picks."""

    id: int
    order_id: int
    order: str
    line_id: int
    customer: str
    sku: str
    location: str
    units: int
    elsewhere_units: int
    replaced_units: int
    waits: int
    standing: str
    reason: str
    why: str
    list_id: int
    list_number: str
    told_by: str
    told_at: datetime
    found_at: datetime | None
    site: str
    site_id: int


_SHORTS = """
    SELECT s.id, o.id AS order_id, o.number AS order, s.order_line_id AS line_id, c.name AS customer, i.sku,
           b.code AS location, s.units, s.elsewhere_units, s.replaced_units,
           CASE WHEN s.found_at IS NULL THEN least(s.units - s.elsewhere_units - s.replaced_units, d.open_units)
                ELSE 0 END AS waits,
           CASE WHEN s.found_at IS NOT NULL THEN 'found after all'
                WHEN s.units > s.elsewhere_units + s.replaced_units AND d.open_units > 0 THEN 'waits'
                WHEN s.units > s.elsewhere_units + s.replaced_units AND d.allocated_units > 0 THEN 'reserved again'
                WHEN s.units > s.elsewhere_units + s.replaced_units THEN 'settled since'
                WHEN s.replaced_units > 0 THEN 'replaced' ELSE 'from elsewhere' END AS standing,
           p.short_reason AS reason, s.why, l.id AS list_id, l.number AS list_number, u.full_name AS told_by, s.told_at,
           s.found_at, t.code AS site, t.id AS site_id
    FROM fulfilment_shortpick s JOIN fulfilment_pickline p ON p.id = s.rest_id
    JOIN sales_orderline d ON d.id = s.order_line_id
    JOIN sales_order o ON o.id = p.order_id JOIN parties_party c ON c.id = o.customer_id
    JOIN catalog_item i ON i.id = p.item_id JOIN locations_location b ON b.id = p.location_id
    JOIN fulfilment_picklist l ON l.id = s.pick_list_id JOIN locations_site t ON t.id = l.site_id
    JOIN platform_user u ON u.id = s.told_by_id
"""


def shorts(query: ListQuery) -> Page[ShortRow]:
    """Short picks of the sites that the person may see. Two queries."""
    return sql_page(query, ShortRow, _SHORTS, search=("order", "customer", "sku", "location"), site_column="site_id")
