"""`flowrack replay --policy`: rules of a file or a version tried on the company's own history."""

from __future__ import annotations

import argparse
import json
from datetime import date
from pathlib import Path

import pytest

from flowrack.allocation.tests import rulebook
from flowrack.allocation.tests.test_replay_rule_set import C_FIRST, MON, lived
from flowrack.allocation.types_rules import BadRuleSet
from flowrack.integrations import cli
from flowrack.integrations.replay.types import ReplayRefused

pytestmark = pytest.mark.django_db(transaction=True)

RULES = "name: Shops first\nclasses\nShops: keep; tier C\nRest: keep\n"


def replay(*words: str) -> int:
    """The command line says this."""
    parser = argparse.ArgumentParser()
    cli.register(parser.add_subparsers())
    arguments = parser.parse_args(["replay", *words])
    assert arguments.needs_company is any(word == "--policy" for word in words)
    return int(arguments.run(arguments))


def test_a_file_and_a_version_are_tried_on_history_with_both_sides(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    at = lived()
    path = tmp_path / "shops.txt"
    path.write_text(RULES, encoding="utf-8")
    days = ("--from", MON.isoformat(), "--to", date(2026, 3, 8).isoformat())
    assert replay("--policy", str(path), *days, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["policy"], found["lines"], found["in_force"]) == ("Shops first", 2, ["allocation/1"])
    fills = {
        side: {row["tier"]: row["unit_fill_percent"] for row in found[side] if row["week"] is None}
        for side in ("happened", "present", "draft")
    }
    assert fills == {
        "happened": {"": "50.0", "A": "100.0", "C": "0.0"},
        "present": {"": "62.5", "A": "100.0", "C": "25.0"},
        "draft": {"": "62.5", "A": "25.0", "C": "100.0"},
    }
    version = rulebook.draft(at.site, C_FIRST, name="Clinics").rule_set_id
    assert replay("--policy", str(version), *days) == 0
    said = capsys.readouterr().out
    assert said.startswith("Clinics, version 1 of W1: 2026-03-02 to 2026-03-08, 2 lines")
    assert "Not in the simulation:" in said


def test_what_cannot_be_tried_is_refused_with_its_line(tmp_path: Path):
    lived()
    path = tmp_path / "bad.txt"
    path.write_text("name: X\nclasses\nShops: win\n", encoding="utf-8")
    with pytest.raises(BadRuleSet, match="line 3: “win” is nothing that a class can do"):
        replay("--policy", str(path))
    path.write_text(RULES, encoding="utf-8")
    with pytest.raises(ReplayRefused, match="There is no site W9"):
        replay("--policy", str(path), "--site", "W9")
    with pytest.raises(ReplayRefused, match="cannot be read"):
        replay("--policy", str(tmp_path / "none.txt"))
    with pytest.raises(ReplayRefused, match="not on a file"):
        replay(str(path), "--policy", str(path))
    with pytest.raises(ReplayRefused, match="nothing to replay"):
        replay()
