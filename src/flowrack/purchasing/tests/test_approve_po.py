import pytest
from django.db import IntegrityError, transaction
from tests.cast import DI, ED, OZ, QUIN, ctx
from tests.supply import counts_of, draft, house, item, po_state, supplier

from flowrack.approvals.types import ContentChanged
from flowrack.platform import sql
from flowrack.purchasing import commands, queries
from flowrack.purchasing.types import ApprovePo, CreatePo, NewPo, NewPoLine
from flowrack.shared.errors import DutiesConflict, NotFound, NotPermitted, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db


@pytest.fixture
def po():
    return draft(house().site, supplier(), (item("V-200"), 10, "4"))


def test_another_person_makes_drafts_binding_and_their_fingerprint_is_kept(po):
    seen = queries.content_hashes([po.po_id])[po.po_id]
    done = commands.approve_po(ctx(ED), ApprovePo([po.po_id], [seen]))
    assert done.state == "approved"
    row = sql.fetch_one("SELECT state, content_hash, approved_by_id FROM purchasing_po")
    assert row == ("approved", seen, ED.id)


def test_approving_twice_with_one_key_is_once_and_with_another_key_is_refused(po):
    first = commands.approve_po(ctx(ED, "k"), ApprovePo([po.po_id]))
    assert commands.approve_po(ctx(ED, "k"), ApprovePo([po.po_id])) == first
    with pytest.raises(WrongState):
        commands.approve_po(ctx(OZ), ApprovePo([po.po_id]))


def test_nobody_approves_what_he_wrote_or_without_the_right(po):
    site = sql.fetch_value("SELECT site_id FROM purchasing_po")
    line = sql.fetch_one("SELECT item_id, unit_cost FROM purchasing_poline")
    own = commands.create_po(
        ctx(ED),
        CreatePo(
            [
                NewPo(
                    sql.fetch_value("SELECT supplier_id FROM purchasing_po"),
                    site,
                    [NewPoLine(line[0], Units(1), line[1])],
                    cover_reason="on top",
                )
            ]
        ),
    ).pos[0]
    people = {person: ctx(person) for person in (ED, DI, QUIN)}
    before = counts_of()
    with pytest.raises(DutiesConflict) as refused:
        commands.approve_po(people[ED], ApprovePo([own.po_id]))
    assert refused.value.details == {"rule": "S01"}
    for person in (DI, QUIN):
        with pytest.raises(NotPermitted):
            commands.approve_po(people[person], ApprovePo([po.po_id]))
    assert counts_of() == before
    assert po_state(own)[0] == po_state(po)[0] == "draft"


def test_content_that_changed_since_it_was_seen_is_not_approved(po):
    with pytest.raises(ContentChanged):
        commands.approve_po(ctx(ED), ApprovePo([po.po_id], ["0" * 64]))
    with pytest.raises(NotFound):
        commands.approve_po(ctx(ED), ApprovePo([po.po_id, 999_999]))
    assert po_state(po)[0] == "draft"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE purchasing_po SET approved_by_id = created_by_id",
        "UPDATE purchasing_po SET state = 'received', approved_by_id = NULL",
        "UPDATE purchasing_po SET state = 'shipped'",
        "UPDATE purchasing_poline SET units = 11",
        "UPDATE purchasing_poline SET unit_cost = 1",
        "DELETE FROM purchasing_poline",
        "UPDATE purchasing_poline SET received_units = 11",
        "UPDATE purchasing_poline SET received_units = -1",
        "UPDATE purchasing_poline SET short_units = 1",
    ],
)
def test_the_database_refuses_what_no_command_does(po, statement):
    commands.approve_po(ctx(ED), ApprovePo([po.po_id]))
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.execute(statement)


def test_a_draft_line_may_still_change(po):
    assert sql.execute("UPDATE purchasing_poline SET units = 12") == 1
