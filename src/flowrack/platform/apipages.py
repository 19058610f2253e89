"""Cursor pages and entity tags for the API.

    @router.get("/orders", response=PageOut[OrderOut])
    @requires("sales.view")
    def orders(request: HttpRequest, response: HttpResponse, cursor: str = "", limit: int = LIMIT):
        rows = queries.orders_after(after_id(cursor), limit=limit + 1)
        return page_out(request, response, rows, limit=limit)

A cursor is opaque: it says where the page before ended. Rows that are added meanwhile are neither skipped nor doubled.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import Field

from flowrack.shared.errors import BadLine, Invalid, Stale
from flowrack.shared.quantity import BIGINT_MAX

Item = TypeVar("Item")
LIMIT: Any = Query(50, ge=1, le=200, description="rows of a page, 1 to 200")  # type: ignore[type-arg]
BigId = Annotated[int, Field(ge=1, le=BIGINT_MAX)]


class PageOut(Schema, Generic[Item]):
    """One page. `next` is the cursor of the next one, null on the last; the header Link says the same."""

    items: list[Item]
    next: str | None = None


def cursor_of(*key: int | str) -> str:
    """The opaque cursor for the place after this key."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def key_in(cursor: str, *, parts: int = 1) -> list[Any] | None:
    """The key inside a cursor; None for the first page. Refuses with Invalid what is no cursor of ours."""
    if not cursor:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        key = None
    if not isinstance(key, list) or len(key) != parts or not all(isinstance(part, int | str) for part in key):
        raise Invalid(
            "This cursor is not valid.",
            fix="Use the cursor of the page before as it came.",
            lines=[BadLine(0, "cursor", "Not a cursor of this list.")],
        )
    return key


def after_id(cursor: str) -> int:
    """The id after which the page begins; 0 for the first page."""
    key = key_in(cursor)
    if key is None:
        return 0
    if not isinstance(key[0], int) or not 0 <= key[0] <= BIGINT_MAX:
        raise Invalid("This cursor is not valid.", lines=[BadLine(0, "cursor", "Not a cursor of this list.")])
    return key[0]


def page_out(request: HttpRequest, response: HttpResponse, rows: Sequence[Any], *, limit: int) -> dict[str, Any]:
    """A page out of `limit` + 1 rows in order of id; sets the Link header when there is more."""
    if len(rows) <= limit:
        return {"items": list(rows), "next": None}
    following = cursor_of(rows[limit - 1].id)
    query = request.GET.copy()
    query["cursor"] = following
    response["Link"] = f'<{request.build_absolute_uri(request.path)}?{query.urlencode()}>; rel="next"'
    return {"items": list(rows[:limit]), "next": following}


def etag_of(*version: object) -> str:
    """A strong entity tag for a version of a document: its version number, or the state and times that make it."""
    return '"' + hashlib.sha256("|".join(map(str, version)).encode()).hexdigest()[:24] + '"'


def require_match(request: HttpRequest, etag: str) -> None:
    """Refuse with Stale when the request says If-Match and the document is another version by now."""
    wanted = request.headers.get("If-Match")
    if wanted and wanted.strip() != "*" and etag not in [tag.strip() for tag in wanted.split(",")]:
        raise Stale("The document was changed since you read it.", fix="Read it again and repeat the change.")


def is_unchanged(request: HttpRequest, response: HttpResponse, etag: str) -> bool:
    """Set the ETag; True when the client has this version already and a 304 is enough."""
    response["ETag"] = etag
    return etag in [tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")]
