"""The command palette: pages, records and actions in one box; a scanned code opens the thing itself.

A stage adds its records in `pages.py`:

    @palette_source("Orders", permission="sales.view")
    def find_orders(text: str, viewer: Viewer) -> list[Hit]:
        return [Hit(label=o.number, note=o.customer, url=reverse("sales_order", args=[o.id]), is_exact=o.number == text)
                for o in queries.find_orders(text, limit=5)]

`is_exact` says that the text names exactly this record: Enter (or a scanner's Enter) then opens it at once. A record
that a stage's query looks up (flowrack.platform.lookup) needs no function of its own:

    palette_records("Purchase order", "purchasing_po", "purchasing.view", queries.look_up)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from flowrack.platform.lookup import Found
from flowrack.platform.web.links import may_open
from flowrack.platform.web.listing import LISTS
from flowrack.platform.web.nav import open_items
from flowrack.platform.web.viewer import Viewer, viewer_of

MOST = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """One result: what it is, a note and where it leads."""

    label: str
    url: str
    note: str = ""
    kind: str = ""
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Where hits of one kind come from."""

    kind: str
    permission: str
    find: Callable[[str, Viewer], list[Hit]]


SOURCES: dict[str, Source] = {}


def palette_source(
    kind: str, *, permission: str = ""
) -> Callable[[Callable[[str, Viewer], list[Hit]]], Callable[[str, Viewer], list[Hit]]]:
    """Decorator: a function that finds records of one kind by a typed or scanned text."""

    def wrap(find: Callable[[str, Viewer], list[Hit]]) -> Callable[[str, Viewer], list[Hit]]:
        SOURCES[kind] = Source(kind, permission, find)
        return find

    return wrap


def palette_records(
    kind: str, url_name: str, permission: str, find: Callable[[str, frozenset[int]], list[Found]]
) -> None:
    """Let the palette find records of one kind at the sites where the person holds the permission."""

    def hits(text: str, viewer: Viewer) -> list[Hit]:
        return [
            Hit(found.code, reverse(url_name, args=[found.id]), found.note, kind, found.is_exact)
            for found in find(text, viewer.grants.get(permission, frozenset()))
        ]

    palette_source(kind, permission=permission)(hits)


def search(request: HttpRequest, text: str) -> list[Hit]:
    """Exact records first, then pages and actions, then other records; at most a screenful."""
    viewer = viewer_of(request)
    viewer.page = urlsplit(request.headers.get("HX-Current-URL", "")).path
    text = text.strip()[:200]
    pages = _pages(viewer, text.casefold())
    if not text:
        return pages[:MOST]
    records = [
        Hit(h.label, h.url, h.note, h.kind or source.kind, h.is_exact)
        for source in SOURCES.values()
        if viewer.may(source.permission)
        for h in source.find(text, viewer)
        if may_open(viewer, h.url)
    ]
    exact = [h for h in records if h.is_exact]
    return [*exact, *pages[:6], *(h for h in records if not h.is_exact)][:MOST]


def _pages(viewer: Viewer, needle: str) -> list[Hit]:
    hits = [
        Hit(item.label, url, item.group, "page")
        for item, url in open_items(viewer)
        if needle in f"{item.group} {item.label}".casefold()
    ]
    for listing in LISTS.values():
        for button in listing.actions:
            if viewer.may(button.permission) and needle in button.label.casefold():
                try:
                    url = reverse(button.url_name)
                except NoReverseMatch:
                    continue
                if may_open(viewer, url):
                    hits.append(Hit(button.label, url, listing.title, "action"))
    return hits
