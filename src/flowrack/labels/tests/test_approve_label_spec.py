"""approve_label_spec: another person lets a draft be printed."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, PAM, bearer, ctx, signed_in

from flowrack.labels import commands, queries
from flowrack.labels.tests.specs import BARS, spec
from flowrack.labels.types import ApproveLabelSpec, BadLabelSpec, Element, LabelSpecNotFound
from flowrack.platform import sql
from flowrack.shared.errors import DutiesConflict, NotPermitted, WrongState

pytestmark = pytest.mark.django_db(transaction=True)


def test_only_another_person_approves_and_only_once(client):
    done = commands.draft_label_spec(ctx(PAM), spec(BARS))
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
    one = commands.draft_label_spec(ctx(PAM), spec(BARS)).version_id
    two = commands.draft_label_spec(ctx(PAM), spec(BARS, code="T-2")).version_id
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
