"""A file as an answer."""

from __future__ import annotations

from django.http import HttpResponse


def as_file(content: bytes, content_type: str, name: str) -> HttpResponse:
    """The content, shown in the browser where it can."""
    plain = "".join(char if char.isalnum() or char in "._-" else "-" for char in name)
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'inline; filename="{plain}"'}
    )
