"""Kill -9 of the replay and of its database in the middle: resumed, it ends with the very books of an unharmed run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from tests.places import throw_away_directory
from tests.template import copy_of_migrated_home

from flowrack.integrations import sample

SLICE = Path(sample.__file__).parent / "orders.csv.gz"
ROOT = Path(__file__).resolve().parents[4]


def start(home: Path) -> subprocess.Popen[str]:
    """A replay with an embedded database of its own."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "PYTEST_CURRENT_TEST")}
    environment |= {"FLOWRACK_HOME": str(home), "PYTHONPATH": str(ROOT / "src")}
    program = [sys.executable, "-m", "flowrack.config.cli"]
    return subprocess.Popen(
        [*program, "replay", str(SLICE), "--seed", "3", "--days", "3", "--json"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(home: Path) -> dict[str, Any]:
    process = start(home)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return dict(json.loads(out))


def kill_after_first_day(home: Path) -> None:
    """Let the first day end, then kill the replay and every process of its database."""
    process = start(home)
    assert process.stderr is not None
    for line in process.stderr:
        if "day 1," in line:
            break
    time.sleep(0.7)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for path in home.rglob("postmaster.pid"):
        os.kill(int(path.read_text().split()[0]), signal.SIGKILL)


@pytest.mark.skipif(os.geteuid() == 0 and sys.platform == "darwin", reason="the embedded server does not run there")
def test_killed_replay_and_database_resume_to_the_same_books() -> None:
    with throw_away_directory("frkilled-") as place:
        for name in ("a", "b"):
            copy_of_migrated_home(place / name)
        unharmed = finish(place / "a")
        kill_after_first_day(place / "b")
        resumed = finish(place / "b")
    assert resumed["days"] in (1, 2), "it went on in the middle"
    assert resumed["books"] == unharmed["books"]
