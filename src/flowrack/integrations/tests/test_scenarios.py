"""Our own scenarios are green; the shared ones too, when they lie beside the checkout; unknown words are errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowrack.integrations.scenario.exemptions import exemption_of, read_exemptions
from flowrack.integrations.scenario.reading import read_scenarios, scale_of
from flowrack.integrations.scenario.run import EXEMPTIONS, closing_count, run_files
from flowrack.integrations.scenario.types import BadScenario, Ending, Kind, Outcome

ROOT = Path(__file__).resolve().parents[4]
OWN = sorted((ROOT / "scenarios").glob("*.yaml"))
SHARED = ROOT.parent / "shared" / "data" / "peer-scenarios" / "scenarios.yaml"


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


@pytest.mark.django_db
@pytest.mark.parametrize("path", OWN, ids=lambda p: p.stem)
def test_our_own_scenarios_are_green(path: Path) -> None:
    outcomes = run_files([path], lambda _: None)
    assert [o.text() for o in outcomes if o.ending is not Ending.OK] == []


@pytest.mark.django_db
@pytest.mark.skipif(not SHARED.exists(), reason="the shared scenarios are not beside this checkout")
def test_the_shared_scenarios_pass_or_say_why_not() -> None:
    outcomes = run_files([SHARED], lambda _: None)
    assert [o.text() for o in outcomes if o.failed] == []


STORY = """
id: T-1
kind: {kind}
given: {{product: {{costing: fifo}}, stock: [{{qty: 5}}]}}
events:
- {event}
expect: {expect}
"""


def story(tmp_path: Path, event: str = "ship: {qty: 2}", expect: str = "{on_hand: 3}", kind: str = "universal") -> Path:
    return write(tmp_path / "story.yaml", STORY.format(event=event, expect=expect, kind=kind))


def only(path: Path) -> Outcome:
    [outcome] = run_files([path], lambda _: None)
    return outcome


@pytest.mark.django_db
def test_a_wrong_figure_fails_with_both_numbers(tmp_path: Path) -> None:
    assert only(story(tmp_path)).ending is Ending.OK
    wrong = only(story(tmp_path, expect="{on_hand: 4}"))
    assert (wrong.ending, wrong.reason, wrong.failed) == (Ending.FAILED, "on_hand: expected 4 got 3", True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("event", "expect"),
    [
        ("teleport: {qty: 2}", "{on_hand: 5}"),
        ("ship: {qty: 2, colour: red}", "{on_hand: 3}"),
        ("ship: {qty: 2}", "{mood: good}"),
    ],
)
def test_an_unknown_word_is_an_error_never_skipped(tmp_path: Path, event: str, expect: str) -> None:
    outcome = only(story(tmp_path, event, expect))
    assert outcome.ending is Ending.ERROR and outcome.reason.startswith("unknown word")


@pytest.mark.django_db
def test_a_refusal_that_nobody_expects_fails_and_an_expected_one_must_happen(tmp_path: Path) -> None:
    assert only(story(tmp_path, "ship: {qty: 9}", "{on_hand: 5}")).ending is Ending.FAILED
    assert only(story(tmp_path, "ship: {qty: 9}", "{refused: true, on_hand: 5}")).ending is Ending.OK
    assert only(story(tmp_path, "ship: {qty: 2}", "{refused: true}")).ending is Ending.FAILED


@pytest.mark.django_db
def test_negative_stock_is_a_difference_of_policy_only(tmp_path: Path) -> None:
    assert only(story(tmp_path, "ship: {qty: 9}", "{on_hand: -4}", kind="policy")).ending is Ending.DIFFERS


def test_quantities_with_fractions_scale_the_base_unit_and_float_noise_does_not(tmp_path: Path) -> None:
    [tenths] = read_scenarios(story(tmp_path, "ship: {qty: 0.5}"))
    [noise] = read_scenarios(story(tmp_path, "ship: {qty: 0.999999999}"))
    assert (tenths.scale, noise.scale) == (10, 1)
    assert scale_of({"unit_cost": 1}) == 1


def test_what_is_no_scenario_is_refused(tmp_path: Path) -> None:
    for text in ("", "just words", "- 5", "id: X\ncolour: red", "id: X\nkind: maybe", "id: X\nevents: [5]"):
        with pytest.raises(BadScenario):
            read_scenarios(write(tmp_path / "bad.yaml", text))


def test_every_exemption_has_a_reason_and_names_words(tmp_path: Path) -> None:
    exemptions = read_exemptions(EXEMPTIONS)
    assert all(e.reason and (e.words or e.refusals or e.ids) for e in exemptions)
    [plain] = read_scenarios(story(tmp_path))
    assert exemption_of(plain, exemptions) is None
    assert {k for e in exemptions if e.refusals for k in e.kinds} == {Kind.POLICY}


def test_the_closing_count_names_every_ending() -> None:
    outcomes = [Outcome("a", "", Ending.OK), Outcome("b", "", Ending.NOT_YET, "later")]
    assert closing_count(outcomes) == "2 scenarios: 1 ok, 1 not yet"
