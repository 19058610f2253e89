"""Which policies ask, which steps follow, and who may sit at which."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowrack.approvals import rules
from flowrack.approvals.rules import Hand, OpenStep, Seat
from flowrack.approvals.types import Condition, DocumentKind, FactKind, NotYourStep, Policy, PolicyStep
from flowrack.shared.errors import DutiesConflict

KIND = DocumentKind(
    "house.paper",
    "Paper",
    (FactKind("price_up_pct", "price rise", "percent"), FactKind("new_supplier", "new supplier", "flag")),
)
BIG = Condition("amount", ">", "25000")
DEAR = Condition("price_up_pct", ">=", "10")
NEW = Condition("new_supplier", "=", "yes")
MANAGER = PolicyStep(1, ("purchasing_manager",))
CONTROLLER = PolicyStep(1, ("finance_controller",), deadline_hours=24)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def policy(number, *conditions, steps=(MANAGER,)):
    return Policy(number, KIND.code, f"p{number}", 1, f"Policy {number}", conditions, steps)


def test_a_policy_asks_when_all_its_conditions_hold_and_says_which_decided_it():
    facts = {"amount": Decimal("30000"), "price_up_pct": Decimal("7.5"), "new_supplier": False}
    found = rules.consider([policy(1), policy(2, BIG), policy(3, BIG, DEAR), policy(4, NEW)], facts, KIND)
    assert [(c.asks, c.because) for c in found] == [
        (True, "It always asks."),
        (True, "amount 30,000.00 is more than 25,000.00."),
        (False, "price rise 7.5 % is not at least 10 %."),
        (False, "new supplier: no."),
    ]


@pytest.mark.parametrize(
    ("condition", "fact", "expected"),
    [
        (BIG, Decimal("25000.00"), False),
        (BIG, Decimal("25000.01"), True),
        (BIG, None, False),
        (DEAR, 10, True),
        (Condition("lines", "<", "3"), 2, True),
        (Condition("lines", "<=", "2"), 3, False),
        (Condition("lines", "!=", "2"), 2, False),
        (NEW, True, True),
        (NEW, None, False),
        (Condition("new_supplier", "!=", "yes"), False, True),
        (Condition("reason", "=", "Scrap"), "scrap", True),
    ],
)
def test_a_condition_holds_at_its_edge_and_never_for_what_is_not_known(condition, fact, expected):
    assert rules.holds(condition, fact) is expected


def test_conditions_read_as_sentences():
    assert rules.sentence(BIG, KIND) == "amount is more than 25,000.00"
    assert rules.sentence(DEAR, KIND) == "price rise is at least 10 %"
    assert rules.sentence(NEW, KIND) == "new supplier: yes"


def test_steps_of_the_same_place_and_roles_become_the_stricter_one():
    two = PolicyStep(1, ("purchasing_manager",), needed=2, deadline_hours=48)
    later = PolicyStep(2, ("warehouse_manager",))
    planned = rules.plan([policy(1, steps=(MANAGER,)), policy(2, steps=(two, later)), policy(3, steps=(CONTROLLER,))])
    assert [(p.step.sequence, p.step.roles, p.step.needed, p.step.deadline_hours, p.policy_ids) for p in planned] == [
        (1, ("finance_controller",), 1, 24, (3,)),
        (1, ("purchasing_manager",), 2, 48, (1, 2)),
        (2, ("warehouse_manager",), 1, None, (2,)),
    ]


OPEN = [
    OpenStep(1, frozenset({"purchasing_manager", "finance_controller"})),
    OpenStep(2, frozenset({"finance_controller"})),
]


def seat(actor, *hands, steps=OPEN, barred=(), used=()):
    return rules.seat(
        number="AP-1", steps=steps, hands=hands, actor_id=actor, barred=frozenset(barred), used=frozenset(used)
    )


def test_a_verdict_counts_at_the_step_with_the_fewest_roles():
    assert seat(7, Hand(7, frozenset({"finance_controller"}))) == Seat(2, 7, 0)
    assert seat(8, Hand(8, frozenset({"purchasing_manager"}))) == Seat(1, 8, 0)


def test_own_roles_come_first_then_those_of_whom_one_stands_in_for():
    lent = Hand(9, frozenset({"finance_controller"}), 44)
    assert seat(7, Hand(7, frozenset({"purchasing_manager"})), lent) == Seat(1, 7, 0)
    assert seat(7, Hand(7, frozenset({"picker"})), lent) == Seat(2, 9, 44)


def test_neither_requester_nor_writer_nor_who_had_a_part_decides():
    mine = Hand(7, frozenset({"finance_controller"}))
    for kwargs, rule in (({"barred": [7]}, "requester_is_not_approver"), ({"used": [7]}, "nobody_twice")):
        with pytest.raises(DutiesConflict) as refused:
            seat(7, mine, **kwargs)
        assert refused.value.details == {"rule": rule}


def test_a_right_is_not_lent_by_who_may_not_use_it():
    lent = Hand(9, frozenset({"finance_controller"}), 44)
    for kwargs in ({"barred": [9]}, {"used": [9]}):
        with pytest.raises(NotYourStep) as refused:
            seat(7, Hand(7, frozenset()), lent, **kwargs)
        assert "finance controller or purchasing manager" in refused.value.message


def test_the_fingerprint_does_not_depend_on_the_order_of_names_and_changes_with_anything_else():
    one = rules.content_hash({"a": 1, "b": [1, "2.50"]})
    assert rules.content_hash({"b": [1, "2.50"], "a": 1}) == one
    assert rules.canonical({"b": Decimal("2.50"), "a": None}) == '{"a":null,"b":"2.5"}'
    assert (
        len({one, rules.content_hash({"a": 1, "b": [1, "2.51"]}), rules.content_hash({"a": 2, "b": [1, "2.50"]})}) == 3
    )


def test_a_policy_that_cannot_work_names_every_bad_line():
    bad = rules.policy_faults(
        [Condition("colour", "=", "red"), Condition("amount", ">", "much"), Condition("new_supplier", ">", "maybe")],
        [PolicyStep(0, ("clerk",), needed=0, escalation_role="finance_controller")],
        KIND,
        ["finance_controller"],
    )
    assert [(b.line, b.field) for b in bad] == [
        (1, "field"), (2, "value"), (3, "operator"), (3, "value"),
        (4, "roles"), (4, "sequence"), (4, "needed"), (4, "deadline_hours"),
    ]  # fmt: skip
    assert [b.field for b in rules.policy_faults([], [], KIND, [])] == ["steps"]
    assert rules.policy_faults([BIG, NEW], [CONTROLLER], KIND, ["finance_controller"]) == []


@pytest.mark.parametrize(
    ("to_id", "until", "fields"),
    [
        (2, NOON + timedelta(days=14), []),
        (2, NOON + timedelta(days=14, seconds=1), ["until"]),
        (2, NOON, ["until"]),
        (1, NOON + timedelta(days=1), ["to_id"]),
    ],
)
def test_a_delegation_goes_to_another_for_at_most_fourteen_days(to_id, until, fields):
    bad = rules.delegation_faults(from_id=1, to_id=to_id, begins_at=NOON, until=until, now=NOON)
    assert [b.field for b in bad] == fields


roles = st.sampled_from(["a", "b", "c"])


@given(
    st.lists(st.frozensets(roles, min_size=1), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(1, 4), st.frozensets(roles)), min_size=1, max_size=4),
    st.frozensets(st.integers(1, 4), max_size=2),
    st.frozensets(st.integers(1, 4), max_size=2),
)
def test_whoever_is_seated_fits_and_had_no_part(steps, hands, barred, used):
    asked = [OpenStep(n, wanted) for n, wanted in enumerate(steps)]
    held = [Hand(person, has, n) for n, (person, has) in enumerate(hands)]
    actor = held[0].person_id
    try:
        found = rules.seat(number="AP-1", steps=asked, hands=held, actor_id=actor, barred=barred, used=used)
    except DutiesConflict:
        assert actor in barred | used
    except NotYourStep:
        free = [h for h in held if h.person_id not in barred | used]
        assert not any(step.roles & hand.roles for step in asked for hand in free)
    else:
        hand = held[found.delegation_id]
        assert {actor, found.for_id} & (barred | used) == set() and hand.person_id == found.for_id
        assert steps[found.step_id] & hand.roles
