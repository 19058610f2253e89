"""set_notice_terms: which customers are told of each departure."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import GUS, KIM, ctx

from flowrack.platform import sql
from flowrack.shared.errors import Invalid, NotPermitted
from flowrack.shipping import commands
from flowrack.shipping.types_proofs import SetNoticeTerms

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_customer_gets_notices_and_then_none_any_more():
    outbound.customer("NORTH")
    north = outbound.value("SELECT id FROM parties_party WHERE code = 'NORTH'")
    for hours in (4, 24):
        commands.set_notice_terms(ctx(KIM), SetNoticeTerms(north, hours))
        assert sql.fetch_value("SELECT hours FROM shipping_noticeterms WHERE customer_id = %s", (north,)) == hours
    for req in (SetNoticeTerms(north, 721), SetNoticeTerms(north, -1), SetNoticeTerms(1, 4)):
        with pytest.raises(Invalid):
            commands.set_notice_terms(ctx(KIM), req)
    for folder, sender in (("../etc", "FLOWRACK"), ("NORTH", "")):
        with pytest.raises(Invalid, match="folder"):
            edi = SetNoticeTerms(north, 4, edi_sender=sender, edi_receiver=sender and "NORTH1", edi_folder=folder)
            commands.set_notice_terms(ctx(KIM), edi)
    with pytest.raises(NotPermitted):
        commands.set_notice_terms(ctx(GUS), SetNoticeTerms(north, 0))
    assert sql.fetch_value("SELECT hours FROM shipping_noticeterms") == 24
    commands.set_notice_terms(ctx(KIM), SetNoticeTerms(north, 0))
    assert sql.fetch_value("SELECT count(*) FROM shipping_noticeterms") == 0
