"""Tests that commit leave the next test a house with its seeds."""

from __future__ import annotations

import pytest

from flowrack.platform import sql


def seeds() -> tuple[int, int]:
    return (
        sql.fetch_value("SELECT count(*) FROM catalog_lot WHERE id = 0"),
        sql.fetch_value("SELECT count(*) FROM locations_lpn WHERE id = 0"),
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_a_committing_test_finds_the_seeds_whoever_came_before(turn: int) -> None:
    assert seeds() == (1, 1)
