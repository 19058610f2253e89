"""note_call_off: a person told the carrier that a booking counts no more."""

from __future__ import annotations

import pytest
from tests.cast import EVE, GUS, ctx, signed_in

from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests.bookings import replaced
from flowrack.shipping.types_bookings import BookingNotFound, CallOffNoteMissing, NoteCallOff, NotToEnd

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_over_with_the_words_of_the_person_and_only_once():
    booking_id = replaced()
    for req, refusal in (
        (NoteCallOff(booking_id, " "), CallOffNoteMissing),
        (NoteCallOff(2**40, "by phone"), BookingNotFound),
    ):
        with pytest.raises(refusal):
            commands.note_call_off(ctx(GUS), req)
    with pytest.raises(NotPermitted):
        commands.note_call_off(ctx(EVE), NoteCallOff(booking_id, "by phone"))
    page = signed_in(GUS).post(f"/carrier-bookings/{booking_id}/told", {"note": "by phone, Mr. Hill"}, follow=True)
    assert "by phone, Mr. Hill" in page.content.decode()
    assert sql.fetch_all("SELECT ends, end_said FROM carriers_booking") == [("ended", "by phone, Mr. Hill")]
    with pytest.raises(NotToEnd):
        commands.note_call_off(ctx(GUS), NoteCallOff(booking_id, "by phone"))
