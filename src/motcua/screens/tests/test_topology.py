"""Borders are read as they were written, thinned without gaps, and drawn as short paths."""

import pytest

from motcua.screens.topology import MIDDLE, Grid, decode, drawn, thinned

# Two squares side by side that share the border from (1, 0) to (1, 1), and an island far smaller than the grid.
TOPOLOGY = {
    "type": "Topology",
    "transform": {"scale": [0.5, 0.5], "translate": [100.0, 10.0]},
    "arcs": [
        [[2, 0], [0, 2]],
        [[2, 2], [-2, 0], [0, -2], [2, 0]],
        [[2, 0], [2, 0], [0, 2], [-2, 0]],
        [[6, 0], [0, 0], [0, 0]],
    ],
    "objects": {
        "layer": {
            "geometries": [
                {"type": "Polygon", "properties": {"code": "01"}, "arcs": [[0, 1]]},
                {"type": "MultiPolygon", "properties": {"code": "02"}, "arcs": [[[2, -1]], [[3]]]},
            ]
        }
    },
}


def test_differences_become_places_and_both_sides_share_an_arc() -> None:
    known = decode(TOPOLOGY)
    assert known.arcs[0] == [(101.0 * MIDDLE, -10.0), (101.0 * MIDDLE, -11.0)]
    assert [area.properties["code"] for area in known.areas] == ["01", "02"]
    assert known.areas[1].rings == ((2, -1), (3,))


def test_two_neighbours_are_drawn_without_a_gap_and_a_tiny_island_stays() -> None:
    known = decode(TOPOLOGY)
    grid = Grid(known, (100.0 * MIDDLE, -11.0, 103.0 * MIDDLE, -10.0), wide=300 * MIDDLE, high=100)
    left, right = (set(grid.ring(area.rings[0])) for area in known.areas)
    assert len(left & right) == 2
    assert grid.path(known.areas[1].rings).endswith("h1v1z")


def test_points_on_a_straight_line_are_left_out_but_a_way_back_is_not() -> None:
    assert thinned([(0, 0), (0, 0), (1, 0), (2, 0), (2, 5)]) == [(0, 0), (2, 0), (2, 5)]
    assert thinned([(0, 0), (5, 0), (2, 0)]) == [(0, 0), (5, 0), (2, 0)]


def test_a_path_goes_from_corner_to_corner_and_closes() -> None:
    assert drawn([(10, 10), (20, 10), (20, 5), (12, 20)]) == "M10 10l10 0 0-5-8 15z"


@pytest.mark.parametrize(
    "broken",
    [
        {"type": "FeatureCollection"},
        {**TOPOLOGY, "objects": {}},
        {**TOPOLOGY, "objects": {"layer": {"geometries": [{"type": "Point", "coordinates": [1, 2]}]}}},
    ],
)
def test_what_is_no_topology_of_areas_is_refused(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a"):
        decode(broken)
