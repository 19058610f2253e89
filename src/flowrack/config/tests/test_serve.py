"""`flowrack serve` and `flowrack doctor` as a person at the command line meets them."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.places import throw_away_directory

from flowrack.platform import embedded

pytestmark = pytest.mark.xdist_group("serve")
SOURCE = Path(embedded.__file__).parents[2]


def environment(home: Path, port: int) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_URL", "FLOWRACK"))}
    return kept | {"FLOWRACK_HOME": str(home), "PYTHONPATH": str(SOURCE), "PORT": str(port), "WEB_PROCESSES": "1"}


def flowrack(home: Path, port: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flowrack", *arguments],
        env=environment(home, port), capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def status_of(port: int) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=20) as answer:
        return int(answer.status)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    with throw_away_directory("frserve-") as parent:
        yield parent / "home"
        embedded.remove(parent / "home")


@pytest.fixture
def served(home: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running `flowrack serve` and its port."""
    port = free_port()
    command = [sys.executable, "-m", "flowrack", "serve"]
    process = subprocess.Popen(command, env=environment(home, port), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    while line := process.stdout.readline():
        if "serves on" in line:
            break
    assert process.poll() is None
    yield process, port
    if process.poll() is None:
        process.terminate()
        process.wait(timeout=60)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_a_new_home_and_leaves_nothing_running(
    home: Path, served: tuple[subprocess.Popen[str], int], sign: signal.Signals
) -> None:
    process, port = served
    assert status_of(port) == 200
    process.send_signal(sign)
    assert process.wait(timeout=60) == 0
    assert embedded.is_running(home) is False
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_killed_database_is_started_again_beneath_it(home: Path, served: tuple[subprocess.Popen[str], int]) -> None:
    _process, port = served
    before = _postmaster(home)
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while not embedded.is_running(home) or _postmaster(home) == before:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert status_of(port) == 200


def test_children_of_a_killed_serve_do_not_live_on(home: Path, served: tuple[subprocess.Popen[str], int]) -> None:
    process, port = served
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    with socket.socket() as probe:
        while probe.connect_ex(("127.0.0.1", port)) == 0:
            assert time.monotonic() < deadline
            probe.close()
            probe = socket.socket()
            time.sleep(0.1)
    embedded.stop(home)


def test_a_taken_port_is_named_with_the_way_out(home: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])
        refused = flowrack(home, port, "serve")
    assert refused.returncode == 1
    assert f"Port {port} on 127.0.0.1 is taken by another program" in refused.stderr
    assert "PORT=" in refused.stderr


def test_the_doctor_finds_a_sound_house_sound(home: Path) -> None:
    flowrack(home, free_port(), "migrate")
    told = flowrack(home, free_port(), "doctor")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "BAD" not in told.stdout


def test_the_doctor_names_what_is_wrong_and_the_way_to_mend_it(home: Path) -> None:
    key = home / "secret-key"
    key.chmod(0o644)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = int(other.getsockname()[1])
        told = flowrack(home, port, "doctor")
    key.chmod(stat.S_IRUSR | stat.S_IWUSR)
    assert told.returncode == 1
    assert f"chmod 600 {key}" in told.stdout
    assert f"BAD Port: Port {port}" in told.stdout.replace("BAD  ", "BAD ")


def test_the_doctor_says_when_the_named_server_does_not_answer(home: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "flowrack", "doctor"],
        env=environment(home, free_port()) | {"DATABASE_URL": "postgresql://nobody@/nowhere?host=/nowhere"},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert told.returncode == 1
    assert "The database that DATABASE_URL names does not answer" in told.stdout


def _postmaster(home: Path) -> int:
    try:
        return int((home / "postgres" / "data" / "postmaster.pid").read_text().split("\n")[0])
    except (FileNotFoundError, ValueError):
        return 0
