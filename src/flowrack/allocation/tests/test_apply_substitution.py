"""What was agreed to is sent as far as it is still there and wanted, and once."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import KIM, NOW, ctx, signed_in

from flowrack.allocation import commands_substitutes as commands
from flowrack.allocation import queries_substitutes as queries
from flowrack.allocation.tests.instead import accept, short
from flowrack.allocation.tests.urgent import decide
from flowrack.allocation.types_substitutes import ApplySubstitution
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.platform.outbox import context_for_system
from flowrack.sales import commands_changes as sales
from flowrack.sales.types import CancelLine, CancelLines

pytestmark = pytest.mark.django_db
REASON = "They need them on Friday"


def request() -> tuple[str, str]:
    row = sql.fetch_one("SELECT state, outcome FROM allocation_substituterequest")
    assert row is not None
    return row[0], row[1]


def test_three_packs_go_when_somebody_agreed():
    here = short()
    decide(accept(here, "B", reason=REASON).approval)
    assert here.lines() == [("P", 100, 35, 56, ""), ("S1", 20, 20, 0, "P"), ("S2", 36, 36, 0, "P")]
    assert sql.fetch_value("SELECT unit_price FROM sales_orderline WHERE item_id = %s", (here.s2,)) == 12
    assert request() == ("granted", "")
    [row] = queries.requests_of_order(here.order.order_id)
    shown = signed_in(KIM).get(f"/allocation/substitutions/{row.id}").content.decode()
    assert "not for class C without approval" in shown and "Lou Sales" in shown
    assert verify() == []


def test_a_rejection_adds_nothing():
    here = short()
    decide(accept(here, "B", reason=REASON).approval, "reject", reason="not for this class")
    assert here.lines() == [("P", 100, 35, 20, ""), ("S1", 20, 20, 0, "P")]
    assert request() == ("rejected", "not for this class")


def test_fewer_are_wanted_by_then_so_fewer_packs_go():
    here = short()
    done = accept(here, "B", reason=REASON)
    sales.cancel_lines(ctx(KIM), CancelLines([CancelLine(here.line_id, 20)], "fewer"))
    decide(done.approval)
    assert here.lines()[2] == ("S2", 24, 24, 0, "P")
    assert request() == ("granted", "24 S2 for 24 of what was agreed is still there and wanted.")


def test_nothing_is_left_of_it_by_then():
    here = short()
    done = accept(here, "B", reason=REASON)
    outbound.customer("OTHER", tier="A")
    other = outbound.order(here.at.site, "OTHER", ("S2", 90))
    outbound.allocate(here.at.site, other)
    decide(done.approval)
    assert here.lines() == [("P", 100, 35, 20, ""), ("S1", 20, 20, 0, "P")]
    assert request() == ("voided", "Nothing of what was agreed is still there and wanted.")
    again = commands.apply_substitution(
        context_for_system(NOW, "again"),
        ApplySubstitution(queries.requests_of_order(here.order.order_id)[0].id, "x", "y"),
    )
    assert (again.state, again.replaced) == ("voided", 0)
