import pytest
from tests.cast import ADA, BO, ctx
from tests.supply import counts_of, item

from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shared.quantity import Units
from flowrack.storage import commands
from flowrack.storage.tests.house import measured, shelves
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


def test_a_maximum_that_the_bin_cannot_hold_is_refused_and_the_largest_that_fits_is_named():
    here, hose, tap = shelves(), item("V-200"), item("V-300")
    one, two = here.places["forward_pick1"], here.places["forward_pick2"]
    sql.execute("UPDATE locations_location SET max_volume_ml = 40000, max_weight_g = 15500 WHERE id = %s", (two,))
    measured(hose, mm=100, grams=500)  # by volume 40 fit, by weight 31
    lines = [PickFaceSetting(one, tap, Units(10), Units(5_000)), PickFaceSetting(two, hose, Units(10), Units(32))]
    with pytest.raises(Invalid) as refused:
        commands.set_pick_faces(ctx(ADA), SetPickFaces(here.site, lines))
    [bad] = refused.value.lines
    assert (bad.line, bad.field) == (2, "max_units")
    assert "holds at most 31 of V-200" in bad.message
    assert "Take 31 or fewer" in bad.fix and faces() == []
    fitting = [lines[0], PickFaceSetting(two, hose, Units(10), Units(31))]
    commands.set_pick_faces(ctx(ADA), SetPickFaces(here.site, fitting))
    assert faces() == [(tap, 10, 5_000), (hose, 10, 31)]
