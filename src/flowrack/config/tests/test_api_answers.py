"""The API's own answers to what leads nowhere: problem documents, never pages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from tests.cast import PAM, Person, bearer
from tests.supply import house

from flowrack.config.api import api
from flowrack.platform import sql

pytestmark = pytest.mark.django_db
NOWHERE = 999_999


def by_id() -> Iterator[str]:
    """The address of every GET route with an id in its path."""
    for bound in api._get_bound_routers():
        for path, view in bound.path_operations.items():
            if any("GET" in operation.methods for operation in view.operations) and "{" in path:
                yield "/api/v1/" + re.sub(r"\{[^}]+\}", "{}", path).strip("/")


def test_what_is_not_there_is_not_found(client: Client):
    here = house()
    roles = tuple(code for (code,) in sql.fetch_all("SELECT code FROM platform_role ORDER BY code"))
    headers = bearer(Person("all", "All Roles", roles))
    told = {}
    for path in by_id():
        address = path.replace("documents/{}", "documents/po").replace("{}", str(NOWHERE))
        answer = client.get(address, {"location_id": here.places["receiving1"]}, headers=headers)
        if (answer.status_code, answer["Content-Type"]) != (404, "application/problem+json"):
            told[path] = (answer.status_code, answer.content[:100])
    assert told == {}


@pytest.mark.parametrize("path", ["/api/v1/nope", "/api/v1/items/1/nope", "/api/v1/"])
def test_an_address_that_leads_nowhere_is_a_problem_document(client: Client, path: str):
    answer = client.get(path, headers=bearer(PAM))
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["code"] == "not_found"
    assert answer.json()["title"] == f"There is no address {path}."


def test_a_method_that_an_address_has_not_is_a_problem_document(client: Client):
    answer = client.delete("/api/v1/items", headers=bearer(PAM))
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert answer.json()["code"] == "method_not_allowed"
    assert answer.json()["title"] == "This address does not take that method."
    assert answer.json()["detail"] == "Use GET or POST."
    assert answer["Allow"] == "GET, POST"


@pytest.mark.parametrize("code", ["095201234567891234", "00095201234567891234", "(00)095201234567891234"])
def test_a_pallet_label_whose_check_digit_is_wrong_is_told_so(client: Client, code: str):
    answer = client.get(f"/api/v1/codes/{code}", headers=bearer(PAM))
    assert answer.status_code == 404
    said = "“095201234567891234” looks like an SSCC, but its check digit is wrong."
    assert answer.json()["errors"][0]["message"] == said
