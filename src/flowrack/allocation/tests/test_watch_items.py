"""Stock that changes under promises: held, released, received otherwise than ordered."""

from datetime import date, timedelta

import pytest
from tests import outbound
from tests.cast import KIM, NOW, ctx
from tests.supply import approved, receive, supplier

from flowrack.allocation import commands_exceptions as commands
from flowrack.allocation import jobs, queries_cover, queries_outlook
from flowrack.allocation.types_exceptions import CloseExceptions, WatchItems
from flowrack.inbound.types import CountedLine
from flowrack.platform import decisions, outbox, sql
from flowrack.platform.outbox import context_for_system
from flowrack.platform.periodic import all_periodic, run_round
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db
DUE = date(2026, 3, 9)


def open_ones():
    return [(r.order, r.units, r.po, r.promised_on, r.covered_on) for r in queries_cover.exceptions([0])]


def test_a_hold_that_takes_promised_stock_opens_one_exception_and_its_release_ends_it():
    at = outbound.house()
    hose = outbound.item("V-200")
    outbound.customer("ACME")
    outbound.receive(at, hose, 40, "1")
    one = outbound.order(at.site, "ACME", ("V-200", 30))
    outbox.drain(now=NOW)
    assert open_ones() == []
    sql.execute("UPDATE ledger_pool SET reserve = reserve - 20, hold = hold + 20 WHERE item_id = %s", (hose,))
    system = context_for_system(NOW, "a")
    done = commands.watch_items(system, WatchItems(at.site, [hose], "Stock was held"))
    assert commands.watch_items(context_for_system(NOW, "b"), WatchItems(at.site, [hose], "again")).raised == []
    assert (done.raised, open_ones()) == (one.line_ids, [(one.number, 10, "", date(2026, 3, 3), None)])
    said = "Stock was held: 10 units have no cover in time; the promise of 3 Mar cannot hold."
    assert decisions.why(f"sales.line:{one.line_ids[0]}")[0].sentence == said
    sql.execute("UPDATE ledger_pool SET reserve = reserve + 20, hold = 0 WHERE item_id = %s", (hose,))
    assert commands.watch_items(context_for_system(NOW, "c"), WatchItems(at.site, [hose], "x")).settled == one.line_ids
    assert open_ones() == []


def test_an_exception_ends_when_nothing_of_its_line_waits_any_more():
    at = outbound.house()
    hose = outbound.item("V-200")
    outbound.customer("ACME")
    outbound.receive(at, hose, 40, "1")
    one = outbound.order(at.site, "ACME", ("V-200", 30))
    outbox.drain(now=NOW)
    sql.execute("UPDATE ledger_pool SET reserve = reserve - 20, hold = hold + 20 WHERE item_id = %s", (hose,))
    commands.watch_items(context_for_system(NOW, "a"), WatchItems(at.site, [hose], "Stock was held"))
    sql.execute("UPDATE sales_orderline SET cancelled_units = units WHERE id = %s", (one.line_ids[0],))
    jobs.watch_promises(context_for_system(NOW, "b"), "day", "A day went by")
    [ended] = sql.fetch_all("SELECT closing, closed_at FROM allocation_promiseexception")
    assert ended == ("Nothing of it waits any more.", NOW)


def test_goods_on_their_way_from_another_site_cover_a_promise():
    at = outbound.house()
    hose = outbound.item("V-200")
    other = outbound.house("W2")
    sql.execute(
        """
        WITH t AS (INSERT INTO storage_transfer (number, site_id, to_site_id, state, due_on, sent_at, sent_by_id)
                   VALUES ('TR-1', %s, %s, 'on_the_way', %s, %s, %s) RETURNING id)
        INSERT INTO storage_transferline (transfer_id, item_id, lot_id, quality, units)
        SELECT t.id, %s, 0, 'available', 7 FROM t
        """,
        (other.site, at.site, DUE, NOW, KIM.id, hose),
    )
    found = queries_outlook.coming([(hose, at.site)], NOW)[hose, at.site]
    assert [(c.number, c.expected_on, c.units) for c in found] == [("TR-1", DUE + timedelta(days=1), 7)], "on the shelf"


def test_a_short_receipt_is_seen_by_those_who_wait():
    at = outbound.house()
    hose = outbound.item("V-200")
    outbound.customer("ACME")
    po = approved(at.site, supplier(), (hose, 40, "4"), due=DUE)
    one = outbound.order(at.site, "ACME", ("V-200", 30))
    outbox.drain(now=NOW)
    receive(po, at, CountedLine(Units(40), hose, quality="damaged", reason="crushed"))
    outbox.drain(now=NOW)
    assert [(r[0], r[1]) for r in open_ones()] == [(one.number, 30)]


def test_only_the_house_itself_looks():
    with pytest.raises(NotPermitted):
        commands.watch_items(ctx(KIM), WatchItems(1, [1], "x"))


def look(days):
    [job] = [one for one in all_periodic() if one.name == "allocation.watch_days"]
    assert jobs
    run_round(job, NOW + timedelta(days=days))
    outbox.drain(now=NOW + timedelta(days=days))


def times_looked():
    return sql.fetch_value("SELECT count(*) FROM platform_commandrecord WHERE key LIKE 'allocation.watch_day:%%'")


def test_a_po_that_is_overdue_only_because_days_went_by_puts_its_promise_at_risk_once():
    at = outbound.house()
    hose = outbound.item("V-200")
    outbound.customer("ACME")
    po = approved(at.site, supplier(), (hose, 40, "4"), due=DUE)
    one = outbound.order(at.site, "ACME", ("V-200", 30))
    outbox.drain(now=NOW)
    look(0)
    look(0.1)
    assert (open_ones(), times_looked()) == ([], 1)
    look(20)
    late = (one.number, 30, po.number, date(2026, 3, 16), date(2026, 3, 28))
    said = "A day went by: 30 units are covered on 28 Mar, 12 days after the promise of 16 Mar."
    assert (open_ones(), decisions.why(f"sales.line:{one.line_ids[0]}")[0].sentence) == ([late], said)
    look(21)
    assert (open_ones(), times_looked()) == ([late], 3)


def test_a_new_day_does_not_bring_up_again_what_a_person_has_closed():
    at = outbound.house()
    hose = outbound.item("V-200")
    outbound.customer("ACME")
    approved(at.site, supplier(), (hose, 40, "4"), due=DUE)
    outbound.order(at.site, "ACME", ("V-200", 30))
    outbox.drain(now=NOW)
    look(20)
    [found] = queries_cover.exceptions([0])
    commands.close_exceptions(ctx(KIM), CloseExceptions([found.id], "Customer told"))
    look(21)
    assert open_ones() == []
