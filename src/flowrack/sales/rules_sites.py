"""What is told of orders that send what was entered from several sites. Pure."""

from __future__ import annotations

from flowrack.sales.types_sites import SentFrom


def sent_words(one: SentFrom) -> str:
    """ "SO-1002 sends 15 from NORTH, there on Wed 4 Mar"."""
    on = one.arrives_on
    there = f"there on {on:%a} {on.day} {on:%b}" if on else "nobody can say when it is there"
    return f"{one.number} sends {one.units:,} from {one.site}, {there}"
