"""Accepted substitutes are taken back in one step until they are picked, and the books are as before."""

from __future__ import annotations

from datetime import date

import pytest
from tests import outbound
from tests.cast import CY, KIM, LOU, NOW, bearer, ctx, signed_in

from flowrack.allocation import commands_undo as commands
from flowrack.allocation.tests import modebook
from flowrack.allocation.tests.instead import Short, accept, short
from flowrack.allocation.types_substitutes import NothingInstead, SubstitutesUndone, UndoSubstitutes
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, outbox, sql
from flowrack.sales import queries_substitutes
from flowrack.sales.commands_changes import cancel_lines
from flowrack.sales.types import CancelLine, CancelLines, OrderNotFound, TooLate
from flowrack.shared.errors import NotPermitted
from flowrack.shared.refs import ref

pytestmark = pytest.mark.django_db


def committed() -> list[tuple[str, int]]:
    """Promised units of each item."""
    return sql.fetch_all(
        "SELECT i.sku, sum(p.committed)::int FROM ledger_pool p JOIN catalog_item i ON i.id = p.item_id "
        "GROUP BY i.sku ORDER BY i.sku"
    )


def undo(here: Short, *, key: str | None = None) -> SubstitutesUndone:
    return commands.undo_substitutes(ctx(KIM, key), UndoSubstitutes(here.line_id))


def test_what_was_sent_instead_is_free_and_the_line_waits_again():
    here = short()
    before = (here.lines()[0], committed())
    accept(here, "A")
    done = undo(here, key="k")
    assert undo(here, key="k") == done
    assert (done.waits_again, done.freed, done.called_back_units) == (20, [20], 0)
    assert (here.lines()[0], committed()) == before
    assert outbound.counts(done.line_ids[0]) == {"units": 20, "cancelled": 20}
    assert queries_substitutes.instead_of(done.line_ids) == {}
    fill = queries_substitutes.fill_of_order(here.order.order_id)
    assert (fill.wanted, fill.original, fill.replaced) == (100, 35, 0)
    why = [decisions.why(ref("sales.line", key))[0].sentence for key in (here.line_id, *done.line_ids)]
    assert why == ["The substitute was taken back: 20 P wait again.", "Taken back: 20 are not sent instead of 20 P."]
    assert verify() == []
    with pytest.raises(NothingInstead):
        undo(here)


def test_the_line_that_waits_again_is_served_and_promised_like_a_new_one():
    here = short()
    accept(here, "A")
    outbox.drain(now=NOW)
    outbound.receive(here.at, here.p, 65, "6")
    modebook.force(here.at.site, "automatic")
    assert sql.fetch_value("SELECT promised_on FROM sales_orderline WHERE id = %s", (here.line_id,)) is None
    undo(here)
    outbox.drain(now=NOW)
    assert here.lines()[0] == ("P", 100, 100, 0, "")
    assert sql.fetch_value("SELECT promised_on FROM sales_orderline WHERE id = %s", (here.line_id,)) == date(2026, 3, 2)
    assert verify() == []


def test_it_can_be_accepted_again_and_taken_back_again():
    here = short()
    for _ in range(2):
        accept(here, "A")
        assert undo(here).waits_again == 20
    accept(here, "A")
    assert [row for row in here.lines() if row[3] < row[1]] == [("P", 100, 35, 20, ""), ("S1", 20, 20, 0, "P")]
    assert verify() == []


def test_of_a_part_that_the_customer_cancelled_nothing_waits_again():
    here = short()
    done = accept(here, "A")
    cancel_lines(ctx(KIM), CancelLines([CancelLine(done.line_ids[0], 5)], "fewer"))
    assert undo(here).waits_again == 15
    assert here.lines()[0] == ("P", 100, 35, 5, "")
    assert verify() == []


def test_open_picks_are_called_back_and_what_is_picked_stays():
    here = short()
    accept(here, "A")
    outbound.release(here.at.site, here.order)
    done = undo(here)
    assert (done.waits_again, done.called_back_units) == (20, 20)
    assert verify() == []
    accept(here, "A")
    outbound.pick_all(outbound.release(here.at.site, here.order))
    before = outbound.books()
    with pytest.raises(TooLate) as refused:
        undo(here)
    assert refused.value.lines[0].message == (
        "20 of the 20 units that stand for P are being picked, are picked or have left."
    )
    assert outbound.books() == before


def test_who_may_not_is_told_so_and_nothing_changes():
    here = short()
    accept(here, "A")
    before = outbound.books()
    with pytest.raises(NotPermitted):
        commands.undo_substitutes(ctx(CY), UndoSubstitutes(here.line_id))
    with pytest.raises(OrderNotFound):
        commands.undo_substitutes(ctx(KIM), UndoSubstitutes(10**9))
    assert outbound.books() == before


def test_one_click_on_the_order_takes_it_back_and_the_api_too(client):
    here = short()
    accept(here, "A")
    browser = signed_in(LOU)
    url = f"/orders/{here.order.order_id}"
    assert "Undo substitute of P" in browser.get(url).content.decode()
    assert browser.post(f"/order-lines/{here.line_id}/instead/undo", {"idempotency_key": "u"}).status_code == 303
    assert "Undo substitute of P" not in browser.get(url).content.decode()
    late = browser.post(f"/order-lines/{here.line_id}/instead/undo", {"idempotency_key": "v"})
    assert (late.status_code, "Nothing is sent instead of this line." in late.content.decode()) == (409, True)
    accept(here, "A")
    answer = client.post(f"/api/v1/order-lines/{here.line_id}/substitutes/undo", headers=bearer(KIM))
    assert (answer.status_code, answer.json()["waits_again"]) == (200, 20)
