"""Who looks at a page: the signed-in person, what they may do and which site they work at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.http import HttpRequest

from flowrack.platform.http import caller_of
from flowrack.platform.web import clock

ALL_SITES = 0
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class SiteChoice:
    """One site in the switcher."""

    id: int
    code: str
    name: str
    timezone: str = "UTC"


@dataclass(slots=True)
class Viewer:
    """The person in front of the page. `site_id` 0 stands for all sites.

    `page` is the address of the page on which the palette was opened: what is asked there may be about its record.
    """

    user: Any
    grants: dict[str, frozenset[int]] = field(default_factory=dict)
    site_id: int = ALL_SITES
    theme: str = ""
    density: str = ""
    hand: str = ""
    type: str = ""
    sound: str = ""
    page: str = ""
    kept: dict[str, Any] = field(default_factory=dict)

    def once(self, name: str, read: Callable[[], Answer]) -> Answer:
        """What `read` gives, read once while this page is drawn."""
        if name not in self.kept:
            self.kept[name] = read()
        answer: Answer = self.kept[name]
        return answer

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody is signed in."""
        return bool(self.user is not None and self.user.is_authenticated)

    def may(self, permission: str, site_id: int | None = None) -> bool:
        """Whether the person holds the permission (at that site, if one is named). "" is open to all signed in."""
        if not permission:
            return self.is_signed_in
        sites = self.grants.get(permission)
        return sites is not None and (site_id is None or 0 in sites or site_id in sites)

    def site_for(self, permission: str) -> int:
        """The site whose rows to show: the chosen one, or where the permission is not held there, one where it is."""
        sites = self.grants.get(permission)
        if not sites or ALL_SITES in sites or self.site_id in sites:
            return self.site_id
        return min(sites)

    def sites_of(self, permission: str) -> frozenset[int]:
        """Where the permission counts now: at the chosen site, if it is held there, else at those where it is held."""
        sites = self.grants.get(permission, frozenset())
        chosen = self.site_id != ALL_SITES and (ALL_SITES in sites or self.site_id in sites)
        return frozenset({self.site_id}) if chosen else sites


_site_sources: list[Callable[[], list[SiteChoice]]] = []


def site_source(source: Callable[[], list[SiteChoice]]) -> Callable[[], list[SiteChoice]]:
    """Decorator: the function that lists the company's sites (registered once, by the stage that owns them)."""
    _site_sources[:] = [source]
    return source


_device_sites: list[Callable[[str], int]] = []


def device_site_source(source: Callable[[str], int]) -> Callable[[str], int]:
    """Decorator: the function that gives the site of a device at work by its number, else 0 (registered once)."""
    _device_sites[:] = [source]
    return source


def sites_for(viewer: Viewer) -> list[SiteChoice]:
    """The sites at which the person holds any permission."""
    if not _site_sources or not viewer.is_signed_in:
        return []
    held = frozenset().union(*viewer.grants.values()) if viewer.grants else frozenset()
    return [site for site in viewer.once("sites", _all_sites) if 0 in held or site.id in held]


def site_of(viewer: Viewer) -> int:
    """The site the person works at; the first they may use when none is chosen."""
    if viewer.site_id:
        return viewer.site_id
    sites = sites_for(viewer)
    return sites[0].id if sites else 0


def code_of(viewer: Viewer, site_id: int) -> str:
    """The code of a site, if the person works there; else empty."""
    return next((site.code for site in sites_for(viewer) if site.id == site_id), "")


def _all_sites() -> list[SiteChoice]:
    sites = _site_sources[0]()
    clock.remember(sites)
    return sites


def use_clock(viewer: Viewer) -> None:
    """Draw this request by the clock of the chosen site. The sites are read where this process does not know them (any
    more), and then not once more for the switcher."""
    if not viewer.is_signed_in or "clock" in viewer.kept:
        return
    viewer.kept["clock"] = True
    zones = clock.known()
    if not zones.is_fresh or (viewer.site_id != ALL_SITES and viewer.site_id not in zones.of_site):
        sites_for(viewer)
    clock.at_site(viewer.site_id)


def viewer_of(request: HttpRequest) -> Viewer:
    """The request's viewer, worked out once."""
    known: Viewer | None = getattr(request, "_viewer", None)
    if known is not None:
        return known
    viewer = Viewer(user=getattr(request, "user", None))
    caller = caller_of(request)
    if caller is not None:
        viewer.grants = caller.grants
        viewer.site_id = _site_of(viewer.grants, _chosen(request))
    viewer.theme = _one_of(request.COOKIES.get("theme"), ("light", "dark"))
    viewer.density = _one_of(request.COOKIES.get("density"), ("compact", "touch"))
    viewer.hand = _one_of(request.COOKIES.get("hand"), ("left",))
    viewer.type = _one_of(request.COOKIES.get("type"), ("large",))
    viewer.sound = _one_of(request.COOKIES.get("sound"), ("loud",))
    request._viewer = viewer  # type: ignore[attr-defined]
    return viewer


def _chosen(request: HttpRequest) -> int:
    """The site of the device on the floor, else the one that the person chose."""
    device = request.COOKIES.get("device", "") if request.path.startswith("/scan") else ""
    here = _device_sites[0](device) if device and _device_sites else 0
    return here or int(request.session.get("site_id", ALL_SITES))


def _site_of(grants: dict[str, frozenset[int]], chosen: int) -> int:
    """The chosen site, if the person works there; "all sites" is only for who holds something at all of them."""
    held = frozenset().union(*grants.values())
    return chosen if not held or ALL_SITES in held or chosen in held else min(held)


def _one_of(value: str | None, allowed: tuple[str, ...]) -> str:
    return value if value in allowed else ""
