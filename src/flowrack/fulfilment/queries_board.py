"""Reads of pick lists for the desk: the list of lists, and the walks of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flowrack.platform import sql
from flowrack.platform.web.query import ListQuery, Page, sql_page


@dataclass(frozen=True, slots=True)
class ListRow:
    """One pick list on the list of lists. `saved_mm` is what its walk saves over the order of the bins."""

    id: int
    number: str
    state: str
    wave_id: int
    wave: str
    site: str
    site_id: int
    zone: str
    method: str
    unit_kind: str
    due_on: date
    due_at: datetime | None
    orders: int
    picks: int
    open: int
    done: int
    short: int
    person: str
    device: str
    is_lease_over: bool
    walk_method: str
    walk_mm: int | None
    saved_mm: int | None
    seconds: int | None
    taken_at: datetime | None
    last_pick_at: datetime | None
    finished_at: datetime | None
    why: str

    @property
    def standing(self) -> str:
        """The state, and whether its device was not heard of in time."""
        return "lease over" if self.is_lease_over else self.state

    @property
    def seconds_a_line(self) -> int | None:
        """Whole seconds from the first take to the last pick for each pick that was made; None before any."""
        made = self.done + self.short
        return self.seconds // made if made and self.seconds is not None else None


_ROWS = """
    SELECT l.id, l.number, l.state, l.wave_id, w.number AS wave, s.name AS site, l.site_id,
           coalesce(z.code, '') AS zone, l.method, l.unit_kind, l.due_on, l.due_at, t.orders, t.picks, t.open, t.done,
           t.short,
           coalesce(nullif(u.full_name, ''), u.username, '') AS person, l.device,
           l.state = 'taken' AND l.lease_until < now() AS is_lease_over, l.walk_method, l.walk_mm,
           (SELECT v.mm - l.walk_mm FROM fulfilment_picklistwalk v
            WHERE v.pick_list_id = l.id AND v.method = 'as given') AS saved_mm,
           extract(epoch FROM l.last_pick_at - l.started_at)::bigint AS seconds,
           l.taken_at, l.last_pick_at, l.finished_at, l.why
    FROM fulfilment_picklist l JOIN fulfilment_wave w ON w.id = l.wave_id JOIN locations_site s ON s.id = l.site_id
    LEFT JOIN locations_zone z ON z.id = l.zone_id LEFT JOIN platform_user u ON u.id = l.taken_by_id
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT p.order_id) AS orders,
               count(*) FILTER (WHERE p.state NOT IN ('cancelled', 'going_back')) AS picks,
               count(*) FILTER (WHERE p.state = 'open') AS open, count(*) FILTER (WHERE p.state = 'picked') AS done,
               count(*) FILTER (WHERE p.state = 'short') AS short
        FROM fulfilment_pickline p WHERE p.pick_list_id = l.id
    ) AS t
"""


def list_list(query: ListQuery) -> Page[ListRow]:
    """Pick lists with their progress. Two queries."""
    return sql_page(
        query,
        ListRow,
        _ROWS,
        search=("number", "wave", "person"),
        totals={"picks": "sum(picks)", "open": "sum(open)"},
        site_column="site_id",
    )


def lists_of_wave(wave_id: int, *, limit: int = 500) -> list[ListRow]:
    """The lists of a wave, the first of the walk first. One query."""
    rows = sql.fetch_all(_ROWS + "WHERE l.wave_id = %s ORDER BY l.first_sequence, l.id LIMIT %s", (wave_id, limit))
    return [ListRow(*row) for row in rows]


def list_row(list_id: int) -> ListRow:
    """One list, which is there. One query."""
    row = sql.fetch_one(_ROWS + "WHERE l.id = %s", (list_id,))
    assert row is not None, "the page has looked it up before"
    return ListRow(*row)


@dataclass(frozen=True, slots=True)
class WalkRow:
    """The length of a list's walk by one way, and how much longer than the chosen one it is."""

    method: str
    mm: int
    more_mm: int
    is_chosen: bool


def walks_of(list_id: int) -> list[WalkRow]:
    """The ways of walking a list, the shortest first. One query."""
    rows = sql.fetch_all(
        """
        SELECT v.method, v.mm, v.mm - l.walk_mm, v.method = l.walk_method
        FROM fulfilment_picklistwalk v JOIN fulfilment_picklist l ON l.id = v.pick_list_id
        WHERE l.id = %s ORDER BY v.mm, v.method <> l.walk_method, v.method
        """,
        (list_id,),
    )
    return [WalkRow(*row) for row in rows]
