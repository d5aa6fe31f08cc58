"""What a planner may ask the solver about a draft, as it is said over HTTP and kept with the proposal."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from geo_service.planning.editing.orders import MOST_PARTS, Code

MOST_MOVES = 1_000_000

Seed = Annotated[int, Field(ge=0, lt=2**31, strict=True)]
Area = Annotated[Code | None, Field(description="An area inside the plan's; the plan's when missing")]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DrawAsk(_Asked):
    """Fresh zones for all buildings that are in no locked zone, by the plan's limits and rules."""

    kind: Literal["zone"]
    area: Area = None
    seed: Seed = 1


class RebalanceAsk(_Asked):
    """The zones that are not locked, brought within the plan's limits with few buildings changing zone.

    With ``max_moves`` no more change over the whole area, and what is left of them evens out the loads.
    """

    kind: Literal["rebalance"]
    area: Area = None
    max_moves: Annotated[int | None, Field(ge=0, le=MOST_MOVES, strict=True)] = None
    seed: Seed = 1


class SplitAsk(_Asked):
    """One zone in connected parts of about the same load."""

    kind: Literal["split"]
    zone: Code
    parts: Annotated[int, Field(ge=2, le=MOST_PARTS, strict=True)]
    seed: Seed = 1


Ask = Annotated[DrawAsk | RebalanceAsk | SplitAsk, Field(discriminator="kind")]
_READER: TypeAdapter[Ask] = TypeAdapter(Ask)


def read_ask(document: object) -> Ask:
    """What a JSON document asks.

    Raises
    ------
    pydantic.ValidationError
        When it asks nothing of the kind.
    """
    return _READER.validate_python(document)


def as_said(ask: Ask) -> dict[str, Any]:
    """What is asked as JSON."""
    return ask.model_dump(mode="json")
