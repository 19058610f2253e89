from datetime import timedelta

import pytest
from tests.cast import ADA, BO, ctx
from tests.supply import counts_of

from flowrack.platform import sql
from flowrack.platform.decisions import why
from flowrack.replenishment import commands
from flowrack.replenishment.tests.faces import FIRST, SECOND, clock, expects, ids, pilot, refills
from flowrack.replenishment.types import BadDraw, ExpectDraws, NewDraw
from flowrack.shared.errors import NotPermitted
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


def test_draws_bring_the_refills_of_the_pilot_once():
    here, hose = pilot()
    first = expects(here, hose, key="k")
    assert expects(here, hose, key="k") == first
    assert (first.units, first.planned, first.cancelled, first.sent_back) == (150, 2, 0, 0)
    assert refills() == [FIRST, SECOND]
    assert sql.fetch_all("SELECT priority, due_at, units FROM tasks_task ORDER BY id") == [
        (3, clock("13:52"), 60),
        (3, clock("14:16"), 60),
    ]
    [decision] = why(f"replenishment.refill:{ids()[1]}")
    assert decision.sentence == (
        "forward_pick-1 holds 30 of at most 96; 150 will be drawn by 14:40. Without these 60 it is empty at 14:16, so"
        " the work starts by 13:51: it takes 25 min with what waits before it. There is room for 60 from 14:02, when 35"
        " are left. A whole pallet of the stock that expires or is reached first."
    )
    again = expects(here, hose)
    assert (again.planned, again.units) == (0, 150) and refills() == [FIRST, SECOND]


def test_every_bad_line_is_named_and_nothing_changes():
    here, hose = pilot()
    face = here.places["forward_pick1"]
    by, stranger, now = ctx(ADA, now=clock("13:00")), ctx(BO), clock("13:00")
    before = counts_of()
    bad = [
        NewDraw(here.places["R-01"], hose, Units(1), now, now),
        NewDraw(face, hose, Units(0), now, now),
        NewDraw(face, hose, Units(1), now, now - timedelta(minutes=1)),
        NewDraw(face, hose, Units(1), now - timedelta(hours=2), now - timedelta(hours=1)),
    ]
    with pytest.raises(BadDraw) as refusal:
        commands.expect_draws(by, ExpectDraws(here.site, " ", bad))
    assert [(line.line, line.field) for line in refusal.value.lines] == [
        (0, "origin"), (1, "location"), (2, "units"), (3, "until_at"), (4, "until_at"),
    ]  # fmt: skip
    with pytest.raises(NotPermitted):
        commands.expect_draws(stranger, ExpectDraws(here.site, "x", [NewDraw(face, hose, Units(1), now, now)]))
    assert counts_of() == before and refills() == []
    assert sql.fetch_value("SELECT count(*) FROM replenishment_draw") == 0
