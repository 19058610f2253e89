"""Stock became free, whatever freed it: who waits there is served, who waits elsewhere comes, faces are filled."""

from __future__ import annotations

import json
from decimal import Decimal
from types import SimpleNamespace

import pytest
from pydantic_core import to_json
from tests import outbound
from tests.cast import ADA, NOW, ctx

from flowrack.allocation import freed
from flowrack.allocation.tests import modebook, rulebook
from flowrack.allocation.types import PromiseTakenBack
from flowrack.allocation.types_overrides import OverridesOver
from flowrack.allocation.types_rules import RuleSet, SupplyRule
from flowrack.counting.types import CountPosted, PostedVariance
from flowrack.fulfilment.types_lists import LotFreed
from flowrack.fulfilment.types_short import ShortFound
from flowrack.fulfilment.types_stock import DoubtsEnded
from flowrack.inbound.types import ReceivedEvent, ReceivedLine
from flowrack.inspection.types import DecidedEvent, JudgedLine, ReleasedEvent
from flowrack.platform import outbox, sql
from flowrack.platform.outbox import OutboxMessage, context_for_system
from flowrack.promise.tests import elsewhere
from flowrack.promise.tests.given import drain, item_id
from flowrack.promise.types import QuoteEndedEvent
from flowrack.replenishment.types import Refilled
from flowrack.returns.types import Disposed, DisposedSplit
from flowrack.sales.types import LineUnitsChanged, UnitsCancelled
from flowrack.sales.types_changes import LotsGivenBack
from flowrack.sales.types_sites import LinesMoved
from flowrack.shared.quantity import Units
from flowrack.storage import commands as storage
from flowrack.storage.types import (
    CarriedLine,
    PickFaceSetting,
    PutAway,
    QualityChanged,
    SetPickFaces,
    StockAdjusted,
    StockMoved,
)
from flowrack.storage.types_transfer_plans import TransferChanged

pytestmark = pytest.mark.django_db(transaction=True)
ASKED = {
    "allocation.serve_what_is_free", "promise.first_when_freed", "promise.source_when_freed",
    "promise.watch_freed", "allocation.watch_freed", "replenishment.net_when_freed",
}  # fmt: skip


def said(at: SimpleNamespace) -> dict[str, object]:
    """What frees stock of the item at NORTH, an event of each cause."""
    north, item, place = at.north, at.item, 0
    judged = [JudgedLine(place, item, 0, 0, 100, "available")]
    received = ReceivedLine(1, 1, item, 0, 0, 100, "available", location_id=7)
    return {
        "storage.put_away": PutAway(north, 1, [CarriedLine(1, item, 100, place, 7, 0, "")]),
        "inbound.received": ReceivedEvent(1, 1, north, place, 1, 1, [received]),
        "storage.moved": StockMoved(north, 1, [item]),
        "storage.transfer_changed": TransferChanged(1, "TR-1", north, at.w1, [item], "It is called off", freed=True),
        "storage.quality_changed": QualityChanged(north, 1, [item], "available", "all well"),
        "storage.adjusted": StockAdjusted(north, 1, [item], "found", Decimal(0)),
        "counting.posted": CountPosted(1, north, [PostedVariance(1, item, 0, 7, 100, Decimal(0))]),
        "fulfilment.short_found": ShortFound(north, place, [item], 1, 1, 1, 100, True),
        "inspection.released": ReleasedEvent(north, 1, "a hold", judged),
        "inspection.decided": DecidedEvent(1, north, 1, item, 0, "accept", 100, 0, 0, judged),
        "sales.units_cancelled": UnitsCancelled([1], [at.near.line_ids[0]], [1], 1, "not wanted"),
        "sales.line_changed": LineUnitsChanged(1, at.near.line_ids[0], 6, 5),
        "sales.lines_moved": LinesMoved(1, north, 1, "SO-1", at.w1, at.far.line_ids, at.far.line_ids, 5, "no reason"),
        "fulfilment.doubts_ended": DoubtsEnded(north, [item]),
        "fulfilment.lot_freed": LotFreed(north, [item]),
        "returns.disposed": Disposed(1, north, [DisposedSplit(1, 1, item, 0, 0, 7, 100, "restock")]),
        "sales.lots_given_back": LotsGivenBack([at.near.line_ids[0]], [1]),
        "allocation.promise_taken_back": PromiseTakenBack([at.near.line_ids[0]], [1], "by hand", is_free=True),
        "promise.quote_ended": QuoteEndedEvent([1], "expired", {north: [item]}),
    }


def test_every_cause_that_is_listed_is_heard_by_all_who_give_free_stock_away():
    outbox.load_subscribers()
    for kind in freed.CAUSES:
        assert {name for name, _ in outbox.handlers_of(kind)} >= ASKED, kind


@pytest.mark.parametrize("kind", sorted({*freed.CAUSES} - {freed.OVERRIDES_OVER, "replenishment.refilled"}))
def test_units_that_are_free_serve_bring_and_fill(kind):
    at = scene()
    message = OutboxMessage(1, kind, json.loads(to_json(said(at)[kind])), NOW, 1)
    for name, handler in outbox.handlers_of(kind):
        if name in ASKED:
            handler(context_for_system(NOW, f"outbox:1:{name}"), message)
    assert outbound.counts(at.near.line_ids[0]) == {"units": 5, "allocated": 5}
    assert sql.fetch_all("SELECT site_id FROM sales_order WHERE id = %s", (at.far.order_id,)) == [(at.north,)]
    [(refilled,)] = sql.fetch_all("SELECT site_id FROM replenishment_refill")
    assert refilled == at.north


def test_a_filled_face_frees_stock_for_who_promises_from_faces_alone():
    at = scene()
    line = CarriedLine(1, at.item, 24, 7, 8, 0, "")
    body = json.loads(to_json(Refilled(at.north, 1, [line])))
    _, read = freed.CAUSES["replenishment.refilled"]
    message = OutboxMessage(1, "replenishment.refilled", body, NOW, 1)
    assert list(read(message)) == [], "elsewhere it is as free in the reserve"
    rulebook.in_force(at.north, RuleSet(supply=SupplyRule(pick_face_only=True)))
    assert [(site, list(items)) for site, items in read(message)] == [(at.north, [at.item])]


def test_orders_elsewhere_hear_that_an_override_is_over_and_the_rules_serve_those_here():
    at = scene()
    body = json.loads(to_json(OverridesOver(at.north, [1], [at.item])))
    for name, handler in outbox.handlers_of(freed.OVERRIDES_OVER):
        handler(context_for_system(NOW, f"outbox:1:{name}"), OutboxMessage(1, freed.OVERRIDES_OVER, body, NOW, 1))
    assert outbound.counts(at.near.line_ids[0]) == {"units": 5, "allocated": 5}
    assert sql.fetch_all("SELECT site_id FROM sales_order WHERE id = %s", (at.far.order_id,)) == [(at.north,)]


def scene() -> SimpleNamespace:
    """NEAR waits for 5 at NORTH, FAR for 40 at W1, which has 10; then 100 are free at NORTH, and a face there empty."""
    w1, north = elsewhere.two_sites(10, 0)
    outbound.customer("NEAR", tier="A")
    face = PickFaceSetting(north.places["forward_pick1"], item_id(), Units(24), Units(96))
    storage.set_pick_faces(ctx(ADA), SetPickFaces(north.site, [face]))
    near = outbound.order(north.site, "NEAR", ("V-200", 5))
    far = elsewhere.enter(("V-200", 40))
    drain()
    modebook.force(north.site, "automatic")
    outbound.receive(north, item_id(), 100, "1", "reserve1")
    sql.execute("DELETE FROM replenishment_refill")
    return SimpleNamespace(w1=w1.site, north=north.site, item=item_id(), near=near, far=far)
