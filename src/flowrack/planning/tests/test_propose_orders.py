"""Planning drafts what runs low, once, and says why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import EVE, MAY, NOW, ctx
from tests.outbound import customer, house, item, order
from tests.supply import counts_of, sells, supplier

from flowrack.planning.commands import propose_orders
from flowrack.planning.types import BadPlan, Proposed, ProposeOrders
from flowrack.platform import decisions, sql
from flowrack.purchasing.tests.agreed import in_force, prices
from flowrack.purchasing.types_agreements import AgreedLine
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> int:
    """A house in which one customer waits for 30 hoses that one supplier sells in twelves."""
    at = house()
    hose = item("V-200")
    sells(supplier("OSTLER"), hose, "4", moq=12, multiple=12)
    sells(supplier("OTHER"), item("V-300"), "4")
    order(at.site, customer(), ("V-200", 30))
    return at.site


def run(site: int, key: str | None = None) -> Proposed:
    return propose_orders(ctx(MAY, key, now=NOW + timedelta(days=1)), ProposeOrders(site))


def test_what_runs_low_is_drafted_in_the_suppliers_multiples_with_the_reason(site: int) -> None:
    done = run(site)
    assert [(po.lines, done.items) for po in done.pos] == [(1, 2)]
    rows = sql.fetch_all(
        "SELECT l.id, l.units, po.state FROM purchasing_poline l JOIN purchasing_po po ON po.id = l.po_id"
    )
    [(line_id, units, state)] = rows
    assert state == "draft" and units % 12 == 0 and units >= 30
    [why] = decisions.why(f"purchasing.po_line:{line_id}")
    assert why.sentence.startswith(f"{units} proposed: the position is -30 (0 there, 0 on order, 30 asked for)")
    assert why.rule == "planning.order_up_to/1"


def test_a_second_run_counts_the_draft_and_proposes_nothing(site: int) -> None:
    run(site)
    before = counts_of()
    assert run(site).pos == []
    after = counts_of()
    assert {t: n for t, n in after.items() if n != before[t]} == {
        "platform_commandrecord": before["platform_commandrecord"] + 1
    }


def test_the_same_key_answers_from_the_record(site: int) -> None:
    assert run(site, "once") == run(site, "once")
    assert counts_of()["purchasing_po"] == 1


def test_a_run_that_makes_no_sense_or_by_a_stranger_leaves_no_trace(site: int) -> None:
    before = counts_of()
    with pytest.raises(BadPlan):
        propose_orders(ctx(MAY), ProposeOrders(site, review_days=0))
    with pytest.raises(NotPermitted):
        propose_orders(ctx(EVE), ProposeOrders(site))
    assert counts_of() == before


def test_an_agreed_lead_time_longer_than_the_listed_one_counts_what_it_drafted(site: int) -> None:
    [(seller, hose)] = sql.fetch_all(
        "UPDATE parties_supplieritem SET lead_time_days = 7 WHERE moq = 12 RETURNING supplier_id, item_id"
    )
    sql.execute("UPDATE catalog_item SET reorder_point = 300, order_up_to = 300 WHERE id = %s", (hose,))
    in_force(seller, AgreedLine(hose, prices=prices((1, "4")), lead_time_days=60))
    [drafted] = run(site).pos
    [(due_on, units)] = sql.fetch_all(
        "SELECT po.due_on, l.units FROM purchasing_po po JOIN purchasing_poline l ON l.po_id = po.id"
    )
    assert due_on >= NOW.date() + timedelta(days=61)
    assert (drafted.lines, units % 12, units >= 300, run(site).pos) == (1, 0, True, [])
