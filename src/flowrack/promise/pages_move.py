"""Tell customers another day: which lines, the day of each now and then and why, and only then the letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse

from flowrack.platform.http import now
from flowrack.platform.lookup import read_id
from flowrack.platform.web.access import page
from flowrack.platform.web.columns import Column
from flowrack.platform.web.export import csv_response
from flowrack.platform.web.query import ListQuery, Page
from flowrack.platform.web.render import context_of, perform, render_form, render_page
from flowrack.platform.web.viewer import viewer_of
from flowrack.promise import commands_lines, queries_lines, steps_days_preview
from flowrack.promise.forms import MoveForm
from flowrack.promise.steps_days_preview import MOVE, MoveRow, MovesSeen
from flowrack.promise.types import MovePromise, MovePromises
from flowrack.shared.errors import FlowrackError
from flowrack.shared.refs import ref

MOST_LINES = 500
WAYS_OUT = 5

COLUMNS = [
    Column("order", "Order", kind="code", link=lambda r: reverse("sales_order", args=[r.order_id])),
    Column("line_no", "Line", kind="number"),
    Column("customer", "Customer"),
    Column("sku", "Item", kind="code"),
    Column("units", "Units", kind="number"),
    Column("picked", "Picked", kind="number", value=lambda r: r.picked or None),
    Column("was_on", "Promised to leave", kind="date"),
    Column("ships_on", "Would leave", kind="date"),
    Column("was_arrives_on", "Was to arrive", kind="date"),
    Column("arrives_on", "Would arrive", kind="date"),
    Column("change", "Change", tone=lambda r: "bad" if r.ships_on is None else "warn" if (r.days or 0) > 0 else ""),
    Column("why", "Why", wide=True),
    Column("site", "Site", kind="code"),
]


@page(MOVE)
def move(request: HttpRequest) -> HttpResponse:
    """Tell customers another day: the latest promise of the chosen lines moves, once its new days were seen."""
    ids = [i for part in request.GET.get("ids", "").split(",")[:MOST_LINES] if (i := read_id(part))]
    first = {name: request.GET.get(name, "") for name in ("ships_on", "reason")}
    chosen = request.POST.getlist("line")[:MOST_LINES]
    asks = request.method == "POST" and "preview" in request.POST
    form = MoveForm(request.POST or None, initial=first, has_lines=bool(chosen) or asks)
    left_out = set(request.POST.getlist("shown")) - {part.partition(":")[0] for part in chosen}
    asked = _day(request.POST.get("ships_on", first["ships_on"]))

    def drawn(refusal: FlowrackError | None = None) -> HttpResponse:
        seen = steps_days_preview.preview(context_of(request), commands_lines.move_promises, ids, asked)
        told: dict[str, Any] = {**_told(seen, len(ids), left_out), "ids": request.GET.get("ids", ""), "asked": asked}
        if asks and request.headers.get("HX-Request"):
            return render_page(request, "promise/_moves.html", told)
        # Whoever asks for the days alone has not sent the form yet, so nothing is wrong with it.
        shown = MoveForm(None, initial=request.POST.dict()) if asks else form
        return render_form(
            request, shown, title="Move promises", verb="Move and draft letters", refusal=refusal,
            back=("Promises at risk", reverse("allocation_exceptions")), template="promise/move.html",
            ways_out=[] if request.method == "POST" else _ways_out(request, ids), **told,
        )  # fmt: skip

    if request.GET.get("format") == "csv":
        return _sheet(steps_days_preview.preview(context_of(request), commands_lines.move_promises, ids, asked).rows)
    if request.method != "POST" or asks or not form.is_valid():
        return drawn()
    return perform(
        request,
        commands_lines.move_promises,
        MovePromises(_moves(chosen, form.cleaned_data["ships_on"]), form.cleaned_data["reason"]),
        to=reverse("allocation_notices"),
        toast=lambda done: f"{len(done.lines):,} line{'' if len(done.lines) == 1 else 's'} promised anew",
        again=drawn,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moves(chosen: Sequence[str], ships_on: date | None) -> list[MovePromise]:
    """The ticked lines, each with the day that stood beside it."""
    moves = []
    for part in chosen:
        line, _, seen = part.partition(":")
        if line_id := read_id(line):
            moves.append(MovePromise(line_id, ships_on, _day(seen)))
    return moves


def _sheet(rows: Sequence[MoveRow]) -> HttpResponse:
    """The lines as the page shows them, as a file."""

    def part(query: ListQuery) -> Page[MoveRow]:
        return Page(rows[query.offset : query.offset + query.limit], len(rows))

    return cast(HttpResponse, csv_response("Promises to move", COLUMNS, part, ListQuery()))


def _told(seen: MovesSeen, chosen: int, left_out: set[str]) -> dict[str, Any]:
    """What the page says of the lines; those `left_out` stay without a tick."""
    can = [row for row in seen.rows if row.ships_on]
    letters = [row for row in can if row.has_letter]
    lines = [
        {
            "row": row,
            "cells": [(column, column.cell(row)) for column in COLUMNS[1:]],
            "head": COLUMNS[0].cell(row),
            "value": f"{row.line_id}:{row.ships_on.isoformat() if row.ships_on else ''}",
            "is_kept": row.ships_on is not None and str(row.line_id) not in left_out,
        }
        for row in seen.rows
    ]
    return {
        "columns": COLUMNS[1:],
        "lines": lines,
        "said": _sentence(seen.rows, letters),
        "closed": chosen - len(seen.rows),
        "over": list(dict.fromkeys(seen.over)),
        "no_way": seen.no_way,
    }


def _sentence(rows: Sequence[MoveRow], letters: Sequence[MoveRow]) -> str:
    """How many leave later, sooner or as they were promised, and how many letters that makes."""
    counts = [
        (sum(1 for r in rows if (r.days or 0) > 0), "would arrive later"),
        (sum(1 for r in rows if (r.days or 0) < 0), "sooner"),
        (sum(1 for r in rows if r.days == 0), "on the day that was promised"),
        (sum(1 for r in rows if r.ships_on and r.days is None), "for the first time with a day"),
        (sum(1 for r in rows if r.ships_on is None), "cannot move"),
    ]
    said = ", ".join(f"{count:,} {words}" for count, words in counts if count)
    lines = f"{len(rows):,} line{'' if len(rows) == 1 else 's'}: {said}. " if rows else ""
    count, to = len(letters), len({row.customer for row in letters})
    drafts = f"{count:,} letter{'' if count == 1 else 's'} to {to:,} customer{'' if to == 1 else 's'}"
    return lines + (f"{drafts} would be drafted." if count else "No letter would be drafted." if rows else "")


@dataclass(frozen=True, slots=True)
class WayOut:
    """A site that could send what a line waits for, and where that is planned; no address for who may not."""

    words: str
    url: str


def _ways_out(request: HttpRequest, line_ids: list[int]) -> list[WayOut]:
    """Which other sites could send what the first lines wait for: then nothing needs to move. A transfer is offered
    with no more than the line waits for."""
    viewer, found = viewer_of(request), []
    for line in queries_lines.open_lines(line_ids[:WAYS_OUT]):
        for donor in queries_lines.donors(line.item_id, line.site_id, now()) if line.waiting else []:
            asked = {
                "site": donor.site_id,
                "to_site": line.site_id,
                "item": line.sku,
                "units": min(donor.units, line.waiting),
                "for": ref("sales.line", line.line_id),
                "reason": f"{line.order} for {line.customer} waits",
            }
            may = viewer.may("storage.plan_transfers", donor.site_id)
            url = f"{reverse('storage_transfer_plan')}?{urlencode(asked)}" if may else ""
            words = f"{donor.site} could send {donor.units:,} of {line.sku} and keep {donor.keeps:,}"
            found.append(WayOut(words, url))
    return found


urlpatterns = [path("promise/move", move, name="promise_move")]
