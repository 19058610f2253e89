"""Orders that did not go whole with their trucks: what stayed, who speaks with the customer, and what can be done."""

from __future__ import annotations

from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from flowrack.platform.http import now
from flowrack.platform.web.listing import Batch, Choice, Column, DateRange, Empty, Flag, ListPage, ListQuery, Page, Tab
from flowrack.platform.web.nav import NavItem
from flowrack.platform.web.render import go
from flowrack.shipping import queries_behind
from flowrack.shipping.queries_behind import LeftBehindRow
from flowrack.shipping.rules_behind import day
from flowrack.shipping.types_loads import WHY_BEHIND

TITLE = "Left behind"
MARKS = {
    "tell the customer": "bad", "needs a truck": "warn", "being picked": "run", "on a truck": "run",
    "behind again": "void", "gone": "ok", "cancelled": "void",
}  # fmt: skip


def whose(order_id: int, transfer_id: int) -> str:
    """The page of an order, or of a transfer."""
    return reverse("storage_transfer", args=[transfer_id]) if transfer_id else reverse("sales_order", args=[order_id])


ON_A_LOAD = [
    Column("order", "Order", kind="code", link=lambda r: whose(r.order_id, r.transfer_id)),
    Column("plate", "Plate", kind="code", value=lambda r: r.plate or "not staged"),
    Column("units", "Units", kind="number"),
    Column("reason", "Because", value=lambda r: WHY_BEHIND[r.reason]),
    Column("promised_on", "Promise", kind="date"),
    Column("next_on", "Leaves now", kind="date"),
    Column("note", "Note", wide=True),
]


def _because(row: LeftBehindRow) -> str:
    """The reason that was chosen, and the words that go with it."""
    return ": ".join(part for part in (WHY_BEHIND[row.reason], row.note) if part)


class _Way(NamedTuple):
    """Something that can be done, the page where it is done, and the words for who may not: who can."""

    words: str
    url: str
    who: str


PLANS, BENCH, SERVICE = "the planner or the packers", "the pack station", "customer service"


def _ways(row: LeftBehindRow) -> list[_Way]:
    """What can be done about an order that is still here, each with the page where it is done."""
    if not row.is_open:
        return []
    ways = []
    if row.standing == "tell the customer":
        slips = row.next_on is not None and row.promised_on is not None and row.next_on > row.promised_on
        comes = f": it arrives {day(row.arrives_on)}" if row.arrives_on else ": its promise is at risk"
        then = f", {day(row.next_on)}" if slips and row.next_on else comes
        lines = ",".join(map(str, row.line_ids))
        ways.append(_Way(f"Tell the customer another day{then}", f"{reverse('promise_move')}?ids={lines}", SERVICE))
    if row.kept_back:
        words = f"Bring it to the bench first: {row.kept_back}"
        ways.append(_Way(words, reverse("carton", args=[row.carton_id]), BENCH))
    if row.truck:
        on = f"It is on {row.truck}{_leaves(row.truck_at)}"
        ways.append(_Way(on, reverse("shipping_load", args=[row.truck_id]), ""))
    elif row.offer:
        url = f"{reverse('shipping_load_change', args=[row.offer_id])}?add={row.order}"
        ways.append(_Way(f"Put it on {row.offer}{_leaves(row.offer_at)}", url, PLANS))
    if not row.truck:
        ways.append(_Way("Plan another truck", f"{reverse('shipping_load_new')}?orders={row.order}", PLANS))
    return ways


def _leaves(at: object) -> str:
    return f", {localtime(at):%a %H:%M}" if at else ""  # type: ignore[arg-type]


def _links(row: LeftBehindRow) -> SafeString | str:
    links = [(one.url, f"{one.words} ({one.who} can)" if one.who else one.words, one.words) for one in _ways(row)]
    return format_html_join("", '<a class="ul" href="{}" data-else="{}">{}</a><br>', links)


def _rows(query: ListQuery) -> Page[LeftBehindRow]:
    return queries_behind.left_behind_page(query, now())


def _plan(request: HttpRequest, ids: list[int]) -> HttpResponse:
    """The orders of the ticked rows, in a new plan."""
    numbers = queries_behind.orders_of(ids[:500])
    return go(request, f"{reverse('shipping_load_new')}?orders={'+'.join(numbers)}")


LEFT = ListPage(
    name="shipping.left_behind",
    title=TITLE,
    noun=("order", "orders"),
    permission="shipping.view",
    rows=_rows,
    is_cards=True,
    columns=[
        Column("order", "Order", kind="code", sort=True, link=lambda r: reverse("sales_order", args=[r.order_id])),
        Column("standing", "Stands", kind="state", sort=True, marks=MARKS),
        Column("todo", "What can be done", value=lambda r: ", ".join(one.words for one in _ways(r)), html=_links,
               wide=True),
        Column("promised_on", "Promise", kind="date", sort=True),
        Column("next_on", "Leaves now", kind="date", sort=True),
        Column("owner", "Owner", sort=True),
        Column("customer", "Customer", sort=True),
        Column("tier", "Tier", kind="tier", sort=True),
        Column("load", "Truck", kind="code", sort=True, link=lambda r: reverse("shipping_load", args=[r.load_id])),
        Column("left_at", "Since", kind="datetime", sort=True),
        Column("reason", "Because", value=_because, wide=True),
        Column("arrives_on", "Arrives then", kind="date", sort=True, minor=True),
        Column("staged", "Staged as it left", kind="number", sort=True, total=True, value=lambda r: r.staged or None),
        Column("not_staged", "Not staged as it left", kind="number", sort=True, total=True,
               value=lambda r: r.not_staged or None),
        Column("closed_by", "Told by", hidden=True),
        Column("site", "Site", kind="code", hidden=True),
    ],
    filters=[
        Flag("is_open", "Open"),
        Choice("standing", "Stands", [(word, word) for word in MARKS], promoted=True),
        Choice("reason", "Because", list(WHY_BEHIND.items()), promoted=True),
        DateRange("left_at", "Since", promoted=True),
        Choice("tier", "Tier", [(tier, tier) for tier in "ABC"]),
    ],
    tabs=[
        Tab("Open", "is_open=yes"),
        Tab("Tell the customer", "standing=tell the customer"),
        Tab("All", "view=all"),
    ],
    sort="-left_at",
    search="Order, customer, truck or note",
    legend="All that is still here, and what is over of the last 92 days, or of the days that you name under Since.",
    row_id=lambda r: int(r.id),
    batch=[Batch("plan", "Plan a load", "shipping.plan_loads", _plan)],
    empty=Empty(
        "Nothing was left behind",
        "Orders stand here that were planned on a truck and did not leave with it, until they are gone. What is over "
        "stands here for 92 days, and for the days that you name.",
    ),
)  # fmt: skip

NAV = [NavItem("Outbound", TITLE, "shipping_left_behind", permission="shipping.view", order=44, section="Shipping")]

urlpatterns = [path("left-behind", LEFT.view, name="shipping_left_behind")]
