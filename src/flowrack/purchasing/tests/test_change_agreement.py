from dataclasses import replace

import pytest
from tests.cast import BO, DI, ED, ctx
from tests.supply import house, item, supplier

from flowrack.platform import sql
from flowrack.purchasing import commands_agreements as commands
from flowrack.purchasing import queries_agreements
from flowrack.purchasing.tests.agreed import MARCH, content, in_force, prices
from flowrack.purchasing.types_agreements import (
    AgreedLine,
    ApproveAgreement,
    ChangeAgreement,
    CreateAgreement,
)
from flowrack.shared.errors import DutiesConflict, NotPermitted, Stale, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return house()


def test_a_draft_is_changed_as_it_was_read_and_by_whom_is_kept(here):
    seller, hose = supplier(), item("HOSE")
    draft = commands.create_agreement(ctx(DI), CreateAgreement(content(seller, AgreedLine(hose, moq=Units(5)))))
    other = content(seller, AgreedLine(hose, prices=prices((1, "4"))), site_id=here.site, reference="F-7")
    done = commands.change_agreement(ctx(ED, "k"), ChangeAgreement(draft.agreement_id, 1, other))
    assert commands.change_agreement(ctx(ED, "k"), ChangeAgreement(draft.agreement_id, 1, other)) == done
    assert (done.revision, done.version, done.state) == (2, 1, "draft")
    with pytest.raises(Stale):
        commands.change_agreement(ctx(DI), ChangeAgreement(draft.agreement_id, 1, other))
    with pytest.raises(NotPermitted):
        commands.change_agreement(ctx(BO), ChangeAgreement(draft.agreement_id, 2, other))
    kept = queries_agreements.content_of(draft.agreement_id)
    assert kept == replace(other, lines=[AgreedLine(hose, prices=prices((1, "4", MARCH)))])
    with pytest.raises(DutiesConflict):
        commands.approve_agreement(ctx(ED), ApproveAgreement(draft.agreement_id, 2))
    in_force(supplier("OTHER"), AgreedLine(hose))
    third = sql.fetch_value("SELECT max(id) FROM purchasing_agreement")
    with pytest.raises(WrongState):
        commands.change_agreement(ctx(DI), ChangeAgreement(third, 1, other))
