"""change_order: days, address and lines at once, each with its consequences, which a preview tells without a trace."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import EVE, KIM, LOU, QUIN, bearer, ctx, user_id

from flowrack.ledger.verify import verify
from flowrack.platform import commands as people
from flowrack.platform import sql
from flowrack.platform.types import GrantRole, RevokeRole
from flowrack.sales import commands_changes as commands
from flowrack.sales import steps_preview
from flowrack.sales.types import CancelOrder, ChangeLine
from flowrack.sales.types_changes import ChangeOrder, ChangeRefused
from flowrack.shared.errors import NotPermitted, WrongState

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 30, "1.00", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 40))
    outbound.allocate(at.site, order)
    return at, item, order


def head(order) -> tuple[object, ...]:
    row = sql.fetch_one(
        "SELECT requested_on, latest_on, ship_to_id, min_life_days, transit_days FROM sales_order WHERE id = %s",
        (order.order_id,),
    )
    assert row is not None
    return row


def address(code: str, transit_days: int | None = None, *, is_to_check: bool = False) -> int:
    return outbound.value(
        """
        INSERT INTO parties_address (party_id, code, name, transit_days, is_to_check)
        SELECT id, %s, %s, %s, %s FROM parties_party WHERE code = 'ACME' RETURNING id
        """,
        *(code, f"Door {code}", transit_days, is_to_check),
    )


def test_days_address_and_lines_change_together(case):
    _, _, order = case
    door = address("WEST", 3)
    done = commands.change_order(
        ctx(KIM),
        ChangeOrder(
            order.order_id,
            requested_on=date(2026, 3, 9),
            latest_on=date(2026, 3, 20),
            ship_to="WEST",
            lines=[ChangeLine(order.line_ids[0], 25, Decimal("7.50"))],
            reason="customer rang",
        ),
    )
    assert [(c.field, c.before, c.after) for c in done.changed] == [
        ("requested_on", "04 Mar 2026", "09 Mar 2026"),
        ("latest_on", "", "20 Mar 2026"),
        ("ship_to", "", "WEST"),
        ("line 1", "40", "25 units"),
        ("line 1, price", "0.00", "7.50"),
    ]
    assert done.unpromised_units == 5
    assert head(order) == (date(2026, 3, 9), date(2026, 3, 20), door, 5, 5)  # leaves on Wed the 4th
    assert outbound.counts(order.line_ids[0]) == {"units": 25, "allocated": 25}
    kinds = sql.fetch_all("SELECT kind FROM platform_outboxevent ORDER BY id DESC LIMIT 2")
    assert {row[0] for row in kinds} == {"sales.order_changed", "sales.line_changed"}
    assert not verify()


def test_all_bad_fields_are_named_and_nothing_changes(case):
    _, _, order = case
    before, books = head(order), outbound.books()
    with pytest.raises(ChangeRefused) as refused:
        commands.change_order(ctx(KIM), ChangeOrder(order.order_id, requested_on=date(2026, 3, 1), ship_to="NOWHERE"))
    assert [(line.field, line.message) for line in refused.value.lines] == [
        ("requested_on", "01 Mar 2026 is past."),
        ("ship_to", "The customer has no address “NOWHERE” in use."),
    ]
    with pytest.raises(ChangeRefused, match="is before the wanted one"):
        commands.change_order(ctx(KIM), ChangeOrder(order.order_id, latest_on=date(2026, 3, 3)))
    with pytest.raises(ChangeRefused, match="Nothing is different"):
        commands.change_order(ctx(KIM), ChangeOrder(order.order_id, requested_on=date(2026, 3, 4)))
    with pytest.raises(NotPermitted):
        commands.change_order(ctx(EVE), ChangeOrder(order.order_id, requested_on=date(2026, 3, 9)))
    assert (head(order), outbound.books()) == (before, books)


def test_no_units_cancel_what_is_left_of_a_line(case):
    _, _, order = case
    done = commands.change_order(ctx(KIM), ChangeOrder(order.order_id, lines=[ChangeLine(order.line_ids[0], 0)]))
    assert done.unpromised_units == 30
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "cancelled": 40}
    assert outbound.order_state(order) == "cancelled"
    with pytest.raises(WrongState):
        commands.change_order(ctx(KIM), ChangeOrder(order.order_id, requested_on=date(2026, 3, 9)))
    assert not verify()


def test_promises_of_lots_that_grow_too_old_are_given_back(case):
    at, _, _ = case
    milk = outbound.item("MILK", tracking="lot")
    soon, late = outbound.lot(milk, "L1"), outbound.lot(milk, "L2")
    for lot, expires_on in ((soon, date(2026, 3, 20)), (late, date(2026, 9, 1))):
        sql.execute("UPDATE catalog_lot SET expires_on = %s WHERE id = %s", (expires_on, lot))
    outbound.receive(at, milk, 10, "1.00", "reserve1", lot_id=soon)
    outbound.receive(at, milk, 10, "1.00", "reserve1", lot_id=late)
    outbound.customer("FRESH", life=10)
    order = outbound.order(at.site, "FRESH", ("MILK", 15))
    outbound.allocate(at.site, order)
    done = commands.change_order(ctx(KIM), ChangeOrder(order.order_id, requested_on=date(2026, 3, 11)))
    assert done.unpromised_units == 10
    assert outbound.counts(order.line_ids[0]) == {"units": 15, "allocated": 5, "waiting": 10}
    said = sql.fetch_value("SELECT sentence FROM platform_decision WHERE kind = 'order_change'")
    assert said == "10 units of lot L1 were given back: 9 days left on 11 Mar, 10 are needed."
    told = "SELECT body::json FROM platform_outboxevent WHERE kind = 'sales.lots_given_back'"
    [(body,)] = sql.fetch_all(told)
    assert (body["line_ids"], body["units"]) == (order.line_ids, [10])
    assert not verify()


def test_an_address_in_doubt_holds_the_order(case):
    _, _, order = case
    address("CHECK", is_to_check=True)
    commands.change_order(ctx(KIM), ChangeOrder(order.order_id, ship_to="CHECK"))
    assert sql.fetch_all("SELECT kind FROM sales_hold WHERE ended_at IS NULL") == [("address",)]


def test_a_preview_tells_what_the_command_does_and_leaves_no_trace(case):
    at, _, order = case
    other = outbound.order(at.site, "ACME", ("4711", 12))
    outbound.release(at.site, order)
    before = outbound.books()
    told = steps_preview.preview(ctx(KIM), commands.cancel_order, CancelOrder(order.order_id, "x"), order.order_id)
    number = sql.fetch_value("SELECT number FROM sales_order WHERE id = %s", (other.order_id,))
    assert told.consequences == [
        "Line 1, 4711: 40 units are cancelled.",
        "Line 1, 4711: 30 units are called back from the pickers.",
        "Line 1, 4711: 30 reserved units are given back, free for others at once.",
        "Nothing is left of the order: it is closed.",
        f"May go to {number} (tier B) 12 of 4711, who wait for it.",
    ]
    assert outbound.books() == before
    assert outbound.counts(order.line_ids[0]) == {"units": 40, "allocated": 30, "released": 30, "waiting": 10}
    commands.cancel_order(ctx(KIM), CancelOrder(order.order_id, "x"))
    assert outbound.order_state(order) == "cancelled"


def test_a_preview_of_more_says_what_is_free_and_refuses_what_the_command_refuses(case):
    at, item, order = case
    outbound.receive(at, item, 5, "1.00", "forward_pick1")
    wish = ChangeOrder(order.order_id, lines=[ChangeLine(order.line_ids[0], 50)])
    told = steps_preview.preview(ctx(KIM), commands.change_order, wish, order.order_id).consequences
    assert told == [
        "Line 1, 4711: 50 instead of 40 units.",
        "Line 1, 4711: 10 more units wait for stock.",
        "Line 1, 4711: 5 of the 20 that wait are free now; nothing is on order.",
    ]
    with pytest.raises(ChangeRefused, match="is past"):
        wish = ChangeOrder(order.order_id, requested_on=date(2026, 3, 1))
        steps_preview.preview(ctx(KIM), commands.change_order, wish, order.order_id)


def test_a_preview_by_a_remembered_token_reads_the_rights_anew_when_they_changed(case, client):
    _, _, order = case
    url, headers = f"/api/v1/orders/{order.order_id}/cancel/preview", bearer(KIM)

    def asked() -> int:
        return client.post(url, {"reason": "x"}, "application/json", headers=headers).status_code

    assert asked() == 200
    people.grant_role(ctx(QUIN), GrantRole(user_id(EVE), "integration", 0))
    assert asked() == 200
    people.revoke_role(ctx(QUIN), RevokeRole(user_id(KIM), "customer_service", 0))
    assert asked() == 403


def test_a_preview_needs_no_idempotency_key_and_the_change_itself_does(case, client):
    _, _, order = case
    line_id = order.line_ids[0]
    of, more = f"/api/v1/orders/{order.order_id}", {"lines": [{"item": "4711", "quantity": "1"}]}
    terms = {
        "max_shipments": None, "last_shipment": "waits", "min_shipment_value": "5", "cancel_after_days": None,
        "substitutes": "no", "life_days": 0, "lot_rule": "any",
    }  # fmt: skip
    headers = {name: value for name, value in bearer(LOU).items() if name != "Idempotency-Key"}
    asked = [
        (client.post, f"{of}/cancel", {"reason": "x"}),
        (client.post, f"{of}/change", {"reason": "x", "lines": [{"line_id": line_id, "units": 50}]}),
        (client.post, f"{of}/lines", more),
        (client.post, f"{of}/override", {"reason": "x", "policy": "complete"}),
        (client.patch, f"/api/v1/order-lines/{line_id}", {"units": 50}),
        (client.put, f"{of}/terms", terms),
    ]
    for send, url, body in asked:
        seen = client.post(f"{url}/preview", body, "application/json", headers=headers)
        assert (seen.status_code, len(seen.json()["consequences"]) > 0) == (200, True), (url, seen.content)
        refused = send(url, body, "application/json", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (400, "key_missing"), url
