"""The round of the plan by the clock."""

from __future__ import annotations

import pytest
from tests.cast import NOW

from flowrack.platform.outbox import context_for_system
from flowrack.replenishment import jobs, queries, steps_plan
from flowrack.replenishment.tests.faces import pilot, refills
from flowrack.shared.errors import NotFound

pytestmark = pytest.mark.django_db


def test_what_one_site_refuses_the_others_do_not_feel(monkeypatch):
    here, _ = pilot(there=0)
    looked = steps_plan.would_change

    def refuses(ctx, site_id, *args):
        if site_id != here.site:
            raise NotFound("There is no such site.")
        return looked(ctx, site_id, *args)

    monkeypatch.setattr(queries, "sites_with_faces", lambda: [here.site + 999, here.site])
    monkeypatch.setattr(steps_plan, "would_change", refuses)
    jobs.plan_all(context_for_system(NOW, "periodic:replenishment.plan:1"))
    assert [row[:3] for row in refills()] == [("planned", "minimum", 60), ("planned", "minimum", 36)]
