"""answer_notice: a customer's system confirms the notice of a departure, in time or late."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import GUS, KIM, NOW, ctx

from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.tests import trucks
from flowrack.shipping.types import Departure, ShipConfirm
from flowrack.shipping.types_proofs import AnsweredBefore, AnswerNotice, NoNotice, SetNoticeTerms

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_notice_is_made_for_who_asked_and_answered_in_time_or_late():
    yard = trucks.yard()
    north = outbound.value("SELECT id FROM parties_party WHERE code = 'NORTH'")
    commands.set_notice_terms(ctx(KIM), SetNoticeTerms(north, 4))
    orders = [yard.packed("NORTH"), yard.packed("SOUTH")]
    leave = ShipConfirm(yard.site, [Departure(order_ids=(order.order_id,)) for order in orders])
    told, untold = (one.shipment_id for one in commands.ship_confirm(ctx(GUS), leave).shipments)
    row = sql.fetch_one("SELECT shipment_id, due_at, answer FROM shipping_departurenotice")
    assert row == (told, NOW + timedelta(hours=4), "waiting")
    [event] = sql.fetch_all("SELECT body::json FROM platform_outboxevent WHERE kind = 'shipping.notice_made'")
    assert (event[0]["shipment_id"], event[0]["customer_id"]) == (told, north)
    with pytest.raises(NoNotice):
        commands.answer_notice(ctx(KIM), AnswerNotice(untold, "accepted"))
    with pytest.raises(Invalid):
        commands.answer_notice(ctx(KIM), AnswerNotice(told, "perhaps"))
    with pytest.raises(NotPermitted):
        commands.answer_notice(ctx(GUS), AnswerNotice(told, "accepted"))
    assert sql.fetch_value("SELECT answer FROM shipping_departurenotice") == "waiting"
    said = AnswerNotice(told, "rejected", "997-1", "SSCC unknown")
    assert commands.answer_notice(ctx(KIM), said).is_late is False
    late = ctx(KIM, now=NOW + timedelta(hours=5))
    assert commands.answer_notice(late, AnswerNotice(told, "accepted", "997-2")).is_late is True
    assert sql.fetch_one("SELECT answer, reference FROM shipping_departurenotice") == ("accepted", "997-2")
    with pytest.raises(AnsweredBefore):
        commands.answer_notice(ctx(KIM), AnswerNotice(told, "accepted"))
