"""Files waiting to be imported: kept by their digest, so that a command can name them and a retry finds them."""

from __future__ import annotations

import hashlib

from flowrack.platform import sql
from flowrack.platform.importing.sheets import MAX_BYTES, FileRefused


def store_file(content: bytes, filename: str) -> str:
    """Keep a file and give its digest; the same content is kept once."""
    if len(content) > MAX_BYTES:
        raise FileRefused(
            f"The file has {len(content) // 2**20} MB; {MAX_BYTES // 2**20} MB is the most.", fix="Split the file."
        )
    return keep_file(content, filename)


def keep_file(content: bytes, filename: str) -> str:
    """Keep a file of any size, such as one that we made."""
    digest = hashlib.sha256(content).hexdigest()
    sql.execute(
        "INSERT INTO platform_importfile (digest, filename, content) VALUES (%s, %s, %s)"
        " ON CONFLICT (digest) DO NOTHING",
        (digest, filename[:200], content),
    )
    return digest


def stored_file(digest: str) -> bytes:
    """The content of a stored file; refuses with FileRefused when it is gone."""
    content = sql.fetch_value("SELECT content FROM platform_importfile WHERE digest = %s", (digest,))
    if content is None:
        raise FileRefused("The uploaded file is not there any more.", fix="Upload it again.")
    return bytes(content)
