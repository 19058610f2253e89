"""Plays scenarios: sets the stage, lets the events happen through the real commands, compares the expectations."""

from __future__ import annotations

from typing import Any, Protocol

from flowrack.integrations.scenario.exemptions import exemption_for_refusal, exemption_of
from flowrack.integrations.scenario.types import BadScenario, Ending, Event, Exemption, Mismatch, Outcome, Scenario
from flowrack.integrations.scenario.words import EVENTS, GIVEN_ORDER, GIVENS, figure_of, refuse_unknown
from flowrack.shared.errors import FlowrackError


class Stage(Protocol):
    """What the player needs of the stage on which a scenario is played; words use more of it."""

    refusal: FlowrackError | None
    refusals: dict[str, bool]

    def fingerprint(self) -> str:
        """A hash of everything that a refused event must not change."""
        ...

    def settle(self) -> None:
        """Let later stages react to what happened."""
        ...

    def audit(self) -> None:
        """Prove that the books add up; raises Mismatch."""
        ...


def play(scenario: Scenario, stage: Any, exemptions: list[Exemption]) -> Outcome:
    """Play one scenario on a fresh stage. `stage` is made by the caller, so that tests can play on their own."""
    exempt = exemption_of(scenario, exemptions)
    ending, reason = Ending.OK, ""
    if exempt is not None:
        return Outcome(scenario.id, scenario.title, exempt.ending, exempt.reason)
    try:
        _play(scenario, stage)
    except Mismatch as mismatch:
        ending, reason = Ending.FAILED, str(mismatch)
    except BadScenario as bad:
        ending, reason = Ending.ERROR, bad.message
    except FlowrackError as refusal:
        by_policy = exemption_for_refusal(scenario, refusal.code, exemptions)
        ending = Ending.FAILED if by_policy is None else by_policy.ending
        reason = f"refused: {refusal.message} [{refusal.code}]" if by_policy is None else by_policy.reason
    except Exception as crash:  # a fault of Flowrack in one scenario must not hide the others
        ending, reason = Ending.ERROR, f"crashed: {type(crash).__name__}: {crash}"[:300]
    return Outcome(scenario.id, scenario.title, ending, reason)


def _play(scenario: Scenario, stage: Any) -> None:
    refuse_unknown(scenario)
    for word in GIVEN_ORDER:
        if word in scenario.given:
            GIVENS[word](stage, scenario.given[word])
    stage.ready()
    _play_events(scenario, stage)
    _compare(stage, scenario.expect)
    stage.audit()


def _play_events(scenario: Scenario, stage: Any) -> None:
    for number, happening in enumerate(scenario.events):
        if happening.word == "check":
            _compare(stage, happening.args)
            continue
        may_refuse = _refusal_expected(scenario, number)
        before = stage.fingerprint() if may_refuse else ""
        stage.refusal = None
        try:
            stage.at(happening)
            EVENTS[happening.word].play(stage, happening)
            stage.settle()
        except BadScenario:
            raise
        except FlowrackError as refusal:
            if not may_refuse:
                raise
            stage.refusal = refusal
            if stage.fingerprint() != before:
                raise Mismatch(f"{happening.word} was refused and yet", "no change", "a change") from refusal
        if happening.ref:
            stage.refusals[happening.ref] = stage.refusal is not None


def _refusal_expected(scenario: Scenario, number: int) -> bool:
    """Whether the scenario expects this event to be refused: the next check says so, or the end does for the last."""
    happening: Event = scenario.events[number]
    if scenario.expect.get(f"{happening.ref}_refused") is True:
        return True
    for later in scenario.events[number + 1 :]:
        if later.word == "check":
            return later.args.get("refused") is True
        return False
    return scenario.expect.get("refused") is True


def _compare(stage: Any, expected: dict[str, Any]) -> None:
    for name, value in expected.items():
        word = figure_of(name)
        assert word is not None, "refuse_unknown has looked at every expectation"
        word.check(stage, name, value)
