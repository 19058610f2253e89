"""unpack_carton: on the real ledger."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import GUS, ctx

from flowrack.fulfilment import commands
from flowrack.fulfilment.types import AlreadyPacked, NotStaged, UnpackCarton
from flowrack.ledger.verify import verify
from flowrack.platform import sql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def case():
    at = outbound.house()
    item = outbound.item("4711")
    outbound.receive(at, item, 12, "1", "forward_pick1")
    outbound.customer()
    order = outbound.order(at.site, "ACME", ("4711", 12))
    outbound.allocate(at.site, order)
    tote = outbound.tote(at.site)
    outbound.pick_all(outbound.release(at.site, order), tote_id=tote)
    return order, tote


def test_an_opened_carton_gives_its_goods_back_and_its_label_is_used_up(case):
    order, _ = case
    [carton] = outbound.pack(order)
    assert commands.unpack_carton(ctx(GUS), UnpackCarton(carton.carton_id)).units == 12
    assert sql.fetch_all("SELECT lpn_id, on_hand FROM ledger_cell WHERE state = 'staged' AND on_hand > 0") == [(0, 12)]
    assert sql.fetch_value("SELECT closed_at IS NOT NULL FROM locations_lpn WHERE id = %s", (carton.lpn_id,))
    with pytest.raises(AlreadyPacked):
        commands.unpack_carton(ctx(GUS), UnpackCarton(carton.carton_id))
    [again] = outbound.pack(order)
    assert again.sscc != carton.sscc
    assert not verify()


def test_a_carton_whose_goods_are_no_longer_the_orders_is_not_voided(case):
    """Its plate still carries them: an end of the carton would leave goods on a plate that is closed."""
    order, _ = case
    [carton] = outbound.pack(order)
    sql.execute("DELETE FROM ledger_reservation WHERE ref = %s", (f"sales.line:{order.line_ids[0]}",))
    with pytest.raises(NotStaged, match="not staged for its order"):
        commands.unpack_carton(ctx(GUS), UnpackCarton(carton.carton_id))
    assert sql.fetch_value("SELECT state FROM fulfilment_carton") == "packed"
    assert not sql.fetch_value("SELECT closed_at IS NOT NULL FROM locations_lpn WHERE id = %s", (carton.lpn_id,))
