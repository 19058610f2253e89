"""Document numbers never repeat, and a new prefix needs no set-up."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction

from flowrack.platform.numbers import next_number, next_numbers


@pytest.mark.django_db
def test_numbers_rise_and_cost_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        first = next_numbers("PO", 3)
    numbers = [int(n.removeprefix("PO-")) for n in [*first, next_number("PO")]]
    assert numbers == list(range(numbers[0], numbers[0] + 4))
    assert numbers[0] >= 1001


@pytest.mark.django_db
def test_a_prefix_with_other_characters_is_refused():
    with pytest.raises(DatabaseError, match="capital letters"), transaction.atomic():
        next_numbers("po; drop table", 1)


@pytest.mark.django_db(transaction=True)
def test_the_first_users_of_a_prefix_do_not_collide():
    def take(_: int) -> list[str]:
        try:
            with transaction.atomic():
                return next_numbers("NEWP", 5)
        finally:
            connection.close()

    with connection.cursor() as c:
        c.execute("DROP SEQUENCE IF EXISTS platform_number_newp")
    with ThreadPoolExecutor(8) as pool:
        numbers = [n for taken in pool.map(take, range(8)) for n in taken]
    assert sorted(numbers) == [f"NEWP-{n}" for n in range(1001, 1041)]
