"""From a form to a command and back: `render_page`, `perform`, `toast`.

    @page(permission="purchasing.create")
    def new_po(request):
        form = PoForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return perform(
                request, commands.create_po, form.to_request(),
                to=lambda done: reverse("purchasing_po", args=[done.po_id]),
                toast="Order saved",
                again=lambda refusal: form_page(request, form, refusal),
            )
        return form_page(request, form)

    def form_page(request, form, refusal=None):
        return render_form(request, form, title="New purchase order", verb="Save order", refusal=refusal)

The idempotency key is minted when the form is drawn (`{% idempotency_key %}`), so a double click posts once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from flowrack.platform.http import context_from, key_of
from flowrack.platform.rehearsal import rehearse
from flowrack.platform.runner import Context
from flowrack.platform.web.access import refused
from flowrack.platform.web.format import field_name
from flowrack.platform.web.formwords import summary
from flowrack.shared.errors import BadLine, FlowrackError, Invalid
from flowrack.shared.ids import uuid7

KEY_FIELD = "idempotency_key"


def render_page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a template that extends `base.html` or a pattern."""
    return render(request, template, context or {}, status=status)


def no_site(request: HttpRequest, title: str) -> HttpResponse:
    """A page about a site, for who has none yet."""
    return render_page(request, "patterns/no_site.html", {"title": title})


def toast(request: HttpRequest, words: str, *, undo_url: str = "") -> None:
    """Show a success in three words on the next page; `undo_url` adds an Undo link. Never for errors."""
    messages.success(request, words, extra_tags=undo_url)


def context_of(request: HttpRequest, key: str | None = None) -> Context:
    """The command context of this request; a form without a key gets a new one."""
    return context_from(request, key=key or key_of(request) or str(uuid7()))


def perform(
    request: HttpRequest,
    command: Callable[[Any, Any], Any],
    req: Any,
    *,
    to: str | Callable[[Any], str],
    toast: str | Callable[[Any], str] = "",
    again: Callable[[FlowrackError], HttpResponse] | None = None,
    key: str | None = None,
) -> HttpResponse:
    """Run a command from a form: on success go to `to` with a toast, on refusal draw `again` with its status."""
    try:
        result = command(context_of(request, key), req)
    except FlowrackError as refusal:
        if again is not None:
            response = again(refusal)
            response.status_code = refusal.status
            return response
        return refused(request, refusal)
    words = toast(result) if callable(toast) else toast
    if words:
        messages.success(request, words)
    return go(request, to(result) if callable(to) else to)


def perform_form(
    request: HttpRequest,
    command: Callable[[Any, Any], Any],
    req: Any,
    *,
    form: Any,
    bad: Sequence[BadLine] = (),
    rows: Sequence[int] = (),
    to: str | Callable[[Any], str],
    toast: str | Callable[[Any], str] = "",
    again: Callable[[FlowrackError | None], HttpResponse],
) -> HttpResponse:
    """`perform` for a form that may have faults of its own: these and what the command refuses come in one round.

    `req` is made of what could be read, `bad` is what could not be read of the grid, `rows` says from which grid row
    each line of `req` was read. With a fault the command is only rehearsed, and writes nothing.
    """

    def drawn(refusal: FlowrackError) -> HttpResponse:
        return again(at_rows(refusal, rows))

    if form.is_valid() and not bad:
        return perform(request, command, req, to=to, toast=toast, again=drawn)
    known = {(line.line, line.field) for line in bad}
    more = [
        line
        for line in _lines_of(rehearse(command, context_of(request), req), rows)
        if (line.line, line.field) not in known
        and line.field not in form.errors
        and not (bad and not rows and line.field in ("lines", "item"))
    ]
    lines = sorted([*bad, *more], key=lambda line: line.line)
    response = again(Invalid("This cannot be saved yet.", lines=lines) if lines else None)
    response.status_code = 422
    return response


def _lines_of(refusal: FlowrackError | None, rows: Sequence[int]) -> list[BadLine]:
    if refusal is None:
        return []
    return at_rows(refusal, rows).lines or [BadLine(0, "", refusal.message, refusal.fix)]


def at_rows(refusal: FlowrackError, rows: Sequence[int]) -> FlowrackError:
    """The refusal with its line numbers as the rows of the grid."""
    if rows:
        refusal.lines = [
            replace(line, line=rows[line.line - 1]) if 0 < line.line <= len(rows) else line for line in refusal.lines
        ]
    return refusal


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Redirect after a POST, for a plain form and for htmx alike."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    response = HttpResponseRedirect(url)
    response.status_code = 303
    return response


def render_form(
    request: HttpRequest,
    form: Any,
    *,
    title: str,
    verb: str,
    refusal: FlowrackError | None = None,
    template: str = "patterns/form.html",
    status: int | None = None,
    **context: Any,
) -> HttpResponse:
    """Draw a Django form in the form pattern: summary of what to change on top, same words at each field."""
    bad = form is not None and form.is_bound and not form.is_valid()
    if status is None:
        status = refusal.status if refusal else (422 if bad else 200)
    problems = problems_of(form, refusal, grid=context.get("grid"))
    _put_beside(form, refusal)
    return render(
        request,
        template,
        {"form": form, "title": title, "verb": verb, "refusal": refusal, "problems": problems, **context},
        status=status,
    )


def ask(
    request: HttpRequest,
    form: Any,
    command: Callable[[Any, Any], Any],
    make: Callable[[dict[str, Any]], Any],
    *,
    title: str,
    back: tuple[str, str],
    sub: str = "",
    toast: str | Callable[[Any], str] = "",
) -> HttpResponse:
    """A page that asks one form about a record, then does what its title says and goes back to the record."""

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        return render_form(request, form, title=title, verb=title, refusal=refusal, back=back, sub=sub)

    if request.method == "POST" and form.is_valid():
        return perform(request, command, make(form.cleaned_data), to=back[1], toast=toast, again=drawn)
    return drawn()


def read_by(form: Any, read: Callable[[], Any], field: str = "") -> Any:
    """For a form's `clean`: what `read` gives; a refusal goes beside the fields that it names, else beside `field`."""
    try:
        return read()
    except FlowrackError as refusal:
        for line in refusal.lines or [BadLine(0, field, refusal.message, refusal.fix)]:
            at = field or (line.field if line.field in form.fields else None)
            words = f"Line {line.line}: {line.message}" if line.line and at == line.field else line.message
            form.add_error(at, f"{words} {line.fix}".strip())
        return None


def _put_beside(form: Any, refusal: FlowrackError | None) -> None:
    """What the refusal says about a field of the form stands beside it, too."""
    if form is None or not form.is_bound or refusal is None:
        return
    for line in refusal.lines:
        if line.field in form.fields and line.field not in form.errors:
            form.add_error(line.field, f"{line.message} {line.fix}".strip())


def problems_of(form: Any, refusal: FlowrackError | None = None, *, grid: Any = None) -> list[tuple[str, str]]:
    """(id of the field, sentence) for the error summary, from the form's errors and the refusal's lines; the cells of a
    grid are named by the labels of their columns."""
    columns = {column.name: column for column in grid.columns} if grid is not None else {}
    found: list[tuple[str, str]] = []
    if form is not None and form.is_bound:
        for name, errors in form.errors.items():
            bound = form[name] if name in form.fields else None
            anchor = bound.id_for_label if bound is not None else ""
            found += [(anchor, summary(str(bound.label), str(error)) if bound else str(error)) for error in errors]
    for line in refusal.lines if refusal else []:
        at_field = form is not None and line.field in getattr(form, "fields", {})
        where = f"Line {line.line}" if line.line and not at_field else ""
        column = columns.get(line.field) if line.line else None
        named = column.short if column else field_name(line.field)
        prefix = ", ".join(
            part for part in (where, named if named[:2].isupper() else named.lower() if where else named) if part
        )
        sentence = f"{prefix}: {line.message}" if prefix else line.message
        anchor = f"id_{line.field}" if at_field else f"grid-e{line.line}" if columns and line.line else ""
        if column:
            anchor = f"grid-{column.name}-{line.line}"
        found.append((anchor, f"{sentence} {line.fix}".strip()))
    return found
