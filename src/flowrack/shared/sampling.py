"""Sampling by attributes: how many units of a lot to look at, and with how many defective ones it is accepted.

The tables of MIL-STD-105E, which are those of ISO 2859-1, are shipped as data with their arrows already followed. Where
the sample is not smaller than the lot, every unit is looked at.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files

CITATION = "ISO 2859-1, tables 1 and 2-A to 2-C"
LETTERS_TABLE = "aql_code_letters.csv"
PLANS_TABLE = "aql_single_sampling_plans.csv"
LEVELS = ("S-1", "S-2", "S-3", "S-4", "I", "II", "III")
NORMAL, TIGHTENED, REDUCED = "normal", "tightened", "reduced"
SEVERITIES = (NORMAL, TIGHTENED, REDUCED)


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """Look at `sample` units; up to `accept` defective ones pass the lot, from `reject` on it fails."""

    sample: int
    accept: int
    reject: int


@dataclass(frozen=True, slots=True)
class Sampling:
    """The sample of one lot: its code letter, and the plan cut to the lot; `is_all` when every unit is looked at."""

    letter: str
    plan: SamplingPlan
    is_all: bool


def _rows(name: str) -> list[dict[str, str]]:
    text = files("flowrack.shared").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def letters() -> list[tuple[int, dict[str, str]]]:
    """For each band of lot sizes the smallest lot in it, and the code letter of each level."""
    return [(int(row["lot_from"]), {level: row[level] for level in LEVELS}) for row in _rows(LETTERS_TABLE)]


@lru_cache(maxsize=1)
def plans() -> dict[tuple[str, str, Decimal], SamplingPlan]:
    """Every plan by severity, code letter and AQL."""
    return {
        (row["inspection"], row["code_letter"], Decimal(row["aql"])): SamplingPlan(
            int(row["sample_size"]), int(row["accept"]), int(row["reject"])
        )
        for row in _rows(PLANS_TABLE)
    }


@lru_cache(maxsize=1)
def aqls() -> tuple[Decimal, ...]:
    """The AQLs of the tables, the strictest first."""
    return tuple(sorted({aql for _, _, aql in plans()}))


def stricter_aql(aql: Decimal) -> Decimal | None:
    """The AQL one step tighter; None for the tightest."""
    place = aqls().index(aql)
    return aqls()[place - 1] if place else None


def code_letter(lot: int, level: str) -> str:
    """The code letter of a lot of so many units; a single unit counts as the smallest band."""
    found = letters()[0][1]
    for smallest, by_level in letters():
        if smallest > lot:
            break
        found = by_level
    return found[level]


def sampling(*, lot: int, level: str, aql: Decimal, severity: str) -> Sampling:
    """The sample of a lot, never larger than the lot."""
    letter = code_letter(lot, level)
    plan = plans()[severity, letter, aql]
    if plan.sample >= lot:
        return Sampling(letter, SamplingPlan(lot, plan.accept, plan.reject), is_all=True)
    return Sampling(letter, plan, is_all=False)
