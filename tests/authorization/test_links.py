"""Whatever a page shows as a way somewhere, the person in front of it may go: crawled from the start page.

One address of each kind is opened, without queries, as the two roles whose rights end in the most different places.
"""

from __future__ import annotations

import re
from collections import deque
from html import unescape
from urllib.parse import urljoin

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import resolve

from flowrack.platform.gate import permission_of_view
from flowrack.platform.http import OPEN
from flowrack.platform.models import User
from flowrack.platform.web.links import only_open
from flowrack.platform.web.viewer import Viewer
from tests.authorization.test_matrix import holds
from tests.cast import CY, DI, Person, signed_in

pytestmark = pytest.mark.django_db
WAY = re.compile(r'\s(?:href|hx-get)="([^"#]+)')
FORM = re.compile(r'<form[^>]*\saction="([^"?]+)')


def kind_of(address: str) -> str:
    """Addresses that differ in numbers are of one kind."""
    return re.sub(r"[0-9]+", "0", address)


def crawl(browser: Client, person: Person) -> tuple[set[str], list[str]]:
    """The kinds of addresses that the person was led to, and what was wrong."""
    seen, wrong, todo = {kind_of("/")}, [], deque([("/", "")])
    while todo:
        address, came_from = todo.popleft()
        answer = browser.get(address)
        if answer.status_code >= 400:
            wrong.append(f"{address} on {came_from} answers {answer.status_code}")
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
            continue
        page = answer.content.decode()
        for action in FORM.findall(page):
            permission = permission_of_view(resolve(action).func)
            if permission != OPEN and not holds(person, permission):
                wrong.append(f"the form {action} on {address} is closed")
        for link in WAY.findall(page):
            found = urljoin(address, unescape(link))
            if found.startswith("/") and not found.startswith("/static/") and "?" not in found:
                kind = kind_of(found)
                if kind not in seen:
                    seen.add(kind)
                    todo.append((found, address))
    return seen, wrong


@pytest.mark.parametrize("person", [DI, CY], ids=lambda person: person.roles[0])
def test_every_way_that_a_page_shows_is_open_to_who_sees_it(scene, person: Person):
    seen, wrong = crawl(signed_in(person), person)
    assert wrong == []
    assert {"/stock/items/0", "/receipts/0", "/parties/0", "/items/0"} <= seen, "the crawl no longer gets around"


def test_what_is_closed_stays_as_words_and_its_buttons_go():
    stranger, buyer = Viewer(AnonymousUser()), Viewer(User(pk=1), {"purchasing.view": frozenset({0})})
    table = '<th><a class="id code" href="/orders/7" tabindex="-1">SO-7</a></th><a href="/purchase-orders/7">PO-7</a>'
    assert only_open(table, buyer) == ('<th><a class="id code">SO-7</a></th><a href="/purchase-orders/7">PO-7</a>')
    buttons = '<a class="btn pri" href="/orders/new" data-key="n">New order</a><div id="x" hx-get="/dock/strip"></div>'
    assert only_open(buttons, buyer) == ""
    elsewhere = '<a href="#why">Why</a><a href="?sort=id">Order</a><a href="https://example.com/orders/7">Theirs</a>'
    assert only_open(elsewhere, stranger) == elsewhere
