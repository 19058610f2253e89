"""set_wanted_days: many orders are wanted on another day; what is reserved and too old by then is given back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests import outbound
from tests.cast import EVE, KIM, NOW, ctx, signed_in

from flowrack.platform import sql
from flowrack.sales import commands_many
from flowrack.sales.types_changes import ChangeRefused
from flowrack.sales.types_many import SetWantedDays
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db

DAY, LATER = date(2026, 3, 10), date(2026, 3, 20)


def days() -> list[date]:
    return [row[0] for row in sql.fetch_all("SELECT requested_on FROM sales_order ORDER BY id")]


def test_many_orders_move_to_one_day_and_each_is_told():
    at = outbound.house()
    item = outbound.item("4711", tracking="lot")
    lot = outbound.lot(item, "L1")
    sql.execute("UPDATE catalog_lot SET expires_on = %s WHERE id = %s", (LATER + timedelta(days=5), lot))
    outbound.receive(at, item, 30, "1", lot_id=lot)
    outbound.customer()
    first, second, third = (outbound.order(at.site, "ACME", ("4711", 5), on=on) for on in (DAY, DAY, LATER))
    outbound.allocate(at.site, first)
    sql.execute("UPDATE sales_order SET min_life_days = 10 + transit_days WHERE id = %s", (first.order_id,))
    sql.execute("UPDATE sales_order SET latest_on = %s WHERE id = %s", (DAY, second.order_id))
    ids = [first.order_id, second.order_id, third.order_id]
    done = commands_many.set_wanted_days(ctx(KIM, "k"), SetWantedDays(ids, LATER, "The fair moved"))
    assert [(one.is_done, one.said) for one in done.outcomes] == [
        (
            True,
            "Wanted 20 Mar 2026, not 10 Mar 2026; it leaves by 19 Mar 2026. 5 reserved units were given back:"
            " too old by then.",
        ),
        (False, "The latest day, 10 Mar 2026, is before the wanted one, 20 Mar 2026."),
        (False, "It is wanted on this day already."),
    ]
    assert days() == [LATER, DAY, LATER]
    assert outbound.counts(first.line_ids[0]) == {"units": 5, "waiting": 5}
    kinds = sql.fetch_all("SELECT count(*) FROM platform_outboxevent WHERE kind = 'sales.order_changed'")
    assert kinds == [(1,)]


def test_a_past_day_no_reason_and_people_who_may_not():
    at = outbound.house()
    outbound.item("4711")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 5), on=DAY)
    past = (NOW - timedelta(days=3)).date()
    done = commands_many.set_wanted_days(ctx(KIM), SetWantedDays([order.order_id], past, "x"))
    assert not done.outcomes[0].is_done and done.outcomes[0].said.endswith("is past.")
    with pytest.raises(ChangeRefused):
        commands_many.set_wanted_days(ctx(KIM), SetWantedDays([order.order_id], LATER, ""))
    with pytest.raises(NotPermitted):
        commands_many.set_wanted_days(ctx(EVE), SetWantedDays([order.order_id], LATER, "x"))
    assert days() == [DAY]


def test_the_page_shows_what_comes_of_a_day_before_enter_changes_anything_and_asks_about_a_sunday():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 30, "1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 5), on=DAY)
    url, kim, sunday = f"/orders/many/wanted?ids={order.order_id}", signed_in(KIM), date(2099, 3, 22)

    def post(key: str, **more: str):
        return kim.post(url, {"requested_on": str(sunday), "reason": "The fair", "idempotency_key": key, **more})

    assert "Show what comes of it" in kim.get(url).content.decode()
    shown = post("a")
    page = shown.content.decode()
    assert days() == [DAY], "the first Enter shows it"
    assert "Wanted 22 Mar 2099, not 10 Mar 2026. Nothing" in page and "ACME Ltd" in page
    assert "Nothing arrives on Sun 22 Mar 2099, the wanted day" in page and "is there on Fri 20 Mar 2099" in page
    assert "Nothing is changed yet" in page and "Take this day all the same" in page
    asked = post("b", shown=str(sunday))
    assert asked.status_code == 422 and "Nothing arrives on this day." in asked.content.decode()
    assert post("c", shown="2099-03-23", sure="on").status_code == 200 and days() == [DAY], "another day was shown"
    done = post("d", shown=str(sunday), sure="on").content.decode()
    assert days() == [sunday] and "1 changed" in done and "is there on Fri 20 Mar 2099" in done
    empty = kim.post(url, {"requested_on": "", "reason": "", "idempotency_key": "e"})
    assert empty.status_code == 422, "what is not filled in is asked for"
