import pytest
from tests.cast import ADA, BO, ctx

from flowrack.dock import commands_setup, queries_calendar
from flowrack.dock.tests.yard import yard
from flowrack.dock.types_appointments import BadAppointment, Policy, SetDockPolicy
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_site_says_how_long_things_take():
    at = yard()
    assert queries_calendar.policy(at.site) == Policy()
    wanted = Policy(30, 300, 90, 10, 20, 10, 120, 2, 45)
    commands_setup.set_dock_policy(ctx(ADA), SetDockPolicy(at.site, wanted))
    assert queries_calendar.policy(at.site) == wanted
    commands_setup.set_dock_policy(ctx(ADA), SetDockPolicy(at.site, Policy()))
    assert queries_calendar.policy(at.site) == Policy()


def test_what_makes_no_sense_is_named():
    at = yard()
    bad = Policy(slot_minutes=7, seconds_per_case=-1, inspected_pct=101, people_per_door=0)
    with pytest.raises(BadAppointment) as refused:
        commands_setup.set_dock_policy(ctx(ADA), SetDockPolicy(at.site, bad))
    assert [b.field for b in refused.value.lines] == [
        "seconds_per_case", "slot_minutes", "inspected_pct", "people_per_door",
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        commands_setup.set_dock_policy(ctx(BO), SetDockPolicy(at.site, Policy()))
