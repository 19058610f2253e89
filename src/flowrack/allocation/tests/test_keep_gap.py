"""keep_gap: what a job found of the gap is kept once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.cast import ADA, EVE, ctx

from flowrack.allocation import commands_gap, queries_gap
from flowrack.allocation.tests import rulebook
from flowrack.allocation.tests.test_keep_plan import seven_for_ten
from flowrack.allocation.tests.test_measure_gap import WHOLE_FIRST
from flowrack.allocation.types_gap import KeepGap, MeasureGap
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_gap_is_kept_once_and_not_by_an_outsider():
    site, _, _ = seven_for_ten()
    draft = rulebook.draft(site, WHOLE_FIRST).rule_set_id
    asked = commands_gap.measure_gap(ctx(ADA), MeasureGap(0, draft, site))
    for reached in (10, 20):
        commands_gap.keep_gap(ctx(ADA), KeepGap(asked.gap_id, 2, reached, 100))
    assert queries_gap.gap(asked.gap_id).percent == Decimal("90.0")
    with pytest.raises(NotPermitted):
        commands_gap.keep_gap(ctx(EVE), KeepGap(asked.gap_id, 2, 10, 100))
