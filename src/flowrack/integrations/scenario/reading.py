"""Reads scenario files: YAML to scenarios, with every quantity in whole base units of the scenario's own scale."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from flowrack.integrations.scenario.types import BadScenario, Event, Kind, Scenario

FIELDS = {"id", "topic", "title", "kind", "source", "held_out", "given", "events", "expect", "note", "settings"}
# Two quantities closer than this are the same: a figure such as 0.999999999 is 1 that went through binary floats.
NOISE_PLACES = 6


class _Loader(yaml.CSafeLoader):
    """YAML without floats: numbers with a point are exact decimals."""


def _decimal(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(loader.construct_scalar(node).replace("_", ""))


_Loader.add_constructor("tag:yaml.org,2002:float", _decimal)


def read_scenarios(path: Path) -> list[Scenario]:
    """All scenarios of a file: a list of them, or a single one."""
    try:
        # A subclass of SafeLoader: it makes plain values only.
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadScenario(f"{path} cannot be read: {error}", fix="Check the name and that it is YAML.") from None
    if isinstance(loaded, dict):
        loaded = [loaded]
    if not isinstance(loaded, list) or not loaded:
        raise BadScenario(f"{path} holds no scenarios.", fix="Write a list of scenarios; see docs/scenarios.md.")
    return [_scenario(path, number, entry) for number, entry in enumerate(loaded, 1)]


def _scenario(path: Path, number: int, entry: Any) -> Scenario:
    if not isinstance(entry, dict):
        raise BadScenario(f"{path}: entry {number} is not a scenario.", fix="Each entry has id, kind, given, events.")
    name = str(entry.get("id", f"entry {number}"))
    unknown = set(entry) - FIELDS
    if unknown:
        raise BadScenario(f"{name}: unknown field {', '.join(sorted(unknown))}.", fix="See docs/scenarios.md.")
    try:
        kind = Kind(entry.get("kind", "universal"))
    except ValueError:
        raise BadScenario(f"{name}: kind must be universal or policy.", fix="See docs/scenarios.md.") from None
    given, expect = entry.get("given") or {}, entry.get("expect") or {}
    if not isinstance(given, dict) or not isinstance(expect, dict):
        raise BadScenario(f"{name}: given and expect must be maps.", fix="See docs/scenarios.md.")
    if "settings" in entry:
        given = {**given, "settings": {**(given.get("settings") or {}), **entry["settings"]}}
    return Scenario(
        id=name,
        topic=str(entry.get("topic", "")),
        title=str(entry.get("title", "")),
        kind=kind,
        given=given,
        events=list(_events(name, entry.get("events") or [])),
        expect=expect,
        note=str(entry.get("note", "")),
        scale=scale_of(entry),
    )


def _events(name: str, entries: list[Any]) -> Iterator[Event]:
    for entry in entries:
        if not isinstance(entry, dict) or len(entry) != 1:
            raise BadScenario(f"{name}: an event is one word with its arguments.", fix="For example receive: {qty: 5}.")
        ((word, body),) = entry.items()
        if word == "repeat":
            if not isinstance(body, dict) or set(body) != {"times", "event"}:
                raise BadScenario(f"{name}: repeat needs times and event.", fix="repeat: {times: 3, event: {...}}.")
            for _ in range(int(body["times"])):
                yield from _events(name, [body["event"]])
        elif isinstance(body, dict):
            yield Event(str(word), {str(key): value for key, value in body.items()})
        elif body is None:
            yield Event(str(word), {})
        else:
            yield Event(str(word), {}, body)


QUANTITY_WORDS = {
    "qty",
    "new_qty",
    "counted",
    "book",
    "reserved",
    "available",
    "on_hand",
    "lines",
    "capacity",
    "enter_count",
    "ship_attempt",
    "send",
    "use_consignment",
    "shipped",
    "adjustment",
    "expected",
}


def scale_of(entry: Any) -> int:
    """How many base units make one unit of the scenario: 10 when somewhere tenths are counted, and so on."""
    places = 0
    for number in _quantities(entry, False):
        clean = Decimal(number).quantize(Decimal(1).scaleb(-NOISE_PLACES)).normalize()
        places = max(places, -int(clean.as_tuple().exponent))
    return int(10**places)


def _quantities(node: Any, counts: bool) -> Iterator[Decimal]:
    if isinstance(node, Decimal):
        if counts:
            yield node
    elif isinstance(node, dict):
        for key, value in node.items():
            named = str(key) in QUANTITY_WORDS
            yield from _quantities(
                value, named or (counts and not isinstance(value, dict) and not str(key).endswith(("cost", "price")))
            )
    elif isinstance(node, list):
        for value in node:
            yield from _quantities(value, counts)
