from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from flowrack.returns.rules import REASONS, Seen, SentLine, is_finished, propose
from flowrack.returns.types import Condition, Verdict

TODAY = date(2026, 5, 14)

some_seen = st.builds(
    Seen,
    condition=st.sampled_from(list(Condition)),
    reason=st.sampled_from(list(REASONS)),
    expires_on=st.none() | st.integers(-60, 400).map(lambda d: TODAY + timedelta(days=d)),
    has_supplier=st.booleans(),
)


def seen(condition="A", reason="changed_mind", days=None, has_supplier=True):
    expires_on = None if days is None else TODAY + timedelta(days=days)
    return Seen(Condition(condition), reason, expires_on, has_supplier)


@given(some_seen)
def test_only_goods_as_new_with_life_left_and_no_claimed_fault_are_restocked(s):
    fit = s.condition == "A" and s.reason not in ("supplier_fault", "warranty")
    fresh = s.expires_on is None or (s.expires_on - TODAY).days >= 30
    assert (propose(s, today=TODAY).verdict is Verdict.RESTOCK) == (fit and fresh)


@given(some_seen)
def test_every_other_verdict_is_named_with_its_reason(s):
    proposal = propose(s, today=TODAY)
    assert set(proposal.rejected) == {str(v) for v in Verdict} - {str(proposal.verdict)}
    assert all(proposal.rejected.values()) and proposal.sentence


def test_a_suppliers_fault_goes_back_even_when_unfit():
    assert propose(seen("D", "supplier_fault"), today=TODAY).verdict is Verdict.SUPPLIER


def test_a_fault_without_a_supplier_is_kept_apart():
    assert propose(seen("A", "warranty", has_supplier=False), today=TODAY).verdict is Verdict.DAMAGED


def test_expired_goods_are_scrapped_whoever_is_at_fault():
    assert propose(seen("A", days=-1), today=TODAY).verdict is Verdict.SCRAP
    assert propose(seen("A", "warranty", days=-1), today=TODAY).verdict is Verdict.SCRAP


def test_short_dated_goods_are_kept_apart_and_the_days_are_said():
    proposal = propose(seen("A", days=29), today=TODAY)
    assert proposal.verdict is Verdict.DAMAGED
    assert proposal.rejected["restock"] == "29 days of life left, 30 are wanted"
    assert propose(seen("A", days=30), today=TODAY).verdict is Verdict.RESTOCK


@given(st.integers(0, 100), st.integers(0, 120))
def test_never_more_comes_back_than_was_sent(shipped, announced):
    line = SentLine(1, 1, shipped, announced)
    assert line.returnable == max(0, shipped - announced)


def test_a_return_is_finished_when_all_came_and_all_was_decided():
    assert is_finished([5, 2], [5, 3], [5, 3])
    assert not is_finished([5], [4], [4])
    assert not is_finished([5], [5], [4])
