"""What the doctor makes of a server's figures."""

from flowrack.config.doctor import room_for_locks


def test_a_server_as_it_comes_has_no_room_for_the_locks_of_a_very_large_order():
    as_it_comes = room_for_locks(64 * 100)
    assert (as_it_comes.is_well, as_it_comes.found) == (False, "room for 6,400")
    assert "max_locks_per_transaction = 256" in as_it_comes.mend and "more than some 3,200 items" in as_it_comes.mend
    assert room_for_locks(256 * 100).is_well
