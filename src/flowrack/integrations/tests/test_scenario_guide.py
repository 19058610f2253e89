"""docs/scenarios.md names every word that scenarios may use, and every reason for which one is not played."""

from pathlib import Path

from flowrack.integrations.scenario import run, words
from flowrack.integrations.scenario.exemptions import read_exemptions

GUIDE = (Path(__file__).resolve().parents[4] / "docs/scenarios.md").read_text(encoding="utf-8")


def test_the_guide_names_every_word():
    vocabulary = {*words.EVENTS, *words.GIVENS, *(figure.pattern for figure in words.FIGURES)}
    assert sorted(word for word in vocabulary if f"`{word}`" not in GUIDE) == []


def test_the_guide_names_every_reason_for_which_a_scenario_is_not_played():
    reasons = {exemption.reason for exemption in read_exemptions(run.EXEMPTIONS)}
    assert sorted(reason for reason in reasons if reason not in GUIDE) == []
