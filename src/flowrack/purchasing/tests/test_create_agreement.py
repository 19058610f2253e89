from datetime import date
from decimal import Decimal

import pytest
from tests.cast import BO, DI, ctx
from tests.supply import house, item, sells, supplier

from flowrack.inbound import queries_tolerance as tolerances
from flowrack.platform import decisions, sql
from flowrack.purchasing import commands_agreements as commands
from flowrack.purchasing import queries_agreements
from flowrack.purchasing.tests.agreed import MARCH, content, family, in_force, order, prices, told
from flowrack.purchasing.types_agreements import (
    AgreedLine,
    BadAgreement,
    CreateAgreement,
)
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return house()


def test_an_order_takes_price_tolerances_and_day_from_the_agreement_and_says_so(here):
    seller, hose, tap, nut = supplier(lead_time_days=5), item("HOSE"), item("TAP"), item("NUT")
    sells(seller, hose, "9")
    sells(seller, nut, "0.5")
    done = in_force(
        seller,
        AgreedLine(hose, prices=prices((1, "4"), (100, "3.6"), (1, "5", date(2026, 6, 1)))),
        AgreedLine(family_id=family("VALVES", hose, tap), prices=prices((1, "7")), over_pct=Decimal(10)),
        over_pct=Decimal(5), under_pct=Decimal(1), lead_time_days=1, order_weekdays=[3], early_days=2, late_days=0,
    )  # fmt: skip
    po = order(here, seller, (hose, 99, None), (hose, 200, None), (hose, 200, "3.69"), (tap, 200, None), (nut, 9, None))
    assert told(po) == [
        (99, Decimal("4.000000"), "agreement", Decimal(4), 4, 0),
        (200, Decimal("3.600000"), "agreement", Decimal("3.6"), 10, 2),
        (200, Decimal("3.690000"), "typed", Decimal("3.6"), 10, 2),
        (200, Decimal("7.000000"), "agreement", Decimal(7), 20, 2),
        (9, Decimal("0.500000"), "list", Decimal("0.5"), 0, 0),
    ]
    # Monday the 2nd: orders are taken on Wednesday the 4th, and come the day after.
    head = sql.fetch_one("SELECT due_on, early_days, late_days FROM purchasing_po WHERE id = %s", (po.po_id,))
    assert head == (date(2026, 3, 5), 2, 0)
    tolerated = tolerances.in_force(po.po_id, [hose])[hose]
    assert (tolerated.early_days, tolerated.late_days) == (2, 0)
    whys = [why.sentence for i in po.line_ids for why in decisions.why(f"purchasing.po_line:{i}")]
    name = f"{done.number} v1"
    assert whys == [
        f"4.00 by agreement {name}, from 1 unit, since 1 Mar 2026.",
        f"3.60 by agreement {name}, from 100 units, since 1 Mar 2026.",
        f"3.69: typed, 2.5 % above; it would be 3.60 by agreement {name}, from 100 units, since 1 Mar 2026.",
        f"7.00 by agreement {name}, from 1 unit, since 1 Mar 2026.",
    ]


def test_a_supplier_takes_no_order_and_delivers_nothing_on_the_holidays_that_he_keeps(here):
    seller, hose = supplier(lead_time_days=33), item("HOSE")
    sells(seller, hose, "9")

    def due(lead_days: int) -> date:
        sql.execute("UPDATE parties_supplierterms SET lead_time_days = %s WHERE party_id = %s", (lead_days, seller))
        po = order(here, seller, (hose, 9, None))
        return sql.fetch_value("SELECT due_on FROM purchasing_po WHERE id = %s", (po.po_id,))

    assert due(32) == date(2026, 4, 3), "32 days after Monday 2 March"
    sql.execute("UPDATE parties_party SET holidays_of = 'GB' WHERE id = %s", (seller,))
    assert due(32) == date(2026, 4, 6), "Good Friday and the weekend are passed over"
    in_force(seller, AgreedLine(hose, prices=prices((1, "4"))), closed_days=[date(2026, 4, 6)])
    assert due(32) == date(2026, 4, 7), "his holidays count beside the days of his agreement"


def test_the_agreement_of_the_site_comes_before_the_one_for_every_site(here):
    seller, hose, tap = supplier(), item("HOSE"), item("TAP")
    in_force(
        seller,
        AgreedLine(hose, prices=prices((1, "4"))),
        AgreedLine(tap, prices=prices((1, "2"))),
        min_value=Decimal(900),
    )
    in_force(seller, AgreedLine(hose, prices=prices((1, "3"))), site_id=here.site, late_days=1)
    assert [row[1] for row in told(order(here, seller, (hose, 1, None), (tap, 1, None)))] == [3, 2]
    terms = queries_agreements.order_terms([(seller, here.site, MARCH)])[seller, here.site, MARCH]
    assert (terms.min_value, terms.late_days, terms.lead_time_days) == (900, 1, 5)
    before = queries_agreements.item_terms([(seller, here.site, hose, date(2026, 2, 28))])
    assert before == {}


def test_unknown_things_are_named_and_only_buyers_write(here):
    with pytest.raises(NotPermitted):
        commands.create_agreement(ctx(BO), CreateAgreement(content(supplier())))
    with pytest.raises(BadAgreement) as refused:
        unknown = content(999_999, AgreedLine(888_888), AgreedLine(family_id=777_777), site_id=666_666)
        commands.create_agreement(ctx(DI), CreateAgreement(unknown))
    assert [(b.line, b.field) for b in refused.value.lines] == [(0, "supplier"), (0, "site"), (1, "item"), (2, "item")]
