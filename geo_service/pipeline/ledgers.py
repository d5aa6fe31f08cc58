"""The ledger workbook into units and their arrangements, one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, Engine

from geo_service.access import WHOLE_DEPLOYMENT, Actor
from geo_service.errors import InvalidInput
from geo_service.exchange.checking import Batch
from geo_service.exchange.imports import sha256_of
from geo_service.exchange.ledger import Ledger, read_ledger, refuse_other_years
from geo_service.exchange.ledger_checking import check_ledger
from geo_service.exchange.ledger_footer import Footer
from geo_service.exchange.matches import candidates_file, matched_rows
from geo_service.exchange.recognising import Confirmed, KnownNames, recognise
from geo_service.exchange.records import said_of_units
from geo_service.exchange.rejects import rejects_file
from geo_service.exchange.units import (
    KnownUnit,
    NamedArea,
    Service,
    services,
    settle_communities,
    settle_units,
)
from geo_service.pipeline.import_report import (
    ImportOptions,
    ImportReport,
    ImportTerms,
    refuse_when_strict,
    spoken_of,
)
from geo_service.planning.spelling import Named
from geo_service.progress import Progress
from geo_service.store import aliases, arrangements, ledger_footers, unit_records
from geo_service.store import imports as store
from geo_service.store.aliases import Alias
from geo_service.store.areas import today
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
        "kind",
        "community_code",
        "building_count",
        "land_area_m2",
        "responsible_unit",
    ),
    "building": _SHARED_COLUMNS,
}


def import_ledger(
    engine: Engine, actor: Actor, path: Path, options: ImportOptions, terms: ImportTerms, progress: Progress
) -> ImportReport:
    """Take a ledger in: compounds made or updated, standalone buildings updated, arrangements recorded.

    Raises
    ------
    InvalidInput, Conflict, Forbidden, Unavailable
    """
    progress("import.reading", 0)
    ledger = read_ledger(path, sheet=options.layer)
    refuse_other_years(ledger, terms.day.year)
    rows = sum(len(sheet.table) for sheet in ledger.sheets)
    progress("import.reading", rows, rows)
    progress("import.checking", 0, rows)
    batch = check_ledger(ledger, mapping=options.mapping, kind=terms.kind)
    matches = matched_rows(options.matches, batch.table)
    progress("import.checking", rows, rows)
    with transaction(engine, actor) as connection:
        store.take_turn(connection)
        kinds, confirmed = _settle(connection, batch, matches)
        for table in _COLUMNS:
            refuse_codes_of_others(connection, batch, actor, table)
        progress("import.writing", 0, rows)
        report = _write(connection, batch, kinds, confirmed, actor, path, options, terms.day)
        if not options.dry_run:
            _keep_footers(connection, ledger, batch, actor, terms.day)
        progress("import.writing", rows, rows)
    return report


def _keep_footers(connection: Connection, ledger: Ledger, batch: Batch, actor: Actor, day: date) -> None:
    """Keep what the footer of a sheet says with every community of its rows, where it says something new."""
    known = ledger_footers.footers_on(connection, day)
    communities, layers = batch.values["community_code"], batch.table.layers
    for sheet in ledger.sheets:
        if not sheet.footer:
            continue
        for code in dict.fromkeys(communities[(layers == sheet.name) & batch.findings.accepted].tolist()):
            before = Footer(**known.get(code, {}))
            now = sheet.footer.over(before)
            if now != before:
                about = {"file_name": ledger.file, "sheet": sheet.name, "recorded_by": actor.name}
                ledger_footers.keep_footer(connection, community_code=code, on=day, **asdict(now), **about)
                known[code] = asdict(now)


def refuse_codes_of_others(connection: Connection, batch: Batch, actor: Actor, table: str) -> None:
    """Reject rows whose code already names something outside the actor's scope."""
    if actor.scope == WHOLE_DEPLOYMENT:
        return
    codes = batch.values["code"].tolist()
    taken = store.codes_taken_elsewhere(connection, table, [code for code in codes if code is not None])
    which = np.array([code in taken for code in codes], dtype=bool)
    batch.findings.reject(which, "code", "import.code_elsewhere", {"code": codes})


def _settle(
    connection: Connection, batch: Batch, matches: Mapping[int, str]
) -> tuple[np.ndarray, list[Confirmed]]:
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
    confirmed = _recognise(connection, batch, matches)
    codes = [code for code in batch.values["code"].tolist() if code]
    compounds, buildings = (
        {code: KnownUnit(*unit) for code, unit in store.units(connection, table, codes).items()}
        for table in ("compound", "building")
    )
    return settle_units(batch, compounds, buildings), confirmed


def _recognise(connection: Connection, batch: Batch, matches: Mapping[int, str]) -> list[Confirmed]:
    codes = batch.values["code"].tolist()
    stated = [code for code in codes if code]
    present = {code for table in _COLUMNS for code in store.codes_present(connection, table, stated)}
    units: dict[str, list[Named]] = {}
    known_aliases: dict[tuple[str, str, str], str] = {}
    if matches or any(code not in present for code in codes):
        communities = [code for code in batch.values["community_code"].tolist() if code]
        known_aliases = aliases.unit_aliases(connection, communities)
        for unit in aliases.named_units(connection, communities):
            units.setdefault(unit.community_code, []).append(Named(unit.code, unit.name, unit.address))
    return recognise(batch, KnownNames(units, present, known_aliases), matches)


def _fresh_aliases(
    connection: Connection, batch: Batch, kinds: np.ndarray, confirmed: Sequence[Confirmed]
) -> list[Alias]:
    """The confirmed spellings of units that are there, or come with this ledger."""
    accepted, codes = batch.findings.accepted, batch.values["code"].tolist()
    row_of = {codes[i]: i for i in np.flatnonzero(accepted).tolist()}
    communities = batch.values["community_code"].tolist()
    said = [
        Alias(
            communities[place],
            each.spelling,
            each.written_code,
            str(kinds[place]),
            codes[place],
            int(batch.table.rows[each.row]),
        )
        for each in confirmed
        if (place := row_of.get(codes[each.row])) is not None
    ]
    known = aliases.unit_aliases(connection, [alias.community_code for alias in said])
    return [a for a in said if known.get((a.community_code, a.spelling, a.written_code)) != a.unit_code]


def _write(
    connection: Connection,
    batch: Batch,
    kinds: np.ndarray,
    confirmed: Sequence[Confirmed],
    actor: Actor,
    path: Path,
    options: ImportOptions,
    day: date,
) -> ImportReport:
    said = _arrangements(batch, kinds, services(batch, day))
    changes = _compare(connection, batch, kinds, said, day)
    findings = tuple(batch.findings.sorted())
    refuse_when_strict(findings, batch.table.file, options)
    spellings = _fresh_aliases(connection, batch, kinds, confirmed)
    rejects = None if options.dry_run else options.rejects_dir
    report = ImportReport(
        kind="ledger",
        file=path.name,
        dry_run=options.dry_run,
        rows=len(batch.table),
        inserted=len(changes.inserted),
        updated=len(changes.updated),
        unchanged=int(batch.findings.accepted.sum()) - len(changes.inserted) - len(changes.updated),
        rejected=int(batch.findings.rejected.sum()),
        findings=findings,
        rejects_file=rejects_file(rejects, path, batch.table, findings),
        candidates_file=candidates_file(rejects, path, findings),
    )
    if changes.inserted or changes.updated or spellings:
        import_id = store.record(
            connection,
            kind="ledger",
            file_name=path.name,
            sha256=sha256_of(path),
            actor=actor.name,
            report=report.summary() | spoken_of(batch, day),
        )
        for kind in _COLUMNS:
            columns = _stage(connection, batch, kinds, kind)
            store.yield_to_later_ledgers(connection, kind, list(columns), day)
            store.fill_in(connection, kind, list(columns), import_id, day)
        arrangements.supersede(connection, changes.arrangements, import_id)
        unit_records.supersede(connection, day, import_id)
        aliases.remember(connection, spellings, import_id)
    if options.dry_run:
        store.discard(connection)
    return report


@dataclass(frozen=True)
class _Changes:
    """What a ledger says otherwise than is recorded: codes of its units, and their arrangements."""

    inserted: set[str]
    updated: set[str]
    arrangements: list[Arrangement]


def _compare(
    connection: Connection, batch: Batch, kinds: np.ndarray, said: Sequence[Arrangement], as_of: date
) -> _Changes:
    inserted: set[str] = set()
    updated: set[str] = set()
    overruled: set[str] = set()
    for kind, names in _COLUMNS.items():
        _stage(connection, batch, kinds, kind)
        overruled |= store.yield_to_later_ledgers(connection, kind, names, as_of)
        new, other = store.differing_codes(connection, kind, names)
        inserted |= new
        updated |= other
    moved, also_overruled = arrangements.changed(connection, said, as_of, is_past=as_of < today(connection))
    _say_overruled(batch, overruled | also_overruled)
    recorded = unit_records.differing(connection, said_of_units(batch, kinds, batch.findings.accepted), as_of)
    updated |= ({arrangement.unit_code for arrangement in moved} | recorded) - inserted
    return _Changes(inserted, updated, moved)


def _say_overruled(batch: Batch, overruled: set[str]) -> None:
    codes = batch.values["code"].tolist()
    which = np.array([code in overruled for code in codes], dtype=bool)
    batch.findings.warn(which, "code", "import.later_ledger_stands", {"code": codes})


def _arrangements(batch: Batch, kinds: np.ndarray, served: Mapping[int, Service]) -> list[Arrangement]:
    return [
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
    ]


def _stage(connection: Connection, batch: Batch, kinds: np.ndarray, kind: str) -> dict[str, np.ndarray]:
    """Lay the accepted units of a kind beside its table; the columns that were laid there."""
    which = batch.findings.accepted & (kinds == kind)
    columns = {name: batch.values[name][which] for name in _COLUMNS[kind]}
    columns["source_row"] = batch.table.rows[which]
    store.stage(connection, kind, columns)
    return columns
