"""Rules as a file: written and read back they are the same; what cannot be read is named by its line."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from flowrack.allocation.rules_file import file_text, read_file
from flowrack.allocation.rules_text import Codes
from flowrack.allocation.types_rules import (
    ClassRule,
    Quota,
    RuleSet,
    SitePreference,
    SiteRule,
    SupplyRule,
    Weights,
)

CODES = Codes({"C-1": 1, "C-2": 2}, {"TOYS": 5}, {("customer", "C-2"): "Second Ltd"}, sites={"MAIN": 1, "NORTH": 2})
RULES = RuleSet(
    classes=(
        ClassRule("Key", "guarantee", tiers=("A",), customers=(1, 2), weights=Weights(tier=4, date=3), horizon_days=7,
                  life_days=60),
        ClassRule("Rest", families=(5,), wanted_from=0, wanted_to=30),
    ),
    quotas=(Quota("Web", "protect", 20, tiers=("C",), starts_on=date(2026, 5, 1), ends_on=date(2026, 6, 1)),),
    supply=SupplyRule("fifo", full_packs=True, one_lot=True, min_life_days=5),
    fairness_percent=40,
    horizon_days=21,
    date_days=14,
    sites=SiteRule(
        "cheapest", Decimal("12.50"), 2, 3,
        (SitePreference("Coast", (2, 1), customers=(2,), regions=("COAST", "ISLES"), is_only=True),),
    ),
)  # fmt: skip


def test_a_file_says_the_rules_and_gives_them_back():
    text = file_text("Winter", "shops first", RULES, CODES)
    assert text.splitlines()[:6] == [
        "name: Winter", "why: shops first", "one customer: 40 %", "horizon: 21 days", "urgency: 14 days", "lots: fifo",
    ]  # fmt: skip
    assert "sites: cheapest\nsplit costs: 12.50\nlate by more than: 2 days\na day late costs: 3 %\n" in text
    assert text.endswith("preferences\nCoast: site NORTH, MAIN; region COAST, ISLES; customer C-2; only\n")
    found = read_file(text, CODES)
    assert (found.name, found.note, found.rules, found.bad) == ("Winter", "shops first", RULES, [])


def test_what_a_file_does_not_name_is_as_it_is_shipped():
    found = read_file("# ours\nclasses\nAll orders: keep\n", CODES)
    assert (found.rules, found.bad) == (RuleSet(), [])
    assert read_file(file_text("", "", RuleSet(), CODES), CODES).rules == RuleSet()


def test_every_line_that_cannot_be_read_is_named_as_it_stands_in_the_file():
    text = "name: X\nlots: lifo\ncolour: red\n\nclasses\nKey: keep; customer Second\nRest: keep\nquotas\nWeb: some\n"
    text += "preferences\nNear: site MAIN\nFar: site SOUTH\nNone: region COAST\n"
    found = read_file(text, CODES)
    assert [(bad.line, bad.message) for bad in found.bad] == [
        (2, "“lifo” is no order of lots: fefo or fifo."),
        (3, "“colour: red” says nothing that is known here."),
        (6, "There is no customer Second. Perhaps C-2 (Second Ltd)."),
        (9, "“some” is no quota: protect 20 %, or limit 20 %."),
        (12, "There is no site SOUTH."),
        (13, "“None” names no site."),
    ]
    sites = SiteRule(preferences=(SitePreference("Near", (1,)),))
    assert found.rules == replace(RuleSet(), classes=(ClassRule("Rest"),), sites=sites)
