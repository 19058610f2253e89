"""What a customer did not take is announced as a return by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.cast import GUS, NOW, ctx

from flowrack.platform import outbox, photos, sql
from flowrack.platform.tests.test_photos import png
from flowrack.shipping import commands, queries_proofs
from flowrack.shipping.tests import trucks
from flowrack.shipping.types import Departure, ShipConfirm
from flowrack.shipping.types_proofs import NotTaken, ProveDelivery

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(hours=5)


def returns() -> list[tuple[str, str, int]]:
    return sql.fetch_all(
        """SELECT r.reason, r.note, sum(l.units)::bigint FROM returns_rma r JOIN returns_rmaline l ON l.rma_id = r.id
           GROUP BY r.id ORDER BY r.reason"""
    )


def test_refused_and_damaged_units_are_announced_and_missing_ones_are_not():
    yard = trucks.yard()
    order = yard.packed("NORTH")
    [left] = commands.ship_confirm(ctx(GUS), ShipConfirm(yard.site, [Departure(order_ids=(order.order_id,))])).shipments
    line = queries_proofs.sent_lines(left.shipment_id)[0].line_id
    taken = [NotTaken(line, 3, "refused"), NotTaken(line, 2, "damaged"), NotTaken(line, 1, "short")]
    digest = photos.save(png()).digest
    proof = ProveDelivery(left.shipment_id, "partial", "Nora", LATER, digest, not_taken=taken)
    commands.prove_delivery(ctx(GUS, now=LATER), proof)
    outbox.drain()
    note = f"From the proof of delivery of {left.number}"
    assert returns() == [("damaged_in_transit", note, 2), ("refused", note, 3)]
    outbox.drain()
    assert len(returns()) == 2
