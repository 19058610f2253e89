"""What becomes of a journal's entries, of its times, and which PINs are too easy; without a database."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flowrack.devices import rules
from flowrack.devices.types import NewEntry, WeakPin

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def chain(count: int, word: str = "a", after: NewEntry | None = None) -> list[NewEntry]:
    found = [after] if after else []
    for _ in range(count):
        last = found[-1] if found else None
        entry = NewEntry(last.seq + 1 if last else 1, f"{word}{len(found)}", 1, "f", word, "t",
                         last.hash if last else "", "")  # fmt: skip
        found.append(replace(entry, hash=rules.hash_of("DEV-1", entry)))
    return found[1:] if after else found


def sort(entries, *, last_seq=0, last_hash="", known=None, parked=None):
    return rules.sort_out(
        device_code="DEV-1", last_seq=last_seq, last_hash=last_hash, known=known or {}, parked=parked or {},
        entries=entries,
    )  # fmt: skip


def test_entries_in_a_row_are_new_in_whatever_order_they_stand():
    entries = chain(5)
    random.Random(3).shuffle(entries)
    found = sort(entries)
    assert (set(found.outcomes.values()), found.last_seq, found.arrived) == ({"new"}, 5, [])


def test_what_leaves_a_gap_is_parked_and_arrives_when_the_missing_one_comes():
    one, two, three, four = chain(4)
    found = sort([one, three, four])
    assert found.outcomes == {1: "new", 3: "parked", 4: "parked"}
    waiting = {e.seq: (e.hash, e.prev_hash) for e in (three, four)}
    found = sort([two], last_seq=1, last_hash=one.hash, known={1: one.hash}, parked=waiting)
    assert (found.outcomes, found.arrived, found.last_seq, found.last_hash) == ({2: "new"}, [3, 4], 4, four.hash)


def test_a_repeat_is_known_and_another_entry_of_the_same_number_is_of_a_copy():
    one, two = chain(2)
    twin = chain(2, "b")[1]
    found = sort([one, two], last_seq=2, last_hash=two.hash, known={1: one.hash, 2: two.hash})
    assert (found.outcomes, found.is_cloned) == ({1: "known", 2: "known"}, False)
    assert sort([twin], last_seq=2, last_hash=two.hash, known={2: two.hash}).is_cloned
    assert sort([twin], last_seq=1, last_hash=one.hash, known={1: one.hash}).is_cloned  # follows another first one


def test_an_entry_that_was_changed_after_it_was_stored_is_broken():
    one = replace(chain(1)[0], payload="other")
    assert sort([one]).outcomes == {1: "broken"}


def test_a_missing_one_that_comes_after_its_gap_was_given_up_is_late_but_taken():
    one, two, three = chain(3)
    found = sort([two], last_seq=3, last_hash=three.hash, known={1: one.hash, 3: three.hash})
    assert (found.outcomes, found.last_seq) == ({2: "late"}, 3)


def test_every_delivery_in_any_order_any_number_of_times_ends_with_the_whole_journal():
    entries = chain(60)
    for seed in range(20):
        dice = random.Random(seed)
        sent = [e for e in entries for _ in range(dice.randint(1, 4))]
        dice.shuffle(sent)
        seq, last, known, parked, taken = 0, "", {}, {}, []
        while sent:
            batch = list({e.seq: e for e in (sent.pop() for _ in range(min(dice.randint(1, 9), len(sent))))}.values())
            found = sort(batch, last_seq=seq, last_hash=last, known=known, parked=parked)
            assert not found.is_cloned, f"seed {seed}"
            by_seq = {e.seq: e for e in batch}
            taken += [s for s, out in found.outcomes.items() if out == "new"] + found.arrived
            known |= {s: entries[s - 1].hash for s in taken}
            parked |= {s: (by_seq[s].hash, by_seq[s].prev_hash) for s, out in found.outcomes.items() if out == "parked"}
            parked = {s: pair for s, pair in parked.items() if s not in known}
            seq, last = found.last_seq, found.last_hash
        assert (sorted(taken), parked) == (list(range(1, 61)), {}), f"seed {seed}"


@pytest.mark.parametrize(
    ("claimed", "offset", "at", "is_believable"),
    [
        (NOW - timedelta(hours=3), 0, NOW - timedelta(hours=3), True),
        (NOW - timedelta(days=14), 0, NOW - timedelta(days=14), True),
        (NOW - timedelta(days=14, seconds=1), 0, NOW - timedelta(days=14), False),
        (NOW + timedelta(seconds=120), 0, NOW, True),
        (NOW + timedelta(seconds=121), 0, NOW, False),
        # a clock that is a day fast is measured at the sync, so the floor's time is right again
        (NOW + timedelta(hours=23), -86_400_000, NOW - timedelta(hours=1), True),
    ],
)
def test_the_time_of_the_floor_is_the_devices_own_moved_by_how_wrong_its_clock_is(claimed, offset, at, is_believable):
    found = rules.floor_time(claimed_at=claimed, offset=offset, received_at=NOW)
    assert (found.at, found.is_believable) == (at, is_believable)


def test_how_wrong_a_clock_is_shows_at_the_sync():
    assert rules.offset_ms(sent_at=NOW - timedelta(minutes=5), received_at=NOW) == 300_000
    assert rules.offset_ms(sent_at=NOW + timedelta(milliseconds=1500), received_at=NOW) == -1500


EASY = "111111 121212 123123 123456 987654 890123 198412 121984 200107 48291 48291a ４８２９１７"


@pytest.mark.parametrize("pin", [*EASY.split(), ""])
def test_a_pin_that_is_guessed_first_is_refused(pin):
    with pytest.raises(WeakPin):
        rules.check_pin(pin)


def test_six_digits_without_a_pattern_are_a_pin():
    rules.check_pin("482917", username="cy")
    with pytest.raises(WeakPin, match="user name"):
        rules.check_pin("482917", username="cy482917")
