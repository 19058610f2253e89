"""A carrier's label spec is taken where his service was chosen and the customer has none of his own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import ADA, GUS, NOW, bearer, ctx

from flowrack.carriers.tests.house import CARD, GROUND, carrier, in_force
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment import queries_packing
from flowrack.fulfilment.types_packing import NotProved, PrintCartonLabels
from flowrack.labels.tests.printer import print_out
from flowrack.labels.tests.specs import CARTON, approved
from flowrack.platform import sql
from flowrack.shipping import commands
from flowrack.shipping.tests.carriers import Case
from flowrack.shipping.types import Departure, ShipConfirm
from flowrack.shipping.types_carriers import ChooseCarriers, OverrideCarrier
from flowrack.shipping.types_pallet_labels import PrintPalletLabel
from flowrack.shipping.types_pallets import StackCartons

pytestmark = pytest.mark.django_db(transaction=True)


def own(code: str, kind: str = "carton", **more: object):
    """A spec of two copies that shows carrier and service."""
    order = next(one for one in CARTON.elements if one.name == "order")
    said = replace(order, width_mm=95, content="By {carrier} {service}")
    kept = [one for one in CARTON.elements if not one.name.startswith(("content", "more", "weight", "customer order"))]
    elements = [said if one.name == "order" else one for one in kept]
    return approved(replace(CARTON, code=code, kind=kind, elements=elements, copies=2, **more))  # type: ignore[arg-type]


def packed(case: Case) -> tuple[outbound.EnteredOrder, int, int]:
    """An order, its one carton and the choice of its carrier: NORTH's air service is the cheapest."""
    order = case.order(("BOLT", 2))
    outbound.pick_all(outbound.release(case.site, order))
    [carton] = outbound.pack(order, carton_type="S")
    [choice] = commands.choose_carriers(ctx(ADA), ChooseCarriers([order.order_id])).choices
    return order, carton.carton_id, choice.choice_id


def printed(carton_id: int):
    return fulfilment.print_carton_labels(ctx(GUS), PrintCartonLabels([carton_id])).prints[0]


def test_the_chosen_carriers_spec_goes_before_the_houses_and_the_customers_before_it(client):
    case = Case()
    own("NORTH-PAST", carrier="NORTH", valid_until=NOW.date() - timedelta(days=1))
    _, carton, _ = packed(case)
    assert printed(carton).spec == "HOUSE-CARTON", "a spec holds only on its days"
    own("NORTH-CARTON", carrier="NORTH")
    done = printed(carton)
    assert (done.spec, done.copies) == ("NORTH-CARTON", 2)
    zpl = client.get(f"/api/v1/label-prints/{done.print_id}/label.zpl", headers=bearer(GUS)).content.decode()
    paper = print_out(zpl)
    assert paper.scanned() == [(f"(00){done.sscc}", "]C1")] and "^PQ2" in zpl
    assert "By North Freight Air service" in [text for *_, text in paper.texts]
    own("ACME-CARTON", customer="ACME")
    assert printed(carton).spec == "ACME-CARTON"


def test_a_label_of_the_carrier_that_does_not_take_it_any_more_keeps_the_carton():
    case = Case()
    own("NORTH-CARTON", carrier="NORTH")
    carrier("SOUTH", ("ROAD",))
    in_force(replace(CARD, services=[replace(GROUND, service="ROAD")]), "SOUTH")
    order, carton, choice = packed(case)
    assert printed(carton).spec == "NORTH-CARTON"
    road = sql.fetch_value("SELECT id FROM parties_carrierservice WHERE code = 'ROAD'")
    commands.override_carrier(ctx(ADA), OverrideCarrier(choice, road, "a truck of theirs stands here"))
    assert not queries_packing.cartons_now([carton])[carton].is_labelled
    leave = ShipConfirm(case.site, [Departure(order_ids=(order.order_id,))])
    before = outbound.books()
    with pytest.raises(NotProved, match="is another carrier's"):
        commands.ship_confirm(ctx(GUS), leave)
    assert outbound.books() == before
    assert printed(carton).spec == "HOUSE-CARTON"
    assert commands.ship_confirm(ctx(GUS), leave).shipments[0].units == 2


def test_a_pallet_that_goes_with_one_carrier_gets_his_label():
    case = Case()
    own("NORTH-PALLET", kind="pallet", carrier="NORTH")
    _, carton, _ = packed(case)
    sscc = queries_packing.cartons_now([carton])[carton].sscc
    pallet = commands.stack_cartons(ctx(GUS), StackCartons(case.site, [sscc])).pallet
    done = commands.print_pallet_label(ctx(GUS), PrintPalletLabel(case.site, pallet))
    assert (done.spec, done.copies) == ("NORTH-PALLET", 2)


def test_a_spec_holds_by_the_day_of_the_site():
    case = Case()
    sql.execute("UPDATE locations_site SET timezone = 'America/Los_Angeles' WHERE id = %s", (case.site,))
    own("NORTH-CARTON", carrier="NORTH", valid_from=NOW.date())
    _, carton, _ = packed(case)
    early = NOW.replace(hour=5)  # the day before, in the evening, in Los Angeles
    [done] = fulfilment.print_carton_labels(ctx(GUS, now=early), PrintCartonLabels([carton])).prints
    assert done.spec == "HOUSE-CARTON"
    assert printed(carton).spec == "NORTH-CARTON"
