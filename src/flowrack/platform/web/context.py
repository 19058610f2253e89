"""What every template knows: the viewer, the navigation, the sites, the keys and the time."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from flowrack.platform.http import now
from flowrack.platform.web import clock
from flowrack.platform.web.format import currency_symbol
from flowrack.platform.web.nav import NavGroup, nav_for
from flowrack.platform.web.viewer import ALL_SITES, SiteChoice, sites_for, use_clock, viewer_of


class Shell:
    """The frame around a page, worked out only where the template asks."""

    def __init__(self, request: HttpRequest) -> None:
        self.viewer = viewer_of(request)
        use_clock(self.viewer)
        self._request = request
        self.currency = currency_symbol()
        self.now = now()

    @property
    def nav(self) -> list[NavGroup]:
        """The groups this person may open."""
        if not hasattr(self, "_nav"):
            self._nav = nav_for(self._request, self.viewer)
        return self._nav

    @property
    def group(self) -> NavGroup | None:
        """The group the page belongs to."""
        return next((g for g in self.nav if g.is_current), None)

    @property
    def sites(self) -> list[SiteChoice]:
        """The sites this person may choose."""
        if not hasattr(self, "_sites"):
            self._sites = sites_for(self.viewer)
        return self._sites

    @property
    def sees_all_sites(self) -> bool:
        """Whether "all sites" is a choice: something is held at every site."""
        return any(ALL_SITES in sites for sites in self.viewer.grants.values())

    @property
    def site(self) -> SiteChoice | None:
        """The chosen site, None for all."""
        return next((s for s in self.sites if s.id == self.viewer.site_id), None)

    @property
    def clock(self) -> str:
        """The time by the clock of the page, with its zone where the sites keep several."""
        local = timezone.localtime(self.now)
        zone = f" {clock.short(self.now)}" if clock.known().is_mixed else ""
        return f"{local:%a} {local.day} {local:%b} {local:%H:%M}{zone}"

    @property
    def zone(self) -> str:
        """The zone of the clock by which the page is drawn."""
        return clock.zone_name()


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor."""
    return {"shell": SimpleLazyObject(lambda: Shell(request))}
