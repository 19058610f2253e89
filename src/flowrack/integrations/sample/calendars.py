"""Public holidays of the sample company: on which days its sites, its carriers and its suppliers do not work."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

from flowrack.integrations.replay.house import House
from flowrack.parties import queries as parties
from flowrack.parties import rules_holidays
from flowrack.parties.commands import update_party
from flowrack.parties.types import UpdateParty
from flowrack.platform import sql
from flowrack.promise.commands_days import set_closed_days
from flowrack.promise.types_days import ClosedOn, SetClosedDays

SITES = "GB"


def keep_holidays(house: House, today: date, at: datetime) -> None:
    """Every carrier and supplier keeps the holidays of its country, the sites those of theirs until the end of next
    year. Today is worked: the work of the day is there."""
    carriers = [row[0] for row in sql.fetch_all("SELECT id FROM parties_party WHERE is_carrier ORDER BY id")]
    for party_id in [*sorted(house.supplier_ids.values()), *carriers]:
        found = parties.party_record(party_id)
        country = found.party.country
        if country in rules_holidays.countries() and not found.party.holidays_of:
            req = UpdateParty(party_id, found.version, replace(found.party, holidays_of=country))
            house.do(update_party, "data_steward", req, key=f"live:holidays:{found.code}", at=at)
    days = rules_holidays.holidays_of(SITES, "", today + timedelta(days=1), 1)
    closed = SetClosedDays([site.site_id for site in house.sites], [ClosedOn(one.on, one.name) for one in days])
    house.do(set_closed_days, "planner", closed, key="live:holidays", at=at)
