from __future__ import annotations

import pytest
from tests.cast import BO, FAY, ctx
from tests.supply import item, supplier

from flowrack.inspection import commands, queries
from flowrack.inspection.tests.house import deliver, inspect, latest, plan, shelves
from flowrack.inspection.types import ResumeSampling, Verdict
from flowrack.shared.errors import Invalid, NotPermitted, WrongState

pytestmark = pytest.mark.django_db


def test_after_five_rejected_lots_every_unit_is_inspected_until_a_person_resumes():
    here, hose, seller = shelves(), item("V-200"), supplier()
    plan(hose, tighten_after=1)
    for _ in range(6):
        deliver(here, hose, 91, by=seller)
        done = inspect(latest(), 2, Verdict.HOLD)
    assert done.severity == "discontinued"
    deliver(here, hose, 91, by=seller)
    row = queries.inspection_row(latest())
    assert (row.mode, row.sample_units, row.severity) == ("all", 91, "discontinued")
    for wrong, kind in ((ResumeSampling(seller, hose, " "), Invalid), (ResumeSampling(hose, seller, "why"), Invalid)):
        with pytest.raises(kind):
            commands.resume_sampling(ctx(FAY), wrong)
    with pytest.raises(NotPermitted):
        commands.resume_sampling(ctx(BO), ResumeSampling(seller, hose, "new tooling"))
    assert commands.resume_sampling(ctx(FAY), ResumeSampling(seller, hose, "new tooling")).severity == "tightened"
    assert queries.severity_changes(seller, hose)[0][1:] == ("discontinued", "tightened", "resumed: new tooling")
    with pytest.raises(WrongState):
        commands.resume_sampling(ctx(FAY), ResumeSampling(seller, hose, "new tooling"))
