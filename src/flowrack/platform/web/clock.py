"""By whose clock a page is drawn.

With a site chosen every time is on that site's clock; with all sites on the clock that most sites keep, and what names
a site of its own (a row, a record) is on the clock of that site. The clock is Django's current time zone. It is set
for each request of a page: templates, filters, forms, `fmt.day` and `fmt.moment` follow by themselves. The API and the
tables know UTC alone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.utils import timezone

UTC = ZoneInfo("UTC")
MEMORY_SECONDS = 60
SITE_FIELDS = ("site_id", "site")  # what a row calls its site: by id, code or name


class HasZone(Protocol):
    """A site with its time zone."""

    @property
    def id(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def timezone(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Zones:
    """The time zones of the sites; `company` is the one that most of them keep."""

    of_site: dict[int | str, ZoneInfo]
    company: ZoneInfo = UTC
    is_mixed: bool = False
    read_at: float = 0.0

    @property
    def is_fresh(self) -> bool:
        """Whether they were read a moment ago."""
        return bool(self.of_site) and time.monotonic() - self.read_at < MEMORY_SECONDS


_known = [Zones({})]  # of this process


def known() -> Zones:
    """The zones as this process knows them."""
    return _known[0]


def forget() -> None:
    """Know no zone any more."""
    _known[0] = Zones({})


def remember(sites: Sequence[HasZone]) -> None:
    """Keep the zones of all sites, whenever somebody reads them; the first site by code decides between equals."""
    zones = [ZoneInfo(site.timezone) for site in sites]
    names: dict[str, set[ZoneInfo]] = {}
    for site, zone in zip(sites, zones, strict=True):
        names.setdefault(site.name, set()).add(zone)
    of_site: dict[int | str, ZoneInfo] = {name: own.pop() for name, own in names.items() if len(own) == 1}
    for site, zone in zip(sites, zones, strict=True):
        of_site[site.code] = of_site[site.id] = zone
    company = Counter(zones).most_common(1)[0][0] if zones else UTC
    _known[0] = Zones(of_site, company, len(set(zones)) > 1, time.monotonic())


def at_site(site_id: int | None) -> None:
    """From here on this request is drawn by the clock of that site; of all (0) by the company's."""
    timezone.activate(known().of_site.get(site_id or 0, known().company))


def at_own_site(site: int | str | None) -> None:
    """The same for a record that stands at one site, by id or code; what stands at none keeps the clock of the page."""
    zone = known().of_site.get(site or 0)
    if zone is not None:
        timezone.activate(zone)


def today() -> date:
    """The business day by the clock of the page."""
    return timezone.localdate()


def of_row(row: Any) -> ZoneInfo | None:
    """The zone of the site that a row names, where it is not the page's own."""
    zones = known()
    if not zones.is_mixed or row is None:
        return None
    for name in SITE_FIELDS:
        value = row.get(name) if isinstance(row, dict) else getattr(row, name, None)
        zone = zones.of_site.get(value) if isinstance(value, int | str) else None
        if zone is not None:
            return zone if str(zone) != zone_name() else None
    return None


def zone_name() -> str:
    """The zone by which the page is drawn: Asia/Tokyo."""
    return str(timezone.get_current_timezone())


def short(at: datetime) -> str:
    """The zone's letters at that time on the page's clock: JST; UTC+0545 where it has none."""
    letters = timezone.localtime(at).strftime("%Z")
    return f"UTC{letters}" if letters[:1] in ("+", "-") else letters


def told() -> str:
    """By which clock the times of a column are, in words."""
    others = "; rows of other sites by their own clock, which they name" if known().is_mixed else ""
    return f"By the clock of {zone_name()}{others}"


def kept(chunks: Iterable[bytes], zone: tzinfo) -> Iterator[bytes]:
    """What is sent after the page's function has ended, each part still made by the page's clock."""
    parts = iter(chunks)
    while True:
        with timezone.override(zone):
            part = next(parts, None)
        if part is None:
            return
        yield part
