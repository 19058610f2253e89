"""What carriers did and cost, month by month: punctuality, predicted and billed freight, with the rows behind each."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse

from flowrack.analytics.pages.common import COST
from flowrack.analytics.queries.carriers import CarrierMonthRow, carrier_months
from flowrack.platform.http import now
from flowrack.platform.web.listing import Column, DateRange, Empty, ListPage, ListQuery, NumberRange, Page

YEAR = timedelta(days=396)  # thirteen months


def _rows(query: ListQuery) -> Page[CarrierMonthRow]:
    return carrier_months(query, since=now() - YEAR)


def _shipments(row: CarrierMonthRow) -> str:
    """The shipments of a carrier's month."""
    last = (row.month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    asked = {"view": "all", "shipped_at_from": row.month.isoformat(), "shipped_at_to": last.isoformat()}
    named = {} if row.carrier == "no carrier named" else {"q": row.carrier}
    return f"{reverse('shipments')}?{urlencode({**asked, **named})}"


def _charges(row: CarrierMonthRow) -> str:
    asked = urlencode({"view": "all", "q": row.carrier})
    return f"{reverse('freight_charges')}?{asked}" if row.billed_shipments else ""


def _choices(row: CarrierMonthRow) -> str:
    return f"{reverse('shipping_choices')}?{urlencode({'is_latest': 'yes', 'q': row.carrier})}"


CARRIERS = ListPage(
    name="analytics.carriers",
    title="Carrier measures",
    noun=("carrier's month", "carriers' months"),
    permission="analytics.view",
    rows=_rows,
    is_cards=True,
    columns=[
        Column("month", "Month", sort=True, value=lambda r: f"{r.month:%b %Y}"),
        Column("carrier", "Carrier", sort=True, wide=True),
        Column("shipments", "Shipments", kind="number", sort=True, total=True, link=_shipments),
        Column("left_pct", "Left in time, %", kind="number", places=1, sort=True, total=True),
        Column("delivered", "Handed over", kind="number", sort=True, total=True),
        Column("in_time_pct", "Arrived in time, %", kind="number", places=1, sort=True, total=True),
        Column("refused", "Refused", kind="number", sort=True, total=True, value=lambda r: r.refused or None),
        Column("lines", "Lines", kind="number", sort=True, total=True, minor=True),
        Column("predicted", "Freight predicted", kind="money", sort=True, total=True, permission=COST, link=_choices,
               value=lambda r: r.predicted or None),
        Column("billed_shipments", "Billed", kind="number", sort=True, total=True, minor=True,
               value=lambda r: r.billed_shipments or None),
        Column("expected", "Expected of these", kind="money", sort=True, total=True, permission=COST, hidden=True),
        Column("billed", "Billed for them", kind="money", sort=True, total=True, permission=COST, link=_charges,
               value=lambda r: r.billed if r.billed_shipments else None),
        Column("difference", "Difference", kind="money", sort=True, total=True, permission=COST,
               value=lambda r: r.difference if r.billed_shipments else None),
        Column("over", "Over, %", kind="number", places=1, sort=True, total=True, permission=COST),
        Column("line_cost", "Freight a line", kind="money", sort=True, permission=COST),
        Column("left_in_time", "Left in time", kind="number", hidden=True),
        Column("in_time", "Arrived in time", kind="number", hidden=True),
        Column("site", "From", minor=True),
    ],
    filters=[
        DateRange("month", "Month", promoted=True),
        NumberRange("in_time_pct", "Arrived in time, %"),
        NumberRange("over", "Over, %"),
    ],
    sort="-month,carrier",
    search="Carrier",
    empty=Empty("Nothing left in a year", "Each carrier's months: punctuality, predicted and billed freight."),
)  # fmt: skip
