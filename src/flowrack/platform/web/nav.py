"""Navigation: eight groups, filled from the stages' pages, showing each person only what they may open.

A stage writes in its `pages.py`:

    NAV = [NavItem("Outbound", "Orders", "sales_orders", permission="sales.view", order=10)]

`order` sorts inside the group; the group's own link is its first item. Where items name a `section`, the line below
shows the links of the section that is open, and of each other section its name, which leads to its first page. `count`
may be a function `(viewer) -> int` whose number is shown beside the label (0 shows nothing). `keys` is the letter after
`g` that opens the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from flowrack.platform.web.registry import edge_modules
from flowrack.platform.web.viewer import Viewer

GROUPS = ("Home", "Work", "Inbound", "Stock", "Outbound", "Returns", "Insight", "Data and setup")
LINE_ROOM, GAP_ROOM, COUNT_ROOM = 190, 3, 6  # in letters: a line of 1,440 pixels less "More", a gap, a gap and a count


@dataclass(frozen=True, slots=True)
class NavItem:
    """One page in the navigation."""

    group: str
    label: str
    url_name: str
    permission: str = ""
    order: int = 100
    keys: str = ""
    count: Callable[[Viewer], int] | None = None
    section: str = ""

    def __post_init__(self) -> None:
        if self.group not in GROUPS:
            raise ValueError(f"{self.group!r} is not a navigation group; use one of {', '.join(GROUPS)}")


@dataclass(frozen=True, slots=True)
class NavLink:
    """A navigation item as this person sees it."""

    label: str
    url: str
    is_current: bool
    keys: str = ""
    count: int = 0
    section: str = ""


@dataclass(frozen=True, slots=True)
class NavSection:
    """Links of a group that belong together, under a heading; without one where the group has no sections."""

    label: str
    links: tuple[NavLink, ...]

    @property
    def url(self) -> str:
        """Its first page."""
        return self.links[0].url

    @property
    def is_current(self) -> bool:
        """Whether one of its pages is open."""
        return any(link.is_current for link in self.links)

    @property
    def count(self) -> int:
        """What waits on its pages."""
        return sum(link.count for link in self.links)


@dataclass(frozen=True, slots=True)
class NavGroup:
    """A group as this person sees it."""

    label: str
    url: str
    is_current: bool
    links: tuple[NavLink, ...]

    @property
    def sections(self) -> tuple[NavSection, ...]:
        """The links by section, in the order of the first link of each."""
        of: dict[str, list[NavLink]] = {}
        for link in self.links:
            of.setdefault(link.section, []).append(link)
        return tuple(NavSection(label, tuple(links)) for label, links in of.items())

    @property
    def in_line(self) -> tuple[NavLink, ...]:
        """The first links, as many as one line of a desk's screen takes."""
        used = accumulate(len(link.label) + (COUNT_ROOM if link.count else GAP_ROOM) for link in self.links)
        return tuple(link for link, end in zip(self.links, used, strict=True) if end <= LINE_ROOM)

    @property
    def under_more(self) -> tuple[NavLink, ...]:
        """The other links."""
        return self.links[len(self.in_line) :]

    @property
    def current_under_more(self) -> NavLink | None:
        """The page that is open, when its link is not in the line."""
        return next((link for link in self.under_more if link.is_current), None)


@lru_cache(maxsize=1)
def all_items() -> tuple[NavItem, ...]:
    """Every item of every stage, in navigation order. Keys are one item's own: two of one key are a ValueError."""
    items: list[NavItem] = []
    for module in edge_modules("pages"):
        items += getattr(module, "NAV", [])
    from flowrack.platform.web.views import NAV as own

    items += own
    if clashes := key_clashes(items):
        raise ValueError("; ".join(clashes))
    return tuple(sorted(items, key=lambda i: (GROUPS.index(i.group), i.order, i.label)))


def key_clashes(items: Iterable[NavItem]) -> list[str]:
    """Every key that leads to more than one page, whoever may open them: roles are put together freely."""
    pages: dict[str, list[str]] = {}
    for item in items:
        if item.keys:
            pages.setdefault(item.keys, []).append(item.label)
    return [f"g {key} is the key of {' and '.join(labels)}" for key, labels in pages.items() if len(labels) > 1]


def open_items(viewer: Viewer) -> list[tuple[NavItem, str]]:
    """The items that this person may open, with their addresses. No query."""
    seen: list[tuple[NavItem, str]] = []
    for item in all_items() if viewer.is_signed_in else ():
        if viewer.may(item.permission):
            try:
                seen.append((item, reverse(item.url_name)))
            except NoReverseMatch:
                continue
    return seen


def nav_for(request: HttpRequest, viewer: Viewer) -> list[NavGroup]:
    """The groups and links this person may open, with their counts; the longest matching address is the current one."""
    seen = open_items(viewer)
    current = _current_url(request.path, [url for _, url in seen])
    groups = []
    for label in GROUPS:
        links = tuple(
            NavLink(i.label, url, url == current, i.keys, i.count(viewer) if i.count else 0, i.section)
            for i, url in seen
            if i.group == label
        )
        if links:
            groups.append(NavGroup(label, links[0].url, any(link.is_current for link in links), links))
    return groups


def _current_url(path: str, urls: list[str]) -> str:
    under = [u for u in urls if path == u or (u != "/" and path.startswith(u.rstrip("/") + "/"))]
    return max(under, key=len, default="")
