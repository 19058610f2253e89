import re
from pathlib import Path

import pytest

from flowrack.dock import states
from flowrack.dock.states import APPOINTMENT, ASN, AppointmentState, AsnState
from flowrack.shared.errors import WrongState

PAGE = Path(__file__).resolve().parents[4] / "docs/stages/dock.md"


def written(title: str) -> set[tuple[str, str, str]]:
    """(from, action, to) of a table of the stage's page."""
    section = PAGE.read_text().split(f"## {title}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([a-z_, ]+) \| ([a-z_]+) \| ([a-z_]+)", section, re.M)
    return {(start.strip(), action, after) for starts, action, after in rows for start in starts.split(",")}


def test_the_page_shows_the_tables():
    asn = {(str(s), a, str(t)) for (s, a), t in ASN.items()} - {("arrived", "leave", "expected")}
    assert written("States of an ASN") == asn
    assert written("States of an appointment") == {(str(s), a, str(t)) for (s, a), t in APPOINTMENT.items()}


@pytest.mark.parametrize("state", [AsnState.CLOSED, AsnState.CANCELLED])
def test_an_ended_notice_takes_nothing(state):
    with pytest.raises(WrongState) as refused:
        states.advance_asn(state, "receive", number="ASN-1")
    assert refused.value.message == f"ASN-1 is {state}, so it cannot take “receive”."
    assert refused.value.fix == "Nothing more can be done with it."


def test_a_refusal_says_what_is_possible():
    with pytest.raises(WrongState) as refused:
        states.advance(AppointmentState.NO_SHOW, "check_out", number="AP-1")
    assert refused.value.message == "AP-1 is no show, so it cannot take “check out”."
    assert refused.value.fix == "Possible now: check in."
