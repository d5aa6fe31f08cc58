"""The verb that takes a file in: read, check, place, and write in one transaction."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import shapely
from sqlalchemy import Connection, Engine

from geo_service.access import WHOLE_DEPLOYMENT, Actor
from geo_service.errors import InvalidInput, Unavailable
from geo_service.exchange.checking import Batch
from geo_service.exchange.coordinates import check_metric, read_crs
from geo_service.exchange.fields import KINDS
from geo_service.exchange.fields import LEDGER as LEDGER_KIND
from geo_service.exchange.hierarchy import KnownArea, resolve_lineages
from geo_service.exchange.imports import read_batch, sha256_of
from geo_service.exchange.own_types import with_types
from geo_service.exchange.owning import smallest_areas
from geo_service.exchange.placing import Communities, place_batch
from geo_service.exchange.records import own_columns, said_of_units, says_more
from geo_service.exchange.rejects import rejects_file
from geo_service.pipeline.guard import require_writer
from geo_service.pipeline.import_report import (
    ImportOptions,
    ImportReport,
    ImportTerms,
    refuse_when_strict,
    spoken_of,
)
from geo_service.pipeline.ledgers import import_ledger, refuse_codes_of_others
from geo_service.pipeline.policies import own_types
from geo_service.planning.space import metric_srid_for
from geo_service.progress import Progress, silent
from geo_service.store import areas, unit_records
from geo_service.store import imports as store
from geo_service.store.session import transaction

LEDGER = "ledger"
IMPORT_KINDS = (*KINDS, LEDGER)
FIRST_DAY = date(2003, 9, 1)
"""The first day a file may speak of: the Regulations on Property Management (物业管理条例) came into force,
and with them what ledgers ask about: owners' committees, maintenance funds, contracts of service."""


def import_file(
    engine: Engine,
    actor: Actor,
    *,
    kind: str,
    path: Path,
    options: ImportOptions | None = None,
    progress: Progress = silent,
) -> ImportReport:
    """Take the file at ``path`` into the database: all valid rows land, every other one is listed.

    One transaction: whatever stops it leaves the database as it was. Rows are known by their code, so
    importing a file again changes nothing, and columns a file lacks keep what they hold.

    Raises
    ------
    InvalidInput
        When the file as a whole cannot be used, or ``strict`` and a row was rejected (``details`` lists all).
    Conflict
        When another import runs.
    Forbidden, Unavailable
    """
    options = options or ImportOptions()
    require_writer(actor)
    if kind not in IMPORT_KINDS:
        raise InvalidInput("import.kind_unknown", where=kind, kinds=", ".join(IMPORT_KINDS))
    if options.matches and kind != LEDGER:
        raise InvalidInput("import.matches_without_ledger", where=kind)
    path = Path(path)
    with transaction(engine, actor, read_only=True) as connection:
        of = LEDGER_KIND if kind == LEDGER else KINDS[kind]
        terms = ImportTerms(_settled_day(connection, options.as_of), with_types(of, own_types(connection)))
    try:
        if kind == LEDGER:
            return import_ledger(engine, actor, path, options, terms, progress)
        return _import_features(engine, actor, path, options, terms, progress)
    except OSError as error:
        raise Unavailable(
            "import.file_trouble", where=path.name, reason=error.strerror or str(error)
        ) from error


def _settled_day(connection: Connection, given: date | None) -> date:
    """The day a file speaks of: what is to hold tomorrow nobody knows yet."""
    today = areas.today(connection)
    day = given or today
    if day > today:
        raise InvalidInput("import.as_of_ahead", where="as_of", given=day, today=today)
    if day < FIRST_DAY:
        raise InvalidInput("import.as_of_too_early", where="as_of", given=day, first=FIRST_DAY)
    return day


def _import_features(
    engine: Engine, actor: Actor, path: Path, options: ImportOptions, terms: ImportTerms, progress: Progress
) -> ImportReport:
    kind = terms.kind.name
    batch = read_batch(
        terms.kind,
        path,
        layer=options.layer,
        mapping=options.mapping,
        crs=options.crs,
        datum=options.datum,
        trusted=options.trusted,
        progress=progress,
    )
    with transaction(engine, actor) as connection:
        store.take_turn(connection)
        if kind == "areas":
            _settle_areas(connection, batch, actor, options)
        elif kind in ("barriers", "walkways"):
            _settle_lines(connection, batch, actor)
        else:
            _settle_places(connection, batch, actor, options)
        refuse_codes_of_others(connection, batch, actor, store.TABLES[kind])
        progress("import.writing", 0, len(batch.table))
        report = _write(connection, batch, actor, path, options, terms.day)
        progress("import.writing", len(batch.table), len(batch.table))
    return report


def _settle_areas(connection: Connection, batch: Batch, actor: Actor, options: ImportOptions) -> None:
    known = store.known_areas(connection)
    by_code = {
        code: KnownArea(kind, lineage)
        for code, kind, lineage in zip(
            known.codes.tolist(), known.kinds.tolist(), known.lineages, strict=True
        )
    }
    batch.values["lineage"] = resolve_lineages(batch, by_code, actor.scope)
    accepted = batch.geometry[batch.findings.accepted]
    if store.metric_srid(connection) is not None or not len(accepted):
        return
    if options.metric_crs is not None:
        srid = check_metric(read_crs(options.metric_crs, where="metric_crs"), where="metric_crs")
    else:
        west, south, east, north = shapely.total_bounds(accepted)
        srid = metric_srid_for((west + east) / 2, (south + north) / 2)
    store.settle_deployment(connection, srid)


def _settle_lines(connection: Connection, batch: Batch, actor: Actor) -> None:
    areas = store.areas_in_scope(connection)
    if not len(areas.codes):
        raise InvalidInput("import.no_areas", where=batch.table.file)
    top = actor.scope
    if top == WHOLE_DEPLOYMENT:
        top = min(zip((len(lineage) for lineage in areas.lineages), areas.codes.tolist(), strict=True))[1]
    else:
        whole = areas.outlines[areas.codes == top]
        apart = ~shapely.is_missing(batch.geometry) & ~shapely.intersects(batch.geometry, whole[0])
        batch.findings.reject(apart, "geometry", "import.outside_scope")
    batch.values["area_code"] = smallest_areas(batch.geometry, areas.codes, areas.outlines, top)


def _settle_places(connection: Connection, batch: Batch, actor: Actor, options: ImportOptions) -> None:
    areas = store.areas_in_scope(connection)
    communities = areas.kinds == "community"
    batch.values["community_code"] = place_batch(
        batch,
        Communities(areas.codes[communities], areas.outlines[communities], actor.scope == WHOLE_DEPLOYMENT),
        trusted=options.trusted,
    )
    if "compound_code" in batch.values:
        stated = batch.values["compound_code"]
        present = store.codes_present(
            connection, "compound", sorted({code for code in stated.tolist() if code})
        )
        unknown = np.array([code is not None and code not in present for code in stated.tolist()], dtype=bool)
        batch.findings.reject(unknown, "compound_code", "import.compound_unknown", {"code": stated})
    if batch.kind.name == "compounds":
        batch.findings.warn(shapely.is_missing(batch.geometry), "geometry", "import.no_location")


def _write(
    connection: Connection, batch: Batch, actor: Actor, path: Path, options: ImportOptions, day: date
) -> ImportReport:
    findings = tuple(batch.findings.sorted())
    accepted = batch.findings.accepted
    refuse_when_strict(findings, batch.table.file, options)
    columns = _columns(batch)
    phones = columns.pop("private_phone", None)
    table = store.TABLES[batch.kind.name]
    store.stage(connection, table, columns)
    changes = store.compare(connection, table, list(columns))
    recorded = unit_records.differing(connection, _records(batch), day) if says_more(batch) else set()
    report = ImportReport(
        kind=batch.kind.name,
        file=path.name,
        dry_run=options.dry_run,
        rows=len(accepted),
        inserted=changes.inserted,
        updated=changes.updated,
        unchanged=changes.unchanged,
        rejected=int(batch.findings.rejected.sum()),
        findings=findings,
        rejects_file=None
        if options.dry_run
        else rejects_file(options.rejects_dir, path, batch.table, findings),
    )
    if changes.inserted or changes.updated or recorded:
        import_id = store.record(
            connection,
            kind=batch.kind.name,
            file_name=path.name,
            sha256=sha256_of(path),
            actor=actor.name,
            report=report.summary() | spoken_of(batch, day) | ({"trusted": True} if options.trusted else {}),
        )
        store.upsert(connection, table, list(columns), import_id, changes)
        if table == "area":
            store.refresh_lineages(connection)
        if recorded:
            unit_records.supersede(connection, day, import_id)
    if phones is not None:
        given = np.flatnonzero(phones != None)  # noqa: E711 - elementwise
        store.store_private_phones(connection, columns["code"][given].tolist(), phones[given].tolist())
    if options.dry_run:
        store.discard(connection)
    return report


def _columns(batch: Batch) -> dict[str, np.ndarray]:
    accepted = batch.findings.accepted
    columns = {name: batch.values[name][accepted] for name in own_columns(batch)}
    if batch.to_storage is not None:
        columns["home" if batch.kind.name == "people" else "geom"] = batch.geometry[accepted]
    return columns | {"source_row": batch.table.rows[accepted]}


def _records(batch: Batch) -> dict[str, np.ndarray]:
    """What the file says of management units besides their columns; a compound's buildings are none."""
    which = batch.findings.accepted
    if "compound_code" in batch.values:
        which = which & (batch.values["compound_code"] == None)  # noqa: E711 - elementwise
    kind = "compound" if batch.kind.name == "compounds" else "building"
    return said_of_units(batch, np.full(len(which), kind, dtype=object), which)
