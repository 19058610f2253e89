"""Versions as ETags: what was read comes back as If-Match, so that nobody overwrites a change unseen."""

from __future__ import annotations

from django.http import HttpRequest

from flowrack.shared.errors import Invalid


class VersionMissing(Invalid):
    """A change came without the ETag of what was read."""

    code = "version_missing"
    status = 428


def etag(version: int) -> str:
    """The ETag of a version."""
    return f'"{version}"'


def version_from(request: HttpRequest) -> int:
    """The version in If-Match; refuses with VersionMissing."""
    given = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
    if not given.isascii() or not given.isdigit():
        raise VersionMissing("A change needs the ETag of what was read.", fix="Send If-Match with the ETag of the GET.")
    return int(given)
