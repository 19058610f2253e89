"""What only a mistake of ours can cause is told with the number under which the log has it, without what was sent."""

from __future__ import annotations

import json
import re

from django.test import Client, RequestFactory
from django.urls import path

from flowrack.config import logs
from flowrack.config.urls import handler500  # noqa: F401 - of this module's addresses too
from flowrack.platform import apiroot
from flowrack.platform.web.access import PUBLIC, page

NUMBER = re.compile(r"\b[0-9A-F]{4}-[0-9A-F]{4}\b")


@page(PUBLIC, methods=("GET", "POST"))
def broken(request, box):
    raise ValueError("three shelves short")


urlpatterns = [path("broken/<int:box>", broken)]


def test_a_page_that_fails_names_its_number_in_the_log(settings, capsys):
    logs.configure()
    settings.ROOT_URLCONF = __name__
    answer = Client(raise_request_exception=False).post("/broken/7?token=secret", {"word": "hidden"})
    (number,) = NUMBER.findall(answer.content.decode())
    said = json.loads(capsys.readouterr().err)
    assert answer.status_code == 500
    assert (said["event"], said["fault"], said["route"], said["path"]) == (
        "page_error", number, "broken/<int:box>", "/broken/7"
    )  # fmt: skip
    assert (said["method"], said["user_id"]) == ("POST", None)
    assert said["exception"].endswith("ValueError: three shelves short")
    assert not {"secret", "hidden"} & set(re.findall(r"\w+", json.dumps(said)))


def test_the_api_names_the_number_too(capsys):
    logs.configure()
    try:
        raise ValueError("three shelves short")
    except ValueError as error:
        answer = apiroot._bug(RequestFactory().get("/api/v1/boxes?token=secret"), error)
    (number,) = NUMBER.findall(json.loads(answer.content)["detail"])
    said = json.loads(capsys.readouterr().err)
    assert (answer.status_code, said["event"], said["fault"], said["path"]) == (
        500,
        "api_error",
        number,
        "/api/v1/boxes",
    )


def test_every_answer_says_how_long_the_server_took(settings):
    logs.configure()
    settings.ROOT_URLCONF = __name__
    timing = Client(raise_request_exception=False).get("/broken/7").headers["Server-Timing"]
    assert re.fullmatch(r"app;dur=\d+\.\d", timing)
