"""A line over the days: in which words a decision counts, where days stand, and what stands for the picture."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest

from flowrack.shipping.pages.line_axis import GAP, MOST, WIDTH, Thing, draw, units_told

TODAY = date(2020, 3, 10)


@pytest.mark.parametrize(
    ("kind", "sentence", "lost", "told"),
    [
        ("allocation", "All 40 reserved from lot L1.", 0, "40 reserved"),
        ("allocation", "10 of 1,040 reserved, 30 wait: SO-2 ranks higher.", 0, "10 reserved"),
        ("allocation", "The last 10 of 40 reserved.", 0, "10 reserved"),
        ("allocation", "All 40 wait: no more free stock of this item at the site.", 0, "none reserved"),
        ("displacement", "50 given to SO-9, which is urgent: they leave by 5 Mar.", 0, "50 taken away"),
        ("override", "20 by hand (OV-1001, given by hand, Ada Manager): A stand.", 0, "20 given by hand"),
        ("allocation", "A picker found less.", 3, "3 taken away"),
        ("override", "Nothing more is reserved for it before the end of 3 Mar.", 0, ""),
    ],
)
def test_what_a_decision_gave_or_took_is_read_from_its_sentence(kind, sentence, lost, told):
    assert units_told(kind, sentence, lost) == told


def test_days_stand_by_their_distance_and_no_closer_than_words_need():
    days = [TODAY - timedelta(days=30), TODAY - timedelta(days=1), TODAY + timedelta(days=1)]
    found = draw([Thing(on, "x") for on in days], TODAY)
    at = [int(x) for x in re.findall(r'cx="(\d+)"', found.picture)]
    assert len(at) == 4 and at[0] == 4 and all(b - a >= GAP for a, b in pairwise(at))
    assert at[1] - at[0] > 2 * GAP and at[-1] <= WIDTH - GAP + 4


def test_the_sentence_and_the_table_say_what_the_picture_shows():
    things = [
        Thing(date(2020, 3, 1), "40 ordered"),
        Thing(date(2020, 3, 9), "ship by", True),
        Thing(TODAY, "10 reserved"),
    ]
    found = draw(things, TODAY)
    assert (
        'aria-label="1 Mar 2020: 40 ordered; 9 Mar 2020: ship by (missed); 10 Mar 2020: now, 10 reserved"'
        in found.picture
    )
    assert "<td>9 Mar 2020</td><td>ship by (missed)</td>" in found.table
    assert draw([Thing(TODAY, "x")], TODAY) is None


def test_more_days_than_there_is_room_for_stand_in_the_table():
    found = draw([Thing(TODAY - timedelta(days=n), f"{n} reserved") for n in range(20)], TODAY)
    assert found.picture.count("<circle") == MOST and f"{20 - MOST} days are in it alone" in found.table
    assert "19 reserved" in found.picture and "0 reserved" in found.picture
