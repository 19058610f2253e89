from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from tests.cast import DI, ED, ctx
from tests.supply import house, item, sells, supplier

from flowrack.platform import sql
from flowrack.purchasing import commands_agreements as commands
from flowrack.purchasing.tests.agreed import content, in_force, order, prices, told
from flowrack.purchasing.types_agreements import (
    AgreedLine,
    ApproveAgreement,
    BadAgreement,
    CreateAgreement,
    EndAgreement,
)
from flowrack.shared.errors import NotPermitted, WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def here():
    return house()


def test_an_agreement_in_force_is_frozen_and_can_only_end_earlier(here):
    seller, hose = supplier(), item("HOSE")
    sells(seller, hose, "9")
    done = in_force(seller, AgreedLine(hose, prices=prices((1, "4"))))
    for spoil in (
        "UPDATE purchasing_agreementprice SET unit_cost = 1",
        "DELETE FROM purchasing_agreementprice",
        "UPDATE purchasing_agreementline SET moq = 5",
        "INSERT INTO purchasing_agreementline (agreement_id, family_id) SELECT id, 1 FROM purchasing_agreement",
        "UPDATE purchasing_agreement SET min_value = 1",
        "UPDATE purchasing_agreement SET state = 'draft', approved_by_id = NULL",
        "DELETE FROM purchasing_agreement",
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            sql.execute(spoil)
    with pytest.raises(NotPermitted):
        commands.end_agreement(ctx(DI), EndAgreement(done.agreement_id, "dearer", date(2026, 3, 10)))
    commands.end_agreement(ctx(ED), EndAgreement(done.agreement_id, "dearer", date(2026, 3, 1)))
    with pytest.raises(BadAgreement):
        commands.end_agreement(ctx(ED), EndAgreement(done.agreement_id, "no, longer", date(2026, 3, 10)))
    assert told(order(here, seller, (hose, 1, None)))[0][1:3] == (Decimal(9), "list")
    draft = commands.create_agreement(ctx(DI), CreateAgreement(content(seller)))
    assert commands.end_agreement(ctx(DI), EndAgreement(draft.agreement_id, "not needed")).state == "withdrawn"
    with pytest.raises(WrongState):
        commands.approve_agreement(ctx(ED), ApproveAgreement(draft.agreement_id, 1))


def test_what_has_not_begun_is_called_off_unless_a_day_of_it_is_named(here):
    seller, hose = supplier(), item("HOSE")
    april = date(2026, 4, 1)
    done = in_force(seller, AgreedLine(hose, prices=prices((1, "4", april))), valid_from=april)
    with pytest.raises(NotPermitted):
        commands.end_agreement(ctx(DI), EndAgreement(done.agreement_id, "called off"))
    shorter = commands.end_agreement(ctx(ED), EndAgreement(done.agreement_id, "only April", date(2026, 4, 30)))
    assert shorter.state == "active"
    assert commands.end_agreement(ctx(ED), EndAgreement(done.agreement_id, "called off")).state == "withdrawn"
    kept = sql.fetch_one("SELECT valid_to, end_reason FROM purchasing_agreement WHERE id = %s", (done.agreement_id,))
    assert kept == (date(2026, 4, 30), "called off")
    with pytest.raises(WrongState):
        commands.end_agreement(ctx(ED), EndAgreement(done.agreement_id, "once more"))
    assert in_force(seller, AgreedLine(hose), valid_from=april).state == "active"
