"""What a list asks and what it gets: `ListQuery` in, `Page` out; `sql_page` answers from one SELECT.

`sql_page` wraps a SELECT whose output columns carry the names of the list's filters and sort keys:

    def order_list(query: ListQuery) -> Page[OrderRow]:
        return sql_page(
            query, OrderRow,
            "SELECT o.id, o.number, p.name AS customer, o.state, o.requested_on, o.site_id FROM sales_order o ...",
            search=("number", "customer"), totals={"units": "sum(units)"},
        )

PostgreSQL pushes the conditions into the SELECT as long as it has no GROUP BY, DISTINCT or window above the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

from django.utils import timezone

from flowrack.platform import sql

Row = TypeVar("Row")

COUNT_LIMIT = 100_000
MAX_OFFSET = 1_000_000


@dataclass(frozen=True, slots=True)
class Range:
    """A filter between two values, both included; None leaves that end open."""

    low: date | Decimal | None
    high: date | Decimal | None


FilterValue = list[str] | str | bool | Range


@dataclass(frozen=True, slots=True)
class ListQuery:
    """One view of a list: everything that the address says, plus the site the person works at (0 = all)."""

    filters: Mapping[str, FilterValue] = field(default_factory=dict)
    search: str = ""
    sort: tuple[str, ...] = ()
    offset: int = 0
    limit: int = 50
    site_id: int = 0
    actor_id: int = 0
    with_totals: bool = True
    times: frozenset[str] = frozenset()  # filters by day of what is a time: of the day by the clock of the page


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Rows of one view. `total` counts all that match; `is_bounded` says that there are at least that many."""

    rows: Sequence[Row]
    total: int
    totals: Mapping[str, Any] = field(default_factory=dict)
    is_bounded: bool = False


def sql_page(
    query: ListQuery,
    row: Callable[..., Row] | None,
    select: str,
    params: Sequence[Any] = (),
    *,
    search: Sequence[str] = (),
    totals: Mapping[str, str] | None = None,
    conditions: Mapping[str, str] | None = None,
    site_column: str = "",
    tie: str = "id",
    only_shown: bool = False,
) -> Page[Row]:
    """The rows, count and totals of a SELECT under a query; two statements.

    `row` is called with the columns in order (None gives an object with the columns as attributes). A filter compares
    the output column of its name; `conditions` gives another SQL condition for a filter, with one %s for its value.
    `site_column` narrows to the viewer's site. `tie` makes the order total. `only_shown` is for a SELECT that works out
    much for each row: it looks for the rows to show by `tie`, its key, and works out the rest for them alone.
    """
    where, values = conditions_of(query, search, conditions or {}, site_column)
    inner = f"SELECT r.* FROM ({select}) r{where}"  # noqa: S608 - text of the stage, values are bound
    order = ", ".join([*(_direction(key) for key in query.sort), f'r."{tie}"'])
    shown, given = f"{inner} ORDER BY {order} LIMIT %s OFFSET %s", [*params, *values, query.limit, query.offset]
    if only_shown:
        keys = f'SELECT r."{tie}" FROM ({select}) r{where} ORDER BY {order} LIMIT %s OFFSET %s'  # noqa: S608 - as above
        shown = f'SELECT r.* FROM ({select}) r WHERE r."{tie}" = ANY(ARRAY({keys})) ORDER BY {order}'  # noqa: S608
        given = [*params, *given]
    with sql.cursor() as c:
        c.execute(shown, given)
        names = [d[0] for d in c.description or []]
        fetched = c.fetchall()
    make: Callable[..., Any] = row or (lambda *cells: SimpleNamespace(**dict(zip(names, cells, strict=True))))
    rows = [make(*cells) for cells in fetched]
    if query.offset == 0 and len(rows) < query.limit and not (totals and query.with_totals):
        return Page(rows, len(rows))
    total, sums = _count_and_totals(inner, [*params, *values], totals or {} if query.with_totals else {})
    return Page(rows, min(total, COUNT_LIMIT), sums, is_bounded=total > COUNT_LIMIT)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands in a view: its number, of how many, and the keys before and after it."""

    number: int
    total: int
    before: int | None
    after: int | None


def sql_place(
    query: ListQuery,
    select: str,
    key: int,
    *,
    search: Sequence[str] = (),
    conditions: Mapping[str, str] | None = None,
    site_column: str = "",
    tie: str = "id",
) -> Place | None:
    """Where a row stands in the view that `sql_page` would draw; None where it is not in it. One statement."""
    where, values = conditions_of(query, search, conditions or {}, site_column)
    order = ", ".join([*(_direction(name) for name in query.sort), f'r."{tie}"'])
    row = sql.fetch_one(
        f"""
        SELECT p.number, p.total, p.before, p.after FROM (
            SELECT r."{tie}" AS key, row_number() OVER w AS number, count(*) OVER () AS total,
                   lag(r."{tie}") OVER w AS before, lead(r."{tie}") OVER w AS after
            FROM ({select}) r{where} WINDOW w AS (ORDER BY {order})
        ) AS p WHERE p.key = %s
        """,  # noqa: S608 - text of the stage, values are bound
        (*values, key),
    )
    return None if row is None else Place(*row)


def _count_and_totals(inner: str, values: list[Any], totals: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
    sums = "".join(f", {expression}" for expression in totals.values())
    statement = f"SELECT count(*){sums} FROM ({inner} LIMIT {COUNT_LIMIT + 1}) counted"  # noqa: S608 - as above
    found = sql.fetch_one(statement, values)
    assert found is not None
    if found[0] > COUNT_LIMIT:
        return int(found[0]), {}
    return int(found[0]), dict(zip(totals, found[1:], strict=True))


def _direction(key: str) -> str:
    name = key.removeprefix("-")
    return f'r."{name}" DESC NULLS LAST' if key.startswith("-") else f'r."{name}" ASC NULLS LAST'


def conditions_of(
    query: ListQuery, search: Sequence[str], conditions: Mapping[str, str], site_column: str = ""
) -> tuple[str, list[Any]]:
    """The WHERE clause of a query over output columns, with its values."""
    parts: list[str] = []
    values: list[Any] = []
    for name, value in query.filters.items():
        column = f'r."{name}"'
        if name == "id":
            parts.append(f"{column} = ANY(%s::bigint[])")
            values.append(value)
        elif name in conditions:
            parts.append(conditions[name])
            values.append(value)
        elif isinstance(value, Range):
            for bound, operator in ((value.low, ">="), (value.high, "<=")):
                if isinstance(bound, date) and name in query.times:
                    days, sign = (0, ">=") if operator == ">=" else (1, "<")
                    parts.append(f"{column} {sign} (%s::date + %s)::timestamp AT TIME ZONE %s")
                    values += [bound, days, timezone.get_current_timezone_name()]
                elif bound is not None:
                    cast = "::date" if isinstance(bound, date) else ""
                    parts.append(f"{column}{cast} {operator} %s{cast}")
                    values.append(bound)
        elif isinstance(value, bool):
            parts.append(column if value else f"NOT {column}")
        elif isinstance(value, str):
            parts.append(f"{column}::text ILIKE %s")
            values.append(like(value))
        else:
            parts.append(f"{column}::text = ANY(%s::text[])")
            values.append(list(value))
    if query.search and search:
        parts.append("(" + " OR ".join(f'r."{name}"::text ILIKE %s' for name in search) + ")")
        values += [like(query.search)] * len(search)
    if site_column and query.site_id:
        parts.append(f'r."{site_column}" = %s')
        values.append(query.site_id)
    return (" WHERE " + " AND ".join(parts) if parts else ""), values


def like(text: str) -> str:
    """An ILIKE pattern that finds the text anywhere."""
    escaped = text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def memory_page(query: ListQuery, rows: Iterable[Row], *, search: Sequence[str] = ()) -> Page[Row]:
    """The same for a short list that is in memory already (under some thousand rows)."""
    found = [r for r in rows if _matches(r, query, search)]
    for key in reversed(query.sort):
        name = key.removeprefix("-")
        found.sort(key=lambda r: _sort_key(getattr(r, name)), reverse=key.startswith("-"))
    return Page(found[query.offset : query.offset + query.limit], len(found))


def _sort_key(value: Any) -> tuple[bool, Any]:
    return (value is None, "" if value is None else value)


def _matches(row: Any, query: ListQuery, search: Sequence[str]) -> bool:
    for name, wanted in query.filters.items():
        value = getattr(row, name)
        if isinstance(wanted, Range):
            day: Any = value
            if isinstance(value, datetime):
                day = (timezone.localtime(value) if timezone.is_aware(value) else value).date()
            if day is None or (wanted.low is not None and day < wanted.low):
                return False
            if wanted.high is not None and day > wanted.high:
                return False
        elif isinstance(wanted, bool):
            if bool(value) is not wanted:
                return False
        elif isinstance(wanted, str):
            if wanted.casefold() not in str(value).casefold():
                return False
        elif str(value) not in wanted:
            return False
    needle = query.search.casefold()
    return not needle or any(needle in str(getattr(row, name)).casefold() for name in search)
