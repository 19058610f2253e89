"""confirm_picks, short_pick, undo_pick."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import outbound
from tests.cast import CY, EVE, GUS, ctx

from flowrack.fulfilment import commands
from flowrack.fulfilment.types import (
    AlreadyPacked,
    ConfirmPicks,
    Pack,
    PackOrders,
    Pick,
    PickClosed,
    PickNotFound,
    PickTooMany,
    ShortPick,
    UndoPick,
    WrongTote,
)
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, sql
from flowrack.shared.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 12, "1", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 12))
    outbound.allocate(at.site, order)
    return at, item, order, outbound.release(at.site, order)


def test_a_pick_stands_staged_in_its_tote_for_its_line(case):
    at, item, order, wave = case
    tote = outbound.tote(at.site)
    done = outbound.pick_all(wave, tote_id=tote)
    assert (done.units, done.rest_ids) == ([12], [])
    assert outbound.where(item) == {"staged-1": 12}
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "picked": 12}
    assert sql.fetch_value("SELECT count(*) FROM ledger_commitment") == 0
    assert sql.fetch_all("SELECT ref, units FROM ledger_reservation") == [(f"sales.line:{order.line_ids[0]}", 12)]
    assert not verify()


def test_a_repeated_scan_is_answered_from_the_record(case):
    _, item, _, wave = case
    req = ConfirmPicks([Pick(wave.pick_ids[0])])
    first = commands.confirm_picks(ctx(CY, "k"), req)
    assert commands.confirm_picks(ctx(CY, "k"), req) == first
    assert outbound.where(item) == {"staged-1": 12}


def test_part_of_a_pick_leaves_the_rest_open(case):
    _, item, order, wave = case
    done = commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0], 5)]))
    assert done.units == [5]
    assert sql.fetch_all("SELECT units, state FROM fulfilment_pickline ORDER BY id") == [(5, "picked"), (7, "open")]
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "allocated": 7, "released": 7, "picked": 5}
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(done.rest_ids[0])]))
    assert outbound.where(item) == {"staged-1": 12}
    assert not verify()


def test_what_cannot_be_picked_is_refused_and_leaves_no_trace(case):
    at, _, _, wave = case
    other = outbound.order(at.site, "ACME", ("4711", 1))
    tote = outbound.tote(at.site)
    outbound.receive(at, sql.fetch_value("SELECT id FROM catalog_item"), 1, "1", "forward_pick1")
    outbound.allocate(at.site, other)
    second = outbound.release(at.site, other)
    commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(second.pick_ids[0], 0, tote)]))
    before = outbound.books()
    with pytest.raises(PickTooMany):
        commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0], 13)]))
    with pytest.raises(PickNotFound):
        commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(999_999)]))
    with pytest.raises(WrongTote, match="holds goods of another order"):
        commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(wave.pick_ids[0], 0, tote)]))
    with pytest.raises(PickClosed):
        commands.confirm_picks(ctx(CY), ConfirmPicks([Pick(second.pick_ids[0])]))
    with pytest.raises(NotPermitted):
        commands.confirm_picks(ctx(EVE), ConfirmPicks([Pick(wave.pick_ids[0])]))
    assert outbound.books() == before


def test_a_short_pick_takes_the_rest_from_another_bin(case):
    at, item, order, wave = case
    outbound.receive(at, item, 78, "1")
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 9, "none_there"))
    assert (done.units, done.elsewhere_units, done.waiting_units) == (9, 3, 0)
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "allocated": 3, "released": 3, "picked": 9}
    rows = sql.fetch_all(
        "SELECT p.units, p.state, p.short_reason, b.code FROM fulfilment_pickline p "
        "JOIN locations_location b ON b.id = p.location_id ORDER BY p.id"
    )
    assert rows == [
        (9, "picked", "", "forward_pick-1"),
        (3, "short", "none_there", "forward_pick-1"),
        (3, "open", "", "reserve-1"),
    ]
    assert sql.fetch_value("SELECT count(*) FROM platform_outboxevent WHERE kind = 'fulfilment.pick_short'") == 1
    assert not verify()


def test_a_short_pick_without_another_bin_waits_and_says_why(case):
    _, item, order, wave = case
    done = commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 0, "damaged"))
    assert (done.units, done.elsewhere_units, done.waiting_units) == (0, 0, 12)
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "waiting": 12}
    assert outbound.order_state(order) == "confirmed"
    assert outbound.where(item) == {"forward_pick-1": 12}
    why = decisions.why(f"sales.line:{order.line_ids[0]}")[0].sentence
    assert why == "12 of 12 were not found in the bin (damaged): 12 wait for stock again."
    assert not verify()


def test_a_short_pick_needs_a_reason_and_less_than_all(case):
    _, _, _, wave = case
    before = outbound.books()
    with pytest.raises(Invalid):
        commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 3, "tired"))
    with pytest.raises(PickTooMany):
        commands.short_pick(ctx(CY), ShortPick(wave.pick_ids[0], 12, "none_there"))
    assert outbound.books() == before


def test_an_undone_pick_lies_in_its_bin_again_promised_and_open(case):
    _, item, order, wave = case
    outbound.pick_all(wave)
    commands.undo_pick(ctx(CY), UndoPick(wave.pick_ids[0]))
    assert outbound.where(item) == {"forward_pick-1": 12}
    assert outbound.counts(order.line_ids[0]) == {"units": 12, "allocated": 12, "released": 12}
    assert not verify()
    outbound.pick_all(wave)
    assert outbound.where(item) == {"staged-1": 12}


def test_a_packed_pick_cannot_be_put_back(case):
    _, _, order, wave = case
    outbound.pick_all(wave)
    commands.pack_orders(ctx(GUS), PackOrders([Pack(order.order_id)]))
    before = outbound.books()
    with pytest.raises(AlreadyPacked):
        commands.undo_pick(ctx(CY), UndoPick(wave.pick_ids[0]))
    assert outbound.books() == before


def test_many_picks_take_as_many_statements_as_one(case):
    at, item, _, _ = case
    outbound.receive(at, item, 1_000, "1")

    def statements(count: int) -> int:
        orders = [outbound.order(at.site, "ACME", ("4711", 2)) for _ in range(count)]
        outbound.allocate(at.site, *orders)
        wave = outbound.release(at.site, *orders)
        context = ctx(CY)
        with CaptureQueriesContext(connection) as seen:
            commands.confirm_picks(context, ConfirmPicks([Pick(pick_id) for pick_id in wave.pick_ids]))
        return len(seen)

    statements(1)
    assert statements(1) == statements(25)
