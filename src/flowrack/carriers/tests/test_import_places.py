"""import_places: the places of a draft's zones from a file."""

from __future__ import annotations

import pytest
from tests.cast import CY, NED, ctx

from flowrack.carriers import commands, queries
from flowrack.carriers.tests.house import carrier, draft
from flowrack.carriers.tests.test_import_rates import file
from flowrack.platform.importing.report import ImportRefused
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
HEAD = "carrier,country,postcode from,postcode to,zone\n"


def test_places_change_their_zone_and_new_ones_are_added():
    carrier()
    new = draft()
    commands.import_places(ctx(NED), file(HEAD + "NORTH,GB,,,9\nNORTH,GB,BT,BT,3\n"))
    lanes = [(lane.zone, lane.country, lane.postcode_from) for lane in queries.card(new.card_id).lanes]
    assert sorted(lanes) == [("2", "GB", "IV"), ("3", "GB", "BT"), ("9", "GB", "")]


def test_bad_rows_change_nothing():
    carrier()
    new = draft()
    with pytest.raises(ImportRefused):
        commands.import_places(ctx(NED), file(HEAD + "NORTH,GB,BT,AB,3\nNORTH,Narnia,,,3\n"))
    with pytest.raises(NotPermitted):
        commands.import_places(ctx(CY), file(HEAD + "NORTH,GB,BT,BT,3\n"))
    assert len(queries.card(new.card_id).lanes) == 2
