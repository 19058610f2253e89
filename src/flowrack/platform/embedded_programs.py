"""PostgreSQL's own programs for the embedded server: run without root's rights, data made, settings written."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from flowrack.platform.embedded_place import EmbeddedError, Place

ROLE = "flowrack"
LOG_LIMIT_BYTES = 10_000_000

# Sized for 2 cores and 8 GB beside the application; a larger house names its own server in DATABASE_URL.
SETTINGS = """\
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
max_locks_per_transaction = 256
shared_buffers = 256MB
effective_cache_size = 3GB
work_mem = 16MB
maintenance_work_mem = 128MB
max_wal_size = 2GB
min_wal_size = 256MB
checkpoint_timeout = 15min
client_connection_check_interval = 10s
wal_compression = on
random_page_cost = 1.1
jit = off
fsync = on
full_page_writes = on
synchronous_commit = on
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_line_prefix = '%m [%p] %q%a '
log_checkpoints = off
"""


class Done(NamedTuple):
    """How a program ended and what it said."""

    returncode: int
    output: str


def _new_file(place: Place, path: Path) -> int:
    """A new file of the server's user; never through a link, for the directory is that user's and we may be root."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    if place.drops_rights:
        os.fchown(handle, place.user.uid, place.user.gid)
    return handle


def run(place: Place, program: str, *arguments: str, pass_fds: tuple[int, ...] = ()) -> Done:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LD_"))}
    environment |= {"LC_ALL": "C", "LANG": "C", "HOME": str(place.area)}
    rights: dict[str, Any] = {}
    if place.drops_rights:
        rights = {"user": place.user.uid, "group": place.user.gid, "extra_groups": []}
    # Not a pipe: the server would hold it open for as long as it lives.
    with os.fdopen(_new_file(place, place.area / "log" / f"{program}.out"), "w+") as told:
        try:
            done = subprocess.run(  # noqa: S603
                [str(place.binaries() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd="/",
                start_new_session=True,
                pass_fds=pass_fds,
                check=False,
                **rights,
            )
        except PermissionError as error:
            raise EmbeddedError(
                f"{program} cannot be run as {place.user.name}: {error}. "
                f"Run as an ordinary user, or set DATABASE_URL to a server of your own."
            ) from error
        told.seek(0)
        return Done(done.returncode, told.read())


def initdb(place: Place) -> None:
    """Make the data directory under another name first, so that a killed initdb leaves nothing half made."""
    new = place.area / "data.new"
    if new.exists():
        shutil.rmtree(new)
    new.mkdir(mode=0o700)
    if place.drops_rights:
        os.chown(new, place.user.uid, place.user.gid)
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    done = run(
        place, "initdb", "-D", str(new), "-U", "postgres", "--encoding=UTF8", *locale, "--data-checksums",
        "--auth-local=peer", "--auth-host=reject",
    )  # fmt: skip
    if done.returncode:
        raise EmbeddedError(f"initdb failed in {new}:\n{done.output[-2000:]}")
    with os.fdopen(os.open(new / "postgresql.conf", os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW), "a") as conf:
        conf.write("\ninclude_if_exists = 'flowrack.conf'\n")
    new.rename(place.data)


def check_version(place: Place) -> None:
    has = (place.data / "PG_VERSION").read_text().strip()
    told = run(place, "postgres", "--version").output
    brings = told.split()[-1].split(".")[0] if told.split() else "?"
    if has != brings:
        raise EmbeddedError(
            f"The data in {place.data} are of PostgreSQL {has}, this Flowrack brings {brings}. Make a backup with the "
            f"Flowrack that wrote them (flowrack backup FILE) and restore it here into a new home."
        )


def configure(place: Place) -> None:
    """Write our settings and who may connect: the user we run as, known by the operating system, nobody else."""
    sockets = str(place.sockets).replace("'", "''")
    me = pwd.getpwuid(os.geteuid()).pw_name
    files = {
        "flowrack.conf": f"# Written by Flowrack at every start.\n{SETTINGS}unix_socket_directories = '{sockets}'\n",
        "pg_hba.conf": "# Written by Flowrack at every start.\nlocal all all peer map=flowrack\n",
        "pg_ident.conf": f'# Written by Flowrack at every start.\nflowrack "{me}" {ROLE}\nflowrack "{me}" postgres\n',
    }
    for name, text in files.items():
        with os.fdopen(_new_file(place, place.data / name), "w") as file:
            file.write(text)
    if place.log.exists() and place.log.stat().st_size > LOG_LIMIT_BYTES:
        place.log.replace(place.log.with_suffix(".log.1"))
