"""The drawing board: an orthogonal town plan, bent by one smooth map so that streets and river curve.

On the board (u east, v north, metres) everything is a rectangle between streets, so that nothing overlaps by
construction. The bend repeats with the board's size, so copies of the town laid side by side fit exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

WIDTH_M, HEIGHT_M = 1680.0, 1240.0
TRUNK_U, TRUNK_V = 780.0, 780.0
RIVER_V, RAILWAY_V = 300.0, 1130.0
RIVER_HALF_WIDTH_M = 18.0
SOUTH_QUAY_V, NORTH_QUAY_V = 261.0, 339.0
LANE_WIDTH_M = 12.0

_BEND_NORTH_M, _BEND_EAST_M, _MEANDER_M = 34.0, 24.0, 12.0
_TURN = 2 * np.pi


def bend(points: Points) -> Points:
    """Board to town, both in metres; shape (n, 2)."""
    u, v = points[:, 0], points[:, 1]
    east = u + _BEND_EAST_M * np.sin(_TURN * v / HEIGHT_M)
    north = v - _BEND_NORTH_M * np.sin(_TURN * u / WIDTH_M)
    return np.column_stack([east, north])


def bearing(points: Points) -> npt.NDArray[np.float64]:
    """How far the bend turns a small thing at each point, radians counter-clockwise; shape (n,)."""
    u, v = points[:, 0], points[:, 1]
    north_by_u = -_BEND_NORTH_M * _TURN / WIDTH_M * np.cos(_TURN * u / WIDTH_M)
    east_by_v = _BEND_EAST_M * _TURN / HEIGHT_M * np.cos(_TURN * v / HEIGHT_M)
    return (north_by_u - east_by_v) / 2


def river_v(u: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """The river's middle at ``u``, on the board."""
    return RIVER_V + _MEANDER_M * np.sin(_TURN * 2 * np.asarray(u) / WIDTH_M)


@dataclass(frozen=True)
class District:
    """A part of a community that no barrier cuts.

    Parameters
    ----------
    community : int
    west, east : float
        Extent of its parcels on the board.
    rows : tuple of (float, float)
        South and north edge of each row of parcels.
    streets : tuple of str
        The street each row fronts.
    compounds, standalone, households : int
        What stands here; households of the standalone buildings only.
    """

    community: int
    west: float
    east: float
    rows: tuple[tuple[float, float], ...]
    streets: tuple[str, ...]
    compounds: int
    standalone: int = 0
    households: int = 0

    @property
    def is_west(self) -> bool:
        """Whether it lies west of the trunk road."""
        return self.east <= TRUNK_U

    def faces_north(self, row: int) -> bool:
        """Whether a row fronts a street to its north: it stands back to back with the row it touches."""
        return row > 0 and self.rows[row - 1][1] == self.rows[row][0]

    @property
    def north(self) -> float:
        """North edge of its northernmost parcels."""
        return self.rows[-1][1]


_WEST = (8.0, 768.0)
_EAST = (792.0, 1672.0)

DISTRICTS = (
    District(1, *_WEST, ((8, 66), (66, 124), (138, 196), (196, 254)),
             ("南堤街", "芦花巷", "芦花巷", "南滨河路"), 14, 11, 352),
    District(1, *_WEST, ((346, 412), (412, 478), (492, 590), (604, 685), (685, 766)),
             ("北滨河路", "柳汀街", "柳汀街", "盐店巷", "云岭大道"), 22, 14, 448),
    District(2, *_EAST, ((346, 416), (416, 486), (500, 566), (566, 632), (646, 706), (706, 766)),
             ("北滨河路", "织坊街", "织坊街", "染坊巷", "染坊巷", "云岭大道"), 29, 22, 704),
    District(3, *_WEST, ((794, 866), (866, 938), (952, 1032), (1032, 1112)),
             ("云岭大道", "桂岭街", "桂岭街", "站前街"), 22, 19, 608),
    District(3, *_WEST, ((1148, 1232),), ("道北街",), 6),
    District(4, *_EAST, ((794, 892), (906, 1009), (1009, 1112)),
             ("云岭大道", "东篱街", "站前街"), 17, 16, 512),
    District(4, *_EAST, ((1148, 1232),), ("道北街",), 5),
    District(5, *_EAST, ((8, 104), (118, 186), (186, 254)),
             ("南堤街", "晚渡街", "南滨河路"), 18, 13, 416),
)  # fmt: skip

# Where side streets cross the rows: west and east of the trunk road, south and north of the other one.
SIDE_STREETS_U = {
    (True, True): (262.0, 524.0),
    (False, True): (1076.0, 1380.0),
    (True, False): (236.0, 500.0),
    (False, False): (1092.0, 1364.0),
}


def side_streets(district: District) -> tuple[float, ...]:
    """The side streets that cut a district's rows into frontages."""
    return SIDE_STREETS_U[district.is_west, district.north < TRUNK_V]
