"""Makes the sample company as `make demo` does, proves its books, and opens every kind of page as each of its people.

    python tools/sample.py [HOME]

Without HOME the company is made in a folder that is deleted afterwards. Every way that a page shows is followed, two
addresses of each kind; a page fails that answers 400 or more, or three times in a row takes longer than SLOW.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, deque
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

PROGRAM = [sys.executable, "-m", "flowrack"]
WAY = re.compile(r'\s(?:href|hx-get)="([^"#]+)')
OF_A_KIND = 2
GOAL, SLOW = 0.300, 1.000  # seconds of the server: the goal on a quiet machine, and what no machine excuses
WHYS = re.compile(r'<section id="why".*?</section>|<p class="(?:say|now)-why">.*?</p>', re.DOTALL)
INTERNALS = re.compile(  # names of fields and rules, keys, and values as a program writes them
    r"\b[a-z]+_[a-z_]+\b|\b[0-9a-f]{8}-[0-9a-f]{4}\b|\b(?:None|True|False|null)\b|[{}]|\[[\[{'\"]|"
    r"\b[a-z]+\.[a-z_]+:[0-9]|\b[a-z]+/[0-9]+(?=[ ,.;]|$)"
)
SENTENCES = {
    "decisions": "SELECT sentence FROM platform_decision", "overrides": "SELECT broken FROM allocation_override",
    "holds": "SELECT sentence FROM sales_hold", "promises at risk": "SELECT reason FROM allocation_promiseexception",
    "quotes": "SELECT doubt FROM promise_quote",
}  # fmt: skip
ROLES = ("warehouse_manager", "customer_service", "finance_controller", "data_steward", "auditor")


def main(home: str) -> int:
    """The exit code: 0 when nothing is wrong."""
    environment = os.environ | {"FLOWRACK_HOME": home}
    for arguments in (["demo", "--no-serve"], ["verify"]):
        if subprocess.run([*PROGRAM, *arguments], env=environment, check=False).returncode:  # noqa: S603
            return 1
    os.environ.update(environment, DJANGO_SETTINGS_MODULE="flowrack.config.settings")
    import django

    django.setup()
    from django.conf import settings

    from flowrack.config import launch

    settings.ALLOWED_HOSTS = ["testserver"]
    with launch.database():
        wrong = [*said_raw(), *(fault for role in ROLES for fault in open_pages(role)), *wrong_figures()]
    print("\n".join(wrong) or "Every page opens.")
    return 1 if wrong else 0


def wrong_figures() -> list[str]:
    """Where the measures of the floor differ from what is worked out by hand of the same rows."""
    from datetime import timedelta

    from flowrack.analytics.rules_floor import FloorAsked
    from flowrack.analytics.tests import figures_by_hand
    from flowrack.platform import sql
    from flowrack.platform.http import now

    sites = [0, *(site_id for (site_id,) in sql.fetch_all("SELECT id FROM locations_site ORDER BY id"))]
    today = now().date()
    asked = [
        FloorAsked(today - timedelta(days=7 * weeks - 1), today, now(), site) for site in sites for weeks in (1, 13)
    ]
    print(f"{len(asked)} sets of measures are worked out by hand.")
    return [
        f"measures of {one.start} to {one.end}, site {one.site_id}: {fault}"
        for one in asked
        for fault in figures_by_hand.differences(one)
    ]


def said_raw() -> list[str]:
    """Sentences of the sample company that name what only the program knows, one of each kind and word."""
    from flowrack.platform import sql

    found = {
        (kind, word[0]): f"{kind} say {word[0]}: {sentence}"
        for kind, query in SENTENCES.items()
        for (sentence,) in sql.fetch_all(query)
        if (word := INTERNALS.search(sentence))
    }
    return list(found.values())


def raw_whys(html: str) -> list[str]:
    """What the reasons on a page name that only the program knows."""
    said = [unescape(re.sub(r"<[^>]+>", " ", why)) for why in WHYS.findall(html)]
    return sorted({found for why in said for found in INTERNALS.findall(why)})


def open_pages(role: str) -> list[str]:
    """What is wrong with the pages that one person of the sample company is led to."""
    from django.test import Client

    from flowrack.platform.models import User

    browser = Client(raise_request_exception=False)
    browser.force_login(User.objects.get(username=role))
    taken, wrong, times, todo = Counter[str](), [], [], deque([("/", "the start")])
    while todo:
        address, came_from = todo.popleft()
        answer, seconds = quickest(browser, address)
        times.append((seconds, address))
        if answer.status_code >= 400:
            wrong.append(f"{role}: {address}, shown on {came_from}, answers {answer.status_code}")
        elif seconds > SLOW:
            wrong.append(f"{role}: {address} takes {seconds:.3f} s")
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
            continue
        if raw := raw_whys(answer.content.decode()):
            wrong.append(f"{role}: {address} gives reasons with {', '.join(raw)}")
        for link in WAY.findall(answer.content.decode()):
            found = urljoin(address, unescape(link))
            kind = re.sub(r"[0-9]+", "0", found.partition("?")[0])
            if (
                found.startswith("/")
                and not found.startswith("/static/")
                and taken[kind] < OF_A_KIND
                and ("?" not in found or not taken[kind])
            ):
                taken[kind] += 1
                todo.append((found, address))
    slow = [f"{seconds:.3f} s {address}" for seconds, address in sorted(times, reverse=True) if seconds > GOAL]
    print(
        f"{role}: {len(times)} pages, {len(slow)} slower than {GOAL} s" + "".join(f"\n  {line}" for line in slow[:10])
    )
    return wrong


def quickest(browser, address: str):
    """The answer and its seconds; asked again, up to three times, while it is slower than the goal."""
    best = None
    for _try in range(3):
        begun = time.perf_counter()
        answer = browser.get(address)
        seconds = time.perf_counter() - begun
        best = min(best or seconds, seconds)
        if best <= GOAL:
            break
    return answer, best


if __name__ == "__main__":
    if len(sys.argv) > 1:
        sys.exit(main(str(Path(sys.argv[1]).resolve())))
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(main(folder))
