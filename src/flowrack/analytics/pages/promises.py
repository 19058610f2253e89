"""The promised lines behind the measures of promises."""

from __future__ import annotations

from django.urls import reverse

from flowrack.analytics.queries.promises import promise_page
from flowrack.platform.web.listing import Choice, Column, DateRange, Empty, ListPage

VERDICTS = ("kept", "kept as moved", "broken", "not left yet")

PROMISES = ListPage(
    name="analytics.promises",
    title="Promises kept",
    noun=("line", "lines"),
    permission="sales.view",
    rows=promise_page,
    columns=[
        Column("number", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("customer", "Customer", sort=True),
        Column("tier", "Tier", kind="tier", sort=True),
        Column("sku", "Item", kind="code", sort=True),
        Column("units", "Units", kind="number", sort=True, total=True),
        Column("sent", "Left", kind="number", total=True),
        Column("first_ships_on", "First promise", kind="date", sort=True),
        Column("latest_ships_on", "Latest", kind="date", sort=True),
        Column("left_on", "Left whole on", kind="date", sort=True),
        Column(
            "verdict",
            "Verdict",
            kind="state",
            sort=True,
            marks={"kept": "ok", "kept as moved": "warn", "broken": "bad", "not left yet": "wait"},
        ),
        Column("site", "Site", kind="code", hidden=True),
    ],
    filters=[
        Choice("verdict", "Verdict", [(v, v) for v in VERDICTS], promoted=True),
        DateRange("first_ships_on", "First promise", promoted=True),
        DateRange("latest_ships_on", "Latest"),
        Choice("tier", "Tier", [(tier, tier) for tier in "ABC"]),
    ],
    sort="-first_ships_on",
    search="Order, customer, item",
    empty=Empty("No promises", "Every order line is promised a day at entry; here is which days were kept."),
)
