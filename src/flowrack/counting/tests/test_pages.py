import pytest
from django.urls import reverse
from tests.cast import ADA, CY, EVE, GUS, HAL, IDA, OZ, Person, ctx, signed_in, user_id

from flowrack.counting.models import CountTask, Variance
from flowrack.counting.tests.scene import bin_with, count, task_for
from flowrack.ledger.tests import house as h

pytestmark = pytest.mark.django_db


def text(response, status=200):
    assert response.status_code == status, response.getvalue()[:1500]
    return response.getvalue().decode()


@pytest.fixture
def review():
    """A bin that two people counted alike, 40 short."""
    house, item = bin_with(100)
    task_id = task_for(house)
    count(CY, task_id, (item, 60))
    signed_in(HAL).post(reverse("counting_recount", args=[task_id]), {"idempotency_key": "r1"})
    count(GUS, task_id, (item, 60))
    return house, item, task_id


def test_the_review_shows_books_counts_and_who_may_decide(review):
    page = text(signed_in(IDA).get("/counts/review"))
    assert "40 missing." in page and "2 people agree." in page
    assert "Books 100, Count 1 60, Count 2 60" in page and "Approve −40" in page


def test_where_the_policy_asks_for_a_second_count_that_is_offered_and_approving_is_not():
    house, item = bin_with(100)
    count(CY, task_for(house), (item, 60))
    page = text(signed_in(IDA).get("/counts/review"))
    assert "is counted twice: somebody else must count before anybody approves." in page
    assert "Ask for a second count" in page and "Approve −40" not in page


def test_a_difference_on_which_the_counts_disagree_to_the_end_says_that_two_must_approve():
    house, item = bin_with(100)
    task_id = task_for(house)
    for n, (person, units) in enumerate([(CY, 60), (GUS, 70), (IDA, 80)]):
        if n:
            signed_in(HAL).post(reverse("counting_recount", args=[task_id]), {"idempotency_key": f"r{n}"})
        count(person, task_id, (item, units))
        page = text(signed_in(OZ).get("/counts/review"))
        assert ("two people must approve" in page) == (n == 2), "a third count may still settle it"
    assert "Yours is the first of two approvals." in page


def test_approving_on_the_page_posts_the_difference(review):
    house, item, task_id = review
    variance = Variance.objects.get(decision="open")
    form = {"idempotency_key": "k1", "reason": "mispick", "variance_ids": [variance.pk]}
    answer = signed_in(IDA).post(reverse("counting_approve", args=[task_id]), form)
    assert answer.status_code == 303
    assert h.on_hand(house, item, "reserve1") == 60


def test_a_refused_approval_is_drawn_again_with_its_sentence(review):
    house, item, task_id = review
    form = {"idempotency_key": "k1", "reason": "because"}
    page = text(signed_in(IDA).post(reverse("counting_approve", args=[task_id]), form), 422)
    assert "Approving needs a reason code." in page
    assert h.on_hand(house, item, "reserve1") == 100


def test_lists_plan_and_record_pages_open(review):
    _, _, task_id = review
    assert "reserve-1" in text(signed_in(IDA).get("/counts?state=review"))
    assert "Differences" in text(signed_in(IDA).get(f"/counts/{task_id}"))
    assert "Policy by class" in text(signed_in(HAL).get("/counts/plan"))


def test_the_plan_page_makes_counts_of_due_bins_and_of_one_bin():
    house, _ = bin_with(5)
    browser = signed_in(HAL)
    assert browser.post("/counts/plan", {"idempotency_key": "p1", "site": house.site, "limit": "10"}).status_code == 303
    form = {"idempotency_key": "p2", "site": house.site, "bin": "reserve-2", "note": "looks odd"}
    assert browser.post("/counts/plan", form).status_code == 303
    assert sorted(CountTask.objects.values_list("cause", flat=True)) == ["plan", "request"]
    wrong = {"idempotency_key": "p3", "site": house.site, "bin": "NOWHERE"}
    assert "NOWHERE" in text(browser.post("/counts/plan", wrong), 422)


def test_counters_and_outsiders_do_not_see_the_figures(review):
    for person in (CY, EVE):
        assert signed_in(person).get("/counts/review").status_code == 403
    assert ctx(ADA).may("counting.view")


def scan(browser, kind, value, state, key, reason=""):
    form = {"kind": kind, "value": value, "state": state, "key": key, "reason": reason}
    return browser.post("/scan/count", form)


def token(response):
    page = response.getvalue().decode()
    marker = 'name="state" value="' if 'name="state" value="' in page else 'data-state="'
    return page.split(marker)[1].split('"')[0]


def test_a_bin_is_counted_by_scan_without_a_hint_of_what_is_expected():
    house, item = bin_with(1337)
    task_for(house)
    browser = signed_in(CY)
    page = browser.get("/scan/count")
    assert "reserve-" in text(page) and "1337" not in text(page)
    opened = scan(browser, "code", "reserve-1", token(page), "s1")
    assert opened["X-Scan-Feedback"] == "ok"
    asked = scan(browser, "code", "WIDGET", token(opened), "s2")
    assert "How many?" in text(asked)
    entered = scan(browser, "qty", "1336", token(asked), "s3")
    assert "1,336" in text(entered) and "1337" not in text(entered)
    done = scan(browser, "action", "done", token(entered), "s4")
    assert done["X-Scan-Feedback"] == "done"
    assert h.on_hand(house, item, "reserve1") == 1336


def test_a_wrong_scan_says_what_to_scan():
    house, _ = bin_with(100)
    task_for(house)
    browser = signed_in(CY)
    wrong = scan(browser, "code", "reserve-2", token(browser.get("/scan/count")), "s1")
    assert wrong["X-Scan-Feedback"] == "wrong" and "is not due for you" in text(wrong)


def test_a_person_of_another_site_sees_neither_the_review_nor_the_count(review):
    _, _, task_id = review
    ian = Person("ian", "Ian Counts", ("count_supervisor",))
    user_id(ian, site_id=h.house("W2").site)
    browser = signed_in(ian)
    browser.post(reverse("choose_site"), {"site_id": "0"})
    number = CountTask.objects.get(pk=task_id).number
    assert "WIDGET" not in text(browser.get("/counts/review"))
    assert number not in text(browser.get(reverse("counting_counts") + "?view=all"))
    assert browser.get(reverse("counting_count", args=[task_id])).status_code == 403
    assert number in text(signed_in(IDA).get(reverse("counting_counts") + "?view=all"))
