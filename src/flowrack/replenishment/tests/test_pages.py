import pytest
from tests.cast import ADA, CY, EVE, bearer, ctx, signed_in
from tests.supply import item

from flowrack.ledger.tests.house import house
from flowrack.platform import sql
from flowrack.replenishment import commands
from flowrack.replenishment.queries_board import policy
from flowrack.replenishment.tests.faces import clock, expects, ids, pallet, pilot, plan, refills
from flowrack.replenishment.tests.slots import look, two_faces
from flowrack.replenishment.types import CancelDraws, LiftRefill
from flowrack.shared.quantity import Units
from flowrack.storage import commands as storage
from flowrack.storage.types import PickFaceSetting, SetPickFaces

pytestmark = pytest.mark.django_db


def face_id() -> int:
    return sql.fetch_value("SELECT id FROM storage_pickface")


def test_the_board_and_a_refill_say_when_and_why():
    here, hose = pilot()
    expects(here, hose)
    office = signed_in(ADA)
    board = office.get("/refills?state=planned").content.decode()
    assert board.count("forward_pick-1") >= 2 and "LP-1" in board and "runs out" in board
    page = office.get(f"/refills/{ids()[0]}").content.decode()
    assert "it is empty at 13:52, so the work starts by 13:27" in page and "<svg" in page and "max 96" in page
    assert signed_in(EVE).get(f"/refills/{ids()[0]}").status_code == 403
    assert office.get("/refills/999999").status_code == 404


def csv_of(office, address: str) -> list[str]:
    """The lines of the file that a list gives."""
    told = b"".join(office.get(f"{address}?format=csv").streaming_content)
    return told.decode().lstrip("\ufeff").splitlines()


def test_the_board_begins_with_empty_faces_and_says_what_is_late():
    here, hose = pilot(pallets=2)
    other = item("V-300")
    storage.set_pick_faces(
        ctx(ADA), SetPickFaces(here.site, [PickFaceSetting(here.places["forward_pick2"], other, Units(5), Units(60))])
    )
    pallet(here, other, "LP-9", "R-03", 60)
    expects(here, hose)
    plan(here, now="13:30")
    assert [(row[1], row[5], row[6]) for row in refills()][::2] == [
        ("run_out", "13:52", "13:27"),
        ("minimum", "13:55", "13:30"),
    ]
    office = signed_in(ADA)
    board = csv_of(office, "/refills")
    assert board[0].split(",")[:4] == ["No.", "Site", "Face", "State"]
    assert [line.split(",")[2] for line in board[1:]] == ["forward_pick-2", "forward_pick-1", "forward_pick-1"]
    page = office.get("/refills?is_late=yes").content.decode()
    assert "empty now, " in page and " h late" in page and "3 should have landed by now" in page
    one = office.get(f"/refills/{ids()[0]}").content.decode()
    assert "nobody has begun" in one and "A refill that should have landed by " in one
    assert csv_of(office, "/pick-faces")[0].split(",")[:3] == ["Bin", "Site", "Item"]


def test_a_face_draws_its_level_and_takes_a_draw():
    pilot()
    office = signed_in(ADA)
    page = office.get(f"/pick-faces/{face_id()}").content.decode()
    assert "How full it will be" in page and "No refill was ever planned for it." in page
    form = {"origin": "Trade show", "units": "50", "from_at": "2020-01-01T10:00", "until_at": "2020-01-01T11:00"}
    answer = office.post(f"/pick-faces/{face_id()}/draw", form)
    assert answer.status_code == 422 and "It is over already." in answer.content.decode()
    assert "forward_pick-1" in office.get("/pick-faces").content.decode()


def test_levels_are_set_in_a_grid_and_every_bad_line_is_named():
    _, hose = pilot()
    office = signed_in(ADA)
    row = {"bin": "forward_pick-2", "item": "V-200", "min_units": "10", "max_units": "50", "trigger": "by hand"}
    answer = office.post("/pick-faces/levels", {f"grid-{name}": value for name, value in row.items()})
    assert answer.status_code == 303, answer.content.decode()[:3000]
    assert sql.fetch_all("SELECT item_id, min_units, max_units, trigger FROM storage_pickface ORDER BY id")[1] == (
        hose, 10, 50, "by_hand",
    )  # fmt: skip
    bad = row | {"bin": "NOWHERE", "min_units": "x", "trigger": "at dawn"}
    answer = office.post("/pick-faces/levels", {f"grid-{name}": value for name, value in bad.items()})
    page = answer.content.decode()
    assert answer.status_code == 422
    for words in ("There is no bin “NOWHERE” here.", "“x” is no count.", "“at dawn” asks for nothing."):
        assert words in page


def test_the_policy_is_kept_by_its_page():
    here, _ = pilot()
    office = signed_in(ADA)
    form = {
        "task_seconds": "300", "spare_seconds": "60", "people": "2", "draws_until": "16:30", "quiet_from": "",
        "quiet_until": "", "top_off_percent": "0", "waits_for_refill": "on", "grid-zone": "reserve",
        "grid-bin": "forward_pick-2",
    }  # fmt: skip
    answer = office.post("/refills/policy", form)
    assert answer.status_code == 303, answer.content.decode()[:3000]
    kept = policy(here.site)
    assert (kept.task_seconds, kept.people, kept.waits_for_refill) == (300, 2, True)
    assert [place for _, place in kept.hand_overs] == [here.places["forward_pick2"]]


def test_a_plan_by_hand_and_a_pallet_that_is_back():
    here, hose = pilot(there=40)
    office = signed_in(ADA)
    assert "Plan now" in office.get("/refills/plan").content.decode()
    assert office.post("/refills/plan").status_code == 303
    assert refills() == []
    expects(here, hose)
    [first, _] = ids()
    commands.lift_refill(ctx(CY, now=clock("13:05")), LiftRefill(first))
    commands.cancel_draws(ctx(ADA, now=clock("13:10")), CancelDraws(here.site, "Counter sale"))
    driver = signed_in(CY)
    state = sql.fetch_value("SELECT state FROM replenishment_refill WHERE id = %s", (first,))
    assert state == "going_back"
    assert "It is back" in driver.get(f"/refills/{first}").content.decode()
    assert driver.post(f"/refills/{first}/put-down").status_code == 303
    assert sql.fetch_value("SELECT state FROM replenishment_refill WHERE id = %s", (first,)) == "returned"


def test_the_api_lists_refills_faces_and_how_urgent_it_was(client):
    here, hose = pilot()
    expects(here, hose)
    found = client.get(f"/api/v1/refills?site_id={here.site}", headers=bearer(ADA)).json()
    assert [(r["face"], r["units"], r["land_by"][11:16]) for r in found] == [
        ("forward_pick-1", 60, "13:52"), ("forward_pick-1", 60, "14:16"),
    ]  # fmt: skip
    [face] = client.get(f"/api/v1/pick-face-levels?site_id={here.site}", headers=bearer(ADA)).json()["items"]
    assert (face["there"], face["coming"], face["max_units"], face["trigger"]) == (30, 120, 96, "run_out")
    urgency = client.get(f"/api/v1/refill-urgency?site_id={here.site}", headers=bearer(ADA)).json()
    assert urgency["waited_lines"] == urgency["landed"] == 0 and urgency["late_now"] == 2
    why = client.get(f"/api/v1/refills/{found[0]['id']}/why", headers=bearer(ADA)).json()
    assert why[0]["detail"]["will_be_drawn"] == 150
    other = house("W2")
    assert client.get(f"/api/v1/refills?site_id={other.site}", headers=bearer(EVE)).status_code == 403
    assert client.get("/api/v1/refills/999999/why", headers=bearer(ADA)).status_code == 404


def test_a_suggestion_says_its_days_without_needless_digits():
    here, _, _ = two_faces()
    [suggestion] = look(here).suggestion_ids
    sql.execute("UPDATE replenishment_slotsuggestion SET move_seconds = 180, saved_seconds_a_day = 25")
    page = signed_in(ADA).get(f"/slotting/{suggestion}").content.decode()
    said = page[page.index("Has paid after") :][:120]
    assert "7.2" in said and "7.20" not in page
