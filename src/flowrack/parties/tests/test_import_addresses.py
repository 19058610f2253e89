"""Addresses from a file."""

from __future__ import annotations

import pytest
from tests.cast import BO, PAM, ctx

from flowrack.parties import commands
from flowrack.parties.models import Address
from flowrack.parties.tests.companies import acme, file_of
from flowrack.platform.importing import ImportRefused
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db
GOOD = "Customer,Address code,Name,City,Default\nACME,1,Front,Leeds,yes\nACME,2,Back,Leeds,\n"


def test_addresses_come_and_a_new_default_takes_over() -> None:
    acme()
    assert commands.import_addresses(ctx(PAM), file_of(GOOD)).created == 2
    assert commands.import_addresses(ctx(PAM), file_of(GOOD)).unchanged == 2
    commands.import_addresses(ctx(PAM), file_of("Customer,Address code,Default\nACME,2,yes\n"))
    assert list(Address.objects.order_by("code").values_list("code", "name", "is_default")) == [
        ("1", "Front", False), ("2", "Back", True),
    ]  # fmt: skip


def test_bad_rows_are_named_and_nothing_is_written() -> None:
    acme()
    bad = "Customer,Address code,Name,Default\nACMA,1,Front,\nACME,2,,\nACME,3,Side,yes\nACME,4,Top,yes\n"
    with pytest.raises(ImportRefused) as refused:
        commands.import_addresses(ctx(PAM), file_of(bad))
    assert {(line.line, line.field, line.message) for line in refused.value.lines} == {
        (2, "Customer", "There is no party “ACMA”."),
        (3, "Name", "A new row needs a name."),
        (5, "Default", "Row 4 is the default address already."),
    }
    with pytest.raises(NotPermitted):
        commands.import_addresses(ctx(BO), file_of(GOOD))
    assert not Address.objects.exists()
