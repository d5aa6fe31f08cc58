"""How an import is asked for, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from geo_service.errors import InvalidInput
from geo_service.exchange import findings as found
from geo_service.exchange.checking import Batch
from geo_service.exchange.field import FileKind
from geo_service.exchange.findings import ImportFinding

_FINDINGS_KEPT = 1_000


@dataclass(frozen=True)
class ImportOptions:
    """How a file is to be read.

    Parameters
    ----------
    layer : str, optional
        Of a file with several; areas take all of them when it is not named.
    mapping : mapping
        Field to column, over what the headers suggest; ``=value`` gives every row that value.
    crs : str, optional
        Over what the file states.
    datum : str
        ``cgcs2000``, ``wgs84``, ``gcj02`` or ``bd09``; the last two are undone.
    dry_run : bool
        Say everything, write nothing.
    strict : bool
        Nothing lands when any row is rejected.
    trusted : bool
        Shapes, and the communities that rows name, are taken as they stand, as in a file that this service
        has exported: valid polygons are not told from invalid ones, nor a row's community from its place.
    rejects_dir : Path, optional
        Where the rejects file goes; none is written without it, nor in a dry run.
    as_of : date, optional
        The day the file speaks of, for what it says of units' facts; today by default, never ahead, and of
        the year that a ledger's title names.
    matches : mapping of (sheet or None, row) to str
        Rows of a ledger that a person has recognised, and the codes of the units they are about.
    metric_crs : str, optional
        What the deployment measures in, fixed by the first import of areas.
    """

    layer: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    crs: str | None = None
    datum: str = "cgcs2000"
    dry_run: bool = False
    strict: bool = False
    trusted: bool = False
    rejects_dir: Path | None = None
    as_of: date | None = None
    matches: Mapping[tuple[str | None, int], str] = field(default_factory=dict)
    metric_crs: str | None = None


@dataclass(frozen=True)
class ImportTerms:
    """What an import goes by besides the file and what was asked.

    Parameters
    ----------
    day : date
        The day the file speaks of.
    kind : FileKind
        What the file holds, with the district's own types among the words of its columns.
    """

    day: date
    kind: FileKind


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or in a dry run would do; counts are rows."""

    kind: str
    file: str
    dry_run: bool
    rows: int
    inserted: int
    updated: int
    unchanged: int
    rejected: int
    findings: tuple[ImportFinding, ...]
    rejects_file: str | None = None
    candidates_file: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The report as the command line and the API print it."""
        tally = found.tally(self.findings)
        return {
            "kind": self.kind,
            "file": self.file,
            "dry_run": self.dry_run,
            "rows": self.rows,
            "inserted": self.inserted,
            "updated": self.updated,
            "unchanged": self.unchanged,
            "rejected": self.rejected,
            "repaired": tally[found.REPAIRED],
            "warnings": tally[found.WARNING],
            "offered": tally[found.OFFERED],
            "findings": [finding.as_json() for finding in self.findings],
            "rejects_file": self.rejects_file,
            "candidates_file": self.candidates_file,
        }

    def summary(self) -> dict[str, Any]:
        """What the import record keeps: all the counts, and the first of the findings."""
        kept = replace(self, findings=self.findings[:_FINDINGS_KEPT]).as_json()
        tally = found.tally(self.findings)
        return kept | {
            "repaired": tally[found.REPAIRED],
            "warnings": tally[found.WARNING],
            "offered": tally[found.OFFERED],
        }


def spoken_of(batch: Batch, as_of: date) -> dict[str, Any]:
    """Of which day and which communities a file speaks, for the import record to keep."""
    if "community_code" not in batch.values:
        return {}
    communities = batch.values["community_code"][batch.findings.accepted]
    return {"as_of": as_of.isoformat(), "communities": sorted({code for code in communities if code})}


def refuse_when_strict(findings: Sequence[ImportFinding], file: str, options: ImportOptions) -> None:
    """Refuse the file for its rejected rows, each listed in ``details``.

    Raises
    ------
    InvalidInput
        When ``options.strict`` and any row was rejected.
    """
    rejected = [finding.as_json() for finding in findings if finding.severity == found.REJECTED]
    if options.strict and rejected:
        rows = len({(entry.get("layer"), entry["row"]) for entry in rejected})
        raise InvalidInput("import.strict_refused", where=file, details=rejected, rejected=rows)
