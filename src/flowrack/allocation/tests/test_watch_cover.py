from datetime import date
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import DI, ED, KIM, NOW, bearer, ctx, signed_in
from tests.supply import approved, supplier

from flowrack.allocation import queries_cover
from flowrack.platform import decisions, outbox, sql
from flowrack.purchasing import commands as purchasing
from flowrack.purchasing import commands_confirmations
from flowrack.purchasing.types import CancelPo
from flowrack.purchasing.types_confirmations import ConfirmedLine, NewConfirmation, RecordConfirmations
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db
DUE = date(2026, 3, 9)
LEAVES = date(2026, 3, 15)  # five days later, as nothing is on record of the supplier, and one to the shelf


@pytest.fixture
def scene():
    at = outbound.house()
    hose = outbound.item("V-200")
    outbound.customer("ACME", tier="A")
    po = approved(at.site, supplier(), (hose, 100, "4"), due=DUE)
    early = outbound.order(at.site, "ACME", ("V-200", 60), on=date(2026, 3, 10))
    late = outbound.order(at.site, "ACME", ("V-200", 40), on=date(2026, 3, 30))
    outbox.drain(now=NOW)
    return po, early, late


def confirm(po, units, on):
    answer = RecordConfirmations([NewConfirmation(po.po_id, "OC", [ConfirmedLine(1, Units(units), on)])])
    done = commands_confirmations.record_confirmations(ctx(DI), answer)
    open_ids = [x.confirmation_line_id for x in done.lines if x.state == "open"]
    if open_ids:
        verdict = commands_confirmations.DecideConfirmations(open_ids, "accept")
        commands_confirmations.decide_confirmations(ctx(DI), verdict)
    outbox.drain(now=NOW)


def at_risk(*, only_open=True):
    rows = queries_cover.exceptions([0], only_open=only_open)
    return [(r.order, r.units, r.covered_before, r.covered_on, r.is_open) for r in rows]


def test_an_accepted_slip_beyond_a_promise_is_seen_by_service_and_buyer_until_it_is_covered_again(scene, client):
    po, early, _late = scene
    confirm(po, 100, date(2026, 3, 10))
    assert at_risk() == []
    confirm(po, 100, date(2026, 3, 20))
    assert at_risk() == [(early.number, 60, date(2026, 3, 16), date(2026, 3, 26), "open")]
    said = f"{po.number} moved: 60 units are covered on 26 Mar instead of 16 Mar, 10 days after the promise of 16 Mar."
    assert decisions.why(f"sales.line:{early.line_ids[0]}")[0].sentence == said
    for person in (KIM, DI):
        page = signed_in(person).get("/allocation/exceptions").content.decode()
        assert early.number in page and po.number in page and "10 days after the promise" in page
    listed = client.get("/api/v1/promise-exceptions", headers=bearer(DI)).json()["items"]
    assert [(x["order"], x["days_late"], x["supplier"]) for x in listed] == [(early.number, 10, "OSTLER Works")]
    confirm(po, 100, date(2026, 3, 9))
    assert at_risk(only_open=False) == [(early.number, 60, date(2026, 3, 16), date(2026, 3, 26), "closed")]
    assert sql.fetch_value("SELECT closing FROM allocation_promiseexception") == "It is covered in time again."


def test_a_cut_takes_the_cover_of_the_lowest_rank_and_a_cancelled_order_that_of_all(scene):
    po, early, late = scene
    confirm(po, 70, DUE)
    assert at_risk() == [(late.number, 30, LEAVES, None, "open")]
    purchasing.cancel_po(ctx(ED), CancelPo([po.po_id], "supplier is closed"))
    outbox.drain(now=NOW)
    assert at_risk() == [(early.number, 60, LEAVES, None, "open"), (late.number, 40, None, None, "open")]
    value = sql.fetch_value("SELECT count(*) FROM allocation_promiseexception WHERE closed_at IS NULL")
    assert value == 2 and Decimal(0) <= queries_cover.exceptions([0])[0].value
