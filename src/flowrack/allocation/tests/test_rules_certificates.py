"""Certificates: small, whole, and the same again. No database."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given

from flowrack.allocation.reasons import Rival
from flowrack.allocation.rules import Claim, Pool
from flowrack.allocation.rules_certificates import (
    Context,
    groups_of,
    in_groups,
    line_ids,
    pack,
    replay,
    unpack,
    unpack_group,
)
from flowrack.allocation.rules_decide import Holding, Inputs, decide
from flowrack.allocation.tests.test_rules_decide import claim, pool, some_claims, some_pools, some_rules
from flowrack.allocation.types_rules import RuleSet

TODAY = date(2026, 5, 14)
HOLDER = Rival("SO-1", "A", 3, date(2026, 5, 2))


@given(claims=some_claims, pools=some_pools, rule_set=some_rules)
def test_what_is_packed_comes_back_and_decides_the_same(claims, pools, rule_set):
    inputs = in_groups(Inputs(TODAY, claims, pools, [], {(-1, 1): 4}, {1: (6, 12)}))
    decision = decide(rule_set, inputs)
    packed = pack(inputs, decision, "rule", Context({1: [HOLDER]}, {1: "PO-1"}, {2: ("H-1", "held")}))
    numbers = {c.order_id: c.number for c in claims}
    again, told = unpack(packed.inputs, numbers)
    items = {c.item_id for c in claims}
    assert again.claims == inputs.claims
    assert again.pools == [p for p in pools if p.item_id in items]
    assert (told.holders, told.incoming, told.held) == ({1: [HOLDER]}, {1: "PO-1"}, {2: ("H-1", "held")})
    assert replay(packed.inputs, rule_set) == packed.result_hash
    assert pack(inputs, decision, "rule") == pack(inputs, decision, "rule")


@given(claims=some_claims, pools=some_pools)
def test_a_line_is_explained_by_its_group_alone(claims, pools):
    inputs = in_groups(Inputs(TODAY, claims, pools))
    decision = decide(RuleSet(), inputs)
    packed = pack(inputs, decision, "rule")
    whole = {s.claim.line_id: (s.units, s.held_back, s.found) for s in decision.shares}
    assert sorted(line_ids(packed.inputs)) == sorted(whole)
    for line_id, share in whole.items():
        found = unpack_group(packed.inputs, line_id)
        assert found is not None
        alone = {s.claim.line_id: (s.units, s.held_back, s.found) for s in decide(RuleSet(), found[0]).shares}
        assert alone[line_id] == share
    assert unpack_group(packed.inputs, 10_000) is None


def test_a_changed_input_gives_another_hash_and_another_result_is_seen():
    inputs = in_groups(Inputs(TODAY, [claim(1, 5), claim(2, 5)], [pool(1, 8)]))
    packed = pack(inputs, decide(RuleSet(), inputs), "rule")
    other = in_groups(Inputs(TODAY, [claim(1, 5), claim(2, 5)], [pool(1, 9)]))
    assert pack(other, decide(RuleSet(), other), "rule").inputs_hash != packed.inputs_hash
    assert pack(inputs, decide(RuleSet(), inputs), "rule 2").inputs_hash != packed.inputs_hash
    assert replay(packed.inputs, RuleSet(fairness_percent=10)) != packed.result_hash


def test_items_hang_together_where_a_complete_order_wants_them():
    claims = [
        claim(1, 1, item=3, order=1, policy="complete"),
        claim(2, 1, item=1, order=1, policy="complete"),
        claim(3, 1, item=2, order=2),
        claim(4, 1, item=3, order=2),
    ]
    assert groups_of(claims) == {3: 1, 1: 1, 2: 2}


def test_large_and_negative_numbers_and_every_word_survive():
    far = Claim(
        2**62, 2**40, "SO-9", 2**33, 2**50, "B", date(9999, 12, 31), "partial", 0, "Lot „ü“", -3, 2**60, margin=-1
    )
    stock = Pool(2**41, 2**33, 7, 'a"b\\c', date(1, 1, 1), -5, 3)
    inputs = Inputs(TODAY, [far], [stock], [Holding(2**62, 2**41, 1)])
    packed = pack(inputs, decide(RuleSet(), inputs), "rule")
    again, _ = unpack(packed.inputs, {2**40: "SO-9"})
    assert (again.claims, again.pools, again.holdings) == ([far], [stock], [Holding(2**62, 2**41, 1)])


def test_a_certificate_of_another_format_is_not_guessed_at(monkeypatch: pytest.MonkeyPatch):
    inputs = Inputs(TODAY, [claim(1, 1)._replace(promised_on=TODAY)], [])
    monkeypatch.setattr("flowrack.allocation.rules_certificates.FORMAT", 3)
    packed = pack(inputs, decide(RuleSet(), inputs), "rule")
    monkeypatch.undo()
    with pytest.raises(ValueError, match="format 3"):
        unpack(packed.inputs)


def test_a_line_of_a_full_run_takes_a_few_bytes():
    claims = [
        claim(n, n % 7 + 1, item=n % 50, order=n // 5 + 1, days=n // 5 % 20, customer=n // 5 % 30)
        for n in range(1, 5_001)
    ]
    inputs = in_groups(Inputs(TODAY, claims, [pool(n + 1, 300, item=n) for n in range(50)]))
    packed = pack(inputs, decide(RuleSet(), inputs), "rule")
    assert (len(packed.inputs) + len(packed.result)) / len(claims) < 20
