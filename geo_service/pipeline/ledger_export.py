"""The verb that writes the ledger of an area."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from geo_service.access import Actor
from geo_service.errors import InvalidInput
from geo_service.exchange.exports.ledger import write_ledger
from geo_service.exchange.exports.ledger_layout import columns_with
from geo_service.exchange.exports.staging import staged
from geo_service.exchange.exports.table import ExportTable
from geo_service.exchange.ledger_footer import Footer
from geo_service.pipeline.guard import require_reader
from geo_service.pipeline.policies import find_profile, own_types
from geo_service.pipeline.task_list import Unit, noting_tasks, task_table
from geo_service.store.areas import require_area
from geo_service.store.ledger import ledger_units
from geo_service.store.ledger_footers import footers_on
from geo_service.store.responsible_units import register_of
from geo_service.store.session import transaction

SUFFIX = ".xlsx"


@dataclass(frozen=True)
class LedgerExport:
    """The workbook written, how many units each of its sheets has, and how many are on its task list."""

    path: Path
    on: date
    sheets: dict[str, int]
    tasks: int

    def as_json(self) -> dict[str, Any]:
        """The report as the command line prints it."""
        return {
            "path": str(self.path),
            "on": self.on.isoformat(),
            "units": sum(self.sheets.values()),
            "tasks": self.tasks,
            "sheets": [{"name": name, "units": units} for name, units in self.sheets.items()],
        }


def export_ledger(engine: Engine, actor: Actor, *, area_code: str, on: date, out: Path) -> LedgerExport:
    """Write the ledger of an area on a day: a workbook with one sheet a community.

    Steps, forms and dates of service are those that hold on the day, facts those known for it. Units on the
    task list stand on a sheet of their own besides. A file of the same name is replaced once the new one is
    complete.

    Raises
    ------
    InvalidInput
        ``out`` is no workbook's name, or the area has no unit.
    NotFound
        No such area in the actor's scope.
    Forbidden
        The actor reads coverage alone, or one zone alone.
    """
    require_reader(actor)
    if out.suffix.lower() != SUFFIX:
        raise InvalidInput("ledger.suffix", where=str(out))
    with transaction(engine, actor, read_only=True) as connection, staged(out.parent) as scratch:
        require_area(connection, area_code)
        tasks: list[Unit] = []

        def task_list() -> Iterator[ExportTable]:
            if tasks:
                answering = register_of(connection, area_code)
                responsible = {row.unit_code: row.name for row in answering if row.unit_code}
                yield task_table(tasks, find_profile(connection), responsible, on=on)

        sheets = write_ledger(
            scratch / out.name,
            noting_tasks(ledger_units(connection, area_code, on), tasks),
            on=on,
            columns=columns_with(own_types(connection)),
            footers={code: Footer(**said) for code, said in footers_on(connection, on, area_code).items()},
            further=task_list,
        )
        if not sheets:
            raise InvalidInput("ledger.empty", where=area_code)
    return LedgerExport(out, on, dict(sheets), len(tasks))
