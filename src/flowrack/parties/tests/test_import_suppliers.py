"""Suppliers and their terms from a file."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.parties import commands, queries
from flowrack.parties.models import Party
from flowrack.parties.tests.companies import acme, file_of
from flowrack.platform.importing import ImportRefused
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
GOOD = "Code,Name,Lead time,Delivery weekdays\nACME,Acme Ltd,3,mon;fri\nNEW,New,5,\n"


def test_suppliers_come_with_their_terms_and_again_change_nothing() -> None:
    made = acme()
    report = commands.import_suppliers(ctx(PAM), file_of(GOOD))
    assert (report.created, report.updated) == (1, 1)
    new = queries.find_by_code(["NEW"])["NEW"]
    terms = queries.supplier_terms([made.party_id, new.party_id])
    assert (terms[made.party_id].lead_time_days, terms[made.party_id].delivery_weekdays) == (3, [1, 5])
    assert (terms[new.party_id].lead_time_days, terms[new.party_id].delivery_weekdays) == (5, [1, 2, 3, 4, 5])
    again = commands.import_suppliers(ctx(PAM), file_of(GOOD))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_bad_rows_are_named_and_nothing_is_written() -> None:
    with pytest.raises(ImportRefused) as refused:
        commands.import_suppliers(ctx(PAM), file_of("Code,Name,Lead time\nA,,3\nB,Bee,soon\nB,Bee,1\n"))
    assert {(line.line, line.field, line.message) for line in refused.value.lines} == {
        (2, "Name", "A new row needs a name."),
        (3, "Lead time", "“soon” is not a number."),
        (4, "Code", "Row 3 has the same: B."),
    }
    with pytest.raises(NotPermitted):
        commands.import_suppliers(ctx(BO), file_of(GOOD))
    assert list(Party.objects.values_list("code", flat=True)) == ["OWN"]
