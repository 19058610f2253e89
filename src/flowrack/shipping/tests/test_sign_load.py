"""sign_load: the driver's name and signature stand on the load."""

from __future__ import annotations

import pytest
from tests.cast import BO, GUS, ctx

from flowrack.platform import photos, sql
from flowrack.platform.photos import PhotoRefused
from flowrack.platform.tests.test_photos import png
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types_loads import LoadPlate, SignLoad, TakeOff

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def test_the_signature_is_kept_with_the_drivers_name(yard):
    order = yard.packed("NORTH")
    plan = yard.started(order)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(order)))
    digest = photos.save(png()).digest
    commands.sign_load(ctx(GUS), SignLoad(plan.load_id, " Sam Driver ", digest))
    assert sql.fetch_one("SELECT signed_by, signature FROM shipping_load") == ("Sam Driver", digest)


def test_a_signature_without_name_or_picture_is_refused(yard):
    order = yard.packed("NORTH")
    plan = yard.started(order)
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(order)))
    digest = photos.save(png()).digest
    for name, picture, refusal in (("", digest, Invalid), ("Sam", "0" * 64, PhotoRefused)):
        with pytest.raises(refusal):
            commands.sign_load(ctx(GUS), SignLoad(plan.load_id, name, picture))
    with pytest.raises(NotPermitted):
        commands.sign_load(ctx(BO), SignLoad(plan.load_id, "Sam", digest))
    assert sql.fetch_value("SELECT count(*) FROM shipping_load WHERE signed_by <> ''") == 0


def test_an_empty_truck_is_not_signed_for_and_what_changes_is_signed_for_again(yard):
    first, second = yard.packed("NORTH"), yard.packed("NORTH")
    plan = yard.started(first, second)
    req = SignLoad(plan.load_id, "Sam Driver", photos.save(png()).digest)
    with pytest.raises(Invalid) as refused:
        commands.sign_load(ctx(GUS), req)
    assert refused.value.message == "Nothing is on the truck."
    signed = "SELECT signed_by, signature <> '', signed_at IS NOT NULL FROM shipping_load"
    commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(first)))
    commands.sign_load(ctx(GUS), req)
    done = commands.load_plate(ctx(GUS), LoadPlate(plan.load_id, yard.plate(second)))
    assert done.warning == "The driver has signed before: let the driver sign again."
    assert sql.fetch_one(signed) == ("", False, False)
    commands.sign_load(ctx(GUS), req)
    commands.take_off(ctx(GUS), TakeOff(plan.load_id, yard.plate(second)))
    assert sql.fetch_one(signed) == ("", False, False)
