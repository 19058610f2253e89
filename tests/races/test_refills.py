"""Two plans look at the same face at the same moment, and one refill is enough."""

from __future__ import annotations

import threading

import pytest
from django.db import IntegrityError, transaction

from flowrack.platform import sql
from flowrack.replenishment import commands, queries_scene, steps_plan
from flowrack.replenishment.tests.faces import NOW, pilot
from flowrack.replenishment.types import PlanRefills
from tests.cast import ADA, HAL, ctx
from tests.races.together import at_the_same_time

pytestmark = pytest.mark.django_db(transaction=True)


def test_without_the_lock_both_plans_want_the_same_refill_and_the_schema_refuses_one():
    """The naive twin looks as the command does, but locks nothing; both see an empty face before either writes."""
    here, _ = pilot(there=10, pallets=1)
    both_have_looked = threading.Barrier(2, timeout=10)
    contexts = [ctx(ADA), ctx(HAL)]

    def naive(n: int) -> str:
        try:
            with transaction.atomic():
                seen = queries_scene.scene(here.site, now=NOW)
                plans = steps_plan.decide(contexts[n], seen)
                both_have_looked.wait()
                steps_plan.write(contexts[n], seen, plans, "test")
        except IntegrityError as error:
            return "refused" if "refill_place_once" in str(error) else str(error)
        return "planned"

    assert sorted(at_the_same_time([lambda: naive(0), lambda: naive(1)])) == ["planned", "refused"]
    assert sql.fetch_value("SELECT count(*) FROM replenishment_refill") == 1


def test_with_the_lock_the_second_plan_finds_the_first_ones_refill():
    here, _ = pilot(there=10, pallets=1)
    contexts = [ctx(ADA), ctx(HAL)]

    def plan(n: int) -> int:
        return len(commands.plan_refills(contexts[n], PlanRefills(here.site)).refill_ids)

    assert sorted(at_the_same_time([lambda: plan(0), lambda: plan(1)])) == [0, 1]
    assert sql.fetch_all("SELECT units FROM storage_plannedmove") == [(60,)]
