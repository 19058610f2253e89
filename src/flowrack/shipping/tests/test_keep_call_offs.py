"""keep_call_offs: what came of telling carriers that bookings count no more; the flow is in test_keep_booking."""

from __future__ import annotations

import pytest
from tests.cast import EVE, GUS, NOW, ctx

from flowrack.carriers.types_live import CallOff
from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands, queries_bookings
from flowrack.shipping.tests.bookings import replaced
from flowrack.shipping.types_bookings import CallOffsKept, KeepCallOffs

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_who_chooses_carriers_keeps_them():
    with pytest.raises(NotPermitted):
        commands.keep_call_offs(ctx(EVE), KeepCallOffs([CallOff(1, "ok", "answered")]))


def test_a_refusal_waits_for_a_person_an_answer_ends_it_and_what_is_over_stays_over():
    booking_id = replaced()
    no = KeepCallOffs([CallOff(booking_id, "refused", "It is on the van")])
    assert commands.keep_call_offs(ctx(GUS), no) == CallOffsKept([], [], [booking_id])
    assert queries_bookings.to_call_off(NOW, limit=5) == []
    done = KeepCallOffs([CallOff(booking_id, "ok", "answered")])
    assert commands.keep_call_offs(ctx(GUS, "k"), done) == CallOffsKept([booking_id], [], [])
    assert commands.keep_call_offs(ctx(GUS, "k"), done) == CallOffsKept([booking_id], [], [])
    assert commands.keep_call_offs(ctx(GUS), no) == CallOffsKept([], [], [])
    assert sql.fetch_all("SELECT ends, end_said, end_tries FROM carriers_booking") == [("ended", "answered", 2)]


def test_who_does_not_answer_is_told_again_later_and_later():
    booking_id = replaced()
    waits = []
    for _ in range(3):
        silent = KeepCallOffs([CallOff(booking_id, "timeout", "no answer")])
        assert commands.keep_call_offs(ctx(GUS), silent) == CallOffsKept([], [booking_id], [])
        waits.append((sql.fetch_value("SELECT end_at FROM carriers_booking") - NOW).total_seconds())
    assert waits == [60, 120, 240]
