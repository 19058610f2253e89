from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from tests.cast import DI, ED, ctx
from tests.supply import house, item, supplier

from flowrack.platform import sql
from flowrack.purchasing import commands_agreements as commands
from flowrack.purchasing import queries_agreements
from flowrack.purchasing.tests.agreed import in_force, order, prices, told
from flowrack.purchasing.types_agreements import (
    AgreedLine,
    ApproveAgreement,
    ChangeAgreement,
    ReviseAgreement,
)
from flowrack.shared.errors import Busy, Stale
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return house()


def test_a_newer_version_replaces_the_old_one_from_its_first_day_and_the_old_is_kept(here):
    seller, hose = supplier(), item("HOSE")
    first = in_force(seller, AgreedLine(hose, prices=prices((1, "4"))), valid_from=date(2026, 1, 1))
    draft = commands.revise_agreement(ctx(DI), ReviseAgreement(first.agreement_id, date(2026, 3, 2)))
    assert (draft.number, draft.version, draft.state) == (first.number, 2, "draft")
    with pytest.raises(Busy):
        commands.revise_agreement(ctx(DI), ReviseAgreement(first.agreement_id, date(2026, 4, 1)))
    as_read = queries_agreements.content_of(draft.agreement_id)
    assert as_read.lines[0].prices == prices((1, "4", date(2026, 3, 2)))
    cheaper = replace(as_read, lines=[AgreedLine(hose, prices=prices((1, "3.5")), moq=Units(10))])
    draft = commands.change_agreement(ctx(DI), ChangeAgreement(draft.agreement_id, 1, cheaper))
    with pytest.raises(Stale):
        commands.approve_agreement(ctx(ED), ApproveAgreement(draft.agreement_id, 1))
    assert told(order(here, seller, (hose, 1, None)))[0][1] == 4  # a draft counts for nothing
    commands.approve_agreement(ctx(ED, "k"), ApproveAgreement(draft.agreement_id, 2))
    assert commands.approve_agreement(ctx(ED, "k"), ApproveAgreement(draft.agreement_id, 2)).state == "active"
    assert told(order(here, seller, (hose, 10, None)))[0][1] == Decimal("3.5")
    rows = sql.fetch_all("SELECT version, state, valid_from, valid_to FROM purchasing_agreement ORDER BY id")
    assert rows == [
        (1, "active", date(2026, 1, 1), date(2026, 3, 1)),
        (2, "active", date(2026, 3, 2), None),
    ]
    earlier = commands.revise_agreement(ctx(DI), ReviseAgreement(draft.agreement_id, date(2026, 2, 1)))
    commands.approve_agreement(ctx(ED), ApproveAgreement(earlier.agreement_id, 1))
    rows = sql.fetch_all("SELECT version, state, valid_to FROM purchasing_agreement ORDER BY id")
    assert rows == [(1, "active", date(2026, 1, 31)), (2, "replaced", None), (3, "active", None)]
