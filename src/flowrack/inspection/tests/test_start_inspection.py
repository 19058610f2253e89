from __future__ import annotations

import pytest
from tests.cast import BO, FAY, ctx
from tests.supply import item

from flowrack.inspection import commands, queries
from flowrack.inspection.tests.house import deliver, latest, plan, shelves
from flowrack.inspection.types import StartInspection
from flowrack.shared.errors import NotFound, NotPermitted, WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened():
    here, hose = shelves(), item("V-200")
    plan(hose)
    deliver(here, hose, 398)
    return latest()


def test_who_starts_hears_what_to_look_at(opened):
    done = commands.start_inspection(ctx(FAY, "k"), StartInspection(opened))
    assert (done.sample_units, done.accept, done.reject) == (50, 1, 2)
    assert commands.start_inspection(ctx(FAY, "k"), StartInspection(opened)) == done
    assert queries.inspection_row(opened).started_by == "Fay Inspector"


def test_it_starts_once_and_only_by_inspectors(opened):
    with pytest.raises(NotPermitted):
        commands.start_inspection(ctx(BO), StartInspection(opened))
    with pytest.raises(NotFound):
        commands.start_inspection(ctx(FAY), StartInspection(opened + 1))
    commands.start_inspection(ctx(FAY), StartInspection(opened))
    with pytest.raises(WrongState):
        commands.start_inspection(ctx(FAY), StartInspection(opened))
