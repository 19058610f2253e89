from dataclasses import replace
from datetime import date

import pytest
from tests.cast import DI, ED, ctx
from tests.supply import house, item, supplier

from flowrack.parties.tests.companies import file_of
from flowrack.purchasing import commands_agreements as commands
from flowrack.purchasing.tests.agreed import content, in_force, prices
from flowrack.purchasing.types_agreements import (
    AgreedLine,
    AgreementOverlaps,
    ApproveAgreement,
    ChangeAgreement,
    CreateAgreement,
)
from flowrack.shared.errors import DutiesConflict, NotPermitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return house()


def test_who_writes_does_not_approve_and_what_overlaps_is_refused(here):
    seller, hose = supplier(), item("HOSE")
    in_force(seller, AgreedLine(hose), valid_to=date(2026, 3, 31))
    mine = commands.create_agreement(ctx(ED), CreateAgreement(content(seller, valid_from=date(2026, 3, 31))))
    with pytest.raises(DutiesConflict):
        commands.approve_agreement(ctx(ED), ApproveAgreement(mine.agreement_id, 1))
    with pytest.raises(NotPermitted):
        commands.approve_agreement(ctx(DI), ApproveAgreement(mine.agreement_id, 1))
    theirs = commands.create_agreement(ctx(DI), CreateAgreement(content(seller, valid_from=date(2026, 3, 31))))
    with pytest.raises(AgreementOverlaps):
        commands.approve_agreement(ctx(ED), ApproveAgreement(theirs.agreement_id, 1))
    later = replace(content(seller), valid_from=date(2026, 4, 1))
    commands.change_agreement(ctx(DI), ChangeAgreement(theirs.agreement_id, 1, later))
    assert commands.approve_agreement(ctx(ED), ApproveAgreement(theirs.agreement_id, 2)).state == "active"


def test_whoever_brought_prices_of_it_from_a_file_does_not_approve_it_after_another_change(here):
    seller = supplier()
    hose = item("HOSE")
    draft = commands.create_agreement(ctx(DI), CreateAgreement(content(seller, AgreedLine(hose))))
    file = file_of(f"Agreement,SKU,Family,From units,Unit cost\n{draft.number},HOSE,,,4\n")
    assert commands.import_agreement_lines(ctx(ED), file).created == 1
    kept = content(seller, AgreedLine(hose, prices=prices((1, "4"))), reference="as agreed")
    commands.change_agreement(ctx(DI), ChangeAgreement(draft.agreement_id, 2, kept))
    with pytest.raises(DutiesConflict):
        commands.approve_agreement(ctx(ED), ApproveAgreement(draft.agreement_id, 3))
