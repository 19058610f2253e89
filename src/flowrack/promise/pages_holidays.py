"""The page that proposes public holidays for a site's calendar; who looks at it says which are kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

from flowrack.locations import queries as locations
from flowrack.parties import rules_holidays
from flowrack.parties.rules_holidays import Holiday
from flowrack.platform.http import now
from flowrack.platform.web.access import page
from flowrack.platform.web.render import context_of, perform, render_form
from flowrack.promise import commands_days, queries, queries_days
from flowrack.promise.rules_house import is_working_day
from flowrack.promise.types import BadSetup
from flowrack.promise.types_days import ClosedOn, SetClosedDays
from flowrack.shared.errors import FlowrackError

SETUP = "promise.setup"
SELECTED = mark_safe(" selected")
YEARS = 1  # ahead, beside what is left of this one


class Says(StrEnum):
    """What a person says of a proposed day; one of which nothing is said is proposed again."""

    CLOSE = "close"
    WORK = "work"
    LATER = "later"


SAYS = [(Says.CLOSE, "closed"), (Says.WORK, "worked on all the same"), (Says.LATER, "decide later")]


class HolidaysForm(forms.Form):
    """What is said of each day that is proposed, and the other sites that close those that are closed."""

    def __init__(
        self,
        *args: Any,
        found: list[Holiday],
        first: dict[date, Says],
        sites: list[tuple[int, str]],
        breaks: Counter[date],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        for one in found:
            self.fields[_name(one.on)] = forms.ChoiceField(
                label=_said(one, breaks[one.on]), choices=SAYS, initial=first[one.on]
            )
        if sites:
            self.fields["others"] = forms.MultipleChoiceField(
                label="Closed as well at",
                required=False,
                widget=forms.CheckboxSelectMultiple,
                choices=[(str(key), name) for key, name in sites],
            )
        if breaks.total():
            self.fields["seen"] = forms.BooleanField(
                label=f"Close them, and break {breaks.total():,} promise{'' if breaks.total() == 1 else 's'}",
                required=False,
            )


def _name(on: date) -> str:
    return f"on-{on.isoformat()}"


def _said(one: Holiday, breaks: int) -> str:
    """ "Fri 25 Dec 2026, Christmas Day: breaks 3 promises"."""
    promises = f": breaks {breaks:,} promise{'' if breaks == 1 else 's'}" if breaks else ""
    return f"{one.on:%a} {one.on.day} {one.on:%b %Y}, {one.name}{promises}"


@page(SETUP)
def holidays(request: HttpRequest, site_id: int) -> HttpResponse:
    """Public holidays that a site may keep: proposed from the laws of its country, and kept when a person says so."""
    site = locations.site(site_id)
    ctx = context_of(request)
    ctx.require(SETUP, site_id)
    country = request.GET.get("country", site.country or "").strip().upper()[:2]
    region = request.GET.get("region", "").strip()[:20]
    years = _years(request.GET.get("years", ""))
    today = queries_days.today_at(site.timezone, now())
    others = [s for s in locations.sites() if s.site_id != site_id and ctx.may(SETUP, s.site_id)]
    known = queries_days.closed_at([site_id], today)
    house = queries.sites([site_id], now())[site_id].house
    proposed = [
        one
        for one in rules_holidays.holidays_of(country, region, today, years)
        if one.on not in known[site_id] and is_working_day(house, one.on)
    ]
    kept_open = queries_days.worked_on(site_id, today)
    again = request.GET.get("again") == "1"
    found = [one for one in proposed if again or one.on not in kept_open]
    data = request.POST if request.method == "POST" else None
    first = {one.on: Says.WORK if one.on in kept_open else Says.CLOSE for one in found}
    said = first if data is None else {one.on: data.get(_name(one.on), Says.LATER) for one in found}
    wanted = [one for one in found if said[one.on] == Says.CLOSE]
    kept = [one for one in found if said[one.on] == Says.WORK]
    also = [s.site_id for s in others if data is not None and str(s.site_id) in data.getlist("others")]
    breaks = _broken([site_id, *also], wanted)
    form = HolidaysForm(data, found=found, first=first, sites=[(s.site_id, s.name) for s in others], breaks=breaks)

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(
            request, form, title=f"Public holidays of {site.name}", verb="Set these days", refusal=refusal,
            back=("Closed days", reverse("promise_closed", args=[site_id])), template="promise/holidays.html",
            sub="Proposed from the laws of the country. Nothing is closed until you say so.",
            country=country, country_name=rules_holidays.name_of(country), years=years, found=found,
            is_known=country in rules_holidays.countries(), countries=_countries(country),
            regions=_options(rules_holidays.regions(country), region), closed=len(known[site_id]),
            kept_open=[] if again else [kept_open[one.on] for one in proposed if one.on in kept_open],
        )  # fmt: skip

    if data is None or not form.is_valid():
        return drawn()
    if not wanted and not kept:
        return drawn(BadSetup("Nothing is said of any day.", fix="Choose closed, or worked on, for one of them."))
    if breaks and not data.get("seen"):
        told = f"{breaks.total():,} order lines are promised to leave on these days. They would be at risk."
        return drawn(BadSetup(told, fix="Tick the last box to close the days all the same."))
    to_close, to_work = ([ClosedOn(one.on, one.name) for one in some] for some in (wanted, kept))
    return perform(
        request, commands_days.set_closed_days, SetClosedDays([site_id, *also], to_close, to_work, [site_id]),
        to=reverse("promise_closed", args=[site_id]), again=drawn,
        toast=_done(len(wanted), len(kept), len(found) - len(wanted) - len(kept)),
    )  # fmt: skip


def _done(closed: int, worked: int, later: int) -> str:
    """ "2 days closed, 1 worked on all the same, 9 to be decided later"."""
    parts = [f"{closed} day{'' if closed == 1 else 's'} closed"] if closed else []
    parts += [f"{worked} worked on all the same"] if worked else []
    parts += [f"{later} to be decided later"] if later else []
    return ", ".join(parts)


def _options(pairs: Sequence[tuple[str, str]], chosen: str) -> SafeString:
    """The options of a choice, by code and name; drawn here, for a template takes long over two hundred."""
    return format_html_join(
        "", '<option value="{}"{}>{}</option>',
        ((code, SELECTED if code == chosen else "", f"{name} ({code})") for code, name in pairs),
    )  # fmt: skip


@lru_cache(maxsize=32)
def _countries(chosen: str) -> SafeString:
    return _options(rules_holidays.country_names(), chosen)


def _years(text: str) -> int:
    return min(int(text), rules_holidays.MOST_YEARS) if text.isdigit() and len(text) == 1 else YEARS


def _broken(site_ids: list[int], wanted: list[Holiday]) -> Counter[date]:
    """How many lines are promised to leave on the days, at sites that are not closed on them yet."""
    known = queries_days.closed_at(site_ids, min((one.on for one in wanted), default=date.max))
    found = Counter[date]()
    for site_id in site_ids:
        days = [one.on for one in wanted if one.on not in known[site_id]]
        found.update(line.on for line in queries_days.promised_on(site_id, days))
    return found


urlpatterns = [path("promise/setup/<int:site_id>/holidays", holidays, name="promise_holidays")]
