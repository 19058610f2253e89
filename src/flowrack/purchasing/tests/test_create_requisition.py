from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from tests.cast import BO, ED, MAY, ctx, signed_in
from tests.supply import counts_of, draft

from flowrack.platform import sql
from flowrack.purchasing import commands_requisitions
from flowrack.purchasing.queries_requisitions import requisition
from flowrack.purchasing.tests.agreed import in_force, prices
from flowrack.purchasing.tests.asking import WANTED, ask, decide, line, scene, state
from flowrack.purchasing.types_agreements import AgreedLine
from flowrack.purchasing.types_cover import AlreadyCovered
from flowrack.purchasing.types_requisitions import BadRequisition, CreateRequisitions, NewRequisition
from flowrack.shared.errors import DutiesConflict, NotPermitted
from flowrack.shared.refs import ref

pytestmark = pytest.mark.django_db


def test_another_person_approves_what_somebody_asks_for():
    here, _, _, hose, tap, _ = scene()
    made = ask(here.site, line(hose, 55), line(tap, 7))
    assert (made.number[:3], made.state, state(made)) == ("RQ-", "requested", "requested")
    with pytest.raises(DutiesConflict):
        decide(ask(here.site, line(tap, 3), cover_reason="more", by=ED))
    unread = signed_in(ED).post(f"/requisitions/{made.requisition_id}/approve", {"request": "9" * 5000, "hash": "x"})
    assert (unread.status_code, state(made)) == (404, "requested")
    decide(made)
    record = requisition(made.requisition_id, frozenset({here.site}))
    assert (record.head.state, record.head.total, record.head.open_units) == ("approved", Decimal("234.00"), 62)
    facts = dict(
        sql.fetch_all(
            """
            SELECT f.name, f.value FROM approvals_requestfact f JOIN approvals_request r ON r.id = f.request_id
            WHERE r.subject = %s
            """,
            (ref("purchasing.requisition", made.requisition_id),),
        )
    )
    assert (facts["new_items"], facts["covered_units"], facts["site"]) == ("2", "0", "W1")


def test_what_cannot_be_asked_for_is_named_line_by_line_and_leaves_no_trace():
    here, _, _, hose, _, _ = scene()
    may, bo = ctx(MAY), ctx(BO)
    before = counts_of()
    bad = NewRequisition(
        here.site, [line(hose, 0), line(999_999, 1), line(hose, 1, date(2026, 3, 1)), line(hose, 1, WANTED, 1)], " "
    )
    with pytest.raises(BadRequisition) as refused:
        commands_requisitions.create_requisition(may, CreateRequisitions([bad]))
    assert [(x.line, x.field) for x in refused.value.lines] == [
        (0, "reason"), (1, "units"), (2, "item"), (3, "wanted_on"), (4, "supplier"),
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        commands_requisitions.create_requisition(bo, CreateRequisitions([replace(bad, lines=[line(hose, 1)])]))
    assert counts_of() == before


def test_cost_and_lead_time_are_those_agreed_with_the_supplier_named_or_usual():
    here, a, b, hose, tap, _ = scene()
    in_force(a, AgreedLine(hose, prices=prices((1, "3.5"), (50, "3")), lead_time_days=60))
    made = ask(here.site, line(hose, 50), line(hose, 10, supplier_id=a), line(hose, 10, supplier_id=b), line(tap, 4))
    record = requisition(made.requisition_id, frozenset({0}))
    # B sells no hoses and nothing says what they cost; taps are on B's list.
    assert [x.unit_cost for x in record.lines] == [Decimal(3), Decimal("3.5"), None, Decimal(2)]
    # Wanted on 16 March with 60 days of lead time: what is due on 10 May covers it.
    draft(here.site, a, (hose, 200, "4"), due=date(2026, 5, 10))
    with pytest.raises(AlreadyCovered) as refused:
        ask(here.site, line(hose, 20))
    assert "come until 15 May" in refused.value.lines[0].message
