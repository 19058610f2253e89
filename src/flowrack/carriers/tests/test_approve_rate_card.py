"""approve_rate_card: a complete draft, by another person; from its day on it prices."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from tests.cast import NED, OZ, PAM, ctx, signed_in

from flowrack.carriers import commands, queries
from flowrack.carriers.tests.house import CARD, GROUND, carrier, draft, in_force
from flowrack.carriers.tests.test_import_rates import HEAD, file
from flowrack.carriers.types import ApproveRateCard, BadRateCard, CardNotDraft, CardNotFound, CardOf, WriteRateCard
from flowrack.platform import sql
from flowrack.platform.models import OutboxEvent
from flowrack.shared.errors import DutiesConflict, NotPermitted

pytestmark = pytest.mark.django_db


def test_another_person_approves_and_later_versions_take_over_on_their_day():
    carrier()
    first = draft()
    done = commands.approve_rate_card(ctx(OZ, "k"), ApproveRateCard(first.card_id))
    assert commands.approve_rate_card(ctx(OZ, "k"), ApproveRateCard(first.card_id)) == done
    second = in_force(replace(CARD, valid_from=date(2026, 6, 1)))
    assert {t.card_id for t in queries.tariffs(date(2025, 12, 31))} == set()
    assert {t.card_id for t in queries.tariffs(date(2026, 5, 31))} == {first.card_id}
    assert {t.card_id for t in queries.tariffs(date(2026, 6, 1))} == {second.card_id}
    assert OutboxEvent.objects.filter(kind="carriers.rate_card_approved").count() == 2


def test_the_writer_may_not_and_neither_code_nor_database_lets_him():
    carrier()
    own = commands.write_rate_card(ctx(PAM), WriteRateCard("NORTH", CARD))
    with pytest.raises(NotPermitted):
        commands.approve_rate_card(ctx(PAM), ApproveRateCard(own.card_id))
    sql.execute("UPDATE carriers_ratecard SET written_by_id = %s", (OZ.id,))
    with pytest.raises(DutiesConflict) as refused:
        commands.approve_rate_card(ctx(OZ), ApproveRateCard(own.card_id))
    assert refused.value.details == {"rule": "S28"}
    with pytest.raises(IntegrityError), transaction.atomic():
        sql.execute(
            "UPDATE carriers_ratecard SET state = 'approved', approved_at = now(), approved_by_id = written_by_id"
        )
    assert queries.card_row(own.card_id).state == "draft"


def test_nobody_who_ever_wrote_at_a_draft_approves_it():
    carrier()
    own = draft()
    sql.execute("UPDATE carriers_ratecard SET writers = %s", ([OZ.id],))
    commands.write_rate_card(ctx(PAM), WriteRateCard("NORTH", CARD))
    commands.import_rates(ctx(NED), file(HEAD + "NORTH,GROUND,1,5000,6.90,,\n"))
    assert sql.fetch_value("SELECT writers FROM carriers_ratecard") == [OZ.id, PAM.id, NED.id]
    with pytest.raises(DutiesConflict):
        commands.approve_rate_card(ctx(OZ), ApproveRateCard(own.card_id))
    assert queries.card_row(own.card_id).state == "draft"


def test_all_that_lacks_is_named():
    carrier()
    begun = draft(CardOf(CARD.valid_from))
    with pytest.raises(BadRateCard) as refused:
        commands.approve_rate_card(ctx(OZ), ApproveRateCard(begun.card_id))
    assert [line.field for line in refused.value.lines] == ["services", "lanes"]
    draft(replace(CARD, services=[replace(GROUND, transits=[])], lanes=CARD.lanes[:1]))
    with pytest.raises(BadRateCard) as refused:
        commands.approve_rate_card(ctx(OZ), ApproveRateCard(begun.card_id))
    assert [(line.line, line.field) for line in refused.value.lines] == [(1, "zone"), (1, "transits"), (1, "transits")]
    page = signed_in(OZ).post(f"/rate-cards/{begun.card_id}/approve", {"idempotency_key": "p"})
    assert page.status_code == 422 and "No place belongs to zone “2”." in page.content.decode()


def test_only_a_draft_that_exists():
    carrier()
    done = in_force()
    with pytest.raises(CardNotDraft):
        commands.approve_rate_card(ctx(OZ), ApproveRateCard(done.card_id))
    with pytest.raises(CardNotFound):
        commands.approve_rate_card(ctx(OZ), ApproveRateCard(999_999))
