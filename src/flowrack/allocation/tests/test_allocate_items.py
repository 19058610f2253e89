"""allocate_items: what becomes free goes to those who wait, best rank first; promises move where rules say so."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests import outbound
from tests.cast import ADA, EVE, ctx

from flowrack.allocation import commands_runs, queries_certificates
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ClassRule, RuleSet
from flowrack.allocation.types_runs import AllocateItems, ItemsAllocated
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, sql
from flowrack.sales import queries_open
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def serve(site: int, *items: int) -> ItemsAllocated:
    return commands_runs.allocate_items(ctx(ADA), AllocateItems(site, list(items)))


def allocated(*line_ids: int) -> list[int]:
    return [outbound.counts(line_id).get("allocated", 0) for line_id in line_ids]


def test_what_came_in_goes_to_the_best_rank_and_only_who_gets_something_is_written():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.customer("SMALL", tier="C")
    outbound.customer("BIG", tier="A")
    small = outbound.order(at.site, "SMALL", ("4711", 40)).line_ids[0]
    big = outbound.order(at.site, "BIG", ("4711", 30)).line_ids[0]
    assert serve(at.site, item) == ItemsAllocated(0, 0, 0, 0)
    outbound.receive(at, item, 20, "1")
    assert serve(at.site, item) == ItemsAllocated(2, 20, 2, 50, 1)
    assert allocated(big, small) == [20, 0]
    assert (
        decisions.why(f"sales.line:{big}")[0].sentence
        == "20 of 30 reserved, 10 wait: no more free stock of this item at the site."
    )
    assert decisions.why(f"sales.line:{small}") == []
    found = queries_certificates.certificate_of(big, shows_margin=True)
    assert found is not None and (found.rank, found.of, found.got) == (1, 2, 20)
    assert not verify()


def test_a_complete_order_is_served_when_its_last_item_comes():
    at = outbound.house()
    one, two = outbound.item("A"), outbound.item("B")
    outbound.receive(at, one, 10, "1")
    outbound.customer("WHOLE", policy="complete", tier="A")
    outbound.customer("PART", tier="C")
    whole = outbound.order(at.site, "WHOLE", ("A", 10), ("B", 5)).line_ids
    part = outbound.order(at.site, "PART", ("A", 4)).line_ids[0]
    outbound.receive(at, two, 5, "1")
    assert serve(at.site, two).units == 15
    assert allocated(*whole, part) == [10, 5, 0]
    assert not verify()


def test_a_line_that_changed_while_it_was_decided_is_decided_again(monkeypatch: pytest.MonkeyPatch):
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 20, "1")
    outbound.customer()
    line = outbound.order(at.site, "ACME", ("4711", 12)).line_ids[0]
    lines_waiting = queries_open.lines_waiting

    def as_it_was(site_id: int, item_ids: Sequence[int], *, with_promised: bool) -> object:
        return [one._replace(units=15) for one in lines_waiting(site_id, item_ids)]

    monkeypatch.setattr(queries_open, "lines_waiting", as_it_was)
    assert serve(at.site, item).units == 12
    assert allocated(line) == [12]
    assert not verify()


def test_a_hot_item_is_served_without_locking_or_telling_all_who_wait():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.customer()
    for _ in range(40):
        outbound.order(at.site, "ACME", *[("4711", 5)] * 5)
    outbound.receive(at, item, 10, "1")
    context = ctx(ADA)
    with CaptureQueriesContext(connection) as seen:
        done = commands_runs.allocate_items(context, AllocateItems(at.site, [item]))
    assert (done.lines, done.units, done.changed_lines) == (200, 10, 2)
    assert len(seen) <= 16
    assert sql.fetch_value("SELECT lines FROM allocation_certificate") == 22  # two, and twenty behind them
    assert sql.fetch_value("SELECT count(*) FROM platform_decision WHERE kind = 'allocation'") == 2


def test_classes_that_share_lose_promises_to_a_better_rank_and_picked_goods_never_move():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 30, "1")
    outbound.customer("SMALL", tier="C")
    outbound.customer("BIG", tier="A")
    small = outbound.order(at.site, "SMALL", ("4711", 20))
    outbound.allocate(at.site, small)
    released = outbound.order(at.site, "SMALL", ("4711", 10))
    outbound.allocate(at.site, released)
    outbound.release(at.site, released)
    big = outbound.order(at.site, "BIG", ("4711", 25))
    assert serve(at.site, item).units == 0
    rulebook.in_force(at.site, RuleSet(classes=(ClassRule("All", "share"),)))
    assert serve(at.site, item).units == 0  # the small order was promised to leave today, and the big one was not
    rulebook.in_force(at.site, RuleSet(classes=(ClassRule("All", "share"),), promises="rank"))
    assert serve(at.site, item) == ItemsAllocated(2, 20, 2, 25, 2)
    assert allocated(big.line_ids[0], small.line_ids[0], released.line_ids[0]) == [20, 0, 10]
    assert decisions.why(f"sales.line:{small.line_ids[0]}")[0].sentence == (
        f"All 20 wait: {big.number} (tier A) ranks higher and got 20."
    )
    taken = sql.fetch_value("SELECT body FROM platform_outboxevent WHERE kind = 'allocation.promise_taken_back'")
    assert f'"line_ids": [{small.line_ids[0]}]' in taken and '"units": [20]' in taken
    assert '"is_free": false' in taken, "another line has them"
    assert not verify()


def test_a_guarantee_takes_from_what_is_on_hold():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 10, "1")
    outbound.customer("SMALL", tier="C")
    outbound.customer("BIG", tier="A")
    small = outbound.order(at.site, "SMALL", ("4711", 10)).line_ids[0]
    outbound.allocate(at.site)
    big = outbound.order(at.site, "BIG", ("4711", 4)).line_ids[0]
    key, held = ClassRule("Key", "guarantee", tiers=("A",)), ClassRule("Rest", "hold")
    rulebook.in_force(at.site, RuleSet(classes=(key, held)))
    assert serve(at.site, item).units == 4
    assert allocated(big, small) == [4, 6]
    assert not verify()


def test_an_outsider_serves_nobody():
    at = outbound.house()
    before = outbound.books()
    with pytest.raises(NotPermitted):
        commands_runs.allocate_items(ctx(EVE), AllocateItems(at.site, [outbound.item("4711")]))
    assert outbound.books() == before
