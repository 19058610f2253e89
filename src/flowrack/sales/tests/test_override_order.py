"""override_order: another rank or policy than the customer's terms say, with a reason, by somebody else."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import KIM, LOU, ctx

from flowrack.ledger.verify import verify
from flowrack.platform import decisions, sql
from flowrack.sales import commands_changes as commands
from flowrack.sales import commands_holds, steps_preview
from flowrack.sales.types_changes import ChangeRefused, OverrideOrder
from flowrack.sales.types_holds import PlaceHolds
from flowrack.shared.errors import DutiesConflict, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    for sku in ("4711", "6024"):
        outbound.receive(at, outbound.item(sku), 30, "1.00", "forward_pick1")
    outbound.customer(tier="C")
    order = outbound.order(at.site, "ACME", ("4711", 40), ("6024", 10))
    outbound.allocate(at.site, order)
    return at, order


def stands(order) -> tuple[str, str]:
    row = sql.fetch_one("SELECT tier, policy FROM sales_order WHERE id = %s", (order.order_id,))
    assert row is not None
    return row


def test_a_rank_is_raised_with_a_reason_on_record(case):
    _, order = case
    done = commands.override_order(ctx(LOU), OverrideOrder(order.order_id, "ward outbreak", tier="A"))
    assert [(c.field, c.before, c.after) for c in done.changed] == [("tier", "C", "A")]
    assert stands(order) == ("A", "partial")
    [why] = decisions.why(f"sales.order:{order.order_id}")
    assert why.sentence == "Ranks as tier A instead of C. Why: ward outbreak"
    assert sql.fetch_value("SELECT kind FROM platform_outboxevent ORDER BY id DESC LIMIT 1") == "sales.order_changed"


def test_one_delivery_keeps_back_what_is_reserved_and_a_held_line_holds_the_order(case):
    _, order = case
    wish = OverrideOrder(order.order_id, "one truck", policy="complete")
    told = steps_preview.preview(ctx(LOU), commands.override_order, wish, order.order_id).consequences
    assert told == [
        "Leaves as one delivery instead of parts may ship.",
        "What is reserved will not leave yet: the customer takes one delivery, and 10 units wait.",
    ]
    commands_holds.place_holds(ctx(KIM), PlaceHolds("look", [], [order.line_ids[1]]))
    commands.override_order(ctx(LOU), wish)
    held = "SELECT count(*) FROM sales_orderline WHERE held_at_units IS NOT NULL"
    assert sql.fetch_value(held) == 2
    assert not verify()
    commands.override_order(ctx(LOU), OverrideOrder(order.order_id, "two trucks", policy="partial"))
    assert sql.fetch_value(held) == 1
    assert not verify()


def test_refusals(case):
    _, order = case
    before = outbound.books()
    with pytest.raises(NotPermitted):
        commands.override_order(ctx(KIM), OverrideOrder(order.order_id, "mine first", tier="A"))
    with pytest.raises(ChangeRefused) as refused:
        commands.override_order(ctx(LOU), OverrideOrder(order.order_id, " ", tier="Z", policy="never"))
    assert [line.field for line in refused.value.lines] == ["reason", "tier", "policy"]
    with pytest.raises(ChangeRefused, match="Nothing is different"):
        commands.override_order(ctx(LOU), OverrideOrder(order.order_id, "why not", tier="C"))
    assert outbound.books() == before
    sql.execute("UPDATE sales_order SET entered_by_id = %s", (LOU.id,))
    with pytest.raises(DutiesConflict, match="You entered this order"):
        commands.override_order(ctx(LOU), OverrideOrder(order.order_id, "mine first", tier="A"))


def test_one_delivery_is_refused_where_the_order_may_have_several_shipments(case):
    _, order = case
    sql.execute("UPDATE sales_order SET max_shipments = 3")
    with pytest.raises(ChangeRefused) as refused:
        commands.override_order(ctx(LOU), OverrideOrder(order.order_id, "ward outbreak", policy="complete"))
    assert [(line.field, line.message) for line in refused.value.lines] == [
        ("policy", "One complete delivery and 3 shipments at most contradict each other.")
    ]
    assert stands(order)[1] == "partial"
