"""Classes and quotas by channel, order type and contract: in runs, certificates, trials and the text of rules."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests import outbound
from tests.cast import KIM, MAY, ctx

from flowrack.allocation import commands_trials, queries_certificates, queries_rules, queries_trials
from flowrack.allocation.rules_check import faults_of
from flowrack.allocation.rules_text import Codes, class_text, quota_text, read_classes, read_quotas
from flowrack.allocation.tests import rulebook
from flowrack.allocation.types_rules import ClassRule, Quota, RuleSet
from flowrack.allocation.types_trials import DRAFT, TryRuleSet
from flowrack.sales import commands as sales
from flowrack.sales.types import EnterOrders, NewLine, NewOrder

CODES = Codes(channels={"WEB": "Web shop", "EDI": "Electronic"}, types={"SAMPLE": "Sample"})
WEB_FIRST = RuleSet(
    classes=(
        ClassRule("Contracts", contracts=("any",)),
        ClassRule("Web", channels=("WEB",)),
        ClassRule("Samples", "hold", order_types=("SAMPLE",)),
        ClassRule("Rest"),
    ),
    promises="rank",
)


def enter(site: int, units: int, **words: str) -> int:
    """An order of ACME; the line."""
    line = NewLine("4711", Decimal(units))
    asked = NewOrder(customer="ACME", site_id=site, lines=[line], **words)  # type: ignore[arg-type]
    return sales.enter_orders(ctx(KIM), EnterOrders([asked])).orders[0].line_ids[0]


def stocked(units: int) -> int:
    at = outbound.house()
    outbound.receive(at, outbound.item("4711"), units, "1")
    outbound.customer()
    return at.site


@pytest.mark.django_db(transaction=True)
def test_classes_by_channel_type_and_contract_decide_and_the_certificate_replays():
    site = stocked(12)
    lines = [
        enter(site, 5, channel="EDI"),
        enter(site, 5, channel="WEB", order_type="SAMPLE"),
        enter(site, 5, channel="EDI", order_type="SAMPLE"),
        enter(site, 5, channel="PHONE", contract="K-7"),
    ]
    rulebook.in_force(site, WEB_FIRST)
    outbound.allocate(site)
    assert [outbound.counts(line).get("allocated", 0) for line in lines] == [2, 5, 0, 5]
    view = queries_certificates.certificate_of(lines[3], shows_margin=True)
    assert view is not None and (view.class_name, view.rank) == ("Contracts", 1)
    done = queries_certificates.replay_lines(100, 1)
    assert (done.lines, done.identical_lines) == (100, 100)  # drawn with repetition


@pytest.mark.django_db(transaction=True)
def test_a_quota_for_a_channel_counts_what_is_promised_to_it():
    site = stocked(20)
    rulebook.in_force(site, RuleSet(quotas=(Quota("Web", "limit", 30, channels=("WEB",)),)))
    first = enter(site, 4, channel="WEB")
    outbound.allocate(site)
    second, third = enter(site, 8, channel="WEB"), enter(site, 8, channel="EDI")
    outbound.allocate(site)
    assert [outbound.counts(line).get("allocated", 0) for line in (first, second, third)] == [4, 2, 8]


@pytest.mark.django_db(transaction=True)
def test_a_trial_looks_at_them_and_a_version_keeps_them():
    site = stocked(5)
    edi, web = enter(site, 5, channel="EDI"), enter(site, 5, channel="WEB")
    saved = rulebook.draft(site, WEB_FIRST)
    assert queries_rules.rule_set(saved.rule_set_id).rules == WEB_FIRST
    done = commands_trials.try_rule_set(ctx(MAY), TryRuleSet(saved.rule_set_id))
    found = queries_trials.lines_of(done.trial_id)
    assert {one.line_id: (one.before, one.after) for one in found} == {edi: (5, 0), web: (0, 5)}
    assert queries_trials.trial(done.trial_id).warnings == [
        "Class “Contracts” matches none of 2 open lines.",
        "Class “Samples” matches none of 2 open lines.",
    ]
    assert [one.side for one in queries_trials.figures_of(done.trial_id) if one.side == DRAFT]


def test_the_text_of_rules_says_them_and_names_what_is_in_no_list():
    one = ClassRule("Web", tiers=("A",), channels=("WEB", "EDI"), order_types=("SAMPLE",), contracts=("any",))
    text = "Web: keep; tier A; channel WEB, EDI; type SAMPLE; contract any"
    assert class_text(one, CODES) == text
    assert read_classes(text, CODES) == ([one], [])
    quota = Quota("Web", "protect", 15, channels=("WEB",))
    assert quota_text(quota, CODES) == "Web: protect 15 %; channel WEB"
    assert read_quotas("Web: protect 15 %; channel web", CODES) == ([quota], [])
    _, [bad] = read_classes("Fax: keep; channel FAX", CODES)
    assert bad.message == "There is no channel FAX. There are EDI (Electronic), WEB (Web shop)."


def test_rules_that_take_each_others_channel_or_contract_contradict():
    first, later = ClassRule("Contracts", contracts=("any",)), ClassRule("K", contracts=("K-1",), channels=("WEB",))
    [fault] = faults_of(RuleSet(classes=(first, later)))
    assert fault.message == "“Contracts” takes every order that “K” is for."
    assert faults_of(RuleSet(classes=(later, first))) == []
    both = (Quota("a", "protect", 60, channels=("WEB",)), Quota("b", "limit", 50, channels=("WEB",)))
    assert faults_of(RuleSet(quotas=both))[0].message == ("“a” keeps 60 % for orders that “b” lets have 50 %.")
    assert faults_of(RuleSet(quotas=(Quota("x", "limit", 5, families=(1,)),)))[0].field == "tiers"
