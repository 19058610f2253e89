"""What may stand in a device's journal: a stage says for each kind of entry how it is read, said and done.

    def picked(ctx: Context, asked: Asked) -> str:               # run the ordinary command; say what was done
        commands.confirm_picks(ctx, ConfirmPicks([Pick(asked.number("pick"), asked.number("units"), tote)]))
        return f"Picked {asked.number('units')}"

    JOURNAL = [JournalFlow("pick.confirm", "Pick", "fulfilment.pick", picked, said)]

in its `scan_journal.py`. The context has the entry's key, its person's rights on a device, and the time of the floor. A
refusal is no failure: the entry waits for a person with its words.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flowrack.platform.runner import Context
from flowrack.platform.web.registry import edge_modules
from flowrack.shared.errors import Invalid


def is_storable(text: str) -> bool:
    """Whether a text that came as JSON can be written down: no NUL, no half of a pair."""
    return "\x00" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


class UnreadableEntry(Invalid):
    """The entry does not say what its kind must say."""

    code = "unreadable_entry"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an entry says, read with care: it may come from any version of the app, or from none."""

    body: dict[str, Any]

    @classmethod
    def of(cls, payload: str) -> Asked:
        """The payload as its fields; refuses with UnreadableEntry."""
        try:
            body = json.loads(payload)
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise UnreadableEntry("This entry cannot be read.", fix="Look at the goods, then drop it.")
        return cls(body)

    def number(self, name: str, default: int | None = None) -> int:
        """A whole number that is not negative."""
        value = self.body.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**62:
            raise UnreadableEntry(f"This entry says no {name}.", fix="Look at the goods, then drop it.")
        return value

    def text(self, name: str, *, longest: int = 120) -> str:
        """A text; empty when there is none."""
        value = self.body.get(name, "")
        if not isinstance(value, str) or len(value) > longest or not is_storable(value):
            raise UnreadableEntry(f"The {name} of this entry is no text.", fix="Look at the goods, then drop it.")
        return value

    def numbers(self, name: str, *, most: int = 200) -> list[int]:
        """A list of whole numbers; empty when there is none."""
        value = self.body.get(name, [])
        if not isinstance(value, list) or len(value) > most:
            raise UnreadableEntry(f"The {name} of this entry cannot be read.", fix="Look at the goods, then drop it.")
        return [Asked({name: one}).number(name) for one in value]

    def rows(self, name: str, *, most: int = 1000) -> list[Asked]:
        """A list of lines; empty when there is none."""
        value = self.body.get(name, [])
        if not isinstance(value, list) or len(value) > most or not all(isinstance(one, dict) for one in value):
            raise UnreadableEntry(f"The {name} of this entry cannot be read.", fix="Look at the goods, then drop it.")
        return [Asked(one) for one in value]


@dataclass(frozen=True, slots=True)
class JournalFlow:
    """One kind of entry: `apply` does it, `say` tells a person what the device says that was done.

    `goes_back` where who did it can put the goods back where they were with their own hands, and nothing is left to
    say: not what was counted, found missing, or stands on a truck.
    """

    code: str
    label: str
    permission: str
    apply: Callable[[Context, Asked], str]
    say: Callable[[Asked], str]
    goes_back: bool = False


def goes_back(flow_code: str) -> bool:
    """Whether whoever did what an entry says may put the goods back, and so end it."""
    flow = all_journal_flows().get(flow_code)
    return flow is not None and flow.goes_back


@lru_cache(maxsize=1)
def all_journal_flows() -> dict[str, JournalFlow]:
    """Every kind of entry of every stage. Screens come first: a stage's journal reads parts of its screens, which name
    the addresses that the journal serves."""
    list(edge_modules("scan"))
    return {flow.code: flow for module in edge_modules("scan_journal") for flow in getattr(module, "JOURNAL", [])}


def words_of(flow_code: str, payload: str) -> tuple[str, str]:
    """What kind of work an entry is and what it says, for a person; plain about what cannot be read."""
    flow = all_journal_flows().get(flow_code)
    if flow is None:
        return flow_code, "An entry of a kind that this version does not know"
    try:
        return flow.label, flow.say(Asked.of(payload))
    except UnreadableEntry as refusal:
        return flow.label, refusal.message
