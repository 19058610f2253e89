"""Plans: versions from a day on, the most specific counts, and the goods wait for their verdict from then on."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.cast import BO, FAY, NOW, Person, ctx, user_id
from tests.supply import counts_of, item, standing, supplier

from flowrack.inspection import commands, queries
from flowrack.inspection.tests.house import deliver, latest, plan, shelves
from flowrack.inspection.types import BadPlan, CheckKind, DefectClass, NewCheck, SetPlan
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
TODAY = NOW.date()


def test_a_newer_version_counts_from_its_day_on():
    hose, seller = item("V-200"), supplier()
    first = commands.set_plan(ctx(FAY), SetPlan(item_id=hose, aql=Decimal("1.0")))
    later = TODAY + timedelta(days=10)
    second = commands.set_plan(ctx(FAY), SetPlan(item_id=hose, aql=Decimal("0.65"), valid_from=later))
    assert (first.version, second.version) == (1, 2)
    site = shelves().site
    on = {d: queries.plans_for(site, seller, [hose], day=d)[hose].aql for d in (TODAY, later - timedelta(1), later)}
    assert list(on.values()) == [Decimal("1.000"), Decimal("1.000"), Decimal("0.650")]
    assert queries.plans_for(site, seller, [hose], day=TODAY - timedelta(1)) == {}
    before = counts_of()
    with pytest.raises(BadPlan, match="A newer plan counts from"):
        commands.set_plan(ctx(FAY), SetPlan(item_id=hose, valid_from=TODAY))
    assert counts_of()["platform_commandrecord"] == before["platform_commandrecord"]


def test_a_plan_brings_its_checks_and_ends():
    hose = item("V-200")
    checks = [NewCheck("Seal intact"), NewCheck("Bore", CheckKind.MEASURE, DefectClass.CRITICAL, "mm",
                                                 Decimal("9.8"), Decimal("10.2"))]  # fmt: skip
    made = commands.set_plan(ctx(FAY), SetPlan(item_id=hose, checks=checks))
    rows = queries.checks_of_plan(made.plan_id)
    assert [(c.line_no, c.name, c.kind, c.defect_class, c.limits) for c in rows] == [
        (1, "Seal intact", "yes_no", "major", ""), (2, "Bore", "measure", "critical", "9.8 to 10.2 mm"),
    ]  # fmt: skip
    assert commands.set_plan(ctx(FAY), SetPlan(item_id=hose, is_active=False)).plan_id == 0
    assert queries.plans_for(shelves().site, supplier(), [hose], day=TODAY) == {}


def test_every_fault_is_named_and_leaves_no_trace():
    fay, bo = ctx(FAY), ctx(BO)
    before = counts_of()
    with pytest.raises(BadPlan) as refused:
        commands.set_plan(fay, SetPlan(item_id=999_999, level="V", aql=Decimal("1.1"), valid_from=date(2026, 1, 1)))
    assert [line.field for line in refused.value.lines] == ["level", "aql", "scope"]
    with pytest.raises(NotPermitted):
        commands.set_plan(bo, SetPlan())
    assert counts_of() == before
    assert sql.fetch_value("SELECT count(*) FROM inspection_plan") == 0


def test_goods_wait_for_a_verdict_from_the_plans_first_day_until_it_ends():
    here, hose = shelves(), item("V-200")
    commands.set_plan(ctx(FAY), SetPlan(item_id=hose, valid_from=date(2099, 1, 1)))
    deliver(here, hose, 10)
    assert {state for _, state in standing(hose)} == {"receiving"}
    commands.set_plan(ctx(FAY), SetPlan(item_id=hose, valid_from=date(2099, 1, 1), is_active=False))
    assert sql.fetch_value("SELECT count(*) FROM inbound_availabilitypolicy") == 0


def test_goods_under_a_plan_arrive_in_inspection_unless_a_person_said_otherwise():
    here, hose = shelves(), item("V-200")
    plan(hose)
    deliver(here, hose, 10)
    assert {state for _, state in standing(hose)} == {"inspection"}
    assert sql.fetch_value("SELECT available FROM inbound_receiptline") == "after_inspection"
    sentence = sql.fetch_value("SELECT sentence FROM platform_decision WHERE kind = 'availability'")
    assert sentence == "Available after inspection, by the policy for V-200: an inspection plan covers it."
    sql.execute("UPDATE inbound_availabilitypolicy SET available = 'after_putaway', reason = 'trusted'")
    plan(hose)
    assert sql.fetch_value("SELECT available FROM inbound_availabilitypolicy") == "after_putaway"
    assert latest()


def test_who_inspects_at_one_site_writes_plans_for_that_site_and_not_for_all():
    site = shelves().site
    fern = Person("fern", "Fern Inspector", ("qc_inspector",))
    user_id(fern, site_id=site)
    before = counts_of()
    with pytest.raises(NotPermitted):
        commands.set_plan(ctx(fern), SetPlan(aql=Decimal("1.0")))
    assert counts_of() == before
    assert commands.set_plan(ctx(fern), SetPlan(site_id=site, aql=Decimal("1.0"))).version == 1
