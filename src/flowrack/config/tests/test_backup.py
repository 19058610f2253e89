"""A backup restores to the same rows, on our own server and on any other, or it changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.places import throw_away_directory
from tests.template import copy_of_migrated_home

from flowrack.config import secrets
from flowrack.config.backup import _older_servers_understand, _unpack
from flowrack.config.launch import CannotStart
from flowrack.platform import embedded
from flowrack.platform.embedded_place import user_named

pytestmark = pytest.mark.xdist_group("backup")
SOURCE = Path(embedded.__file__).parents[2]
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


class House:
    """One installation: a home and, where given, a server of its own choice."""

    def __init__(self, home: Path, url: str = "") -> None:
        self.home = home
        self.url = url or embedded.url(home)
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_URL", "FLOWRACK"))}
        self.environment |= {"FLOWRACK_HOME": str(home), "PYTHONPATH": str(SOURCE)}
        if url:
            self.environment["DATABASE_URL"] = url

    def flowrack(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "flowrack", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=120)

    def must(self, *arguments: str) -> str:
        done = self.flowrack(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            found = connection.execute(sql.encode())
            return found.fetchall() if found.description else []

    def work_a_little(self, key: str) -> None:
        self.rows(
            "INSERT INTO platform_commandrecord (actor_id, key, command, device, address, fingerprint, request, "
            f"occurred_at, subject) SELECT id, '{key}', 'test.work', '', NULL, '\\x00', '{{}}', now(), '' "
            "FROM platform_user WHERE username = 'system'"
        )

    def keys(self) -> list[str]:
        return [str(row[0]) for row in self.rows("SELECT key FROM platform_commandrecord ORDER BY id")]


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    with throw_away_directory("frbackup-") as path:
        yield path


@pytest.fixture(scope="module")
def ours(place: Path) -> Iterator[House]:
    """An installation with the embedded server."""
    house = House(place / "ours")
    copy_of_migrated_home(house.home)
    with embedded.running(house.home):
        yield house
    embedded.remove(house.home)


@pytest.fixture(scope="module")
def whole(ours: House, place: Path) -> Path:
    """A sound backup, for tests that make it unsound."""
    ours.must("backup", str(place / "whole.tar"))
    return place / "whole.tar"


@pytest.fixture(scope="module")
def theirs(place: Path, ours: House) -> Iterator[House]:
    """An installation on a server named by DATABASE_URL: Debian's PostgreSQL 15 where there is one."""
    if not (DEBIAN_15 / "initdb").exists():
        ours.rows("CREATE DATABASE theirs")
        yield House(place / "theirs", ours.url.replace("/flowrack?", "/theirs?"))
        ours.rows("DROP DATABASE theirs WITH (FORCE)")
        return
    area = Path(tempfile.mkdtemp(prefix="frpg15-"))
    user = user_named("postgres") if os.geteuid() == 0 else None
    rights = {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}
    if user:
        os.chown(area, user.uid, user.gid)

    def run(program: str, *arguments: str) -> None:
        log = area / f"{program}.out"
        with log.open("w") as told:
            done = subprocess.run([DEBIAN_15 / program, *arguments], stdout=told, stderr=told, cwd="/", **rights)
        assert done.returncode == 0, log.read_text()

    data = str(area / "data")
    run("initdb", "-D", data, "-U", "flowrack", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={area} -c fsync=off"
    run("pg_ctl", "start", "-w", "-D", data, "-l", str(area / "log"), "-o", options)
    try:
        with psycopg.connect(f"host={area} user=flowrack dbname=postgres", autocommit=True) as admin:
            admin.execute("CREATE DATABASE flowrack")
        yield House(place / "theirs", f"postgresql://flowrack@/flowrack?host={area}")
    finally:
        run("pg_ctl", "stop", "-w", "-m", "fast", "-D", data)
        shutil.rmtree(area)


def test_a_company_comes_back_as_it_was_with_its_files(ours: House, place: Path) -> None:
    ours.work_a_little("before")
    (ours.home / "files").mkdir(exist_ok=True)
    (ours.home / "files" / "photo.txt").write_text("a dented case")
    told = ours.must("backup", str(place / "one.tar"))
    assert (place / "one.tar").stat().st_mode & 0o077 == 0
    assert "rows of" in told

    ours.work_a_little("after")
    (ours.home / "files" / "photo.txt").write_text("overwritten")
    refused = ours.flowrack("restore", str(place / "one.tar"))
    assert refused.returncode == 1
    assert "already holds a company. Add --replace" in refused.stderr
    assert ours.keys() == ["before", "after"]

    ours.must("restore", "--replace", str(place / "one.tar"))
    assert ours.keys() == ["before"]
    assert ours.rows("SELECT has_table_privilege('ledger_move', 'UPDATE, DELETE, TRUNCATE')") == [(False,)]
    assert (ours.home / "files" / "photo.txt").read_text() == "a dented case"
    ours.work_a_little("goes on")
    assert ours.keys() == ["before", "goes on"]


def test_a_company_moves_to_another_server_and_back(ours: House, theirs: House, place: Path) -> None:
    before = ours.keys()
    ours.must("backup", str(place / "out.tar"))
    theirs.must("restore", str(place / "out.tar"))
    assert theirs.keys() == before
    theirs.work_a_little("while away")
    theirs.must("backup", str(place / "back.tar"))
    ours.must("restore", "--replace", str(place / "back.tar"))
    assert ours.keys() == [*before, "while away"]


def test_a_damaged_backup_changes_nothing(ours: House, whole: Path, place: Path) -> None:
    before = ours.keys()
    (place / "half.tar").write_bytes(whole.read_bytes()[:40_000])
    body = bytearray(whole.read_bytes())
    body[body.index(b"PGDMP") + 5_000] ^= 0xFF
    (place / "flipped.tar").write_bytes(body)
    for name, reason in (("half.tar", "not a whole backup"), ("flipped.tar", "is damaged"), ("none.tar", "no file")):
        refused = ours.flowrack("restore", "--replace", str(place / name))
        assert (refused.returncode, reason in refused.stderr) == (1, True), refused.stderr
    assert ours.keys() == before


def test_what_is_no_backup_at_all_is_refused_in_words(ours: House, place: Path) -> None:
    before = ours.keys()
    (place / "garbage.tar").write_bytes(b"BZh9 this is no archive" * 40)
    with tarfile.open(place / "other.tar", "w"):
        pass
    refused = ours.flowrack("restore", "--replace", str(place / "garbage.tar"))
    assert refused.stderr.splitlines() == [
        f"{place / 'garbage.tar'} is not a whole backup of Flowrack: it is no tar file, or its end is missing.",
        "Name a file that `flowrack backup` wrote, or copy it here once more.",
    ]
    refused = ours.flowrack("restore", "--replace", str(place / "other.tar"))
    assert refused.stderr.strip().endswith("is not a whole backup of Flowrack: manifest.json is missing in it.")
    assert ours.keys() == before


@pytest.mark.parametrize(
    "command", [["backup", "x.tar"], ["verify"], ["import", "items", "items.csv", "--user", "pam"], ["worker"]]
)
def test_where_no_company_is_none_is_made_and_the_way_out_is_told(place: Path, command: list[str]) -> None:
    nowhere = House(place / "typing-slip")
    (place / "items.csv").write_text("SKU,Name\n1,Mug\n")
    refused = nowhere.flowrack(*command)
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"There is no company in {nowhere.home}.\n")
    assert "FLOWRACK_HOME=DIRECTORY" in refused.stderr and "DATABASE_URL" in refused.stderr
    assert not nowhere.home.exists()


def test_a_new_home_keeps_the_key_that_its_first_program_used(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FLOWRACK_SECRET_KEY", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    home = place / "new-home"
    key = secrets.secret_key(home)
    assert not home.exists() and len(key) > 80
    assert secrets.keep(home, key) == key
    assert secrets.secret_key(home) == key == secrets.keep(home, "another")
    monkeypatch.setenv("DATABASE_URL", "postgresql://server/flowrack")
    assert secrets.secret_key(place / "web-server") == secrets.secret_key(place / "web-server")


def test_a_backup_whose_rows_do_not_count_up_changes_nothing(ours: House, whole: Path, place: Path) -> None:
    before = ours.keys()
    _change_manifest(whole, place / "short.tar", lambda m: m["rows"].update(platform_user=99))
    refused = ours.flowrack("restore", "--replace", str(place / "short.tar"))
    assert refused.returncode == 1
    assert "rows of platform_user" in refused.stderr
    assert ours.keys() == before


def test_a_backup_of_a_newer_version_is_refused(ours: House, whole: Path, place: Path) -> None:
    _change_manifest(whole, place / "newer.tar", lambda m: m["migrations"].append("platform.9999_later"))
    refused = ours.flowrack("restore", "--replace", str(place / "newer.tar"))
    assert refused.returncode == 1
    assert "platform.9999_later" in refused.stderr


@pytest.mark.parametrize("kind", ["../outside", "/outside", "files/../../outside", "link"])
def test_a_tar_file_that_leads_elsewhere_is_refused(ours: House, place: Path, kind: str) -> None:
    evil = tarfile.TarInfo("files/link" if kind == "link" else kind)
    if kind == "link":
        evil.type, evil.linkname = tarfile.SYMTYPE, "/etc"
    with tarfile.open(place / "evil.tar", "w") as tar:
        tar.addfile(evil)
    with pytest.raises(CannotStart, match="which no backup does"):
        _unpack(place / "evil.tar", place)
    assert not (place.parent / "outside").exists()


def test_what_an_older_server_does_not_know_is_left_out() -> None:
    assert _older_servers_understand("SET transaction_timeout = 0;\n") == ""
    assert _older_servers_understand("SET lock_timeout = 0;\n") == "SET lock_timeout = 0;\n"


def _change_manifest(source: Path, target: Path, change: object) -> None:
    assert callable(change)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        with tarfile.open(source) as tar:
            tar.extractall(work)
        manifest = json.loads((work / "manifest.json").read_text())
        change(manifest)
        (work / "manifest.json").write_text(json.dumps(manifest))
        with tarfile.open(target, "w") as tar:
            for path in work.iterdir():
                tar.add(path, path.name)
