"""lapse_overrides: when the day is over, what was given by hand goes back and the rules decide again."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import ADA, NOW, ctx

from flowrack.allocation import commands, commands_overrides, jobs, queries_overrides
from flowrack.allocation.tests.byhand import NEXT_DAY, TODAY, TOMORROW, give, shelf
from flowrack.allocation.types import ReleaseAllocation
from flowrack.allocation.types_overrides import LapseOverrides
from flowrack.ledger.verify import verify
from flowrack.platform import decisions, outbox, sql
from flowrack.platform.outbox import context_for_system
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def lapse(now=NEXT_DAY):
    jobs.lapse_overrides(context_for_system(now, "round"))
    outbox.drain(now=now)


def test_units_that_nobody_picks_go_to_who_ranks_first():
    at = shelf()
    outbox.drain(now=NOW)  # what could be promised at entry is promised, which is nothing of the worst rank
    done = give(at.line("low"), 20)
    lapse(NOW)
    assert at.promised() == (0, 0, 20)
    lapse()
    assert at.promised() == (50, 10, 0)
    row = queries_overrides.override_row(done.override_id, NEXT_DAY)
    assert row is not None and (row.standing, row.ended_reason) == ("over", "its time was over")
    said = [one.sentence for one in decisions.why(f"sales.line:{at.line('low')}")]
    assert "20 that were given by hand go back: its time was over. The rules decide again." in said
    assert verify() == []


def test_what_a_picker_has_stays():
    at = shelf()
    give(at.line("low"), 20)
    outbound.release(at.at.site, at.low)
    lapse()
    assert outbound.counts(at.line("low")) == {"units": 20, "allocated": 20, "released": 20}
    assert at.promised() == (40, 0, 20)


def test_it_stands_until_its_own_day():
    at = shelf()
    give(at.line("low"), 20, until=TOMORROW)
    lapse()
    assert at.promised() == (0, 0, 20)
    assert sql.fetch_value("SELECT ended_at IS NULL FROM allocation_override")


def test_who_lost_by_hand_is_left_out_until_the_day_is_over():
    at = shelf()
    outbound.allocate(at.at.site)
    commands.release_allocation(ctx(ADA), ReleaseAllocation([at.line("big")], "He does not pay", TODAY))
    outbound.allocate(at.at.site)
    assert at.promised() == (0, 40, 20)
    lapse()
    assert at.promised() == (0, 40, 20)
    outbound.receive(at.at, at.item_id, 30, "6")
    outbound.allocate(at.at.site)
    assert at.promised() == (30, 40, 20)
    assert verify() == []


def test_people_do_not_call_it():
    shelf()
    with pytest.raises(NotPermitted):
        commands_overrides.lapse_overrides(ctx(ADA), LapseOverrides())


def test_one_that_cannot_be_ended_holds_no_other_up():
    at = shelf()
    stuck = give(at.line("mid"), 10).override_id
    free = give(at.line("low"), 20).override_id
    sql.execute(
        f"""
        CREATE FUNCTION pg_temp.stuck() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'stuck'; END $$;
        CREATE TRIGGER stuck BEFORE UPDATE ON allocation_override FOR EACH ROW WHEN (OLD.id = {stuck})
        EXECUTE FUNCTION pg_temp.stuck()
        """
    )
    lapse()
    over = "SELECT id FROM allocation_override WHERE ended_at IS NOT NULL"
    assert [row[0] for row in sql.fetch_all(over)] == [free]
    assert at.promised() == (50, 10, 0)
    sql.execute("DROP TRIGGER stuck ON allocation_override")
    lapse()
    assert sql.fetch_value("SELECT count(*) FROM allocation_override WHERE ended_at IS NULL") == 0
    assert verify() == []


def test_only_those_whose_day_is_over_are_ended_though_others_are_named():
    at = shelf()
    done = give(at.line("low"), 20, until=TOMORROW)
    ended = commands_overrides.lapse_overrides(context_for_system(NEXT_DAY, "k"), LapseOverrides([done.override_id]))
    assert (ended.override_ids, ended.units, at.promised()) == ([], 0, (0, 0, 20))
