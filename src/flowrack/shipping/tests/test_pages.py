"""The way out by pages alone: enter, reserve, release, pack, ship, and the papers."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest
from tests import outbound
from tests.cast import ADA, EVE, KIM, signed_in

from flowrack.ledger import steps
from flowrack.ledger.tests import house
from flowrack.ledger.types import Move, Place
from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_order_walks_from_entry_to_shipment_in_the_browser():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 30, "2.50", "forward_pick1")
    outbound.customer()
    kim, ada = signed_in(KIM), signed_in(ADA)

    def post(browser, url: str, **fields: object) -> str:
        answer = browser.post(url, {"idempotency_key": uuid4().hex, **fields})
        assert answer.status_code == 303, answer.content.decode()
        return str(answer.headers["Location"])

    def page(url: str) -> str:
        answer = ada.get(url)
        assert answer.status_code == 200
        return str(answer.content.decode())

    order = post(kim, "/orders/new", customer="ACME", site=at.site, **order_lines(("4711", "40")))
    told = page(order)
    assert "All 40 confirmed, none reserved yet." in told and told.index("Reserve 30") < told.index("To the button")
    post(ada, f"{order}/allocate")
    assert "30 of 40 reserved, 10 wait for stock." in page(order)
    assert "no more free stock of this item at the site." in page("/allocation/waiting")
    ladder = page(order)
    assert "30 reserved, 10 wait</text>" in ladder and "Who gets 4711" in ladder
    assert (
        "Buy 10" in ladder
        and "Nothing that is on order or free elsewhere" in ladder
        and "not yet promised" not in ladder
    )
    post(ada, f"{order}/release")
    assert "30" in page("/waves")
    picks = [row[0] for row in sql.fetch_all("SELECT id FROM fulfilment_pickline")]
    outbound.pick_all(outbound.Released(1, "", picks, 30, [], []))
    outbound.pack(SimpleNamespace(order_id=int(order.rpartition("/")[2])))
    shipment = post(ada, f"{order}/ship")
    assert "30 of 40 shipped, 10 wait for stock." in page(order)
    assert "4711" in page(shipment)
    moves = page("/stock/moves?q=4711")
    assert "Pick for SO-" in moves and f'href="{order}"' in moves and f'href="{shipment}"' in moves
    assert "fulfilment.pick:" not in moves
    assert ada.get(f"{shipment}/packing-slip.pdf").content[:5] == b"%PDF-"
    assert page("/orders?view=all").count("SO-") >= 1


def order_lines(*rows: tuple[str, str]) -> dict[str, list[str]]:
    """Rows of the form's grid."""
    return {"grid-item": [row[0] for row in rows], "grid-quantity": [row[1] for row in rows]}


def test_a_form_with_a_bad_line_says_what_to_mend_and_keeps_what_was_typed():
    at = outbound.house()
    outbound.customer()
    outbound.item("4711")
    wrong = order_lines(("NOPE", "1"), ("4711", "many"), ("", "3"), ("4711", "2"))
    head = {"idempotency_key": uuid4().hex, "customer": "ACME", "site": at.site}
    answer = signed_in(KIM).post("/orders/new", {**head, **wrong})
    assert answer.status_code == 422
    text = answer.content.decode()
    for said in ("There is no item “NOPE”.", "“many” is not a number.", "The item is missing."):
        assert text.count(said) == 2, f"{said} stands in the summary and beside its field"
    assert 'value="NOPE"' in text and 'value="many"' in text and 'href="#grid-item-3"' in text
    answer = signed_in(KIM).post("/orders/new", {**head, "customer": "NONE", **order_lines(("NOPE", "1"))})
    text = answer.content.decode()
    assert text.count("There is no customer “NONE”.") == 2 and text.count("There is no item “NOPE”.") == 2


def test_an_outsider_sees_nothing():
    assert signed_in(EVE).get("/orders").status_code == 403


def test_the_ladder_never_advises_to_sell_what_has_expired():
    at = outbound.house()
    item = outbound.item("4711")
    held = steps.post(
        house.context(),
        [
            Move(
                item,
                5,
                at.virtual("SUPPLIER"),
                Place(at.places["quarantine1"], quality=quality),
                "receipt",
                value=money,
            )
            for quality, money in (("expired", Decimal(5)), ("quarantine", Decimal(5)))
        ],
    )
    assert len(held.move_ids) == 2
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 40))
    page = signed_in(ADA).get(f"/orders/{order.order_id}").content.decode()
    assert "Make 5 of 4711 sellable" in page and "5 in quarantine, 5 expired" in page
    assert "Make 10 of" not in page
