from datetime import date
from decimal import Decimal

import pytest
from tests.cast import DI, ED, ROB, ctx
from tests.supply import approved, house, item, po_state, receive, supplier

from flowrack.inbound.types import CountedLine
from flowrack.platform import sql
from flowrack.purchasing import commands_confirmations as commands
from flowrack.purchasing import queries_confirmations
from flowrack.purchasing.tests.changing import decided, states
from flowrack.purchasing.types_confirmations import (
    ConfirmedLine,
    DecideConfirmations,
    NewConfirmation,
    RecordConfirmations,
)
from flowrack.shared.errors import Invalid, NotFound, NotPermitted, WrongState
from flowrack.shared.quantity import Units

pytestmark = pytest.mark.django_db
DUE, LATE = date(2026, 3, 9), date(2026, 3, 25)


@pytest.fixture
def at():
    return house()


@pytest.fixture
def scene(at):
    po = approved(at.site, supplier(), (item("V-200"), 100, "4"), (item("TAP"), 50, "2"), due=DUE)
    lines = [ConfirmedLine(1, Units(80), LATE), ConfirmedLine(2, Units(50), DUE, Decimal("2.2"))]
    done = commands.record_confirmations(ctx(DI), RecordConfirmations([NewConfirmation(po.po_id, "OC-1", lines)]))
    assert [x.state for x in done.lines] == ["open", "open"]
    return po, *(x.confirmation_line_id for x in done.lines)


def lines_of():
    return sql.fetch_all("SELECT units, unit_cost::text, expected_on FROM purchasing_poline ORDER BY line_no")


def kept(po):
    return [(r.state, r.version_no) for r in queries_confirmations.confirmed_lines([0], po_id=po.po_id)]


def test_an_accepted_cut_and_slip_bind_at_once_while_a_rise_asks_for_approval(scene):
    po, cut, rise = scene
    done = commands.decide_confirmations(ctx(DI, "k"), DecideConfirmations([cut], "accept"))
    assert (done.state, len(done.version_ids)) == ("accepted", 1)
    assert commands.decide_confirmations(ctx(DI, "k"), DecideConfirmations([cut], "accept")) == done
    assert (lines_of(), po_state(po)[0]) == ([(80, "4.000000", LATE), (50, "2.000000", DUE)], "approved")
    commands.decide_confirmations(ctx(DI), DecideConfirmations([rise], "accept"))
    assert states(po)[0] == (3, "confirmation", "waiting")
    assert kept(po) == [("accepted", 2), ("accepted", 3)]
    decided(po, "reject", "Too dear")
    assert (states(po)[0][2], kept(po)) == ("rejected", [("accepted", 2), ("open", None)])
    assert lines_of()[1] == (50, "2.000000", DUE)


def test_refusing_and_asking_again_need_a_reason_and_leave_the_order(scene):
    po, cut, rise = scene
    with pytest.raises(Invalid):
        commands.decide_confirmations(ctx(DI), DecideConfirmations([cut], "refuse"))
    commands.decide_confirmations(ctx(DI), DecideConfirmations([cut], "refuse", "We need all of it"))
    commands.decide_confirmations(ctx(ED), DecideConfirmations([rise], "ask_again", "Price was agreed"))
    assert (states(po), kept(po)) == ([(1, "order", "approved")], [("refused", None), ("asked_again", None)])
    with pytest.raises(WrongState):
        commands.decide_confirmations(ctx(DI), DecideConfirmations([cut, rise], "accept"))
    with pytest.raises(NotFound):
        commands.decide_confirmations(ctx(DI), DecideConfirmations([999_999], "accept"))
    with pytest.raises(NotPermitted):
        commands.decide_confirmations(ctx(ROB), DecideConfirmations([cut], "accept"))


def test_what_the_buyer_accepted_is_what_the_next_answer_is_measured_against(scene):
    po, cut, _ = scene
    commands.decide_confirmations(ctx(DI), DecideConfirmations([cut], "accept"))
    again = [ConfirmedLine(1, Units(80), LATE)]
    for lines in (again, []):
        done = commands.record_confirmations(ctx(DI), RecordConfirmations([NewConfirmation(po.po_id, "OC-2", lines)]))
        said = [(x.line_no, x.state, x.reason) for x in done.lines]
        assert said[0] == (
            (1, "accepted", "16 days later, as accepted before.") if lines else (1, "as_ordered", "As ordered.")
        )
    later = [ConfirmedLine(1, Units(79), date(2026, 3, 26))]
    done = commands.record_confirmations(ctx(DI), RecordConfirmations([NewConfirmation(po.po_id, "OC-3", later)]))
    assert [(x.state, x.reason) for x in done.lines] == [
        ("open", "17 days later, 2 are tolerated; 1 of 80 units fewer, 0 are tolerated.")
    ]


def test_fewer_than_have_come_meanwhile_cannot_be_accepted(scene, at):
    po, cut, _ = scene
    hose = sql.fetch_value("SELECT item_id FROM purchasing_poline WHERE line_no = 1")
    receive(po, at, CountedLine(units=Units(90), item_id=hose))
    with pytest.raises(WrongState) as refused:
        commands.decide_confirmations(ctx(DI), DecideConfirmations([cut], "accept"))
    assert (refused.value.message, refused.value.fix) == (
        f"90 of line 1 of {po.number} have come or were given up, 80 were confirmed.",
        "Refuse what was confirmed, or ask again.",
    )
    assert kept(po)[0] == ("open", None)
