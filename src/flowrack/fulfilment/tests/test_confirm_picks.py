"""confirm_picks: on the real ledger."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import outbound
from tests.cast import CY, EVE, ctx

from flowrack.fulfilment import commands
from flowrack.fulfilment.types import (
    ConfirmPicks,
    Pick,
    PickClosed,
    PickNotFound,
    PickTooMany,
    WrongTote,
)
from flowrack.ledger.verify import verify
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

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


def test_many_picks_take_as_many_statements_as_two(case):
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
    assert statements(2) == statements(25) == statements(1) + 1  # several lines are locked in order first
