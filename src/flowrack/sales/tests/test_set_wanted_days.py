"""set_wanted_days: many orders are wanted on another day; what is reserved and too old by then is given back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from tests import outbound
from tests.cast import EVE, KIM, NOW, ctx

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
        (True, "Wanted 20 Mar 2026, not 10 Mar 2026. 5 reserved units were given back: too old by then."),
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
