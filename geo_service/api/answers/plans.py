"""What the API answers of plans."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field


class BegunPlan(BaseModel):
    """A draft without zones."""

    plan_id: int
    name: str
    area_code: str
    state: Literal["draft"]
    revision: int
    limits: str = Field(description="Load a zone, LO-HI")
    on: date = Field(description="The day whose arrangements decide which buildings need a zone")
