"""Carriers from a file."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.parties import commands, queries
from flowrack.parties.models import Party
from flowrack.parties.tests.companies import acme, file_of
from flowrack.platform.importing import ImportRefused
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
GOOD = "Code,Name,Country\nACME,,\nSWIFT,Swift,fr\n"


def test_carriers_come_once_and_a_known_company_takes_the_part_too() -> None:
    acme()
    report = commands.import_carriers(ctx(PAM), file_of(GOOD))
    assert (report.created, report.updated, report.unchanged) == (1, 1, 0)
    found = queries.find_by_code(["ACME", "SWIFT"])
    assert (found["ACME"].name, found["ACME"].is_supplier, found["ACME"].is_carrier) == ("Acme", True, True)
    assert (found["SWIFT"].country, found["SWIFT"].is_carrier, found["SWIFT"].is_supplier) == ("FR", True, False)
    again = commands.import_carriers(ctx(PAM), file_of(GOOD))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_bad_rows_are_named_and_nothing_is_written() -> None:
    with pytest.raises(ImportRefused) as refused:
        commands.import_carriers(ctx(PAM), file_of("Code,Name,Country\nA,,GB\nB,Bee,France\n"))
    assert {(line.line, line.field, line.message) for line in refused.value.lines} == {
        (2, "Name", "A new row needs a name."),
        (3, "Country", "“France” is not a country code."),
    }
    with pytest.raises(NotPermitted):
        commands.import_carriers(ctx(BO), file_of(GOOD))
    assert list(Party.objects.values_list("code", flat=True)) == ["OWN"]
