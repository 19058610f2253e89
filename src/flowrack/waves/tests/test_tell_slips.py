"""tell_slips: a wave that is not picked when its time is over is told once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import CY, EVE, MAY, ctx

from flowrack.analytics.queries import tower_waves
from flowrack.fulfilment import commands as fulfilment
from flowrack.fulfilment.types import ConfirmPicks, Pick
from flowrack.platform import outbox, sql
from flowrack.shared.errors import NotPermitted
from flowrack.waves import commands, jobs
from flowrack.waves.commands_floor import tell_slips
from flowrack.waves.tests import cases
from flowrack.waves.types import ReleaseWaves, TellSlips

pytestmark = pytest.mark.django_db(transaction=True)
AFTER = cases.CUT_OFF + timedelta(minutes=1)


def events() -> list[tuple[object, ...]]:
    return sql.fetch_all(
        """
        SELECT array(SELECT jsonb_array_elements_text(body->'order_ids')::bigint), (body->>'open_picks')::int
        FROM platform_outboxevent WHERE kind = 'waves.slipped'
        """
    )


def test_orders_that_are_not_picked_are_told_once():
    case = cases.planned()
    wave = commands.release_wave(ctx(MAY), ReleaseWaves(cases.waves_of(case.plan.plan_id)[0]))
    first = sql.fetch_value("SELECT min(id) FROM fulfilment_pickline")
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(first)]))
    before = cases.books()
    jobs.tell_slips(ctx(MAY))
    assert cases.books() == before, "nothing has slipped at nine"
    assert tell_slips(ctx(MAY, now=AFTER), TellSlips()).wave_ids == [wave.wave_id]
    assert events() == [([one.order_id for one in case.orders[1:]], 2)]
    assert sql.fetch_value("SELECT slipped_at FROM waves_run") == AFTER
    (trouble,) = tower_waves.late_departures(case.at.site, AFTER, 5)
    assert (trouble.name, trouble.text) == (wave.number, "Parcels: 2 picks of 2 orders open, cut-off 10:30")
    assert tell_slips(ctx(MAY, now=AFTER), TellSlips()).wave_ids == []
    assert sql.fetch_value("SELECT body->>'ready_at' FROM platform_outboxevent WHERE kind = 'waves.slipped'") == (
        "2026-03-02T10:34:00Z"
    )
    outbox.drain()
    asked = "SELECT request->>'reason', request->>'order_ids' FROM platform_commandrecord WHERE command LIKE %s"
    assert sql.fetch_all(asked, ("%reshop%",)) == [
        (f"{wave.number} was not picked in time for its cut-off", str([one.order_id for one in case.orders[1:]]))
    ]


def test_a_wave_that_is_picked_in_time_does_not_slip():
    case = cases.planned()
    commands.release_wave(ctx(MAY), ReleaseWaves(cases.waves_of(case.plan.plan_id)[0]))
    picks = [row[0] for row in sql.fetch_all("SELECT id FROM fulfilment_pickline")]
    fulfilment.confirm_picks(ctx(CY), ConfirmPicks([Pick(pick) for pick in picks]))
    before = cases.books()
    jobs.tell_slips(ctx(MAY, now=AFTER))
    assert cases.books() == before
    assert outbound.counts(case.orders[0].line_ids[0]) == {"units": 5, "picked": 5}


def test_an_outsider_tells_nothing():
    case = cases.planned()
    commands.release_wave(ctx(MAY), ReleaseWaves(cases.waves_of(case.plan.plan_id)[0]))
    before = cases.books()
    with pytest.raises(NotPermitted):
        tell_slips(ctx(EVE, now=AFTER), TellSlips())
    assert cases.books() == before
