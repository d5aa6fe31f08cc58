"""What an import has to say about single rows: rejected, repaired, or taken with a warning."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from geo_service import messages

REJECTED = "rejected"
REPAIRED = "repaired"
WARNING = "warning"
OFFERED = "offered"
"""Units that a row may mean: a person has to say which."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class ImportFinding:
    """One remark.

    Parameters
    ----------
    row : int or None
        As the user counts it; None where the remark is about a whole layer or file.
    column : str, optional
        Letter and heading of the column, where the file is a workbook.
    candidates : tuple of mappings
        The units that may be meant, best first.
    """

    row: int | None
    field: str
    severity: str
    key: str
    values: Mapping[str, object] = field(default_factory=dict)
    layer: str | None = None
    column: str | None = None
    candidates: tuple[Mapping[str, object], ...] = ()

    def message(self, language: str) -> str:
        """The sentence in ``language``."""
        return messages.text(self.key, language, **self.values)

    def as_json(self) -> dict[str, object]:
        """JSON-ready, with the sentence in both languages."""
        document: dict[str, object] = {
            "row": self.row,
            "field": self.field,
            "severity": self.severity,
            "key": self.key,
            "message_zh": self.message("zh"),
            "message_en": self.message("en"),
        }
        value = self.values.get("value", self.values.get("code"))
        more = {
            "layer": self.layer,
            "column": self.column,
            "value": None if value is None else str(value),
            "candidates": list(self.candidates),
        }
        return document | {name: value for name, value in more.items() if value}


class Findings:
    """Collects remarks on the rows of one file and remembers which rows are out.

    Parameters
    ----------
    rows : array, shape (n,)
        Row numbers as the user counts them.
    layers : array, shape (n,), optional
        The layer of each row, where the file has several.
    columns : mapping of str to mapping of str to str
        By layer and field, letter and heading of the column that the field is read from.
    """

    def __init__(
        self,
        rows: npt.NDArray[np.int64],
        layers: npt.NDArray[np.object_] | None = None,
        columns: Mapping[str | None, Mapping[str, str]] | None = None,
    ) -> None:
        self.rows = rows
        self.layers = layers
        self.columns = columns or {}
        self.rejected: Mask = np.zeros(len(rows), dtype=bool)
        self.entries: list[ImportFinding] = []

    @property
    def accepted(self) -> Mask:
        """The rows still in."""
        return ~self.rejected

    def reject(
        self, which: Mask, field: str, key: str, values: Mapping[str, Sequence[object]] | None = None
    ) -> None:
        """Put the rows of ``which`` out; ``values`` holds one entry a row of the whole file."""
        self._add(which, field, REJECTED, key, values)
        self.rejected |= which

    def warn(
        self, which: Mask, field: str, key: str, values: Mapping[str, Sequence[object]] | None = None
    ) -> None:
        """Remark on the rows of ``which`` that are still in."""
        self._add(which & self.accepted, field, WARNING, key, values)

    def repair(self, which: Mask, field: str, key: str) -> None:
        """Say that the rows of ``which`` were repaired."""
        self._add(which, field, REPAIRED, key, None)

    def remark(self, field: str, key: str, *, layer: str | None = None, **values: object) -> None:
        """Warn about the file, or one layer of it, as a whole."""
        self.entries.append(ImportFinding(None, field, WARNING, key, values, layer))

    def offer(
        self, i: int, key: str, candidates: Sequence[Mapping[str, object]], values: Mapping[str, object]
    ) -> None:
        """Name the units that row ``i`` may mean, best first."""
        layer = None if self.layers is None else self.layers[i]
        row = int(self.rows[i])
        self.entries.append(
            ImportFinding(row, "name", OFFERED, key, values, layer, candidates=tuple(candidates))
        )

    def _add(
        self, which: Mask, field: str, severity: str, key: str, values: Mapping[str, Sequence[object]] | None
    ) -> None:
        for i in np.flatnonzero(which):
            layer = None if self.layers is None else self.layers[i]
            self.entries.append(
                ImportFinding(
                    int(self.rows[i]),
                    field,
                    severity,
                    key,
                    {name: _plain(column[i]) for name, column in (values or {}).items()},
                    layer,
                    self.columns.get(layer, {}).get(field),
                )
            )

    def sorted(self) -> list[ImportFinding]:
        """Whole-file remarks first, then by layer and row."""
        order = {} if self.layers is None else {name: i for i, name in enumerate(dict.fromkeys(self.layers))}
        return sorted(self.entries, key=lambda f: (f.row is not None, order.get(f.layer, 0), f.row or 0))


def joined(parts: Sequence[Findings]) -> Findings:
    """The remarks on several layers as those on one file."""
    layers = [np.full(len(p.rows), None, dtype=object) if p.layers is None else p.layers for p in parts]
    columns = {layer: names for part in parts for layer, names in part.columns.items()}
    whole = Findings(np.concatenate([part.rows for part in parts]), np.concatenate(layers), columns)
    whole.rejected = np.concatenate([part.rejected for part in parts])
    whole.entries = [entry for part in parts for entry in part.entries]
    return whole


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value


def reasons_by_row(findings: Iterable[ImportFinding], language: str) -> dict[tuple[str | None, int], str]:
    """All reasons why a row is out, joined, by (layer, row)."""
    reasons: dict[tuple[str | None, int], list[str]] = {}
    for finding in findings:
        if finding.severity == REJECTED and finding.row is not None:
            reasons.setdefault((finding.layer, finding.row), []).append(
                f"{finding.column or finding.field}: {finding.message(language)}"
            )
    return {row: "; ".join(sentences) for row, sentences in reasons.items()}


def tally(findings: Iterable[ImportFinding]) -> Counter[str]:
    """How many remarks of each severity."""
    return Counter(finding.severity for finding in findings)
