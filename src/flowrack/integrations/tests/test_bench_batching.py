"""The published batching problems: read as they are written, and walked no farther than the best known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flowrack.integrations.bench import batching, cli
from flowrack.integrations.bench.harness import BENCHES, Scale

SHARED = Path("../shared/data")
PROBLEM = "order-batching/Mini/c4_mini.json"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the shared data is not beside this checkout")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A layout with one rack between the depot and four places, and one problem of two orders."""
    folder = tmp_path / "order-batching" / "Mini"
    folder.mkdir(parents=True)
    places = {"0": [0, 0], "1": [0, 0], "2": [10, 0], "3": [10, 1], "4": [0, 9], "5": [0, 8],
              "6": [4, -3], "7": [4, 3], "8": [6, 3], "9": [6, -3]}  # fmt: skip
    (folder / "tsplib_parent.json").write_text(json.dumps({
        "LOCATION_COORD_SECTION": places, "OBSTACLES": "{'1': [6, 7, 8, 9]}", "VEH_DEPOT_SECTION": {"1": [0, 1]},
    }))  # fmt: skip
    (folder / "c4_mini.json").write_text(json.dumps({
        "CAPACITIES": 1, "ORDERS": {"1": ["2", "3"], "2": ["4", "5"]},
        "VISIT_LOCATION_SECTION": {"2": "2", "3": "4", "4": "3", "5": "5"},
    }))  # fmt: skip
    (folder / "c4_mini_sol.json").write_text(json.dumps({
        "batch_1": {"orders": ["1"], "pickRoute": ["2", "4"], "distance": 40.0},
        "batch_2": {"orders": ["2"], "pickRoute": ["3", "5"], "distance": 40.0},
    }))  # fmt: skip
    return tmp_path


def test_distances_lead_round_the_obstacle_and_the_printed_walk_is_measured(data: Path) -> None:
    layout = batching.read_layout(data / "order-batching" / "Mini" / "tsplib_parent.json")
    assert (layout.name, len(layout.row), [path.name for path in layout.problems]) == ("Mini", 6, ["c4_mini.json"])
    assert layout.matrix[layout.start][layout.row["2"]] == 5_000 + 2_000 + 5_000
    found = batching.solve(layout, layout.problems[0])
    assert found.mm <= found.greedy <= found.first_come
    assert found.best == 80_000
    assert found.best_measured >= found.mm


def test_a_layout_in_the_directory_gives_a_benchmark_of_its_name(data: Path) -> None:
    batching.register(data)
    figures = {figure.name: figure for figure in BENCHES.pop("batching.Mini")(Scale(quick=True, data=data))}
    ours = batching.solve(batching.read_layout(data / "order-batching/Mini/tsplib_parent.json"), data / PROBLEM)
    assert figures["batching.Mini"].value == ours.mm / 1_000
    assert figures["batching.Mini@of_best"].value <= 100
    assert figures["batching.Mini"].size == 1


def test_a_file_that_is_not_written_as_the_others_is_named(data: Path) -> None:
    (data / PROBLEM).write_text('{"CAPACITIES": 1}')
    batching.register(data)
    with pytest.raises(SystemExit, match="Mini is not written as the published problems are"):
        list(BENCHES.pop("batching.Mini")(Scale(quick=True, data=data)))


@pytest.mark.parametrize(
    ("names", "folder", "says"),
    [
        (["batching.NR1"], None, "needs --data DIR"),
        (["packing.set_1"], None, "needs --data DIR"),
        (["batching.Nowhere"], ".", "There is no"),
        (["packing.set_1"], ".", "There is no"),
    ],
)
def test_a_missing_directory_is_named(names: list[str], folder: str | None, says: str) -> None:
    with pytest.raises(SystemExit, match=says):
        cli._check_data(names, None if folder is None else Path(folder))
    with pytest.raises(SystemExit, match="There is no directory"):
        batching.register(Path("no-such-folder"))


@needs_shared
@pytest.mark.parametrize(("layout", "problem"), [("NR1", "c34_ac53"), ("SingleRack", "c12_8d8f")])
def test_published_walks_are_as_long_as_printed_and_ours_no_longer(layout: str, problem: str) -> None:
    read = batching.read_layout(SHARED / "order-batching" / layout / "tsplib_parent.json")
    found = batching.solve(read, next(path for path in read.problems if path.stem == problem))
    assert abs(found.best_measured - found.best) * 1_000 <= found.best  # printed with three digits
    assert found.mm <= found.best
    assert found.mm < found.first_come


def test_the_made_up_problem_is_walked_less_than_first_come() -> None:
    figures = {figure.name: figure.value for figure in batching.generated(Scale(quick=True))}
    assert figures["batching.generated@of_first_come"] < 100
    routes = {figure.name: figure.value for figure in batching.routes(Scale(quick=True))}
    assert routes["walks.route_10k@of_s_shape"] < 100
