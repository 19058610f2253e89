"""The secret key of a home: one for all programs, whole for each of them, read by its owner only."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from flowrack.config import secrets

AT_ONCE = 8


@pytest.fixture(autouse=True)
def no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("FLOWRACK_SECRET_KEY", raising=False)
    return


def start_at_once(home: Path) -> set[str]:
    """The keys that programs read which all start now."""
    together = Barrier(AT_ONCE)

    def start(number: int) -> str:
        together.wait()
        return secrets.keep(home, f"key of {number}")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return set(pool.map(start, range(AT_ONCE)))


def test_programs_that_start_at_once_read_one_whole_key(tmp_path: Path) -> None:
    for turn in range(40):
        home = tmp_path / str(turn)
        keys = start_at_once(home)
        assert len(keys) == 1
        assert keys.pop().startswith("key of ")
        assert [path.name for path in home.iterdir()] == ["secret-key"]


def test_that_race_is_there_where_the_file_appears_before_its_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it once was: the name first, the key after it. Some program then reads nothing, or replaces what is there."""

    def name_first(own: Path, path: Path) -> None:
        key = own.read_text()
        if not path.exists():
            path.touch()
            path.write_text(key)

    monkeypatch.setattr(secrets, "_show", name_first)
    assert any(len(start_at_once(tmp_path / str(turn))) > 1 for turn in range(200))


def test_the_key_is_kept_and_its_owner_alone_reads_it(tmp_path: Path) -> None:
    assert [secrets.keep(tmp_path, "first"), secrets.keep(tmp_path, "second")] == ["first", "first"]
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


def test_an_empty_file_that_a_crash_left_gets_a_key(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()
    assert secrets.keep(tmp_path, "new") == "new"
    assert secrets.secret_key(tmp_path) == "new"


def test_the_environment_goes_before_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWRACK_SECRET_KEY", "of the server")
    assert (secrets.keep(tmp_path, "new"), secrets.secret_key(tmp_path)) == ("of the server", "of the server")
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_is_not_there_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert len(secrets.secret_key(tmp_path / "typo")) >= 64
    assert list(tmp_path.iterdir()) == []
