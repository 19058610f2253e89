"""A decision in people's words: the rule that decided, and what it looked at, without the codes that replay it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flowrack.platform.web.format import field_name, looked_at, number

RULES = {
    "allocation": "allocation rules", "availability.most_specific": "availability policy, the most specific one",
    "calendar": "calendar of the site", "carrier.landed_cost": "least of freight and lateness",
    "count": "count rules", "counting.tolerance": "count tolerance", "cover": "cover of promised days",
    "displacement": "who gives way to an urgent order", "dock.match": "match of a notice with its order",
    "dock.slot": "time at the door", "inbound.tolerance": "delivery tolerance", "order-holds": "hold rules",
    "planning.order_up_to": "order up to a level", "promise": "promise by stock, supply and the house",
    "purchasing.cover": "cover of purchase orders", "purchasing.price": "price of a purchase",
    "putaway.directed": "directed putaway", "putaway.override": "a person put it elsewhere",
    "quote": "whether a quote can be kept", "refill.run_out": "refill before it runs out",
    "returns.disposition": "what becomes of a return", "sampling.iso2859": "sampling by ISO 2859",
    "shipping.load": "loading", "shipping.load_carrier": "the truck on which it goes", "short-pick": "short picks",
    "sites": "choice of a site", "slotting.pay_back": "moves that pay back", "substitutes": "substitutes",
    "waves.penalty": "what is late costs", "waves.plan": "wave plan",
}  # fmt: skip
CODED = re.compile(r"(?P<name>[a-z][a-z0-9_.-]*?)(?:[/.](?P<edition>\d+)| v(?P<version>\d+))(?=$|[\s,;])")
POLICY = re.compile(r"\b(?P<name>[a-z][a-z0-9-]*):(?P<version>\d+)")
REPLAYED = frozenset({"case", "inputs", "outcome", "choice", "command", "place", "cell", "item", "item_id", "subject"})
REFERENCE = re.compile(r"[a-z_]+\.[a-z_]+(:\d+)?")
ROW = re.compile(r"[ ,;]*\b[a-z_]+\.[a-z_]+:\d+")
CODE = re.compile(r"[a-z]+(_[a-z]+)+")
MOST_LINES, MOST_DEEP = 12, 2


def rule_in_words(rule: str) -> str:
    """ "allocation/1" -> "allocation rules as shipped", "allocation v7" -> "allocation rules, version 7",
    "price-rise:2" -> "price rise, version 2"."""
    said = POLICY.sub(lambda found: f"{found['name'].replace('-', ' ')}, version {found['version']};", rule)
    said = CODED.sub(_named, re.sub(r"/\d+ rules v", " v", said.removesuffix(";")))
    return re.sub(r"\b(waves\.plan|putaway\.directed)\b", lambda found: RULES[found[0]], said)


def _named(found: re.Match[str]) -> str:
    name = RULES.get(found["name"], re.sub(r"[._-]", " ", found["name"]))
    if found["version"] == "0" or (found["name"] == "allocation" and found["edition"]):
        return f"{name} as shipped"
    return f"{name}, version {found['version']}" if found["version"] else name


def told(detail: Any) -> list[tuple[str, list[str]]]:
    """What a decision looked at, as names and lines of words. Keys of rows, fingerprints and what is there to decide
    it again are left out; the API has them."""
    if not isinstance(detail, Mapping):
        return []
    rows = [(field_name(name), _lines(value)) for name, value in detail.items() if _is_shown(name, value)]
    return [(name, lines) for name, lines in rows if lines]


def _is_shown(name: str, value: Any) -> bool:
    if name in REPLAYED or name.endswith(("_id", "_ids", "hash", "_ln")) or name == "id" or ROW.fullmatch(name):
        return False
    return value not in (None, "", [], {}) and not (isinstance(value, str) and REFERENCE.fullmatch(value))


def _lines(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        rows = [(field_name(name), _said(one)) for name, one in value.items() if _is_shown(name, one)]
        return [f"{name}: {text}" for name, text in rows if text]
    if _is_list(value) and any(isinstance(one, Mapping) or _is_list(one) for one in value):
        lines = [text for one in value if (text := _said(one, 1))]
        more = [f"and {len(lines) - MOST_LINES} more"] if len(lines) > MOST_LINES else []
        return lines[:MOST_LINES] + more
    return [text] if (text := _said(value)) else []


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _said(value: Any, depth: int = 0) -> str:
    if isinstance(value, Mapping):
        return _of_mapping(value, depth) if depth < MOST_DEEP else ""
    if _is_list(value):
        return _of_list(value, depth) if depth < MOST_DEEP else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return number(value)
    return "" if value is None else _text(str(value))


def _of_mapping(value: Mapping[str, Any], depth: int) -> str:
    parts = [(name, _said(one, depth + 1)) for name, one in value.items() if _is_shown(name, one)]
    return ", ".join(f"{field_name(name).lower()} {text}" for name, text in parts if text)


def _of_list(value: Sequence[Any], depth: int) -> str:
    """Words and figures side by side; figures without a name are for the rule alone."""
    if depth and not any(isinstance(one, str) for one in value):
        return ""
    parts = [_said(one, depth + 1) for one in value if not (isinstance(one, str) and REFERENCE.fullmatch(one))]
    return (" " if depth else ", ").join(part for part in parts if part)


def _text(text: str) -> str:
    """A day, a moment, a number or a word as people write it; references to rows in it are left out."""
    text = ROW.sub("", text).strip()
    if re.match(r"\d{4}-\d\d-\d\d", text):
        return looked_at(text)
    if re.fullmatch(r"-?\d+\.\d+", text):
        try:
            return f"{Decimal(text).normalize():,f}"
        except InvalidOperation:
            return text
    return text.replace("_", " ") if CODE.fullmatch(text) else text
