from datetime import date
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import ADA, CY, KIM, ctx

from flowrack.allocation.tests.instead import accept, short
from flowrack.analytics.queries import kpis
from flowrack.analytics.queries.kpi import fill_rates, month_ends, received_medians
from flowrack.counting.tests.scene import count, task_for
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import AskPutBack, ConfirmPicks, Pick, UndoPick
from flowrack.ledger.tests import house as h
from flowrack.platform import sql
from flowrack.returns.tests.scene import sold
from flowrack.shipping.commands.direct import ship_from_stock
from flowrack.shipping.types import ShipFromStock

pytestmark = pytest.mark.django_db


def measured(site=0, start=date(2026, 5, 1), end=date(2026, 5, 31)):
    return {k.key: k for k in kpis(site, start, end, with_cost=True)}


def test_an_empty_period_measures_nothing_and_says_so():
    found = measured()
    assert len(found) == 14
    assert [k.key for k in found.values() if k.value is not None] == []
    assert all(k.is_met is None for k in found.values())


def test_fill_rates_count_what_left_by_the_ship_by_day():
    on_time = sold(10, sku="A")
    late = sold(30, sku="B", at=on_time.house)
    sql.execute(
        "UPDATE sales_order SET gives_ship_day = true, ship_by_on = '2026-05-10', ordered_at = '2026-05-08 08:00Z'"
    )
    sql.execute("UPDATE shipping_shipment SET shipped_at = '2026-05-10 20:00Z'")
    sql.execute(
        """UPDATE shipping_shipment SET shipped_at = '2026-05-11 08:00Z' WHERE id IN
           (SELECT shipment_id FROM shipping_shipmentline WHERE order_line_id = %s)""",
        (late.line,),
    )
    found = measured()
    assert (found["line_fill"].value, found["line_fill"].numerator, found["line_fill"].denominator) == (50, 1, 2)
    assert (found["unit_fill"].value, found["unit_fill"].denominator) == (Decimal("25.0"), 40)
    assert found["order_fill"].value == 50
    assert found["line_fill"].is_met is False
    assert measured(start=date(2026, 5, 11))["line_fill"].value is None
    sql.execute(
        """INSERT INTO sales_hold (order_id, line_id, kind, sentence, placed_by_id, placed_at)
           SELECT order_id, id, 'quantity', 'thousands', %s, now() FROM sales_orderline WHERE id = %s""",
        (ADA.id, late.line),
    )
    found = measured()
    assert (found["unit_fill"].value, found["unit_fill"].denominator) == (100, 10), "what is in doubt is due to nobody"


def test_units_are_filled_with_what_was_ordered_and_with_substitutes():
    here = short()
    accept(here, "A")
    ship_from_stock(ctx(ADA), ShipFromStock(here.at.site, [here.order.order_id]))
    day = sql.fetch_value("SELECT ship_by_on FROM sales_order")
    found = {one.key: one for one in fill_rates(0, [(day, day)])[0]}
    assert [(found[k].value, found[k].denominator) for k in ("unit_fill", "unit_fill_both")] == [(35, 100), (55, 100)]
    assert (found["line_fill"].denominator, found["order_fill"].value) == (1, 0), "a substitute was not ordered"


def test_order_cycle_time_runs_from_entry_to_the_last_ship_confirm():
    s = sold(10)
    sql.execute("UPDATE sales_order SET ordered_at = '2026-05-08 08:00Z'")
    sql.execute("UPDATE shipping_shipment SET shipped_at = '2026-05-09 20:00Z'")
    sql.execute(
        """INSERT INTO shipping_shipmentorder (shipment_id, order_id, is_waiting)
           SELECT shipment_id, %s, false FROM shipping_shipmentline""",
        (s.order,),
    )
    assert measured()["cycle_p50"].value == Decimal("36.0")
    assert measured()["cycle_p90"].denominator == 1


def test_turns_scale_cost_of_goods_sold_to_a_year_over_the_mean_value():
    house = h.house()
    item = h.item("W")
    h.receive(house, item, 100, "10.00")
    h.ship(house, item, 50)
    turns = measured(house.site)["turns"]
    assert (turns.numerator, turns.denominator) == (Decimal(500), Decimal(250))
    assert turns.value == (Decimal(500) * 365 / 31 / turns.denominator).quantize(Decimal("0.1"))


def test_inventory_accuracy_comes_from_finished_counts():
    house = h.house()
    item = h.item("W")
    h.receive(house, item, 1000, "0.01")
    count(CY, task_for(house), (item, 995))
    found = measured(house.site, date(2026, 3, 1), date(2026, 3, 31))
    assert (found["units"].value, found["units"].numerator) == (Decimal("99.5"), 995)
    assert (found["bins"].value, found["bins"].denominator) == (100, 1)


def test_dock_to_stock_weighs_each_unit_alike():
    house = h.house()
    item = h.item("W")
    for units, minutes in ((30, 60), (70, 120)):
        sql.execute(
            """
            WITH sup AS (
                INSERT INTO parties_party (code, name, is_supplier) VALUES ('S' || %(units)s, 'S', true) RETURNING id
            ), po AS (
                INSERT INTO purchasing_po (number, supplier_id, site_id, state, ordered_on, due_on, supplier_reference,
                       note, override_reason, version, created_by_id, changed_by_id, approved_by_id, approved_at,
                       content_hash, end_reason)
                SELECT 'PO' || %(units)s, sup.id, %(site)s, 'draft', '2026-05-01', '2026-05-10', '', '', '', 1,
                       %(user)s, %(user)s, NULL, NULL, '', '' FROM sup RETURNING id
            ), line AS (
                INSERT INTO purchasing_poline (po_id, line_no, item_id, units, unit_cost, due_on, expected_on,
                       short_reason)
                SELECT po.id, 1, %(item)s, %(units)s, 1, '2026-05-10', '2026-05-10', '' FROM po RETURNING id
            ), receipt AS (
                INSERT INTO inbound_receipt (number, site_id, po_id, supplier_id, location_id, state, delivery_note,
                       opened_by_id)
                SELECT 'R' || %(units)s, %(site)s, po.id, sup.id, %(dock)s, 'open', '', %(user)s
                FROM po, sup RETURNING id
            ), counted AS (
                INSERT INTO inbound_receiptline (receipt_id, po_line_id, item_id, lot_id, lpn_id, units, value, quality,
                       discrepancy, posting_id, received_by_id, received_at)
                SELECT receipt.id, line.id, %(item)s, 0, 0, %(units)s, 1, 'available', '', 0, %(user)s,
                       '2026-05-10 08:00Z' FROM receipt, line RETURNING id
            )
            INSERT INTO storage_plannedmove (site_id, kind, state, origin, item_id, lot_id, lpn_id, owner_id, quality,
                   units, done_units, from_location_id, to_location_id, planned_at, ended_at, ended_by_id, ended_in_id,
                   reason, task_id)
            SELECT %(site)s, 'putaway', 'done', 'inbound.line:' || counted.id, %(item)s, 0, 0, 1, 'available',
                   %(units)s, %(units)s, %(dock)s, %(bin)s, '2026-05-10 08:00Z',
                   '2026-05-10 08:00Z'::timestamptz + make_interval(mins => %(minutes)s), %(user)s, %(bin)s, '', 0
            FROM counted
            """,
            {
                "site": house.site,
                "item": item,
                "units": units,
                "minutes": minutes,
                "dock": house.places["receiving1"],
                "bin": house.places["reserve1"],
                "user": h.user(),
            },
        )
    found = measured(house.site)
    assert (found["dock_p50"].value, found["dock_p90"].value, found["dock_p50"].denominator) == (120, 120, 100)
    # The control tower shows the same measure by day.
    assert received_medians(house.site, date(2026, 5, 9), date(2026, 5, 10)) == [None, 120]


def test_month_ends_within_a_period():
    assert month_ends(date(2026, 1, 15), date(2026, 3, 31)) == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)]
    assert month_ends(date(2026, 1, 15), date(2026, 1, 30)) == []


def test_goods_that_were_asked_back_are_no_wrong_picks():
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 20, "1", "forward_pick1")
    outbound.customer()
    wanted, gone = (outbound.order(at.site, "ACME", ("4711", 3)) for _ in range(2))
    outbound.allocate(at.site, wanted, gone)
    kept, back = (outbound.release(at.site, one).pick_ids[0] for one in (wanted, gone))
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(kept), Pick(back)]))
    fulfilment.ask_put_back(ctx(KIM), AskPutBack(gone.order_id))
    fulfilment.undo_pick(ctx(CY), UndoPick(back))
    day = sql.fetch_value("SELECT booked_on FROM ledger_posting ORDER BY id DESC LIMIT 1")
    found = measured(at.site, day, day)["pick"]
    assert (found.numerator, found.denominator) == (1, 1)
    fulfilment.undo_pick(ctx(CY), UndoPick(kept))
    found = measured(at.site, day, day)["pick"]
    assert (found.numerator, found.denominator) == (0, 0), "one that its picker undid is neither right nor wrong"
