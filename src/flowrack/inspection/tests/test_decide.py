"""A verdict: release, hold, split, sort; the books, the hold, the supplier's severity and the putaway that follow."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.cast import ADA, BO, FAY, HAL, NOW, ctx
from tests.supply import counts_of, item, standing

from flowrack.inspection import commands, queries
from flowrack.inspection.tests.house import deliver, inspect, latest, plan, shelves, supplier
from flowrack.inspection.types import (
    BadSplit,
    CheckResult,
    Decide,
    LotRejected,
    RecordResults,
    ResultsMissing,
    StartInspection,
    Verdict,
)
from flowrack.ledger import queries as stock
from flowrack.platform import outbox, sql
from flowrack.shared.errors import DutiesConflict, Invalid, NotPermitted, WrongState
from flowrack.storage.tests.house import plans

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    here, hose = shelves(), item("V-200")
    plan(hose, tighten_after=1)
    return here, hose


def test_a_lot_that_passes_is_released_where_it_stands_and_put_away(scene):
    here, hose = scene
    deliver(here, hose, 398)
    assert set(standing(hose).values()) == {398} and {s for _, s in standing(hose)} == {"inspection"}

    done = inspect(latest(), 1)

    assert (done.state, done.released_units, done.severity) == ("decided", 398, "normal")
    outbox.drain()
    assert standing(hose) == {("receiving-1", "receiving"): 398}
    assert [p[0] for p in plans() if p[0] == "open"] == ["open"]


def test_a_rejected_lot_is_sorted_and_split_and_the_books_agree(scene):
    """398 cases at 30.00: 2 of 50 fail, all stay held; sorting finds 9: 389 released, 9 set aside as damaged."""
    here, hose = scene
    ostler = supplier()
    deliver(here, hose, 398, by=ostler)
    first = latest()
    with pytest.raises(LotRejected) as refused:
        inspect(first, 2)
    assert refused.value.message.endswith("failed: 0 critical, 2 major, 0 minor defects in 50; 2 reject.")

    sorting = commands.decide(ctx(FAY), Decide(first, Verdict.SORT, reason="2 of 50 leak"))
    assert (sorting.state, sorting.severity) == ("sorting", "tightened")
    assert {s for _, s in standing(hose)} == {"inspection"}
    with pytest.raises(ResultsMissing):
        commands.decide(ctx(FAY), Decide(first, Verdict.SPLIT, 389, 0, 9, "sorted"))
    commands.record_results(ctx(FAY), RecordResults(first, 398, [CheckResult(defective_units=9)]))
    done = commands.decide(ctx(FAY), Decide(first, Verdict.SPLIT, 389, 0, 9, "sorted"))

    assert (done.state, done.released_units, done.damaged_units, done.severity) == ("decided", 389, 9, "tightened")
    assert sum(u for (_, s), u in standing(hose).items() if s == "damaged") == 9
    outbox.drain()
    made = sql.fetch_all("SELECT quality, units FROM storage_plannedmove WHERE state = 'open' ORDER BY quality")
    assert made == [("available", 389), ("damaged", 9)]
    assert {row.account: row.value for row in stock.trial_balance() if row.value}["inventory"] == Decimal("11940.0000")
    deliver(here, hose, 398, by=ostler)
    row = queries.inspection_row(latest())
    assert (row.severity, row.letter, row.sample_units, row.accept, row.reject) == ("tightened", "H", 80, 1, 2)


def test_five_accepted_lots_return_to_normal(scene):
    here, hose = scene
    ostler = supplier()
    deliver(here, hose, 398, by=ostler)
    inspect(latest(), 2, Verdict.HOLD)
    severities = []
    for _ in range(5):
        deliver(here, hose, 398, by=ostler)
        severities.append(inspect(latest()).severity)
    assert severities == ["tightened"] * 4 + ["normal"]
    changes = [(old, new, why) for _, old, new, why in queries.severity_changes(ostler, hose)]
    assert changes == [
        ("tightened", "normal", "5 lots in a row were accepted"),
        ("normal", "tightened", "1 of the last 1 lots were rejected"),
    ]


def test_a_held_lot_has_a_number_an_owner_and_a_time(scene):
    here, hose = scene
    deliver(here, hose, 398)
    done = inspect(latest(), 2, Verdict.HOLD, owner_id=HAL.id, due_at=NOW + timedelta(days=2), reason="leaks")
    hold = queries.hold_row(done.hold_id)
    assert (hold.number[:3], hold.owner, hold.left_units, hold.reason, hold.due_at, hold.quality) == (
        "HD-", "Hal Inventory", 398, "leaks", NOW + timedelta(days=2), "hold",
    )  # fmt: skip
    assert {s for _, s in standing(hose)} == {"hold"}
    assert stock.pools([hose], here.site) == []


def test_a_verdict_needs_the_whole_sample_a_reason_and_parts_that_add_up(scene):
    here, hose = scene
    deliver(here, hose, 398)
    it = latest()
    commands.start_inspection(ctx(FAY), StartInspection(it))
    commands.record_results(ctx(FAY), RecordResults(it, 49))
    fay = ctx(FAY)

    def refused(kind, req):
        before = counts_of()
        with pytest.raises(kind) as caught:
            commands.decide(fay if kind is not NotPermitted else ctx(HAL), req)
        assert counts_of() == before and {s for _, s in standing(hose)} == {"inspection"}
        return caught.value

    assert refused(ResultsMissing, Decide(it, Verdict.RELEASE)).fix == "Test 1 more, or hold the lot."
    commands.record_results(ctx(FAY), RecordResults(it, 50))
    fay = ctx(FAY)
    refused(Invalid, Decide(it, Verdict.SPLIT, 300, 98))
    fay = ctx(FAY)
    refused(BadSplit, Decide(it, Verdict.SPLIT, 300, 90, reason="dents"))
    assert HAL.id
    refused(NotPermitted, Decide(it, Verdict.RELEASE))


def test_who_received_does_not_release_and_nobody_decides_twice(scene):
    here, hose = scene
    sql.execute(
        "INSERT INTO platform_userrole (user_id, role_id, site_id) SELECT %s, id, 0 FROM platform_role WHERE code = %s",
        (BO.id, "qc_inspector"),
    )
    deliver(here, hose, 398)
    with pytest.raises(DutiesConflict) as refused:
        inspect(latest(), by=ctx(BO))
    assert refused.value.details["rule"] == "S05"
    commands.decide(ctx(ADA), Decide(latest(), Verdict.RELEASE))
    with pytest.raises(WrongState):
        commands.decide(ctx(FAY), Decide(latest(), Verdict.HOLD, reason="late"))


def test_a_retried_verdict_is_one_verdict(scene):
    here, hose = scene
    deliver(here, hose, 398)
    inspect(latest(), by=ctx(FAY, "k"))
    before = counts_of()
    done = commands.decide(ctx(FAY, "k"), Decide(latest(), Verdict.RELEASE))
    assert done.released_units == 398 and counts_of() == before


def test_goods_that_may_be_sold_before_their_inspection_are_held_from_stock(scene):
    """The policy says available after putaway: the inspection runs beside, and a bad lot is held where it lies."""
    here, hose = scene
    sql.execute("UPDATE inbound_availabilitypolicy SET available = 'after_putaway'")
    deliver(here, hose, 398)
    assert standing(hose) == {("receiving-1", "receiving"): 398}
    done = inspect(latest(), 2, Verdict.HOLD)
    assert done.hold_id and standing(hose) == {("receiving-1", "hold"): 398}
