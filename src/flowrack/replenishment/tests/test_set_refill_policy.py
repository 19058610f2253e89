from datetime import time

import pytest
from tests.cast import ADA, BO, ctx

from flowrack.ledger.tests.house import house
from flowrack.platform import sql
from flowrack.replenishment import commands
from flowrack.replenishment.queries_board import policy
from flowrack.replenishment.tests.faces import pilot, plan, refills
from flowrack.replenishment.types import BadRefillPolicy, SetRefillPolicy
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_policy_is_kept_and_replaced():
    here, _ = pilot()
    zone = sql.fetch_value("SELECT zone_id FROM locations_location WHERE id = %s", (here.places["R-01"],))
    req = SetRefillPolicy(
        here.site, 300, 60, 2, time(16, 30), time(22), time(5), 80, True, [(zone, here.places["R-03"])]
    )
    commands.set_refill_policy(ctx(ADA), req)
    assert policy(here.site) == req
    commands.set_refill_policy(ctx(ADA), SetRefillPolicy(here.site))
    assert policy(here.site) == SetRefillPolicy(here.site)


def test_quiet_hours_top_off_with_whole_pallets_that_fit():
    here, _ = pilot()
    night = SetRefillPolicy(here.site, quiet_from=time(22), quiet_until=time(5), top_off_percent=75)
    commands.set_refill_policy(ctx(ADA), night)
    plan(here, now="13:00")
    assert refills() == []
    plan(here, now="23:00")
    assert refills() == [("planned", "top_off", 60, 0, "23:00", None, None)]


def test_every_bad_field_is_named_and_nothing_is_kept():
    here, _ = pilot()
    before = policy(here.site)
    other = house("W2")
    bad = SetRefillPolicy(
        here.site, 0, -1, 0, time(17), time(22), None, 101, hand_overs=[(999_999, other.places["reserve1"])]
    )
    with pytest.raises(BadRefillPolicy) as refusal:
        commands.set_refill_policy(ctx(ADA), bad)
    assert [line.field for line in refusal.value.lines] == [
        "task_seconds", "spare_seconds", "people", "top_off_percent", "quiet_from", "zone", "location",
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        commands.set_refill_policy(ctx(BO), SetRefillPolicy(here.site))
    assert policy(here.site) == before
