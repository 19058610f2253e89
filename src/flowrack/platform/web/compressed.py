"""Static files as WhiteNoise serves them from the package, compressed for whoever takes that: scanners on bad Wi-Fi.

The compressed copies lie in the home under the hash of what they hold, so none can be stale; they are made at a start
that misses them. A package may be installed where nothing can be written beside its files.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from whitenoise.compress import Compressor
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

WORTH = 0.95  # a copy that is not smaller by a twentieth is not kept


class CompressedStatic(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise, with a compressed copy of every file that shrinks."""

    _may_shrink = staticmethod(Compressor(use_brotli=False).should_compress)

    def get_static_file(self, path: str, url: str, stat_cache: dict[str, os.stat_result] | None = None) -> StaticFile:
        """The file with its headers and, as its first alternative, its compressed copy."""
        found: Any = super().get_static_file(path, url, stat_cache)
        copy = compressed(Path(path)) if self._may_shrink(path) else None
        if copy is None:
            return found
        own = [(name, value) for name, value in found.alternatives[-1][2] if name != "Content-Length"]
        return StaticFile(path, own, {"gzip": str(copy)})


def compressed(path: Path) -> Path | None:
    """Where the compressed copy of a file lies, made now if it is missing; None where it would save nothing."""
    plain = path.read_bytes()
    copy = Path(settings.HOME) / "static" / f"{hashlib.sha256(plain).hexdigest()}.gz"
    if not copy.exists():
        smaller = gzip.compress(plain, 9, mtime=0)
        if len(smaller) > WORTH * len(plain):
            return None
        copy.parent.mkdir(parents=True, exist_ok=True)
        new = copy.with_suffix(f".{os.getpid()}")
        new.write_bytes(smaller)
        new.replace(copy)
    return copy
