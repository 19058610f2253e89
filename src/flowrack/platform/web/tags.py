"""Template tags of the shell; built in, so templates need no `{% load %}`."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from flowrack.platform.models import Role
from flowrack.platform.web import charts
from flowrack.platform.web import format as fmt
from flowrack.platform.web.render import KEY_FIELD
from flowrack.platform.web.scan import flows_for
from flowrack.platform.web.viewer import viewer_of
from flowrack.shared.ids import uuid7

register = template.Library()

register.filter("number", fmt.number)
register.filter("signed", fmt.signed)
register.filter("money", fmt.money)
register.filter("metres", fmt.metres)
register.filter("day", fmt.day)
register.filter("moment", fmt.moment)
register.filter("duration", fmt.duration)
register.filter("words", fmt.words)
register.filter("field", fmt.field_name)
register.filter("state", fmt.state)
register.filter("pill", fmt.pill)
register.filter("chip", fmt.chip)
register.filter("tier", fmt.tier)
register.simple_tag(fmt.glyph, name="glyph")
register.simple_tag(charts.bar, name="bar")


@register.simple_tag(takes_context=True)
def idempotency_key(context: template.Context) -> SafeString:
    """The hidden key of a form: minted when drawn, kept when the form is drawn again after a refusal."""
    request = context.get("request")
    kept = request.POST.get(KEY_FIELD) if request is not None and request.method == "POST" else None
    return format_html('<input type="hidden" name="{}" value="{}">', KEY_FIELD, kept or uuid7())


@register.simple_tag(takes_context=True)
def typed(context: template.Context, otherwise: Any, *name: Any) -> str:
    """What stood in a field when the form was sent that is drawn again after a refusal, else `otherwise`. The field's
    name may be given in parts."""
    request = context.get("request")
    sent = request.POST if request is not None and request.method == "POST" else {}
    return str(sent.get("".join(map(str, name)), otherwise))


@register.simple_tag(takes_context=True)
def csrf_headers(context: template.Context) -> str:
    """The value of `hx-headers` on the body."""
    return json.dumps({"X-CSRFToken": str(context.get("csrf_token", ""))})


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """The value of a key in a mapping; None when there is none."""
    return mapping.get(key) if mapping else None


@register.filter
def may(viewer: Any, permission: str) -> bool:
    """Whether the viewer holds the permission: {% if shell.viewer|may:"sales.enter" %}."""
    return bool(viewer.may(permission))


@register.filter
def control(bound: Any) -> SafeString:
    """A form field's control with the shell's class and its error tied to it."""
    widget = bound.field.widget
    kind = getattr(widget, "input_type", "")
    attrs: dict[str, Any] = {} if kind in ("checkbox", "radio") else {"class": "inp"}
    described = [f"{bound.id_for_label}-e"] if bound.errors else []
    if bound.help_text:
        described.append(f"{bound.id_for_label}-h")
    if bound.errors:
        attrs["aria-invalid"] = "true"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if kind == "number" or type(bound.field).__name__ in ("IntegerField", "DecimalField"):
        attrs["inputmode"] = "decimal"
    return SafeString(bound.as_widget(attrs=attrs))


@register.simple_tag
def roles_with(permission: str) -> list[str]:
    """The names of the roles that hold a permission and that people can have."""
    if not permission:
        return []
    held = Role.objects.filter(permissions__contains=[permission]).exclude(code="system")
    return list(held.order_by("name").values_list("name", flat=True))


@register.simple_tag(takes_context=True)
def scan_flows(context: template.Context) -> list[Any]:
    """The floor jobs of the viewer: flow, address, work waiting."""
    return flows_for(viewer_of(context["request"]))
