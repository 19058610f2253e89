"""Codes that are looked up while somebody types: a field says which, a stage says how.

A stage adds a source in its `pages.py`:

    code_source("supplier", "parties.view", queries.look_up_suppliers)

One whose codes depend on what else stands in the form, such as the customer's own numbers of items, is told by
`code_source_beside`.

A form field uses it by its widget, a grid by `GridColumn(..., look="supplier")`:

    supplier = forms.CharField(label="Supplier code", widget=CodeInput("supplier"))

The box offers the few records that the text may mean; choosing one types its code. What is typed or scanned in full
needs no choosing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from flowrack.platform.lookup import Found
from flowrack.platform.web.access import page
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.errors import NotPermitted

Find = Callable[[str, frozenset[int]], list[Found]]
Beside = Mapping[str, str]  # what else stands in the form: its site and its customer
FindBeside = Callable[[str, frozenset[int], Beside], list[Found]]


@dataclass(frozen=True, slots=True)
class CodeSource:
    """Where the codes of one kind come from, and what one must hold to see them."""

    kind: str
    permission: str
    find: FindBeside
    beside: tuple[str, ...] = ()  # one of these must be held at the site of the form for what stands beside to count


CODES: dict[str, CodeSource] = {}


def code_source(kind: str, permission: str, find: Find) -> None:
    """Make a kind of code known; called once by its stage."""
    CODES[kind] = CodeSource(kind, permission, lambda text, sites, beside: find(text, sites))


def code_source_beside(kind: str, permission: str, find: FindBeside, *, beside: tuple[str, ...]) -> None:
    """Make a kind of code known that depends on the form; called once by its stage.

    Who holds none of the permissions `beside` at the site of the form is told of the codes alone: what stands beside
    is left out.
    """
    CODES[kind] = CodeSource(kind, permission, find, beside)


class CodeInput(forms.TextInput):
    """A text box that offers codes of a kind while somebody types."""

    def __init__(self, kind: str, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", "spellcheck": "false", **(attrs or {})})
        self.kind = kind

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """The widget's context with the address that is asked."""
        return super().get_context(name, value, {**(attrs or {}), "data-look": reverse("codes", args=[self.kind])})


@page()
def codes(request: HttpRequest, kind: str) -> HttpResponse:
    """The few records that a text may mean, at the site of the form or wherever the person may look."""
    source = CODES.get(kind)
    if source is None:
        raise Http404
    viewer = viewer_of(request)
    if not viewer.may(source.permission):
        raise NotPermitted(f"You may not look up a {kind}.", permission=source.permission)
    sites = viewer.grants.get(source.permission, frozenset())
    site, at = request.GET.get("site", ""), None
    if site.isdigit() and len(site) < 18:
        at = int(site)
        sites = frozenset({at}) if {0, at} & sites else frozenset({-1})
    text = request.GET.get("q", "")[:200]
    may_see = any(viewer.may(permission, at) for permission in source.beside)
    beside = {name: request.GET.get(name, "")[:200] for name in ("site", "customer")} if may_see else {}
    return render(request, "patterns/_codes.html", {"found": source.find(text, sites, beside)})
