"""The same request comes twice at the same moment: it is done once, and both get the one answer."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest

from flowrack.allocation import commands as allocation
from flowrack.allocation.types import NothingToTakeBack, ReleaseAllocation
from flowrack.ledger.verify import verify
from flowrack.platform import records, sql
from flowrack.sales import commands as sales
from flowrack.sales import steps as lines
from flowrack.sales.types import EnterOrders, NewLine, NewOrder
from flowrack.shared.errors import KeyReused
from tests import outbound
from tests.cast import ADA, KIM, ctx
from tests.races.together import at_the_same_time

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scene():
    """A house with an order of five of which all are promised."""
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), 10, "1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 5))
    outbound.allocate(at.site, order)
    assert ADA.id
    return at, order


def both_have_begun(monkeypatch, module, name):
    """Whoever calls this function first waits until the other calls it, too."""
    body, gate, came = getattr(module, name), threading.Barrier(2, timeout=10), []

    def together(*arguments):
        if len(came) < 2:
            came.append(1)
            gate.wait()
        return body(*arguments)

    monkeypatch.setattr(module, name, together)


def take_back_twice(order):
    contexts, req = [ctx(ADA, "same"), ctx(ADA, "same")], ReleaseAllocation(order.line_ids, "not wanted")
    return at_the_same_time([lambda n=n: allocation.release_allocation(contexts[n], req) for n in range(2)])


def test_without_a_second_look_the_later_one_is_refused_for_what_it_asked_itself(scene, monkeypatch):
    _, order = scene
    both_have_begun(monkeypatch, lines, "claim_lines")
    monkeypatch.setattr(records, "answers_meanwhile", lambda spec, by, fingerprint: [])
    assert sum(isinstance(one, NothingToTakeBack) for one in take_back_twice(order)) == 1


def test_who_finds_it_done_gets_the_answer_of_who_did_it(scene, monkeypatch):
    _, order = scene
    both_have_begun(monkeypatch, lines, "claim_lines")
    one, other = take_back_twice(order)
    assert one == other
    assert (one.line_ids, one.units) == (order.line_ids, [5])
    assert outbound.counts(order.line_ids[0]) == {"units": 5, "waiting": 5}
    assert sql.fetch_value("SELECT count(*) FROM platform_commandrecord WHERE key = 'same'") == 1
    assert not verify()


@pytest.mark.parametrize("is_other_asked", [False, True])
def test_of_two_that_get_through_one_is_undone(scene, monkeypatch, is_other_asked):
    at, _ = scene
    units = [Decimal(3), Decimal(4 if is_other_asked else 3)]
    asked = [EnterOrders([NewOrder("ACME", at.site, [NewLine("4711", one)])]) for one in units]
    contexts = [ctx(KIM, "same"), ctx(KIM, "same")]
    before = sql.fetch_value("SELECT count(*) FROM sales_order")
    both_have_begun(monkeypatch, records, "write")
    done = at_the_same_time([lambda n=n: sales.enter_orders(contexts[n], asked[n]) for n in range(2)])
    assert sql.fetch_value("SELECT count(*) FROM sales_order") == before + 1
    assert sql.fetch_value("SELECT count(*) FROM platform_commandrecord WHERE key = 'same'") == 1
    if is_other_asked:
        assert sum(isinstance(one, KeyReused) for one in done) == 1
    else:
        assert done[0] == done[1]
