"""What a printed map is asked to be: its paper, the way it lies, and which kind of sheet."""

from __future__ import annotations

from dataclasses import dataclass

from geo_service.errors import InvalidInput

PAPERS = ("a4", "a3")
ORIENTATIONS = ("landscape", "portrait")
SHEETS = ("map", "atlas", "zones")


@dataclass(frozen=True)
class SheetChoice:
    """Checks itself.

    Parameters
    ----------
    paper : str
        One of ``PAPERS``.
    orientation : str, optional
        One of ``ORIENTATIONS``; None takes the one in which the area comes out larger.
    kind : str, optional
        One of ``SHEETS``: a map of the area, an atlas with a page more a community, or a page a zone to be
        posted. None takes the zone sheets for a PDF of the layer ``zones`` alone, and the map otherwise.

    Raises
    ------
    InvalidInput
        For any other.
    """

    paper: str = PAPERS[0]
    orientation: str | None = None
    kind: str | None = None

    def __post_init__(self) -> None:
        for where, given, known in (
            ("--paper", self.paper, PAPERS),
            ("--orientation", self.orientation, ORIENTATIONS),
            ("--sheet", self.kind, SHEETS),
        ):
            if given is not None and given not in known:
                raise InvalidInput("sheet.unknown_choice", where=where, given=given, known=", ".join(known))
