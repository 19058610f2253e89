"""Where tests put databases of their own: in memory where there is room, for a busy disk takes seconds for each sync.

Killing a server with -9 loses nothing that the operating system holds, be it in memory or on a disk, so these tests
prove the same in both.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 3 * 2**30


@contextmanager
def throw_away_directory(prefix: str) -> Iterator[Path]:
    """A directory that other users may pass through, deleted afterwards."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if has_room else None))
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path)
