"""Runs scenario files: each scenario in a house of its own, one line for each, a closing count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path

from flowrack.integrations import people
from flowrack.integrations.scenario import (  # noqa: F401 - registers the vocabulary
    events,
    events_counts,
    events_orders,
    figures,
    figures_money,
    givens,
    words_approvals,
    words_bins,
    words_buying,
    words_carriers,
    words_dock,
    words_floor,
    words_holds,
    words_inspection,
    words_promise,
    words_refills,
    words_stock,
    words_substitutes,
    words_terms,
    words_transfers,
    words_urgent,
    words_waves,
)
from flowrack.integrations.scenario.exemptions import read_exemptions
from flowrack.integrations.scenario.house import House
from flowrack.integrations.scenario.player import play
from flowrack.integrations.scenario.reading import read_scenarios
from flowrack.integrations.scenario.types import BadScenario, Ending, Exemption, Outcome

EXEMPTIONS = Path(__file__).with_name("differs.yaml")
_houses = count(1)  # every play has goods, places and keys of its own, also the second play of one scenario


def run_files(paths: Sequence[Path], tell: Callable[[Outcome], None], only: Sequence[str] = ()) -> list[Outcome]:
    """Play the scenarios of all files (or those with the ids in `only`) in the connected database."""
    exemptions: list[Exemption] = read_exemptions(EXEMPTIONS)
    staff = people.hire("scenario")
    outcomes: list[Outcome] = []
    for path in paths:
        try:
            scenarios = read_scenarios(path)
        except BadScenario as bad:
            outcomes.append(Outcome(path.name, "", Ending.ERROR, bad.message))
            tell(outcomes[-1])
            continue
        for scenario in scenarios:
            if only and scenario.id not in only:
                continue
            outcome = play(scenario, House(scenario, next(_houses), staff), exemptions)
            outcomes.append(outcome)
            tell(outcome)
    return outcomes


def closing_count(outcomes: Sequence[Outcome]) -> str:
    """The last line: how many ended how."""
    count = Counter(outcome.ending for outcome in outcomes)
    parts = [f"{count[ending]} {ending.value}" for ending in Ending if count[ending]]
    return f"{len(outcomes)} scenarios: " + ", ".join(parts)
