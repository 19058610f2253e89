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
from flowrack.shipping.types_loads import SignLoad

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def yard() -> trucks.Yard:
    return trucks.yard()


def test_the_signature_is_kept_with_the_drivers_name(yard):
    plan = yard.started(yard.packed("NORTH"))
    digest = photos.save(png()).digest
    commands.sign_load(ctx(GUS), SignLoad(plan.load_id, " Sam Driver ", digest))
    assert sql.fetch_one("SELECT signed_by, signature FROM shipping_load") == ("Sam Driver", digest)


def test_a_signature_without_name_or_picture_is_refused(yard):
    plan = yard.started(yard.packed("NORTH"))
    digest = photos.save(png()).digest
    for name, picture, refusal in (("", digest, Invalid), ("Sam", "0" * 64, PhotoRefused)):
        with pytest.raises(refusal):
            commands.sign_load(ctx(GUS), SignLoad(plan.load_id, name, picture))
    with pytest.raises(NotPermitted):
        commands.sign_load(ctx(BO), SignLoad(plan.load_id, "Sam", digest))
    assert sql.fetch_value("SELECT count(*) FROM shipping_load WHERE signed_by <> ''") == 0
