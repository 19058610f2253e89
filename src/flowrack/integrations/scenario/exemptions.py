"""The list of scenarios that our policy decides otherwise, or whose stage is not built yet: differs.yaml."""

from __future__ import annotations

import fnmatch
from pathlib import Path
from typing import Any

import yaml

from flowrack.integrations.scenario.types import BadScenario, Ending, Exemption, Kind, Scenario
from flowrack.integrations.scenario.words import words_of

ENDINGS = {"differs": Ending.DIFFERS, "not_yet": Ending.NOT_YET}
FIELDS = {"reason", "ids", "words", "refusals", "kinds"}


def read_exemptions(path: Path) -> list[Exemption]:
    """The exemptions in the order of the file; the first that applies is the reason given."""
    loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(loaded, dict) or set(loaded) - set(ENDINGS):
        raise BadScenario(f"{path} needs the parts {' and '.join(ENDINGS)}.", fix="See docs/scenarios.md.")
    return [_exemption(path, ENDINGS[part], entry) for part in ENDINGS for entry in loaded.get(part) or []]


def _exemption(path: Path, ending: Ending, entry: dict[str, Any]) -> Exemption:
    unknown = set(entry) - FIELDS
    if unknown or not entry.get("reason"):
        raise BadScenario(f"{path}: an entry needs a reason and knows {', '.join(sorted(FIELDS))}.", fix="Mend it.")
    kinds = frozenset(Kind(k) for k in entry.get("kinds", [])) or frozenset(Kind)
    return Exemption(
        ending=ending,
        reason=str(entry["reason"]),
        ids=frozenset(entry.get("ids", [])),
        words=frozenset(entry.get("words", [])),
        refusals=frozenset(entry.get("refusals", [])),
        kinds=kinds,
    )


def exemption_of(scenario: Scenario, exemptions: list[Exemption]) -> Exemption | None:
    """The first exemption that a scenario meets by its id or its words, before it is played."""
    words = list(words_of(scenario))
    for exemption in exemptions:
        if scenario.kind not in exemption.kinds or exemption.refusals:
            continue
        if scenario.id in exemption.ids:
            return exemption
        if any(fnmatch.fnmatchcase(word, pattern) for word in words for pattern in exemption.words):
            return exemption
    return None


def exemption_for_refusal(scenario: Scenario, code: str, exemptions: list[Exemption]) -> Exemption | None:
    """The exemption for a policy scenario in which an event was refused that the scenario lets pass."""
    return next((e for e in exemptions if code in e.refusals and scenario.kind in e.kinds), None)
