"""The supplier scorecard on a small history that is worked out by hand, and its page, list, files and API."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from tests.cast import BO, CY, DI, ED, FAY, HAL, bearer, ctx, signed_in
from tests.supply import approved, house, item, receive, sells, supplier

from flowrack.analytics.queries.suppliers import LINES, Asked, scorecards
from flowrack.analytics.rules_suppliers import Window
from flowrack.inbound.commands import close_receipt, return_to_supplier
from flowrack.inbound.types import BackLine, CloseReceipt, CountedLine, GiveUp, ReturnToSupplier
from flowrack.inspection.commands import decide, record_results
from flowrack.inspection.tests.house import inspect, plan, shelves
from flowrack.inspection.types import CheckResult, Decide, RecordResults, Verdict
from flowrack.inspection.types_holds import Cause
from flowrack.platform import sql
from flowrack.platform.outbox import drain
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db

MARCH = Asked(date(2026, 3, 1), date(2026, 3, 31), today=date(2026, 3, 20))
PERIOD = "due_on_from=2026-03-01&due_on_to=2026-03-31"


def on(day):
    return ctx(BO, now=datetime(2026, 3, day, 10, tzinfo=UTC))


def units(item_id, count, quality="available", reason=""):
    return CountedLine(Units(count), item_id=item_id, quality=quality, reason=reason)


@pytest.fixture
def history():
    """Six lines of one supplier, ordered on 2 March: on time, early, late, short, overdue and not due yet."""
    at, ostler = house(), supplier("OSTLER")
    a, b = item("A"), item("B")
    sells(ostler, a, "4.00")

    def due(day):
        return date(2026, 3, day)

    first = approved(at.site, ostler, (a, 100, "4.10"), due=due(12))
    receive(first, at, units(a, 60), by=on(10))
    receive(first, at, units(a, 40), by=on(12))
    early = approved(at.site, ostler, (a, 50, "4.00"), due=due(12))
    good = receive(early, at, units(a, 50), by=on(9))
    late = approved(at.site, ostler, (b, 400, "2.00"), due=due(12))
    receive(
        late, at, units(b, 390), units(b, 8, "damaged", "crushed"), units(b, 2, "damaged", "carrier dropped it"),
        by=on(15),
    )  # fmt: skip
    short = approved(at.site, ostler, (a, 20, "4.00"), due=due(10))
    some = receive(short, at, units(a, 15), by=on(10))
    close_receipt(on(11), CloseReceipt(some.receipt_id, [GiveUp(short.line_ids[0], "sold out")]))
    approved(at.site, ostler, (a, 10, "4.00"), due=due(11))
    approved(at.site, ostler, (a, 10, "4.00"), due=due(25))
    move = sql.fetch_value("SELECT id FROM ledger_move WHERE posting_id = %s", (good.posting_id,))
    back = BackLine(a, 3, at.places["receiving1"], receipt_move_id=move)
    return_to_supplier(ctx(HAL), ReturnToSupplier(at.site, ostler, [back], "bent"))
    return at, ostler, a


def card(asked=MARCH):
    [found] = scorecards(asked)
    return found


def test_every_figure_comes_from_the_lines_with_its_sample(history):
    f = card()
    assert (f.promised, f.on_time, f.early, f.late, f.short, f.overdue, f.open) == (6, 1, 1, 1, 1, 1, 1)
    assert (f.otif.numerator, f.otif.denominator, f.otif.percent) == (1, 5, Decimal("20.0"))
    assert f.in_full.percent == Decimal("60.0")
    assert f.after is not None and (f.after.lines, f.after.mean, f.after.deviation) == (3, 0, 3)
    assert f.lead is not None and (f.lead.mean, f.lead.median, f.lead.p90, f.lead.deviation) == (10, 10, 13, 3)
    assert sorted(f.days_after) == [-3, 0, 3]
    assert f.is_thin


def test_a_faulty_unit_counts_once_and_what_the_carrier_broke_does_not(history):
    f = card()
    assert (f.received_units, f.faulty_units, f.sent_back_units, f.carrier_units) == (565, 8, 3, 2)
    assert f.defect_ppm == Decimal(19_469)


def test_faulty_goods_that_go_back_are_not_faulty_twice(history):
    at, ostler, _ = history
    moves = sql.fetch_all(
        """SELECT m.id, c.item_id, m.units FROM ledger_move m JOIN ledger_cell c ON c.id = m.to_cell_id
           WHERE c.quality = 'damaged' AND m.units = 8"""
    )
    [(move, b, count)] = moves
    back = BackLine(b, count, at.places["receiving1"], quality="damaged", receipt_move_id=move)
    return_to_supplier(ctx(HAL), ReturnToSupplier(at.site, ostler, [back], "crushed"))
    assert card().defect_ppm == Decimal(19_469)


def test_what_inspectors_find_is_faulty_once_and_what_the_carrier_broke_is_none(db):
    """400 cases: 2 broken by the carrier, 9 of the other 398 found defective, which is 9 / 400 = 22,500 ppm."""
    at, ostler, hose = shelves(), supplier("OSTLER"), item("V-200")
    plan(hose)
    po = approved(at.site, ostler, (hose, 400, "30"), due=date(2026, 3, 12))
    receive(po, at, units(hose, 398), units(hose, 2, "damaged", "carrier dropped it"), by=on(12))
    drain()
    [(lot,)] = sql.fetch_all("SELECT id FROM inspection_inspection WHERE quality = 'inspection'")
    inspect(lot, 4, Verdict.SORT)
    record_results(ctx(FAY), RecordResults(lot, 398, [CheckResult(defective_units=9)]))
    decide(ctx(FAY), Decide(lot, Verdict.SPLIT, released_units=389, damaged_units=9, reason="sorted"))
    f = card()
    assert (f.received_units, f.faulty_units, f.carrier_units, f.sent_back_units) == (400, 9, 2, 0)
    assert f.defect_ppm == Decimal(22_500)
    move = sql.fetch_value("SELECT id FROM ledger_move WHERE units = 398 ORDER BY id LIMIT 1")
    back = BackLine(hose, 9, at.places["receiving1"], quality="damaged", receipt_move_id=move)
    return_to_supplier(ctx(HAL), ReturnToSupplier(at.site, ostler, [back], "defective"))
    assert card().defect_ppm == Decimal(22_500)


def test_what_is_held_for_a_cause_of_the_supplier_is_said_and_other_causes_are_not_his(db):
    at, ostler, hose, tap = shelves(), supplier("OSTLER"), item("V-200"), item("TAP")
    plan(hose)
    plan(tap)
    po = approved(at.site, ostler, (hose, 100, "30"), (tap, 50, "2"), due=date(2026, 3, 12))
    receive(po, at, units(hose, 100), units(tap, 50), by=on(12))
    drain()
    lots = sql.fetch_all("SELECT id FROM inspection_inspection ORDER BY item_id")
    for (lot,), cause in zip(lots, (Cause.SUPPLIER, Cause.PAPER), strict=True):
        inspect(lot, 0, Verdict.HOLD, reason="not as ordered", cause=cause)
    assert (card().held_units, card().faulty_units, card().defect_ppm) == (100, 0, 0)
    lines = text(signed_in(ED).get(f"/suppliers/scorecard/lines?supplier=OSTLER&{PERIOD}&basis=held&format=csv"))
    assert len(lines.splitlines()) == 2 and "V-200" in lines
    page = text(signed_in(ED).get(f"/suppliers/scorecard/{ostler}?{PERIOD}"))
    assert "Held for a cause of the supplier" in page


def test_goods_that_go_back_without_their_receipt_count_in_the_period_in_which_they_went(history):
    at, ostler, a = history
    back = BackLine(a, 2, at.places["receiving1"])
    return_to_supplier(on_as_hal(16), ReturnToSupplier(at.site, ostler, [back], "bent"))
    assert card().sent_back_units == 5
    assert card(replace(MARCH, start=date(2026, 3, 10), end=date(2026, 3, 15))).sent_back_units == 3


def on_as_hal(day):
    return ctx(HAL, now=datetime(2026, 3, day, 10, tzinfo=UTC))


def test_the_price_is_compared_where_one_was_agreed(history):
    f = card()
    assert (f.priced_lines, f.paid, f.agreed, f.price_pct) == (5, Decimal(770), Decimal(760), Decimal("1.32"))


def test_asn_accuracy_has_no_data_until_a_closed_asn_was_received_against(history):
    at, ostler, _ = history
    assert (card().asn_lines, card().asn.percent) == (0, None)
    asn = sql.fetch_value(
        """INSERT INTO dock_asn (number, supplier_id, site_id, reference, state, created_by_id, ended_at)
           VALUES ('ASN-1', %s, %s, 'N-1', 'closed', %s, now()) RETURNING id""",
        (ostler, at.site, DI.id),
    )
    sql.execute(
        """INSERT INTO dock_asnline (asn_id, line_no, item_id, units, received_units, po_line_id)
           SELECT %s, row_number() OVER (ORDER BY l.id), l.item_id, l.units, 0, l.id FROM purchasing_poline l""",
        (asn,),
    )
    assert card().asn.percent is None, "closed, but nothing was ever received against it"
    sql.execute("UPDATE dock_asnline SET received_units = units WHERE line_no <= 3")
    assert (card().asn_lines, card().asn_matching, card().asn.percent) == (6, 3, Decimal("50.0"))


def test_the_window_the_period_and_the_site_are_those_asked_for(history):
    at, _, _ = history
    wide = card(replace(MARCH, window=Window(3, 3)))
    assert (wide.on_time, wide.early, wide.late) == (3, 0, 0)
    assert card(replace(MARCH, window=Window(None, 0))).on_time == 2
    assert card(replace(MARCH, start=date(2026, 3, 11), end=date(2026, 3, 11))).overdue == 1
    assert scorecards(replace(MARCH, start=date(2026, 4, 1), end=date(2026, 4, 30))) == []
    assert scorecards(replace(MARCH, site_id=at.site + 1_000)) == []
    assert card(replace(MARCH, today=date(2026, 3, 26))).overdue == 2


def test_the_verdict_of_the_database_is_that_of_the_rule(history):
    for window in (Window(), Window(0, 0), Window(3, 3), Window(None, 1)):
        asked = replace(MARCH, window=window)
        rows = sql.fetch_all(f"SELECT days_after, verdict FROM ({LINES}) x WHERE days_after IS NOT NULL", asked.params)
        assert [verdict for _, verdict in rows] == [window.judge(days) for days, _ in rows]


def test_a_count_that_was_taken_back_never_came(history):
    sql.execute("UPDATE inbound_receiptline SET taken_back_at = now() WHERE received_at = '2026-03-12 10:00Z'")
    f = card()
    assert (f.on_time, f.overdue, f.received_units) == (0, 2, 525)


# Pages and the API judge by today, long after March: the sixth line is overdue as well.


def text(response):
    assert response.status_code == 200, response.content[:2000]
    return response.getvalue().decode()


def test_the_list_shows_each_supplier_with_his_sample_and_hides_prices(history):
    page = text(signed_in(ED).get(f"/suppliers/scorecard?{PERIOD}"))
    assert "OSTLER" in page and "16.7 %" in page and "19,469" in page and "1.32 %" in page and "no data" in page
    assert '6 <span class="q">few</span>' in page
    assert "1.32" not in text(signed_in(BO).get(f"/suppliers/scorecard?{PERIOD}"))
    assert signed_in(CY).get("/suppliers/scorecard").status_code == 403
    file = text(signed_in(ED).get(f"/suppliers/scorecard?{PERIOD}&format=csv")).splitlines()
    assert file[0].lstrip("\ufeff").startswith("Supplier,Name,Lines,OTIF")
    assert file[1].startswith("OSTLER,OSTLER Works,6,16.7,2026-03 1/6,50.0,")
    assert signed_in(ED).get(f"/suppliers/scorecard?{PERIOD}&format=xlsx").status_code == 200


def test_one_supplier_leads_from_each_figure_to_its_lines(history):
    _, ostler, _ = history
    ed = signed_in(ED)
    page = text(ed.get(f"/suppliers/scorecard/{ostler}?{PERIOD}"))
    assert "1 of 6 lines" in page and "11 of 565 units" in page and "0 of 0 ASN lines" in page and "1.32 %" in page
    lines = text(ed.get(f"/suppliers/scorecard/lines?supplier=OSTLER&{PERIOD}&basis=faulty&format=csv")).splitlines()
    assert len(lines) == 3, "the line with eight crushed units and the one of which three went back"
    late = text(ed.get(f"/suppliers/scorecard/lines?supplier=OSTLER&{PERIOD}&verdict=late&format=csv")).splitlines()
    assert len(late) == 2 and ",late,400,400,8,0,2," in late[1]
    assert ed.get(f"/suppliers/scorecard/{ostler}?due_on_from=2020-01-01&due_on_to=2020-02-01").status_code == 404


def test_the_api_gives_the_same_figures_with_their_parts(history, client):
    url = "/api/v1/supplier-scorecards?start=2026-03-01&end=2026-03-31"
    [found] = client.get(url, headers=bearer(ED)).json()
    assert (found["code"], found["otif_pct"], found["on_time"], found["defect_ppm"]) == ("OSTLER", "16.7", 1, "19469")
    assert (found["after"]["lines"], found["asn_pct"], found["price_pct"]) == (3, None, "1.32")
    [hidden] = client.get(url, headers=bearer(BO)).json()
    assert (hidden["price_pct"], hidden["paid"]) == (None, None)
    assert client.get(f"{url}&early_days=-1", headers=bearer(ED)).status_code == 422
    assert client.get(url, headers=bearer(CY)).status_code == 403
