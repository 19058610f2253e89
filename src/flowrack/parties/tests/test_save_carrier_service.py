"""save_carrier_service: a way in which a carrier takes goods."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, bearer, ctx, signed_in

from flowrack.parties import commands, queries
from flowrack.parties.tests.companies import acme
from flowrack.parties.types import CreateParty, PartyFields, PartyRefused, SaveCarrierService, UnknownParty
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def carrier() -> int:
    return commands.create_party(ctx(PAM), CreateParty("NORTH", PartyFields("North", is_carrier=True))).party_id


def test_a_service_is_added_and_changed_by_its_code() -> None:
    north = carrier()
    commands.save_carrier_service(ctx(PAM), SaveCarrierService(north, "PARCEL", "Parcel", 2))
    commands.save_carrier_service(ctx(PAM), SaveCarrierService(north, "PARCEL", "Parcels", 1, False))
    [found] = queries.carrier_services(north)
    assert (found.code, found.name, found.transit_days, found.is_active) == ("PARCEL", "Parcels", 1, False)


def test_a_refused_service_leaves_no_trace() -> None:
    north, other = carrier(), acme().party_id
    for who, req, refusal in (
        (PAM, SaveCarrierService(999_999, "P", "Parcel"), UnknownParty),
        (PAM, SaveCarrierService(other, "P", "Parcel"), PartyRefused),
        (PAM, SaveCarrierService(north, "P P", " ", 91), PartyRefused),
        (BO, SaveCarrierService(north, "P", "Parcel"), NotPermitted),
    ):
        with pytest.raises(refusal):
            commands.save_carrier_service(ctx(who), req)
    assert queries.carrier_services(north) == []


def test_page_and_api_do_the_same(client) -> None:
    north = carrier()
    form = {"code": "AIR", "name": "By air", "transit_days": "1", "is_active": "on"}
    assert signed_in(PAM).post(f"/parties/{north}/services/new", form).status_code == 303
    body = {"carrier_id": north, "code": "PALLET", "name": "Pallets"}
    put = client.put("/api/v1/carrier-services", body, content_type="application/json", headers=bearer(PAM))
    assert put.status_code == 200
    listed = client.get(f"/api/v1/carriers/{north}/services", headers=bearer(BO)).json()
    assert [row["code"] for row in listed] == ["AIR", "PALLET"]
    assert "By air" in signed_in(PAM).get(f"/parties/{north}").content.decode()
