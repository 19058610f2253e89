"""The API's root: one gate for each endpoint, one shape for each error, strict bodies and a fast renderer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.renderers import BaseRenderer
from pydantic import BaseModel
from pydantic_core import to_json

from flowrack.platform import faults
from flowrack.platform.constraints import refusal_for_data
from flowrack.platform.gate import ApiGate, commands_of_view, permission_of_view
from flowrack.platform.http import SIGNED_IN
from flowrack.platform.openapi import Description
from flowrack.platform.typeerrors import bad_lines
from flowrack.shared.errors import FlowrackError, Invalid, NotFound

PROBLEM = "application/problem+json"


class FastRenderer(BaseRenderer):
    """JSON written by pydantic's Rust core; decimals as strings, so that no client rounds money."""

    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        """The body's bytes."""
        return to_json(data)


def problem(refusal: FlowrackError) -> HttpResponse:
    """A refusal as an RFC 9457 problem document."""
    response = HttpResponse(to_json(refusal.problem()), status=refusal.status, content_type=PROBLEM)
    if refusal.status == 503:
        response["Retry-After"] = "1"
    if refusal.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="flowrack"'
    return response


def _refused(request: HttpRequest, refusal: FlowrackError) -> HttpResponse:
    """A refusal. Where the address of a GET names what is unknown, the address leads nowhere: 404, not 422."""
    answer = problem(refusal)
    match = request.resolver_match
    if request.method == "GET" and match and match.kwargs and refusal.code.startswith("unknown_"):
        answer.content = to_json({**refusal.problem(), "status": NotFound.status})
        answer.status_code = NotFound.status
    return answer


def _not_valid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """What pydantic found, in the shape of a refusal."""
    lines = bad_lines(error.errors)
    return problem(Invalid("The request is not valid.", lines=lines, fix="See errors, one entry for each field."))


def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem(NotFound("There is no such thing here."))


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    refusal = Invalid(str(error))
    body = {**refusal.problem(), "status": error.status_code, "code": "bad_request"}
    return HttpResponse(to_json(body), status=error.status_code, content_type=PROBLEM)


def _bad_data(request: HttpRequest, error: DataError) -> HttpResponse:
    refusal = refusal_for_data(error)
    return problem(refusal) if refusal else _bug(request, error)


def _bug(request: HttpRequest, error: Exception) -> HttpResponse:
    """Something that only a mistake of ours can cause: logged in full, told in one sentence with its number there."""
    number = faults.logged(request, "api_error")
    body = {
        "type": "https://flowrack.dev/errors/internal",
        "title": "Something went wrong on our side.",
        "status": 500,
        "code": "internal",
        "detail": f"Nothing was changed. The error is in the server's log under {number}.",
    }
    return HttpResponse(to_json(body), status=500, content_type=PROBLEM)


def _signed_in_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The description of the API is for people and systems that may sign in."""
    gate = ApiGate(SIGNED_IN)

    def guarded(request: HttpRequest, **arguments: Any) -> HttpResponse:
        try:
            gate(request)
        except FlowrackError as refusal:
            return problem(refusal)
        return view(request, **arguments)

    return guarded


def no_address(path: str) -> HttpResponse:
    """What the API says of an address that it does not have."""
    return problem(NotFound(f"There is no address {path[:200]}.", fix="See /api/v1/openapi.json for all addresses."))


def _not_allowed(methods: list[str]) -> HttpResponse:
    refusal = MethodNotAllowed("This address does not take that method.", fix=f"Use {' or '.join(methods)}.")
    response = problem(refusal)
    response["Allow"] = ", ".join(methods)
    return response


class MethodNotAllowed(FlowrackError):
    """The address exists, but not for this method."""

    code = "method_not_allowed"
    status = 405


class FlowrackApi(NinjaAPI):
    """A NinjaAPI whose every endpoint has a gate with its permission and refuses fields it does not know."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            renderer=FastRenderer(), docs_url=None, docs_decorator=_signed_in_only, auth=ApiGate(None), **options
        )
        self._descriptions: dict[str, Description] = {}
        handlers: dict[type[Exception], Any] = {
            FlowrackError: _refused,
            ValidationError: _not_valid,
            Http404: _not_found,
            HttpError: _http_error,
            DataError: _bad_data,
            Exception: _bug,
        }
        for kind, handler in handlers.items():
            self.add_exception_handler(kind, handler)

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> Description:
        """The description, in which each schema has a name of its own. Made once a process: routes do not change."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._descriptions:
            self._descriptions[prefix] = Description(self, prefix)
        return self._descriptions[prefix]

    def close_gates(self) -> None:
        """Give each endpoint its own gate and make its body strict; called once, when all routers are in."""
        for bound in self._get_bound_routers():
            for path_view in bound.path_operations.values():
                methods = sorted({method for operation in path_view.operations for method in operation.methods})
                path_view._not_allowed = partial(_not_allowed, methods)  # type: ignore[method-assign]
                for operation in path_view.operations:
                    view = operation.view_func
                    writes = bool(commands_of_view(view))
                    # A preview names the command that it runs and undoes; one called outright asks for the key itself.
                    is_question = bool(getattr(view, "is_question", False))
                    operation.auth_callbacks = [
                        ApiGate(permission_of_view(view), is_proved=writes, is_question=is_question)
                    ]
                    for model in operation.models:
                        if getattr(model, "__ninja_param_source__", "") == "body":
                            model.model_config["extra"] = "forbid"
                            _refuse_unknown_fields(model)


def _refuse_unknown_fields(model: type[BaseModel]) -> None:
    """Set extra="forbid" on the schemas inside a body, the innermost first, unless one says otherwise itself.

    A request's plain dataclass, as a body or inside one, is as strict as the schema that holds it.
    """
    for field in model.model_fields.values():
        for inner in _models_in(field.annotation):
            _refuse_unknown_fields(inner)
            if "extra" not in inner.model_config:
                inner.model_config["extra"] = "forbid"
                inner.model_rebuild(force=True)
    model.model_rebuild(force=True)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in getattr(annotation, "__args__", ()) for model in _models_in(argument)]
