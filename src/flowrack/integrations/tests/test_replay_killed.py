"""Kill -9 of the replay and of its database in the middle: resumed, it ends with the very books of an unharmed run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from tests.places import throw_away_directory
from tests.template import copy_of_migrated_home

from flowrack.integrations import sample
from flowrack.platform import embedded
from flowrack.platform.embedded_place import Place

SLICE = Path(sample.__file__).parent / "orders.csv.gz"
ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture
def homes() -> Iterator[tuple[Path, Path]]:
    """Two homes with all tables; their databases are gone afterwards."""
    with throw_away_directory("frkilled-") as place:
        for name in ("a", "b"):
            copy_of_migrated_home(place / name)
        yield place / "a", place / "b"
        for name in ("a", "b"):
            embedded.remove(place / name)


def start(home: Path) -> subprocess.Popen[str]:
    """A replay of two sites with an embedded database of its own."""
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "PYTEST_CURRENT_TEST")}
    environment |= {"FLOWRACK_HOME": str(home), "PYTHONPATH": str(ROOT / "src")}
    program = [sys.executable, "-m", "flowrack.config.cli"]
    return subprocess.Popen(
        [*program, "replay", str(SLICE), "--seed", "3", "--days", "4", "--json"],
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


def kill_after(home: Path, words: str, *, replay: bool, database: bool) -> None:
    """Let the replay come to a line of its progress and work on for a moment, then kill without any warning.

    The moment is short beside a day of the replay (a third of a second on a fast machine), so that a day is killed half
    done.
    """
    process = start(home)
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        said.append(line)
        if words in line:
            break
    else:
        raise AssertionError(f"it ended before it said {words!r}, after:\n{''.join(said)}")
    time.sleep(0.1)
    if replay:
        process.send_signal(signal.SIGKILL)
    if database:
        postmaster = int((Place(home).data / "postmaster.pid").read_text().split()[0])
        backends = children(postmaster)
        assert backends, "a server at work has processes"
        os.kill(postmaster, signal.SIGKILL)
        for pid in backends:
            with suppress(ProcessLookupError):  # it has seen that its postmaster is gone
                os.kill(pid, signal.SIGKILL)
    process.communicate(timeout=120)
    assert process.returncode != 0, "it noticed"


def children(parent: int) -> list[int]:
    told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False)
    return [int(pid) for pid in told.stdout.split()]


def what_it_did(report: dict[str, Any]) -> dict[str, Any]:
    """What must not depend on how often it was killed: stock and values, how many moves, every measure."""
    return {name: report[name] for name in ("run", "books", "moves", "kpis", "verify_findings")}


@pytest.mark.skipif(os.geteuid() == 0 and sys.platform == "darwin", reason="the embedded server does not run there")
def test_a_replay_killed_three_times_loses_and_doubles_nothing(homes: tuple[Path, Path]) -> None:
    left_alone, killed = homes
    unharmed = finish(left_alone)
    assert unharmed["days"] == 4
    kill_after(killed, "opening stock", replay=True, database=True)
    kill_after(killed, " day ", replay=False, database=True)
    kill_after(killed, "suppliers", replay=True, database=False)
    resumed = finish(killed)
    assert resumed["days"] in (1, 2, 3), "it went on in the middle"
    assert what_it_did(resumed) == what_it_did(unharmed)
