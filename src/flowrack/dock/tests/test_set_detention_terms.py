from decimal import Decimal

import pytest
from tests.cast import ADA, BO, ctx

from flowrack.dock import commands_setup, queries_calendar
from flowrack.dock.tests.yard import carrier
from flowrack.dock.types_appointments import BadAppointment, SetDetentionTerms, Terms
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db


def test_a_carrier_says_what_waiting_costs():
    haul = carrier()
    for amount in ("20", "25.50"):
        commands_setup.set_detention_terms(ctx(ADA), SetDetentionTerms(haul, Terms(90, 30, Decimal(amount))))
    assert queries_calendar.terms([haul]) == {haul: Terms(90, 30, Decimal("25.5000"))}


def test_what_makes_no_sense_is_named():
    with pytest.raises(BadAppointment) as refused:
        commands_setup.set_detention_terms(ctx(ADA), SetDetentionTerms(10**6, Terms(-1, 0, Decimal(-1))))
    assert [b.field for b in refused.value.lines] == ["carrier", "free_minutes", "interval_minutes", "amount"]
    with pytest.raises(NotPermitted):
        commands_setup.set_detention_terms(ctx(BO), SetDetentionTerms(carrier(), Terms()))
