import pytest
from tests.cast import CY, EVE, ctx

from flowrack.platform import outbox, sql
from flowrack.replenishment import commands
from flowrack.replenishment.tests.faces import clock, expects, ids, pilot
from flowrack.replenishment.types import LiftRefill, NoSuchRefill, ReportLeftover
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_bin_that_should_be_empty_is_counted():
    here, hose = pilot()
    expects(here, hose)
    [first, _] = ids()
    with pytest.raises(NoSuchRefill):
        commands.report_leftover(ctx(CY), ReportLeftover(first))
    with pytest.raises(NotPermitted):
        commands.report_leftover(ctx(EVE), ReportLeftover(first))
    outbox.drain()
    assert sql.fetch_value("SELECT count(*) FROM counting_counttask") == 0
    commands.lift_refill(ctx(CY, now=clock("13:05")), LiftRefill(first))
    commands.report_leftover(ctx(CY, now=clock("13:06")), ReportLeftover(first))
    outbox.drain()
    assert sql.fetch_all("SELECT location_id FROM counting_counttask") == [(here.places["R-01"],)]
