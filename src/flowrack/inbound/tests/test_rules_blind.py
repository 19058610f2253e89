from flowrack.inbound.rules_blind import Found, Spot, Wanted, allot

DOCK, BAY, PALLET = Spot(1, 0, 1, 10, 0), Spot(1, 0, 1, 11, 0), Spot(1, 0, 1, 12, 7)


def test_goods_are_found_where_they_came_in_before_anybody_is_served_elsewhere():
    wanted = [Wanted(1, DOCK, 6), Wanted(2, BAY, 4)]
    assert allot(wanted, {DOCK: 5, BAY: 4, PALLET: 3}) == {
        1: [Found(DOCK, 5), Found(PALLET, 1)],
        2: [Found(BAY, 4)],
    }


def test_goods_on_a_pallet_are_looked_for_on_it_first():
    came = Spot(1, 0, 1, 10, 7)
    assert allot([Wanted(1, came, 4)], {DOCK: 5, PALLET: 3}) == {1: [Found(PALLET, 3), Found(DOCK, 1)]}


def test_other_goods_are_nobodys():
    assert allot([Wanted(1, DOCK, 4)], {Spot(2, 0, 1, 10, 0): 9, Spot(1, 3, 1, 10, 0): 9}) == {1: []}
