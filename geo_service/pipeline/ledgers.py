"""The ledger workbook into units and their arrangements, one transaction."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from sqlalchemy import Connection, Engine

from geo_service.access import WHOLE_DEPLOYMENT, Actor
from geo_service.errors import InvalidInput
from geo_service.exchange.checking import Batch
from geo_service.exchange.field import Place
from geo_service.exchange.imports import sha256_of
from geo_service.exchange.ledger import check_ledger, read_ledger
from geo_service.exchange.records import stated
from geo_service.exchange.rejects import rejects_file
from geo_service.exchange.units import KnownUnit, NamedArea, services, settle_communities, settle_units
from geo_service.pipeline.import_report import ImportOptions, ImportReport, refuse_when_strict
from geo_service.progress import Progress
from geo_service.store import arrangements, records
from geo_service.store import imports as store
from geo_service.store.arrangements import Arrangement
from geo_service.store.session import transaction

_SHARED_COLUMNS = (
    "code",
    "address",
    "implementation_class",
    "household_count",
    "floor_area_m2",
    "built_year",
    "baseline_unmanaged",
)
_COLUMNS = {
    "compound": (
        *_SHARED_COLUMNS,
        "name",
        "community_code",
        "building_count",
        "land_area_m2",
        "responsible_unit",
    ),
    "building": _SHARED_COLUMNS,
}


def import_ledger(
    engine: Engine, actor: Actor, path: Path, options: ImportOptions, progress: Progress
) -> ImportReport:
    """Take a ledger in: compounds made or updated, standalone buildings updated, arrangements recorded.

    Raises
    ------
    InvalidInput, Conflict, Forbidden, Unavailable
    """
    progress("import.reading", 0)
    table = read_ledger(path, sheet=options.layer)
    progress("import.reading", len(table), len(table))
    progress("import.checking", 0, len(table))
    batch = check_ledger(table, mapping=options.mapping)
    progress("import.checking", len(table), len(table))
    with transaction(engine, actor) as connection:
        store.take_turn(connection)
        kinds = _settle(connection, batch)
        for table in _COLUMNS:
            refuse_codes_of_others(connection, batch, actor, table)
        progress("import.writing", 0, len(table))
        report = _write(connection, batch, kinds, actor, path, options)
        progress("import.writing", len(table), len(table))
    return report


def refuse_codes_of_others(connection: Connection, batch: Batch, actor: Actor, table: str) -> None:
    """Reject rows whose code already names something outside the actor's scope."""
    if actor.scope == WHOLE_DEPLOYMENT:
        return
    codes = batch.values["code"].tolist()
    taken = store.codes_taken_elsewhere(connection, table, [code for code in codes if code is not None])
    which = np.array([code in taken for code in codes], dtype=bool)
    batch.findings.reject(which, "code", "import.code_elsewhere", {"code": codes})


def _settle(connection: Connection, batch: Batch) -> np.ndarray:
    areas = store.areas_in_scope(connection)
    if not (areas.kinds == "community").any():
        raise InvalidInput("import.no_communities", where=batch.table.file)
    settle_communities(
        batch,
        [
            NamedArea(code, kind, name, lineage)
            for code, kind, name, lineage in zip(
                areas.codes, areas.kinds, areas.names, areas.lineages, strict=True
            )
        ],
    )
    codes = [code for code in batch.values["code"].tolist() if code]
    compounds, buildings = (
        {code: KnownUnit(*unit) for code, unit in store.units(connection, table, codes).items()}
        for table in ("compound", "building")
    )
    return settle_units(batch, compounds, buildings)


def _write(
    connection: Connection, batch: Batch, kinds: np.ndarray, actor: Actor, path: Path, options: ImportOptions
) -> ImportReport:
    today = arrangements.today(connection)
    served = services(batch, today)
    findings = tuple(batch.findings.sorted())
    refuse_when_strict(findings, batch.table.file, options)
    accepted = batch.findings.accepted
    inserted, updated = set(), set()
    for kind, names in _COLUMNS.items():
        store.stage(connection, kind, _columns(batch, names, accepted & (kinds == kind)))
        new, other = store.differing_codes(connection, kind, names)
        inserted |= new
        updated |= other
    moved = arrangements.changed(
        connection,
        [
            Arrangement(
                kinds[i],
                batch.values["code"][i],
                batch.values["community_code"][i],
                each.form,
                each.step,
                each.starts,
                each.dated,
                each.row,
            )
            for i, each in served.items()
        ],
    )
    updated |= {arrangement.unit_code for arrangement in moved} - inserted
    recorded = records.differing(connection, _records(batch, kinds, accepted), options.as_of or today)
    updated |= recorded - inserted
    report = ImportReport(
        kind="ledger",
        file=path.name,
        dry_run=options.dry_run,
        rows=len(accepted),
        inserted=len(inserted),
        updated=len(updated),
        unchanged=int(accepted.sum()) - len(inserted) - len(updated),
        rejected=int(batch.findings.rejected.sum()),
        findings=findings,
        rejects_file=None
        if options.dry_run
        else rejects_file(options.rejects_dir, path, batch.table, findings),
    )
    if inserted or updated:
        import_id = store.record(
            connection,
            kind="ledger",
            file_name=path.name,
            sha256=sha256_of(path),
            actor=actor.name,
            report=report.summary(),
        )
        for kind, names in _COLUMNS.items():
            columns = _columns(batch, names, accepted & (kinds == kind))
            store.stage(connection, kind, columns)
            store.fill_in(connection, kind, list(columns), import_id)
        arrangements.supersede(connection, moved, import_id)
        records.supersede(connection, options.as_of or today, import_id)
    if options.dry_run:
        store.discard(connection)
    return report


def _records(batch: Batch, kinds: np.ndarray, which: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "unit_kind": kinds[which],
        "unit_code": batch.values["code"][which],
        "community_code": batch.values["community_code"][which],
        "facts": stated(batch, Place.FACT)[which],
        "details": stated(batch, Place.DETAIL)[which],
        "source_row": batch.table.rows[which],
    }


def _columns(batch: Batch, names: tuple[str, ...], which: np.ndarray) -> dict[str, np.ndarray]:
    return {name: batch.values[name][which] for name in names} | {"source_row": batch.table.rows[which]}
