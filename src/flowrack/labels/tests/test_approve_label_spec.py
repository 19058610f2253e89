"""approve_label_spec: another person lets a draft be printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests import outbound
from tests.cast import ADA, CY, NOW, PAM, bearer, ctx, signed_in

from flowrack.labels import commands, queries
from flowrack.labels.tests.specs import BARS, approved, spec
from flowrack.labels.types import (
    ApproveLabelSpec,
    BadLabelSpec,
    Element,
    EndLabelSpec,
    LabelSpecNotFound,
    LabelSpecRival,
)
from flowrack.platform import sql
from flowrack.shared.errors import DutiesConflict, NotPermitted, WrongState

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_another_person_approves_and_only_once(client):
    done = commands.draft_label_spec(ctx(PAM), spec(BARS, code="HOUSE-CARTON"))
    req = ApproveLabelSpec(done.version_id)
    with pytest.raises(DutiesConflict):
        commands.approve_label_spec(ctx(PAM), req)
    with pytest.raises(NotPermitted):
        commands.approve_label_spec(ctx(CY), req)
    assert queries.version(done.version_id).state == "draft"
    moved = commands.approve_label_spec(ctx(ADA, "k"), req)
    assert commands.approve_label_spec(ctx(ADA, "k"), req) == moved
    row = queries.version(done.version_id)
    assert (moved.state, row.state, row.approved_by, row.drafted_by) == (
        "approved", "approved", "Ada Manager", "Pam Steward",
    )  # fmt: skip
    with pytest.raises(WrongState):
        commands.approve_label_spec(ctx(ADA), req)
    with pytest.raises(LabelSpecNotFound):
        commands.approve_label_spec(ctx(ADA), ApproveLabelSpec(10**9))


def test_page_and_api_approve_through_the_same_command(client):
    one = commands.draft_label_spec(ctx(PAM), spec(BARS, code="HOUSE-CARTON")).version_id
    two = commands.draft_label_spec(ctx(PAM), spec(BARS, code="HOUSE-PALLET", kind="pallet")).version_id
    assert signed_in(ADA).post(f"/label-specs/{one}/approve").status_code == 303
    assert client.post(f"/api/v1/label-specs/{two}/approve", headers=bearer(ADA)).json()["state"] == "approved"
    assert {queries.version(n).state for n in (one, two)} == {"approved"}


def test_a_draft_of_old_whose_barcode_is_covered_is_not_approved():
    over = Element("order", "text", 5, 30, 60, 6, content="{order}")
    done = commands.draft_label_spec(ctx(PAM), spec(BARS, over, code="HOUSE-CARTON"))
    sql.execute("UPDATE labels_labelelement SET y_mm = 6 WHERE version_id = %s AND name = 'order'", (done.version_id,))
    with pytest.raises(BadLabelSpec, match="order: it lies over the barcode bars"):
        commands.approve_label_spec(ctx(ADA), ApproveLabelSpec(done.version_id))
    assert queries.version(done.version_id).state == "draft"


def test_a_second_spec_for_the_same_labels_does_not_take_over_unseen():
    """It was forgotten to name the customer: every carton of the house would come out in its label."""
    done = commands.draft_label_spec(ctx(PAM), spec(BARS))
    with pytest.raises(LabelSpecRival, match="HOUSE-CARTON 1 is approved for the same labels") as refused:
        commands.approve_label_spec(ctx(ADA), ApproveLabelSpec(done.version_id))
    assert "next version of HOUSE-CARTON" in refused.value.fix
    assert queries.version(done.version_id).state == "draft"
    assert "not while HOUSE-CARTON 1 holds" in signed_in(ADA).get(f"/label-specs/{done.version_id}").content.decode()
    [house] = queries.chosen([("carton", 0, 0)], on=NOW.date())
    assert house is not None and house.code == "HOUSE-CARTON"
    commands.end_label_spec(ctx(ADA), EndLabelSpec(house.version_id))
    assert commands.approve_label_spec(ctx(ADA), ApproveLabelSpec(done.version_id)).state == "approved"


def test_specs_that_hold_on_other_days_stand_beside_each_other():
    outbound.customer("ACME")
    last = NOW.date().replace(month=6, day=30)
    first = last + timedelta(days=1)
    approved(spec(BARS, code="A", customer="ACME", valid_until=last))
    approved(spec(BARS, code="B", customer="ACME", valid_from=first))
    early = commands.draft_label_spec(ctx(PAM), spec(BARS, code="C", customer="ACME", valid_from=last))
    with pytest.raises(LabelSpecRival, match="B 1 is approved"):
        commands.approve_label_spec(ctx(ADA), ApproveLabelSpec(early.version_id))


def test_the_list_says_which_version_counts_and_its_writer_is_offered_no_approval():
    newer = approved(spec(BARS, code="HOUSE-CARTON", name="Newer"))
    rows = queries.with_counts(queries.versions_of(queries.version(newer.version_id).spec_id), on=NOW.date())
    assert [(row.number, row.counts) for row in rows] == [(2, "yes"), (1, "no, HOUSE-CARTON 2 goes before")]
    assert "no, HOUSE-CARTON 2 goes before" in signed_in(PAM).get("/label-specs?state=approved").content.decode()
    draft = commands.draft_label_spec(ctx(PAM), spec(BARS, code="HOUSE-CARTON")).version_id
    own, other = (signed_in(who).get(f"/label-specs/{draft}").content.decode() for who in (PAM, ADA))
    assert f"/label-specs/{draft}/approve" in other and f"/label-specs/{draft}/approve" not in own
    assert "somebody else than its writer" in own


def test_a_spec_by_which_no_label_is_printed_says_so():
    outbound.customer("ACME")
    outbound.value("INSERT INTO parties_party (code, name, is_carrier) VALUES ('VAN', 'Van', true) RETURNING id")
    tote = replace(BARS, content="{code}", symbology="code-128")
    made = [approved(spec(BARS, code="V", carrier="VAN")), approved(spec(tote, code="T", kind="tote", customer="ACME"))]
    rows = queries.with_counts([queries.version(one.version_id) for one in made], on=NOW.date())
    assert [row.counts for row in rows] == [
        "yes", "no, only cartons and pallets know for whom they are",
    ]  # fmt: skip
