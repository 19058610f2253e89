"""The list page: one declaration gives table, filters, search, saved views, sorting, totals, paging, export, batches.

    ORDERS = ListPage(
        name="sales.orders", title="Orders", noun=("order", "orders"), permission="sales.view",
        rows=queries.order_list,                       # (ListQuery) -> Page[Row], see web/query.py: sql_page
        columns=[
            Column("number", "Order", kind="code", sort="id", link=lambda r: reverse("sales_order", args=[r.id])),
            Column("customer", "Customer", sort=True),
            Column("state", "State", kind="state"),
            Column("requested_on", "Promise", kind="date", sort=True),
            Column("value", "Value", kind="money", sort=True, total=True),
        ],
        filters=[
            Choice("state", "State", [(s.value, words(s)) for s in OrderState], promoted=True),
            DateRange("requested_on", "Promise", promoted=True),
        ],
        tabs=[Tab("Open", "state=confirmed,released"), Tab("Shipped", "state=shipped"), Tab("All", "")],
        sort="-requested_on", search="Order, customer or item",
        actions=[Button("New order", "sales_order_new", permission="sales.enter", primary=True, key="n")],
        batch=[Batch("release", "Release", "fulfilment.release", lambda request, ids: perform(...))],
        empty=Empty("No orders yet", "Orders of customers, entry to shipment.", "New order", "sales_order_new"),
    )
    urlpatterns = [path("orders", ORDERS.view, name="sales_orders")]

The address holds the whole state: `?q=acme&state=held&sort=-value&cols=number,value&from=50`. `?format=csv` and
`?format=xlsx` give exactly this view. A filter value that is none finds nothing, and the page and the file say so. A
batch gets the ids of the ticked rows (or of all that match).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from flowrack.platform.lookup import read_id
from flowrack.platform.models import SavedView
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.export import csv_response, xlsx_response
from flowrack.platform.web.filters import Choice, DateRange, Filter, Flag, NumberRange, Text
from flowrack.platform.web.query import ListQuery, Page, Range, memory_page, sql_page
from flowrack.platform.web.viewer import Viewer, viewer_of

__all__ = [
    "Batch", "Button", "Choice", "Column", "DateRange", "Empty", "Flag", "ListPage", "ListQuery",
    "NumberRange", "Page", "Range", "Tab", "Text", "memory_page", "sql_page",
]  # fmt: skip

PAGE_SIZE = 50
BATCH_LIMIT = 10_000
MOST_CARRIED = 1_000  # characters of a view that an address carries
PARAMETERS = ("q", "sort", "cols", "from", "format", "view")  # of every list, beside its filters


@dataclass(frozen=True, slots=True)
class Tab:
    """A built-in view: its label and the query string that makes it."""

    label: str
    query: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """A link in the page's header to a page of that name; `key` is its keyboard shortcut.

    `needs_rows` leaves it out while the list shows nothing: labels of nothing cannot be printed.
    """

    label: str
    url_name: str
    permission: str = ""
    primary: bool = False
    key: str = ""
    needs_rows: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """An action on the selected rows: `run(request, ids)` answers, usually through `perform`."""

    code: str
    label: str
    permission: str
    run: Callable[[HttpRequest, list[int]], HttpResponse]
    confirm: str = ""


@dataclass(frozen=True, slots=True)
class Empty:
    """What to show while there is nothing: what the list is for and one action."""

    title: str
    text: str = ""
    action: str = ""
    url_name: str = ""
    permission: str = ""


@dataclass(slots=True)
class ListState:
    """One view of the list as the address says it."""

    query: ListQuery
    data: QueryDict
    columns: list[Column]
    tab: str = ""
    unknown: list[str] = field(default_factory=list)  # sentences on filter values that are none

    def address(self, **changes: str | None) -> str:
        """The query string of this view with some parameters changed; None drops one."""
        data = self.data.copy()
        for name in ("from", "format"):
            data.pop(name, None)
        for name, value in changes.items():
            data.pop(name.rstrip("_"), None)
            if value:
                data[name.rstrip("_")] = value
        return f"?{data.urlencode(safe=',')}" if data else "?"


@dataclass(slots=True)
class ListPage:
    """A list page; see the module's text. `view` is the Django view. A phone draws each row as a card if `is_cards`."""

    name: str
    title: str
    permission: str
    columns: Sequence[Column]
    rows: Callable[[ListQuery], Page[Any]]
    noun: tuple[str, str] = ("row", "rows")
    filters: Sequence[Filter] = ()
    tabs: Sequence[Tab] = ()
    sort: str = ""
    search: str = ""
    actions: Sequence[Button] = ()
    batch: Sequence[Batch] = ()
    empty: Empty | None = None
    sub: Callable[[Viewer], str] | None = None
    row_id: Callable[[Any], int] = lambda row: row.id
    row_class: Callable[[Any], str] = lambda row: ""
    page_size: int = PAGE_SIZE
    template: str = "patterns/list.html"
    legend: str = ""
    is_cards: bool = False
    carries: str = ""  # the column whose links carry the view to the record, as `in`
    extra: Callable[[HttpRequest], dict[str, Any]] | None = None
    view: Callable[..., HttpResponse] = field(init=False)

    def __post_init__(self) -> None:
        self.view = page(self.permission)(self._respond)
        LISTS[self.name] = self

    def _usual(self, viewer: Viewer) -> list[str]:
        """The columns that are shown where nobody chose any."""
        is_one_site = viewer.site_for(self.permission) != 0
        return [c.key for c in self.columns if not c.hidden and not (c.of_sites and is_one_site)]

    def state_of(self, request: HttpRequest, data: QueryDict | None = None) -> ListState:
        """Read the view out of the address (or out of another query string)."""
        viewer = viewer_of(request)
        data = clean(data if data is not None else request.GET)
        if not data and self.tabs and self.tabs[0].query:
            data = QueryDict(self.tabs[0].query, mutable=True)
        data.pop("view", None) if data.get("view") != "all" else None
        columns = [c for c in self.columns if not c.permission or viewer.may(c.permission)]
        chosen = [k for part in data.getlist("cols") for k in part.split(",")]
        usual = self._usual(viewer)
        shown = [c for c in columns if (c.key in chosen if chosen else c.key in usual)] or columns
        sortable = {c.sort_key for c in columns if c.sort_key}
        asked = [k for k in data.get("sort", "").split(",") if k.removeprefix("-") in sortable]
        filters = {f.name: v for f in self.filters if (v := f.parse(data)) is not None}
        query = ListQuery(
            filters=filters,
            search=data.get("q", "").strip()[:200],
            sort=tuple(asked) or tuple(k for k in self.sort.split(",") if k),
            offset=_bounded(data.get("from")),
            limit=self.page_size,
            site_id=viewer.site_for(self.permission),
            actor_id=viewer.user.pk,
            times=frozenset(c.key for c in self.columns if c.kind == "datetime"),
        )
        return ListState(query, data, shown, self._tab_of(data), self._unknown(data))

    def _unknown(self, data: QueryDict) -> list[str]:
        """Sentences on filters that the list does not have, and on values that its filters do not have."""
        own = {f.name + end for f in self.filters for end in ("", "_from", "_to")} | set(PARAMETERS)
        strange = [(name, data[name]) for name in data if name not in own]
        bad = [*strange, *((f.name, value) for f in self.filters for value in f.unknown(data))]
        return [f"{name[:40]}: {value[:80]} is unknown" for name, value in bad]

    def _tab_of(self, data: QueryDict) -> str:
        wanted = _core(data)
        return next((t.label for t in self.tabs if _core(QueryDict(t.query)) == wanted), "")

    def _respond(self, request: HttpRequest, **context: Any) -> HttpResponse:
        if request.method == "POST":
            return self._run_batch(request)
        state = self.state_of(request)
        asked = request.GET.get("format")
        if asked in ("csv", "xlsx"):
            if state.unknown:
                return HttpResponse("; ".join(state.unknown) + ".\n", status=422, content_type="text/plain")
            make: Callable[..., Any] = csv_response if asked == "csv" else xlsx_response
            return make(self.title, state.columns, self.rows, state.query)  # type: ignore[no-any-return]
        whole = not request.headers.get("HX-Request") or request.headers.get("HX-History-Restore-Request")
        template = self.template if whole else "patterns/_list.html"
        return render(request, template, {**self.context(request, state), **context})

    def context(self, request: HttpRequest, state: ListState) -> dict[str, Any]:
        """Everything the template draws."""
        viewer = viewer_of(request)
        found = self.rows(state.query) if not state.unknown else Page([], 0)
        query = state.query
        columns = [self._carrying(c, state) for c in state.columns]
        batches = [b for b in self.batch if viewer.may(b.permission)]
        last = query.offset + len(found.rows)
        return {
            "list": self,
            "state": state,
            "heads": [self._head(c, state) for c in state.columns],
            "lines": [
                {"id": self.row_id(r), "css": self.row_class(r), "cells": self._cells(r, columns)} for r in found.rows
            ],
            "total": found.total,
            "is_bounded": found.is_bounded,
            "foot": self._foot(found, state.columns, selectable=bool(batches)),
            "first": query.offset + 1,
            "last": last,
            "next": state.address(from_=str(last)) if last < found.total else "",
            "previous": state.address(from_=str(max(query.offset - query.limit, 0) or "")) if query.offset else "",
            "is_filtered": bool(query.filters or query.search or state.unknown),
            "is_first_view": bool(self.tabs and self.empty and state.tab == self.tabs[0].label and not query.search),
            "active": [(f, query.filters.get(f.name), self._said(f, query)) for f in self.filters],
            "more_filters": [f for f in self.filters if not f.promoted and f.name not in query.filters],
            "tab_links": self._tab_links(request, state),
            "batches": batches,
            "buttons": [b for b in self.actions if viewer.may(b.permission) and (found.rows or not b.needs_rows)],
            "chosen": {c.key for c in state.columns},
            "choosable": [c for c in self.columns if not c.permission or viewer.may(c.permission)],
            "default_cols": ",".join(self._usual(viewer)),
            "csv": state.address(format="csv"),
            "xlsx": state.address(format="xlsx"),
            "subtitle": self.sub(viewer) if self.sub else "",
            "empty_allowed": self.empty and self.empty.url_name and viewer.may(self.empty.permission),
            "span": len(state.columns) + bool(batches),
            **(self.extra(request) if self.extra else {}),  # noqa: S610 - not a queryset
        }

    def _carrying(self, column: Column, state: ListState) -> Column:
        """The column, whose links carry the view if it is the one for that."""
        to = column.link
        if to is None or column.key != self.carries:
            return column
        view = urlencode({"in": state.address().removeprefix("?")})
        return replace(column, link=lambda row: f"{to(row)}?{view}")

    def carried(self, request: HttpRequest) -> tuple[str, ListQuery] | None:
        """The view that an address of a record carries, as its query string and as a query; None where it carries none,
        or one that finds nothing."""
        said = request.GET.get("in", "")
        if not said or len(said) > MOST_CARRIED:
            return None
        state = self.state_of(request, QueryDict(said))
        return None if state.unknown else (state.address().removeprefix("?"), state.query)

    def _said(self, filter_: Filter, query: ListQuery) -> str:
        value = query.filters.get(filter_.name)
        return filter_.any_label if value is None else filter_.say(value)

    def _head(self, column: Column, state: ListState) -> dict[str, Any]:
        key = column.sort_key
        first = state.query.sort[0] if state.query.sort else ""
        current = first if key and first.removeprefix("-") == key else ""
        start = "-" if column.kind in ("number", "money", "percent") else ""
        flipped = (key if current.startswith("-") else f"-{key}") if current else f"{start}{key}"
        order = ("descending" if current.startswith("-") else "ascending") if current else ""
        return {"column": column, "url": state.address(sort=flipped) if key else "", "order": order}

    @staticmethod
    def _cells(row: Any, columns: list[Column]) -> list[tuple[Column, Any]]:
        return [(c, c.cell(row)) for c in columns]

    @staticmethod
    def _foot(found: Page[Any], columns: list[Column], *, selectable: bool) -> list[dict[str, Any]]:
        """Cells of the totals row: a label over the columns before the first total, then the totals."""
        totalled = [i for i, c in enumerate(columns) if c.total and c.key in found.totals]
        if not totalled or not found.rows:
            return []
        cells: list[dict[str, Any]] = [{"span": totalled[0] + selectable, "label": True, "text": "", "css": ""}]
        if not cells[0]["span"]:
            cells = []
        for column in columns[totalled[0] :]:
            text = column.draw(found.totals[column.key]) if column.total and column.key in found.totals else ""
            cells.append({"span": 1, "label": False, "text": text, "css": column.css})
        return cells

    def _tab_links(self, request: HttpRequest, state: ListState) -> list[dict[str, Any]]:
        links = [
            {"label": t.label, "url": f"?{t.query}" if t.query else "?view=all", "current": t.label == state.tab}
            for t in self.tabs
        ]
        user = viewer_of(request).user
        mine = SavedView.objects.filter(page=self.name)
        for saved in mine.filter(owner=user) | mine.filter(is_shared=True):
            current = not state.tab and _core(QueryDict(saved.query)) == _core(state.data)
            links.append({"label": saved.name, "url": f"?{saved.query}", "current": current, "saved": saved})
        return links

    def selected_ids(self, request: HttpRequest) -> list[int]:
        """The ids of the ticked rows, or of all rows of the posted view when all were chosen."""
        if request.POST.get("all") != "1":
            return [i for v in request.POST.getlist("ids")[:BATCH_LIMIT] if (i := read_id(v))]
        state = self.state_of(request, QueryDict(request.POST.get("query", "").lstrip("?")))
        if state.unknown:
            return []
        query = ListQuery(
            filters=state.query.filters,
            search=state.query.search,
            sort=state.query.sort,
            limit=BATCH_LIMIT,
            site_id=state.query.site_id,
            actor_id=state.query.actor_id,
            times=state.query.times,
            with_totals=False,
        )
        return [self.row_id(r) for r in self.rows(query).rows]

    def _run_batch(self, request: HttpRequest) -> HttpResponse:
        viewer = viewer_of(request)
        chosen = next((b for b in self.batch if b.code == request.POST.get("batch")), None)
        if chosen is None or not viewer.may(chosen.permission):
            return HttpResponse(status=403 if chosen else 400)
        return chosen.run(request, self.selected_ids(request))


LISTS: dict[str, ListPage] = {}


def clean(data: QueryDict) -> QueryDict:
    """The query string without empty values."""
    kept = QueryDict(mutable=True)
    for name, values in data.lists():
        filled = [v for v in values if v.strip()]
        if filled and name not in ("batch", "csrfmiddlewaretoken"):
            kept.setlist(name, filled)
    return kept


def _core(data: QueryDict) -> dict[str, set[str]]:
    """What makes a view: everything but paging, columns and sorting."""
    left_out = ("from", "cols", "sort", "format", "view")
    return {k: {v for part in vs for v in part.split(",")} for k, vs in clean(data).lists() if k not in left_out}


def _bounded(text: str | None) -> int:
    return min(read_id(text or ""), 1_000_000)
