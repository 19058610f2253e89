"""take_acknowledgment: a customer's 997 answers the notice of which it names the control number."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.cast import EVE, KIM, ROB, bearer, ctx, signed_in

from flowrack.platform import sql
from flowrack.shared.errors import NotPermitted
from flowrack.shared.x12 import BadX12
from flowrack.shipping import commands
from flowrack.shipping.tests.messages import acknowledgment, left, row
from flowrack.shipping.types_messages import AcknowledgedNotice, NoMessage, TakeAcknowledgment
from flowrack.shipping.types_proofs import SetNoticeTerms

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_accepts_or_rejects_the_notice_and_an_accepted_one_stays_so(client):
    shipment = left()
    control = row(shipment).control
    notice = "SELECT answer, reference, note FROM shipping_departurenotice"
    refused = commands.take_acknowledgment(ctx(KIM), TakeAcknowledgment(acknowledgment(control, "R")))
    assert refused.notices == [AcknowledgedNotice(shipment, control, "rejected", True)]
    assert sql.fetch_all(notice) == [("rejected", "997-77", "rejected (AK9 R)")]
    for is_new in (True, False):
        body = {"content": acknowledgment(control, "A")}
        url = "/api/v1/notice-messages/acknowledgments"
        told = client.post(url, body, "application/json", headers=bearer(ROB)).json()
        assert told["notices"] == [
            {"shipment_id": shipment, "control": control, "answer": "accepted", "is_new": is_new}
        ]
    assert sql.fetch_all(notice) == [("accepted", "997-77", "accepted (AK9 A)")]


@pytest.mark.parametrize(
    ("code", "answer", "words"),
    [("E", "accepted", "accepted, with errors noted (AK9 E)"), ("P", "rejected", "taken in part only (AK9 P)")],
)
def test_the_pages_say_in_words_what_was_noted_and_what_was_taken_in_part(code, answer, words):
    shipment = left()
    commands.take_acknowledgment(ctx(KIM), TakeAcknowledgment(acknowledgment(row(shipment).control, code)))
    kim = signed_in(KIM)
    page = kim.get(f"/shipments/{shipment}/notice").content.decode()
    assert words in page and "997-77" in page
    assert words in kim.get(f"/notices?answer={answer}").content.decode()
    other = "accepted" if answer == "rejected" else "rejected"
    assert words not in kim.get(f"/notices?answer={other}").content.decode()
    assert ("Note the answer" in page) is (answer == "rejected"), "a rejected one may be answered anew"


def test_one_file_says_many_things_in_as_many_statements_as_one():
    shipment = left()
    control, kim = row(shipment).control, [ctx(KIM) for _ in range(3)]
    counts = []
    for n, codes in enumerate((("R",), ("R", "R", "R"), ("R", "A", "R"))):
        with CaptureQueriesContext(connection) as seen:
            done = commands.take_acknowledgment(kim[n], TakeAcknowledgment(acknowledgment(control, *codes)))
        counts.append(len(seen))
    assert [(one.answer, one.is_new) for one in done.notices] == [
        ("rejected", True), ("accepted", True), ("rejected", False),
    ]  # fmt: skip
    assert counts == [counts[0]] * 3
    assert sql.fetch_all("SELECT answer, note FROM shipping_departurenotice") == [("accepted", "accepted (AK9 A)")]


def test_what_is_of_somebody_else_about_nothing_or_no_997_is_refused():
    shipment = left()
    control = row(shipment).control
    for text, refusal in (
        (acknowledgment(control + 1, "A"), NoMessage),
        (acknowledgment(control, "A", sender="SOUTH1"), NoMessage),
        (acknowledgment(control, "A", qualifier="01"), NoMessage),
        (acknowledgment(control, "Q"), BadX12),
        (acknowledgment(control, "A").replace("AK1*SH", "AK1*PO"), BadX12),
        ("ISA*this is cut", BadX12),
    ):
        with pytest.raises(refusal):
            commands.take_acknowledgment(ctx(KIM), TakeAcknowledgment(text))
    with pytest.raises(NotPermitted):
        commands.take_acknowledgment(ctx(EVE), TakeAcknowledgment(acknowledgment(control, "A")))
    assert sql.fetch_all("SELECT answer FROM shipping_departurenotice") == [("waiting",)]


def test_it_is_matched_by_the_envelope_that_was_sent_and_not_by_the_terms_of_today():
    shipment = left()
    control = row(shipment).control
    north: int = sql.fetch_value("SELECT id FROM parties_party WHERE code = 'NORTH'")
    commands.set_notice_terms(
        ctx(KIM), SetNoticeTerms(north, 4, edi_qualifier="01", edi_sender="FLOWNEW", edi_receiver="NORTH2")
    )
    of_today = acknowledgment(control, "A", sender="NORTH2", receiver="FLOWNEW", qualifier="01")
    with pytest.raises(NoMessage, match=r"NORTH2 \(01\)"):
        commands.take_acknowledgment(ctx(KIM), TakeAcknowledgment(of_today))
    done = commands.take_acknowledgment(ctx(KIM), TakeAcknowledgment(acknowledgment(control, "A")))
    assert done.notices == [AcknowledgedNotice(shipment, control, "accepted", True)]
    kept = "SELECT sender, sender_qualifier, receiver, receiver_qualifier FROM shipping_noticemessage"
    assert sql.fetch_all(kept) == [("FLOWRACK", "ZZ", "NORTH1", "ZZ")]
