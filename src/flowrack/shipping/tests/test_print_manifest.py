"""print_manifest: all that left with a carrier on a day."""

from __future__ import annotations

import pytest
from tests.cast import BO, GUS, NOW, ctx

from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.tests.test_print_paper import read
from flowrack.shipping.types import Departure, ShipConfirm
from flowrack.shipping.types_proofs import NothingToPrint, PrintManifest

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_manifest_lists_the_carriers_shipments_of_the_day_and_no_others():
    yard = trucks.yard()
    orders = [yard.packed("NORTH"), yard.packed("SOUTH"), yard.packed("SOUTH")]
    departures = [
        Departure(order_ids=(order.order_id,), carrier=carrier, tracking=f"T-{n}")
        for n, (order, carrier) in enumerate(zip(orders, ("Swift", "Swift", "Slow"), strict=True))
    ]
    left = commands.ship_confirm(ctx(GUS), ShipConfirm(yard.site, departures)).shipments
    done = commands.print_manifest(ctx(GUS, "k"), PrintManifest(yard.site, "Swift", NOW.date()))
    [sheet] = read(done.paper_id)
    assert left[0].number in sheet and left[1].number in sheet and left[2].number not in sheet
    assert "T-1" in sheet and "2 shipments, 2 plates, 20 units, 10.0 kg" in sheet
    assert commands.print_manifest(ctx(GUS, "k"), PrintManifest(yard.site, "Swift", NOW.date())) == done
    with pytest.raises(NothingToPrint):
        commands.print_manifest(ctx(GUS), PrintManifest(yard.site, "Nobody", NOW.date()))
    with pytest.raises(NotPermitted):
        commands.print_manifest(ctx(BO), PrintManifest(yard.site, "Swift", NOW.date()))
