"""A supplier agreement asks as every document does: before and after, who may not, and what voids it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from tests.cast import DI, ED, OZ, ctx, signed_in
from tests.supply import approved, house, item, supplier

from flowrack.approvals import commands as approvals
from flowrack.approvals.types import Decide, Seen
from flowrack.parties.tests.companies import file_of
from flowrack.platform import outbox, sql
from flowrack.purchasing import commands_agreements as commands
from flowrack.purchasing.rules_agreements_asking import AskedPrice, price_changes, year_value
from flowrack.purchasing.tests.agreed import content, in_force, prices
from flowrack.purchasing.types_agreements import (
    AgreedLine,
    AgreementOverlaps,
    ApproveAgreement,
    ChangeAgreement,
    CreateAgreement,
    ReviseAgreement,
)
from flowrack.shared.errors import DutiesConflict

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    """120 units were ordered at 4; the next version of the agreement asks 5."""
    here, seller, hose = house(), supplier(), item("HOSE")
    old = in_force(seller, AgreedLine(hose, prices=prices((1, "4"))))
    approved(here.site, seller, (hose, 120, "4"))
    draft = commands.revise_agreement(ctx(DI), ReviseAgreement(old.agreement_id, date(2026, 6, 1)))
    new = content(
        seller, AgreedLine(hose, prices=prices((1, "5"))), valid_from=date(2026, 6, 1), min_value=Decimal(300)
    )
    return commands.change_agreement(ctx(DI), ChangeAgreement(draft.agreement_id, 1, new)), seller, hose


def asked():
    return sql.fetch_one("SELECT id, content_hash, state, end_reason FROM approvals_request ORDER BY id DESC LIMIT 1")


def decide(verdict, *, by=ED, reason=""):
    request_id, content_hash, *_ = asked()
    approvals.decide(ctx(by), Decide([Seen(request_id, content_hash)], verdict, reason))
    outbox.drain()


def states():
    return [row[0] for row in sql.fetch_all("SELECT state FROM purchasing_agreement ORDER BY id")]


def test_it_shows_what_changes_and_counts_when_approved_in_the_inbox(scene):
    draft, _, _ = scene
    done = commands.submit_agreement(ctx(DI), ApproveAgreement(draft.agreement_id, 2))
    assert (done.state, states()) == ("draft", ["active", "draft"])
    head = sql.fetch_one("SELECT amount, site_id, sentence FROM approvals_request WHERE number = %s", (done.approval,))
    assert head == (600, None, head[2]) and "comes to 600.00, 120.00 more than before." in head[2]
    shown = sql.fetch_all("SELECT field, before, after, is_exception FROM approvals_requestchange WHERE request_id = %s"
                          " ORDER BY line_no", (asked()[0],))  # fmt: skip
    assert shown == [
        ("First day", "2026-03-01", "2026-06-01", False),
        ("Least value", "", "300.00", False),
        ("Unit cost from 1 on, 2026-06-01", "4.00", "5.00", True),
    ]
    facts = dict(sql.fetch_all("SELECT name, value FROM approvals_requestfact WHERE request_id = %s", (asked()[0],)))
    assert (facts["price_up_pct"], facts["year_up"], facts["first_version"]) == ("25.0", "120.00", "no")
    decide("approve")
    assert states() == ["active", "active"]
    assert sql.fetch_one("SELECT valid_to FROM purchasing_agreement ORDER BY id LIMIT 1") == (date(2026, 5, 31),)
    assert sql.fetch_value("SELECT approved_by_id FROM purchasing_agreement ORDER BY id DESC LIMIT 1") == ED.id


def test_who_wrote_it_does_not_decide_and_a_rejected_one_stays_a_draft(scene):
    draft, seller, hose = scene
    kept = content(seller, AgreedLine(hose, prices=prices((1, "6"))), valid_from=date(2026, 6, 1))
    commands.change_agreement(ctx(ED), ChangeAgreement(draft.agreement_id, 2, kept))
    commands.submit_agreement(ctx(DI), ApproveAgreement(draft.agreement_id, 3))
    with pytest.raises(DutiesConflict):
        decide("approve", by=ED)
    decide("reject", by=OZ, reason="too dear")
    assert states() == ["active", "draft"]


def test_a_change_by_page_or_file_voids_what_was_asked(scene):
    draft, seller, hose = scene
    commands.submit_agreement(ctx(DI), ApproveAgreement(draft.agreement_id, 2))
    kept = content(seller, AgreedLine(hose, prices=prices((1, "6"))), valid_from=date(2026, 6, 1))
    commands.change_agreement(ctx(DI), ChangeAgreement(draft.agreement_id, 2, kept))
    assert asked()[2:] == ("voided", "The agreement was changed.")
    commands.submit_agreement(ctx(DI), ApproveAgreement(draft.agreement_id, 3))
    file = file_of(f"Agreement,SKU,Family,From units,Unit cost\n{draft.number},HOSE,,,7\n")
    commands.import_agreement_lines(ctx(DI), file)
    assert asked()[2:] == ("voided", "The agreement was changed.")


def test_what_would_overlap_by_the_time_it_is_approved_is_void(scene):
    draft, seller, hose = scene
    other = commands.create_agreement(ctx(DI), CreateAgreement(content(seller, AgreedLine(hose))))
    with pytest.raises(AgreementOverlaps):
        commands.submit_agreement(ctx(DI), ApproveAgreement(other.agreement_id, 1))
    commands.submit_agreement(ctx(DI), ApproveAgreement(draft.agreement_id, 2))
    sql.execute("UPDATE purchasing_agreement SET state = 'replaced' WHERE state = 'active'")
    commands.approve_agreement(ctx(ED), ApproveAgreement(other.agreement_id, 1))
    request_id, content_hash = sql.fetch_one("SELECT id, content_hash FROM approvals_request WHERE state = 'waiting'")
    approvals.decide(ctx(OZ), Decide([Seen(request_id, content_hash)], "approve"))
    outbox.drain()
    assert states() == ["replaced", "draft", "active"]
    ended = sql.fetch_one("SELECT state, end_reason FROM approvals_request WHERE id = %s", (request_id,))
    assert ended == ("voided", f"{other.number} is in force at that time.")


def test_the_page_submits_and_says_where_it_stands(scene):
    draft, _, _ = scene
    di, url = signed_in(DI), f"/supplier-agreements/{draft.agreement_id}"
    assert "Submit for approval" in di.get(url).content.decode()
    assert di.post(f"{url}/submit", {"revision": "2"}).status_code == 303
    page = di.get(url).content.decode()
    assert "Submit for approval" not in page and "Purchasing manager or Finance controller" in page


def test_prices_are_held_against_the_same_quantity_else_the_list():
    def at(units, cost, line=(1, 0), listed=None):
        return AskedPrice(line, "HOSE", units, date(2026, 3, 1), Decimal(cost), listed and Decimal(listed))

    found = price_changes([at(1, "4"), at(50, "3")], [at(1, "5"), at(10, "4", listed="5")])
    assert [(c.before, c.after, c.up_pct) for c in found] == [
        (4, 5, 25), (5, 4, -20), (3, None, None),
    ]  # fmt: skip
    family = at(1, "2", line=(0, 7))
    assert year_value([(1, 7, 10), (2, 7, 10), (3, 0, 10)], [at(1, "5"), at(50, "3"), family]) == 70
