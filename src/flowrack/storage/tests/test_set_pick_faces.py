import pytest
from tests.cast import ADA, BO, ctx
from tests.supply import counts_of, item

from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands
from flowrack.storage.tests.house import shelves
from flowrack.storage.types import PickFaceSetting, SetPickFaces

pytestmark = pytest.mark.django_db


def faces():
    return sql.fetch_all("SELECT item_id, min_units, max_units FROM storage_pickface ORDER BY id")


def test_faces_are_made_changed_and_ended():
    here, hose = shelves(), item("V-200")
    bin_ = here.places["forward_pick1"]

    def set_to(low, high, who=ADA, key=None, place=bin_):
        setting = PickFaceSetting(place, hose, Units(low), Units(high))
        return commands.set_pick_faces(ctx(who, key), SetPickFaces(here.site, [setting]))

    first = set_to(10, 40, key="k")
    assert set_to(10, 40, key="k") == first and first.count == 1
    assert faces() == [(hose, 10, 40)]
    set_to(20, 60)
    assert faces() == [(hose, 20, 60)]
    before = counts_of(), faces()
    with pytest.raises(NotPermitted):
        set_to(1, 2, who=BO)
    for low, high, place in ((0, 5, bin_), (6, 5, bin_), (1, 5, here.places["R-01"])):
        with pytest.raises(Invalid):
            set_to(low, high, place=place)
    assert (counts_of(), faces()) == before
    set_to(0, 0)
    assert faces() == []
