"""How the ways to go on with a short line are shown, side by side."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Price:
    """What a customer pays, and what it earns where the person may see it: ordered or instead, per unit and in all."""

    what: str
    each: str
    total: str
    earns: str = ""


@dataclass(slots=True)
class Card:
    """One way to go on: what leaves when, what stays open, what it means, and the button."""

    key: str
    title: str
    head: str
    late: str
    rows: list[tuple[str, str, str]]  # units, of what, when
    facts: list[tuple[str, str]] = field(default_factory=list)
    offer: str = ""
    seen: list[tuple[int, int]] = field(default_factory=list)
    verb: str = ""
    asks: list[str] = field(default_factory=list)
    empty: str = ""
    prices: list[Price] = field(default_factory=list)
    confirm: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    post: tuple[str, str, list[tuple[str, str | int]]] | None = None  # the button, its address and what goes along
