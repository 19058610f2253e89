from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.cast import BO, ED, NOW, ctx
from tests.supply import approved, house, item, receive, standing, supplier

from flowrack.inbound import commands, commands_discrepancies
from flowrack.inbound.queries_tolerance import in_force
from flowrack.inbound.tests.dockside import on_record, rows_of, tolerate
from flowrack.inbound.types import CloseReceipt, CountedLine, GiveUp
from flowrack.inbound.types_discrepancies import BadTolerance, NotTolerated, SetTolerance
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def test_the_row_that_fits_best_counts_and_older_versions_stay():
    here, hose, seller = house(), item("V-200"), supplier()
    sql.execute("INSERT INTO catalog_family (code, name) VALUES ('HOSES', 'Hoses')")
    sql.execute("UPDATE catalog_item SET family_id = (SELECT id FROM catalog_family)")
    po = approved(here.site, seller, (hose, 100, "4"))

    def rule() -> tuple[int, int]:
        found = in_force(po.po_id, [hose])[hose]
        return found.tolerance_id, found.version

    assert rule() == (0, 0)
    for scope in ({}, {"family": "HOSES"}, {"supplier_id": seller}, {"supplier_id": seller, "family": "HOSES"}):
        made = tolerate(**scope)
        assert rule() == (made.tolerance_id, 1)
    again = tolerate(supplier_id=seller, family="HOSES", early_days=2)
    assert rule() == (again.tolerance_id, 2)
    assert sql.fetch_value("SELECT count(*) FROM inbound_tolerance WHERE ended_at IS NULL") == 4


def test_it_decides_what_becomes_of_a_count_and_of_what_is_missing():
    here, milk, seller = house(), item("MILK", tracking="lot"), supplier()
    sql.execute("UPDATE catalog_item SET has_expiry = true WHERE id = %s", (milk,))
    today = NOW.date()
    po = approved(here.site, seller, (milk, 100, "2"), due=today + timedelta(9))

    def count(expires: date = date(2027, 1, 1)) -> CountedLine:
        return CountedLine(units=Units(10), item_id=milk, lot=str(expires), expires_on=expires)

    tolerate(early_days=2, on_early="refuse")
    before = rows_of()
    with pytest.raises(NotTolerated) as refused:
        receive(po, here, count())
    assert refused.value.message.startswith("MILK came 9 days early; 2 are tolerated by tolerance ")
    assert rows_of() == before

    tolerate(min_life_days=60, on_short_dated="hold", under_pct=Decimal(5), on_under="refuse")
    receive(po, here, count(), count(today + timedelta(30)))
    assert standing(milk) == {("receiving-1", "hold"): 10, ("receiving-1", "receiving"): 10}
    assert on_record() == [("short_dated", "open", 10, "20.00", "supplier", "hold")]
    receipt_id = sql.fetch_value("SELECT id FROM inbound_receipt")
    with pytest.raises(NotTolerated):
        commands.close_receipt(ctx(BO), CloseReceipt(receipt_id, [GiveUp(po.line_ids[0], "sold out")]))
    tolerate()
    commands.close_receipt(ctx(BO), CloseReceipt(receipt_id, [GiveUp(po.line_ids[0], "sold out")]))
    assert on_record()[1:] == [("short", "open", 80, "160.00", "supplier", "flag")]


def test_nonsense_and_outsiders_are_refused():
    house()
    wrong = SetTolerance("flag", "flag", "flag", "flag", "shrug", 999_999, "NONE", over_pct=Decimal(-1))
    before = rows_of()
    with pytest.raises(BadTolerance) as refused:
        commands_discrepancies.set_tolerance(ctx(ED), wrong)
    assert [b.field for b in refused.value.lines] == ["over_pct", "on_short_dated", "supplier_id", "family"]
    with pytest.raises(NotPermitted):
        commands_discrepancies.set_tolerance(ctx(BO), SetTolerance("flag", "flag", "flag", "flag", "flag"))
    assert rows_of() == before
