"""end_label_spec: a version is printed no more."""

from __future__ import annotations

import pytest
from tests.cast import ADA, CY, NOW, PAM, bearer, ctx, signed_in

from flowrack.labels import commands, queries
from flowrack.labels.tests.specs import BARS, CARTON, approved, spec
from flowrack.labels.types import EndLabelSpec
from flowrack.shared.errors import NotPermitted, WrongState

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_version_before_is_printed_again():
    newer = approved(CARTON)
    assert newer.version == 2
    [now] = queries.chosen([("carton", 0, 0)], on=NOW.date())
    assert now is not None and now.version_id == newer.version_id
    with pytest.raises(NotPermitted):
        commands.end_label_spec(ctx(CY), EndLabelSpec(newer.version_id))
    commands.end_label_spec(ctx(ADA), EndLabelSpec(newer.version_id))
    [now] = queries.chosen([("carton", 0, 0)], on=NOW.date())
    assert now is not None and (now.code, now.number) == ("HOUSE-CARTON", 1)
    with pytest.raises(WrongState):
        commands.end_label_spec(ctx(ADA), EndLabelSpec(newer.version_id))


def test_a_draft_is_dropped_by_page_or_api(client):
    one = commands.draft_label_spec(ctx(PAM), spec(BARS)).version_id
    two = commands.draft_label_spec(ctx(PAM), spec(BARS, code="T-2")).version_id
    assert signed_in(ADA).post(f"/label-specs/{one}/end").status_code == 303
    assert client.post(f"/api/v1/label-specs/{two}/end", headers=bearer(ADA)).json()["state"] == "ended"
    assert {queries.version(n).state for n in (one, two)} == {"ended"}
