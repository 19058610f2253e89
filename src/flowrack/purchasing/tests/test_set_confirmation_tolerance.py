from dataclasses import replace
from decimal import Decimal

import pytest
from tests.cast import DI, ED, ctx, user_id
from tests.supply import house, supplier

from flowrack.purchasing import commands_confirmations as commands
from flowrack.purchasing import queries_confirmations as queries
from flowrack.purchasing.types_confirmations import HOUSE, SetConfirmationTolerance
from flowrack.shared.errors import Invalid, NotPermitted

pytestmark = pytest.mark.django_db


def test_a_suppliers_tolerance_counts_before_the_houses_and_the_newest_before_older_ones():
    one, two = supplier("ONE"), supplier("TWO")
    assert queries.tolerances_for([one, two]) == {one: HOUSE, two: HOUSE}
    for late, whom in ((5, None), (7, one), (9, one)):
        asked = SetConfirmationTolerance(replace(HOUSE, late_days=late), "as agreed", whom)
        commands.set_confirmation_tolerance(ctx(ED), asked)
    assert {k: t.late_days for k, t in queries.tolerances_for([one, two]).items()} == {one: 9, two: 5}
    bad = replace(HOUSE, late_days=-1, cut_pct=Decimal(101))
    with pytest.raises(Invalid) as refused:
        commands.set_confirmation_tolerance(ctx(ED), SetConfirmationTolerance(bad, " "))
    assert [x.field for x in refused.value.lines] == ["late_days", "cut_pct", "reason"]
    with pytest.raises(NotPermitted):
        commands.set_confirmation_tolerance(ctx(DI), SetConfirmationTolerance(HOUSE, "mine"))


def test_who_manages_one_site_cannot_set_what_counts_at_all_of_them():
    user_id(ED, site_id=house("W2").site)
    for whom in (None, supplier()):
        with pytest.raises(NotPermitted, match="at this site"):
            commands.set_confirmation_tolerance(ctx(ED), SetConfirmationTolerance(HOUSE, "mine", whom))
