"""Short picks, and goods that were asked back: what customer service and leads look at."""

from __future__ import annotations

from django.urls import path, reverse

from flowrack.fulfilment import queries_putback, queries_short
from flowrack.fulfilment.states import SHORT_WORDS, ShortReason
from flowrack.platform.web.listing import Choice, Column, Empty, ListPage, Tab
from flowrack.platform.web.nav import NavItem

VIEW = "fulfilment.view"
STANDINGS = [
    (one, one) for one in ("waits", "replaced", "from elsewhere", "reserved again", "settled since", "found after all")
]

SHORTS = ListPage(
    name="fulfilment.shorts",
    title="Short picks",
    noun=("short pick", "short picks"),
    permission=VIEW,
    rows=queries_short.shorts,
    columns=[
        Column("told_at", "When", kind="datetime", sort=True),
        Column("order", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("customer", "Customer", sort=True),
        Column("sku", "Item", kind="code", sort=True),
        Column("units", "Not found", kind="number", sort=True, total=True),
        Column("standing", "What becomes of it", kind="state", sort=True,
               marks={"waits": "warn", "replaced": "ok", "from elsewhere": "ok", "reserved again": "run",
                      "settled since": "ok", "found after all": "ok"}),
        Column("elsewhere_units", "From elsewhere", kind="number", total=True),
        Column("replaced_units", "Replaced", kind="number", total=True),
        Column("waits", "Waits", kind="number", sort=True, total=True),
        Column("why", "Why nothing is sent instead", wide=True),
        Column("location", "Bin", kind="code", sort=True),
        Column("reason", "Why short", value=lambda r: SHORT_WORDS[ShortReason(r.reason)] if r.reason else ""),
        Column("list_number", "List", kind="code", link=lambda r: reverse("fulfilment_list", args=[r.list_id])),
        Column("told_by", "Picker", sort=True),
        Column("found_at", "Found", kind="datetime", hidden=True),
        Column("site", "Site"),
    ],
    filters=[Choice("standing", "What becomes of it", STANDINGS, promoted=True)],
    tabs=[Tab("Waiting for stock", "standing=waits"), Tab("Replaced", "standing=replaced"), Tab("All", "view=all")],
    sort="-told_at",
    search="Order, customer, item or bin",
    row_id=lambda r: int(r.id),
    is_cards=True,
    empty=Empty("No short picks", "What pickers do not find in a bin stands here, with what becomes of it."),
)  # fmt: skip

PUT_BACKS = ListPage(
    name="fulfilment.put_backs",
    title="Put-backs",
    noun=("put-back", "put-backs"),
    permission=VIEW,
    rows=queries_putback.put_backs,
    columns=[
        Column("order", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("customer", "Customer", sort=True),
        Column("standing", "State", kind="state", sort=True, marks={"on its way": "run", "back": "ok"}),
        Column("units_left", "Still to put back", kind="number", total=True),
        Column("cancels", "Then", value=lambda r: "cancel the order" if r.cancels else ""),
        Column("reason", "Why", wide=True),
        Column("outcome", "What became of the order", wide=True),
        Column("asked_by", "Asked by", sort=True),
        Column("asked_at", "Asked", kind="datetime", sort=True),
        Column("back_at", "Back", kind="datetime", sort=True),
        Column("site", "Site"),
    ],
    filters=[Choice("standing", "State", [("on its way", "on its way"), ("back", "back")], promoted=True)],
    tabs=[Tab("All", ""), Tab("On their way", "standing=on its way"), Tab("Back", "standing=back")],
    sort="-asked_at",
    search="Order, customer or who asked",
    row_id=lambda r: int(r.id),
    is_cards=True,
    empty=Empty("No put-backs", "Picked goods that are asked back from the floor stand here (Put back on an order)."),
)

NAV = [
    NavItem("Outbound", "Short picks", "fulfilment_shorts", permission=VIEW, order=35, section="Warehouse"),
    NavItem("Outbound", "Put-backs", "fulfilment_put_backs", permission=VIEW, order=36, section="Warehouse"),
]

urlpatterns = [
    path("short-picks", SHORTS.view, name="fulfilment_shorts"),
    path("put-backs", PUT_BACKS.view, name="fulfilment_put_backs"),
]
