"""The gate: who may open a page or call an endpoint. Default deny: what declares no permission is closed to all.

Pages declare with `@requires`, `@signed_in` or `@public` (flowrack.platform.http); an endpoint that calls a command
needs no line of its own, the command's permission counts.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.utils.html import escape
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from flowrack.platform import sql
from flowrack.platform.http import (
    KEY_HEADER,
    OPEN,
    SIGNED_IN,
    Caller,
    address_of,
    bearer_of,
    caller_of,
    device_of_session,
    set_caller,
)
from flowrack.platform.runner import REGISTRY, CommandSpec
from flowrack.platform.sessions import end_if_over, may_open_on_device
from flowrack.platform.tokens import caller_of_token, remembered_caller_of_token
from flowrack.shared.errors import FlowrackError, Invalid, KeyMissing, NotPermitted, NotSignedIn

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def permission_of_view(view: Callable[..., Any]) -> str | None:
    """What a view declares, else the permission of the one command it calls; None when neither says."""
    declared: str | None = getattr(view, "permission", None)
    if declared is not None:
        return declared
    called = {command.permission for command in commands_of_view(view)}
    return called.pop() if len(called) == 1 else None


def commands_of_view(view: Callable[..., Any]) -> list[CommandSpec]:
    """The commands of its own stage that a view names."""
    code = getattr(view, "__code__", None)
    module = str(getattr(view, "__module__", ""))
    if code is None or not module.startswith("flowrack."):
        return []
    stage = module.split(".")[1]
    return [REGISTRY[f"{stage}.{name}"] for name in code.co_names if f"{stage}.{name}" in REGISTRY]


def check(caller: Caller, permission: str | None, request: HttpRequest) -> None:
    """Refuse with NotPermitted unless the caller holds the permission at some site; refusals are put on record."""
    if permission is None:
        refusal = NotPermitted("This address declares no permission, so it is closed.", fix="Tell the developers.")
    elif permission in (OPEN, SIGNED_IN) or caller.may(permission):
        return
    else:
        refusal = NotPermitted(
            f"You may not do this: it needs the permission {permission}.",
            fix="Ask an administrator for a role that has it.",
            permission=permission,
        )
    sql.execute(
        """
        INSERT INTO platform_refusal (actor_id, command, code, message, device, address)
        VALUES (%s, %s, %s, %s, '', %s::inet)
        """,
        (caller.user_id, f"{request.method} {request.path}"[:80], refusal.code, refusal.message, address_of(request)),
    )
    raise refusal


class ApiGate(AuthBase):
    """Authentication of one endpoint: an API token, or the session of the signed-in browser with its CSRF token."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "An API token, `Authorization: Bearer frk_…`."

    def __init__(self, permission: str | None, *, is_proved: bool = False, is_question: bool = False) -> None:
        super().__init__()
        self.permission = permission
        self.is_question = is_question  # its body is a question, and nothing is written
        self.is_proved = is_proved  # the endpoint calls a command, whose door proves what is remembered of a token

    def __call__(self, request: HttpRequest) -> Caller:
        """The caller; refuses with NotSignedIn, NotPermitted or KeyMissing, before anything of the body is read."""
        caller = self._caller(request)
        check(caller, self.permission, request)
        if request.method not in SAFE_METHODS and not self.is_question and not request.headers.get(KEY_HEADER):
            raise KeyMissing(
                "A write needs the header Idempotency-Key.", fix="Send a new random key with each request."
            )
        return caller

    def _caller(self, request: HttpRequest) -> Caller:
        token = bearer_of(request)
        if token is not None:
            caller = self._caller_of_token(request, token)
            if caller is None:
                raise NotSignedIn("This API token is not valid.", fix="It may be mistyped, expired or revoked.")
            set_caller(request, caller)
            return caller
        end_if_over(request)
        if device_of_session(request):
            raise _floor_only()
        caller = caller_of(request)
        if caller is None:
            raise NotSignedIn("You are not signed in.", fix="Send an API token: Authorization: Bearer frk_…")
        if request.method not in SAFE_METHODS and check_csrf(request, lambda: None):
            raise NotPermitted("The CSRF token is missing or wrong.", fix="Reload the page and try again.")
        return caller

    def _caller_of_token(self, request: HttpRequest, token: str) -> Caller | None:
        """Looked up, or remembered where a command's door proves it at its claim; a refusal is never from memory."""
        if not self.is_proved or request.method in SAFE_METHODS:
            return caller_of_token(token)
        caller = remembered_caller_of_token(token)
        if caller is None or self.permission in (OPEN, SIGNED_IN) or caller.may(self.permission or ""):
            return caller
        return caller_of_token(token)


class PageGate:
    """Middleware for pages and scan screens: sign-in, permission, and refusals rendered as pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; the checks happen when the view is known."""
        response = self.get_response(request)
        if getattr(request, "flowrack_caller", None) and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Turn away who may not open this page."""
        if request.path.startswith("/api/"):
            return None  # each endpoint has an ApiGate
        permission = permission_of_view(view)
        if permission == OPEN:
            return None
        end_if_over(request)
        caller = caller_of(request)
        if caller is None:
            return to_sign_in(request)
        if device_of_session(request) and not may_open_on_device(request.path):
            return HttpResponseRedirect("/scan") if request.path == "/" else refusal_page(request, _floor_only())
        try:
            check(caller, permission, request)
            _check_signs(request)
        except FlowrackError as refusal:
            return refusal_page(request, refusal)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal that a page did not catch is shown as a page of its own, never as a server error."""
        if not isinstance(exception, FlowrackError) or request.path.startswith("/api/"):
            return None
        if isinstance(exception, NotSignedIn):
            return to_sign_in(request)
        return refusal_page(request, exception)


def _floor_only() -> NotPermitted:
    return NotPermitted(
        "You signed in with badge and PIN: that opens the floor only.", fix="Sign in with your password for the office."
    )


def _check_signs(request: HttpRequest) -> None:
    """Refuse with Invalid what no column of text can hold, for every page at once."""
    for sent in (request.GET, request.POST):
        if any("\x00" in value for values in sent.lists() for value in (values[0], *values[1])):
            raise Invalid(
                "What was sent holds a sign that cannot be stored: a zero byte.",
                fix="Go back, type the text anew instead of pasting it, and send it again.",
            )


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send a browser to the sign-in page and back; a fragment asks the browser to go there as a whole."""
    wanted = request.get_full_path() if request.method == "GET" else "/"
    door = "/scan/sign-in" if request.path.startswith("/scan") and request.COOKIES.get("device") else "/sign-in"
    if request.headers.get("HX-Request") == "true":
        current = request.headers.get("HX-Current-URL", "")
        path = "/" + current.split("/", 3)[3] if current.count("/") >= 3 else "/"
        return HttpResponse(status=401, headers={"HX-Redirect": f"/sign-in?next={quote(path)}"})
    return HttpResponseRedirect(f"{door}?next={quote(wanted)}" if wanted != "/" else door)


def refusal_page(request: HttpRequest, refusal: FlowrackError) -> HttpResponse:
    """The refusal as a page, or for a fragment as its sentence alone."""
    if request.headers.get("HX-Request") == "true":
        html = f'<p role="alert">{escape(refusal.message)} {escape(refusal.fix)}</p>'
    else:
        html = render_to_string(
            "platform/refusal.html", {"refusal": refusal, "phrase": HTTPStatus(refusal.status).phrase}, request
        )
    return HttpResponse(html, status=refusal.status)
