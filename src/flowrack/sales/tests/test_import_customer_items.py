"""Customers' numbers of items come from files, a number in each row."""

from __future__ import annotations

import pytest
from tests import outbound
from tests.cast import EVE, KIM, ctx

from flowrack.platform import sql
from flowrack.platform.importing import ImportFile, ImportRefused, Options, store_file
from flowrack.sales import commands_codes
from flowrack.shared.errors import NotPermitted

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = "Customer,Their number,SKU,Pack\n"


def file_of(text: str) -> ImportFile:
    return ImportFile(store_file((HEAD + text).encode(), "numbers.csv"), "numbers.csv", Options())


@pytest.fixture
def items() -> None:
    outbound.house()
    item = outbound.item("4711")
    sql.execute("INSERT INTO catalog_packlevel (item_id, level, factor) VALUES (%s, 'case', 12)", (item,))
    outbound.item("6024")
    outbound.customer()


def known() -> list[tuple[str, str, str]]:
    return sql.fetch_all(
        "SELECT k.code, i.sku, k.pack FROM sales_customeritem k JOIN catalog_item i ON i.id = k.item_id ORDER BY k.code"
    )


def test_a_file_brings_new_numbers_and_changes_known_ones(items):
    done = commands_codes.import_customer_items(ctx(KIM), file_of("ACME,A-1,4711,\nACME,A-2,4711,case\n"))
    assert (done.created, done.updated) == (2, 0)
    done = commands_codes.import_customer_items(ctx(KIM), file_of("ACME,A-1,6024,\nACME,A-2,4711,case\n"))
    assert (done.created, done.updated, done.unchanged) == (0, 1, 1)
    assert known() == [("A-1", "6024", ""), ("A-2", "4711", "case")]


def test_every_fault_is_named_by_row_and_column(items):
    with pytest.raises(ImportRefused) as refused:
        commands_codes.import_customer_items(
            ctx(KIM), file_of("NOBODY,A-1,4711,\nACME,A-2,NOPE,\nACME,A-3,6024,case\nACME,A-3,4711,\nACME,6024,4711,\n")
        )
    assert {(line.line, line.field) for line in refused.value.lines} == {
        (2, "Customer"), (3, "SKU"), (4, "Pack"), (5, "Their number"), (6, "Their number"),
    }  # fmt: skip
    with pytest.raises(NotPermitted):
        commands_codes.import_customer_items(ctx(EVE), file_of("ACME,A-1,4711,\n"))
    assert known() == []
