"""How goods fill a box: nothing overlaps or hangs in the air, and what may not lie or bear does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrack.fulfilment.rules_loading import UPRIGHT, Block, Goods, Load, Sides, load, ways
from flowrack.integrations.bench.packing import read_problems

SETS = Path("../shared/data/packing-br")


def check(inside: Sides, goods: list[Goods], found: Load) -> None:
    """Everything lies inside, apart from all else, the way it may, on the floor or wholly on one block."""
    of = {one.key: one for one in goods}
    for n, block in enumerate(found.blocks):
        assert block.sides in ways(of[block.key])
        assert all(low >= 0 and high <= most for low, high, most in zip(block.corner, block.far, inside, strict=True))
        for other in found.blocks[:n]:
            assert any(block.corner[k] >= other.far[k] or other.corner[k] >= block.far[k] for k in range(3))
        assert block.corner[2] == 0 or any(_stands_on(block, other) for other in found.blocks[:n])
    for one, left in zip(goods, found.left, strict=True):
        assert sum(block.units for block in found.blocks if block.key == one.key) == one.units - left


def _stands_on(block: Block, other: Block) -> bool:
    return block.corner[2] == other.far[2] and all(
        other.corner[k] <= block.corner[k] and block.far[k] <= other.far[k] for k in (0, 1)
    )


def test_a_full_box_is_filled_to_the_last_unit():
    found = load((400, 300, 200), [Goods(1, (100, 100, 100), 24)])
    assert (found.is_whole, found.volume, found.left) == (True, 400 * 300 * 200, [0])
    assert found.blocks == [Block(1, (0, 0, 0), (100, 100, 100), (4, 3, 2))]
    assert load((400, 300, 200), [Goods(1, (100, 100, 100), 25)]).left == [1]


def test_what_lies_on_its_side_fits_and_what_stays_upright_does_not():
    assert load((260, 100, 100), [Goods(1, (60, 80, 250), 1)]).blocks[0].sides == (250, 80, 60)
    assert load((260, 100, 100), [Goods(1, (60, 80, 250), 1, may_stand=UPRIGHT)]).left == [1]
    assert len(ways(Goods(1, (1, 2, 3), 1))) == 6 and ways(Goods(1, (1, 2, 3), 1, may_stand=UPRIGHT)) == (
        (1, 2, 3),
        (2, 1, 3),
    )


def test_nothing_stands_on_what_bears_nothing():
    goods = [Goods(1, (100, 100, 100), 4, weight_g=500, bears_g=0), Goods(2, (100, 100, 100), 4, weight_g=500)]
    found = load((200, 200, 200), goods)
    assert found.is_whole
    assert all(block.corner[2] == 100 for block in found.blocks if block.key == 1), "the frail ones lie on top"
    assert load((200, 200, 200), [goods[0]._replace(units=8)]).left == [4]


def test_a_stack_is_no_heavier_than_its_lowest_unit_bears():
    found = load((100, 100, 500), [Goods(1, (100, 100, 100), 5, weight_g=400, bears_g=800)])
    assert found.blocks[0].many == (1, 1, 3) and found.left == [2]
    mixed = [Goods(1, (100, 100, 100), 1, weight_g=100, bears_g=700), Goods(2, (100, 100, 90), 4, weight_g=400)]
    found = load((100, 100, 500), mixed)
    assert found.left == [0, 0] and found.blocks[-1].key == 1, "the sturdy ones stand below"


def test_no_more_than_the_box_bears():
    found = load((400, 300, 200), [Goods(1, (100, 100, 100), 24, weight_g=1_000)], max_weight_g=10_500)
    assert (found.weight_g, found.left) == (10_000, [14])


@pytest.mark.skipif(not SETS.is_dir(), reason="the container problems are not part of the repository")
@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_containers_of_the_literature_are_filled_to_more_than_85_percent(number: int):
    """Bischoff and Ratcliff's container problems, the first twenty of a set; every load is checked for overlap."""
    shares = []
    for inside, goods in read_problems(SETS / f"thpack_set_{number}.txt")[:20]:
        found = load(inside, goods, tries=8)
        check(inside, goods, found)
        shares.append(found.volume * 1_000 // (inside[0] * inside[1] * inside[2]))
    assert sum(shares) // len(shares) > 850
