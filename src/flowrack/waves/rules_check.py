"""What makes no sense in a template, a penalty rule or a change of people. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields

from flowrack.shared.errors import BadLine
from flowrack.waves.types import METHODS, HazardSplit, Mode, SetPolicy, TemplateOf, WaitsBy

MOST = 1_000_000_000
MOST_MINUTES = 24 * 60
TEMPERATURES = ("ambient", "chilled", "frozen")
TIERS = ("A", "B", "C")


SIZES = (
    "min_lines", "max_lines", "min_units", "max_units", "limit_lines", "limit_orders", "limit_volume_ml",
    "limit_weight_g", "wip_lines",
)  # fmt: skip


def template_faults(
    of: TemplateOf, *, services: Collection[str], zones: Collection[str], label_needs: Collection[str]
) -> list[BadLine]:
    """Every field of a template that cannot be kept, with the way out."""
    return [
        *_bad_words(of, {"services": services, "zones": zones, "label_needs": label_needs}),
        *_bad_sizes(of),
        *_bad_ways(of),
    ]


def _bad_words(of: TemplateOf, known: Mapping[str, Collection[str]]) -> Iterator[BadLine]:
    if not of.name.strip() or len(of.name) > 60:
        yield BadLine(0, "name", "A template has a name of up to 60 letters.")
    for field, words in {**known, "temperatures": TEMPERATURES, "tiers": TIERS}.items():
        for value in getattr(of, field):
            if value not in words:
                some = ", ".join(list(words)[:8]) or "none yet"
                yield BadLine(0, field, f"“{value}” is not known here.", f"Known: {some}.")
    for value in of.hazards:
        if value not in ("any", "none") and not value.replace(".", "", 1).isdigit():
            yield BadLine(0, "hazards", f"“{value}” is no class of dangerous goods.", "Write 3, 2.1, any or none.")


def _bad_sizes(of: TemplateOf) -> Iterator[BadLine]:
    for field in SIZES:
        if not 0 <= getattr(of, field) <= MOST:
            yield BadLine(0, field, f"This is a number from 0 to {MOST:,}.", "0 = no limit.")
    for low, high in (("min_lines", "max_lines"), ("min_units", "max_units")):
        if 0 < getattr(of, high) < getattr(of, low):
            yield BadLine(0, high, "The most is less than the least.")
    for field in ("staging_minutes", "loading_minutes"):
        if not 0 <= getattr(of, field) <= MOST_MINUTES:
            yield BadLine(0, field, "This is a number of minutes from 0 to 1,440.")


def _bad_ways(of: TemplateOf) -> Iterator[BadLine]:
    if of.mode not in list(Mode):
        yield BadLine(0, "mode", "A template works by cut-off or continuously.")
    if of.mode == Mode.CONTINUOUS and not of.wip_lines:
        words = "A continuous template needs a limit of open lines in a zone."
        yield BadLine(0, "wip_lines", words, "Enter 60, for example.")
    if of.is_automatic and of.mode != Mode.CONTINUOUS:
        words = "Only a continuous template releases by itself."
        yield BadLine(0, "is_automatic", words, "Choose continuous, or untick it.")
    if of.split_hazard not in list(HazardSplit):
        yield BadLine(0, "split_hazard", "Dangerous goods are kept apart: no, incompatible or apart.")
    if of.method not in METHODS:
        yield BadLine(0, "method", "Methods are discrete, batch, cluster and zone.")
    if not of.weekdays or not set(of.weekdays) <= set(range(1, 8)):
        yield BadLine(0, "weekdays", "Weekdays are 1 (Monday) to 7 (Sunday), at least one.")


def policy_faults(req: SetPolicy) -> list[BadLine]:
    """Every field of a penalty rule that cannot be kept."""
    bad = [
        BadLine(0, one.name, "Points are a number from 0 to 100,000.")
        for one in fields(SetPolicy)
        if one.name not in ("site_id", "waits_by") and not 0 <= getattr(req, one.name) <= 100_000
    ]
    if req.waits_by not in list(WaitsBy):
        bad.append(BadLine(0, "waits_by", "What waits: order or line."))
    return bad
