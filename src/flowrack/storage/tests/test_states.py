from flowrack.storage.states import TRANSITIONS, PlanState


def test_only_an_open_plan_goes_on():
    assert TRANSITIONS == {
        (PlanState.OPEN, "confirm_part"): PlanState.OPEN,
        (PlanState.OPEN, "confirm"): PlanState.DONE,
        (PlanState.OPEN, "cancel"): PlanState.CANCELLED,
    }
