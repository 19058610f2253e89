"""`flowrack replay --policy`: allocation rules tried on what this company's ledger holds."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from flowrack.allocation import queries_history, queries_replay, queries_rules
from flowrack.allocation.queries_replay import SIDES, Replayed
from flowrack.allocation.rules_check import faults_of
from flowrack.allocation.rules_figures import NAMES, Figures
from flowrack.allocation.rules_file import read_file
from flowrack.allocation.types_rules import BadRuleSet, RuleSet
from flowrack.integrations.replay.types import ReplayRefused
from flowrack.locations import queries as places
from flowrack.platform.http import now

HEADS = {"happened": "as it happened", "present": "rules in force", "draft": "these rules"}
ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("unit fill on time, %", lambda f: _tenths(f.unit_fill)),
    ("line fill on time, %", lambda f: _tenths(f.line_fill)),
    ("units", lambda f: f"{f.units:,}"),
    ("units that left", lambda f: f"{f.units_left:,}"),
    ("lines", lambda f: f"{f.lines:,}"),
    ("lines whole", lambda f: f"{f.lines_whole:,}"),
    ("backorder days", lambda f: f"{f.late_days:,}"),
    ("shipments beyond the first", lambda f: f"{f.splits:,}"),
    ("promises broken", lambda f: f"{f.broken:,} of {f.promised:,}"),
    ("value that left", lambda f: f"{f.value:,.2f}"),
    ("margin", lambda f: f"{f.margin:,.2f}"),
)


class _Policy(argparse.Action):
    """Rules are tried on a company that is there."""

    def __call__(
        self, parser: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option: str | None = None
    ) -> None:
        namespace.policy, namespace.needs_company = values, True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What a trial on history is told."""
    parser.add_argument(
        "--policy",
        action=_Policy,
        metavar="FILE|ID",
        help="try allocation rules on this company's own history; changes nothing",
    )
    parser.add_argument(
        "--from", dest="first", type=date.fromisoformat, metavar="DAY", help="of the trial, or of the file"
    )
    parser.add_argument("--to", dest="last", type=date.fromisoformat, metavar="DAY", help="of the trial")


def run(arguments: argparse.Namespace) -> int:
    """Try the rules and print both sides."""
    rules, name, own_site = _rules_of(arguments.policy)
    wanted = {code.strip().upper() for code in arguments.site}
    sites = [
        site for site in places.sites() if (site.code in wanted if wanted else not own_site or site.site_id == own_site)
    ]
    missing = sorted(wanted - {site.code for site in sites})
    if missing or not sites:
        raise ReplayRefused(f"There is no site {', '.join(missing)}.", fix="Name sites of this company with --site.")
    started = time.monotonic()
    first, last = queries_history.span_of([s.site_id for s in sites], now(), arguments.first, arguments.last)
    done = queries_replay.replay_rules(rules, [(s.site_id, s.code) for s in sites], first, last)
    seconds = int(time.monotonic() - started)
    if arguments.json:
        print(json.dumps(_as_json(done, name, seconds), indent=2))
    else:
        print(_as_text(done, name, seconds))
    return 0


def _rules_of(policy: str) -> tuple[RuleSet, str, int]:
    """The rules of a version or of a file, how they are called, and the site whose they are (0 = any)."""
    if policy.isdigit() and not Path(policy).exists():
        row = queries_rules.rule_set(int(policy))
        return row.rules, f"{row.name}, version {row.version} of {row.site}", row.site_id
    try:
        text = Path(policy).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise ReplayRefused(
            f"{policy} cannot be read: {problem}.", fix="Give the file of a rule set, or the number of a version."
        ) from None
    found = read_file(text, queries_rules.codes())
    bad = found.bad or faults_of(found.rules)
    if bad:
        raise BadRuleSet(f"{policy}, line {bad[0].line}: {bad[0].message}", lines=bad, fix=bad[0].fix)
    return found.rules, found.name or Path(policy).name, 0


def _tenths(value: int) -> str:
    return f"{Decimal(value) / 10:.1f}"


def _as_text(done: Replayed, name: str, seconds: int) -> str:
    out = [f"{name}: {done.first_on} to {done.last_on}, {done.lines:,} lines, {seconds} s"]
    out.append("Rules in force: " + ", ".join(sorted({present.rule for present in done.present})))
    for tier in sorted({key[0] for side in done.sides.values() for key in side}, key=lambda t: t or "Z"):
        sides = [done.sides[side].get((tier, None), Figures()) for side in SIDES]
        out += ["", f"Tier {tier}" if tier else "All", "  " + " " * 28 + "".join(f"{HEADS[s]:>18}" for s in SIDES)]
        out += [f"  {what:<28}" + "".join(f"{told(side):>18}" for side in sides) for what, told in ROWS]
    return "\n".join([*out, "", "Not in the simulation:", *(f"- {sentence}" for sentence in done.unknown)])


def _as_json(done: Replayed, name: str, seconds: int) -> dict[str, Any]:
    def of(one: Figures) -> dict[str, Any]:
        figures = {n: str(v) if isinstance(v := getattr(one, n), Decimal) else v for n in NAMES}
        return {**figures, "unit_fill_percent": _tenths(one.unit_fill), "line_fill_percent": _tenths(one.line_fill)}

    return {
        "policy": name,
        "from": done.first_on.isoformat(),
        "to": done.last_on.isoformat(),
        "lines": done.lines,
        "seconds": seconds,
        "in_force": [present.rule for present in done.present],
        **{
            side: [
                {"tier": key[0], "week": key[1].isoformat() if key[1] else None, **of(one)}
                for key, one in sorted(done.sides[side].items(), key=lambda kv: (kv[0][0], str(kv[0][1] or "")))
            ]
            for side in SIDES
        },
        "not_in_the_simulation": done.unknown,
    }
