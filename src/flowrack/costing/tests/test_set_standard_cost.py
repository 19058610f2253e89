from datetime import date
from decimal import Decimal

import pytest
from tests.cast import NED, OZ, Person, ctx

from flowrack.costing import commands, queries
from flowrack.costing.models import Revaluation
from flowrack.costing.types import (
    CostRefused,
    NewCost,
    SetStandardCost,
)
from flowrack.ledger.tests import house as h
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
OZ2 = Person("oz2", "Ola Controller", ("finance_controller",))


def set_cost(item, cost, key=None, person=OZ):
    return commands.set_standard_cost(
        ctx(person, key), SetStandardCost([NewCost(item, Decimal(cost))], "new price list")
    )


def standard_cost(item):
    return sql.fetch_value("SELECT standard_cost FROM catalog_item WHERE id = %s", (item,))


def test_stock_is_revalued_and_earlier_value_stays():
    house = h.house()
    item = h.item("W", "standard", standard_cost="10")
    h.receive(house, item, 100, None)
    done = set_cost(item, "12.50")
    assert (done.state, done.value) == ("posted", Decimal("250.00"))
    assert h.book(house, item) == (100, Decimal("1250.0000"))
    assert h.book(house, item, "variance") == (0, Decimal("-250.0000"))
    assert standard_cost(item) == Decimal("12.5")
    h.ship(house, item, 10)
    assert h.book(house, item, "cogs") == (10, Decimal("125.0000"))
    assert sum(row.value for row in queries.trial_balance()) == 0


def test_a_lower_cost_takes_value_out():
    house = h.house()
    item = h.item("W", "standard", standard_cost="10")
    h.receive(house, item, 3, None)
    assert set_cost(item, "9.99").value == Decimal("-0.03")
    assert h.book(house, item) == (3, Decimal("29.9700"))


def test_without_stock_only_the_cost_changes():
    item = h.item("W", "standard", standard_cost="10")
    done = set_cost(item, "11")
    assert (done.state, done.value, done.posting_id) == ("posted", 0, 0)
    assert standard_cost(item) == 11


def test_other_methods_and_strangers_are_refused_and_nothing_changes():
    fifo = h.item("F", "fifo")
    standard = h.item("S", "standard", standard_cost="10")
    with pytest.raises(CostRefused) as refusal:
        commands.set_standard_cost(
            ctx(OZ), SetStandardCost([NewCost(fifo, Decimal(1)), NewCost(999_999, Decimal(1))], "why")
        )
    assert [line.line for line in refusal.value.lines] == [1, 2]
    with pytest.raises(NotPermitted):
        set_cost(standard, "11", person=NED)
    assert (Revaluation.objects.count(), standard_cost(standard)) == (0, 10)


def test_a_retry_revalues_once():
    house = h.house()
    item = h.item("W", "standard", standard_cost="10")
    h.receive(house, item, 10, None)
    assert set_cost(item, "11", "same") == set_cost(item, "11", "same")
    assert h.book(house, item) == (10, Decimal("110.0000"))


def test_the_value_at_an_earlier_day_is_what_it_was():
    house = h.house()
    item = h.item("W", "standard", standard_cost="10")
    h.receive(house, item, 100, None)
    day = h.NOW.date()
    assert [(r.units, r.value) for r in queries.value_at(day)] == [(100, Decimal("1000"))]
    assert queries.value_at(date(2026, 5, 13)) == []
    assert queries.value_now() == 1000
    by_state = {r.state: (r.units, r.value) for r in queries.value_by_state() if r.units}
    assert by_state == {"reserve": (100, Decimal("1000.00"))}
