"""The rows of a ledger checked on their own, sheet by sheet: each may have headers of its own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from geo_service.exchange import values
from geo_service.exchange.checking import Batch, check_column
from geo_service.exchange.field import CONSTANT, Field, FileKind, ValueType, header_key, match_columns
from geo_service.exchange.fields import CLASSES, LEDGER
from geo_service.exchange.findings import Findings
from geo_service.exchange.findings import joined as joined_findings
from geo_service.exchange.ledger import CLASS_GROUPS, SEPARATOR, Ledger, LedgerSheet
from geo_service.exchange.ledger_fields import FORMS_BY_PRECEDENCE
from geo_service.exchange.reading import Table, joined
from geo_service.exchange.sheets import UNCALCULATED

Column = npt.NDArray[np.generic]

_CLASS = "implementation_class"
_NUMBERS_OF_ROWS = frozenset({"序号", "no.", "no"})


def check_ledger(ledger: Ledger, *, mapping: Mapping[str, str], kind: FileKind = LEDGER) -> Batch:
    """Check the rows of every sheet of a ledger on their own.

    Parameters
    ----------
    kind : FileKind
        ``LEDGER``, with a district's own types where it has some.

    Returns
    -------
    Batch
        Without geometry; ``values`` has every field of ``LEDGER``, and the table's layers are the sheets.

    Raises
    ------
    InvalidInput
        When a sheet lacks a needed column.
    """
    batches = [_check_sheet(sheet, mapping, kind) for sheet in ledger.sheets]
    table = joined([batch.table for batch in batches], [sheet.name for sheet in ledger.sheets])
    findings = joined_findings([batch.findings for batch in batches])
    for name in ledger.others:
        findings.remark("layer", "import.sheet_unread", layer=name)
    checked = {name: np.concatenate([batch.values[name] for batch in batches]) for name in batches[0].values}
    _refuse_repeated(checked["code"], table, findings)
    return Batch(kind, table, checked, np.full(len(table), None, dtype=object), findings, None)


def _check_sheet(sheet: LedgerSheet, mapping: Mapping[str, str], kind: FileKind) -> Batch:
    table = sheet.table
    sources = match_columns(kind, table.columns, mapping, where=f"{table.file} {sheet.name}")
    options = {field.name: found for field in kind.fields if (found := _option_columns(field, table))}
    if (classes := _class_columns(table)) and _CLASS not in sources:
        options[_CLASS] = classes
    read = {field.name: _read_columns(field, sources, options) for field in kind.fields}
    labels = {name: _label(sheet, columns) for name, columns in read.items() if columns}
    findings = Findings(table.rows, table.layers, {sheet.name: labels})
    _refuse_broken(sheet, read, findings)
    checked = {field.name: _column(field, table, sources, options, findings) for field in kind.fields}
    _settle_form(checked, findings)
    _remark_on_rest(sheet, {column for columns in read.values() for column in columns}, findings)
    return Batch(kind, table, checked, np.full(len(table), None, dtype=object), findings, None)


def _read_columns(
    field: Field, sources: Mapping[str, str], options: Mapping[str, Mapping[str, str]]
) -> list[str]:
    """The columns of the sheet that a field is read from; none for a constant."""
    if field.name in sources:
        source = sources[field.name]
        return [] if source.startswith(CONSTANT) else [source]
    return list(options.get(field.name, ()))


def _label(sheet: LedgerSheet, columns: list[str]) -> str:
    group = columns[0].rpartition(SEPARATOR)[0] if len(columns) > 1 else ""
    return f"{sheet.letters[columns[0]]} {group or columns[0]}"


def _column(
    field: Field,
    table: Table,
    sources: Mapping[str, str],
    options: Mapping[str, Mapping[str, str]],
    findings: Findings,
) -> Column:
    if field.name not in sources and field.name in options:
        return _ticked_options(field, table, options[field.name], findings)
    source = sources.get(field.name)
    cells: Column = np.full(len(table), None, dtype=object)
    if source is not None:
        cells = table.columns.get(source, np.full(len(table), source.removeprefix(CONSTANT), dtype=object))
    return check_column(field, cells, findings, heading=source or "")


def _refuse_broken(sheet: LedgerSheet, read: Mapping[str, list[str]], findings: Findings) -> None:
    """A formula without its result, or an error, is no empty cell: taking it for one would lose it."""
    for field, columns in read.items():
        for column in columns:
            for place, reason in sheet.broken.get(column, {}).items():
                here = np.arange(len(sheet.table)) == place
                key = "import.cell_formula" if reason == UNCALCULATED else "import.cell_error"
                findings.reject(here, field, key, {"error": [reason] * len(here)})


def _remark_on_rest(sheet: LedgerSheet, read: set[str], findings: Findings) -> None:
    rest = [
        f"{sheet.letters[name]} {name}"
        for name, column in sheet.table.columns.items()
        if name not in read
        and header_key(name) not in _NUMBERS_OF_ROWS
        and any(values.tidy_text(cell) for cell in column.tolist())
    ]
    if rest:
        findings.remark("column", "import.columns_unread", layer=sheet.name, columns=", ".join(rest))
    if sheet.hidden:
        findings.remark("row", "import.rows_hidden", layer=sheet.name, rows=sheet.hidden)


def _refuse_repeated(codes: Column, table: Table, findings: Findings) -> None:
    first: dict[str, int] = {}
    repeated = np.zeros(len(table), dtype=bool)
    for i, code in enumerate(codes.tolist()):
        repeated[i] = code is not None and first.setdefault(code, i) != i
    refuse_second_rows(repeated, codes, first, table, findings)


def refuse_second_rows(
    repeated: npt.NDArray[np.bool_],
    codes: Column,
    first: Mapping[str, int],
    table: Table,
    findings: Findings,
) -> None:
    """Reject rows about a unit of which another row of the same file speaks, which is named."""
    earlier = [
        place_of(table, first[code]) if again else "" for code, again in zip(codes, repeated, strict=True)
    ]
    findings.reject(repeated, "code", "import.code_repeated", {"code": codes, "first": earlier})


def place_of(table: Table, i: int) -> str:
    """The row as a person finds it: with its sheet where there are several."""
    several = table.layers is not None and len(set(table.layers.tolist())) > 1
    return (
        f"{table.layers[i]}!{table.rows[i]}" if several and table.layers is not None else str(table.rows[i])
    )


def _settle_form(checked: dict[str, Column], findings: Findings) -> None:
    """What is ticked says how a unit is managed, unless the ledger says it outright."""
    said = checked["form"].tolist()
    types = checked["management_types"].tolist()
    ticked = [[form for form in FORMS_BY_PRECEDENCE if form in (options or ())] for options in types]
    chosen = [form or (forms[0] if forms else None) for form, forms in zip(said, ticked, strict=True)]
    several = np.array(
        [form is None and len(forms) > 1 for form, forms in zip(said, ticked, strict=True)], dtype=bool
    )
    shown = {"values": ["/".join(forms) for forms in ticked], "chosen": chosen}
    findings.warn(several, "form", "import.several_forms", shown)
    checked["form"] = np.array(chosen, dtype=object)


def _class_columns(table: Table) -> dict[str, str]:
    """Columns under the header of classes: an option's letter, its words, or both."""
    words = {header_key(word): option for word, option in CLASSES.items()}
    columns = {}
    for name in table.columns:
        group, _, leaf = name.rpartition(SEPARATOR)
        key = header_key(leaf)
        option = words.get(key) or words.get(key[:1])
        if header_key(group) in CLASS_GROUPS and option:
            columns[name] = option
    return columns


def _option_columns(field: Field, table: Table) -> dict[str, str]:
    """Columns under the field's merged header, one an option; without the header, the options' own names."""
    if field.group is None:
        return {}
    words = {header_key(word): option for word, option in field.choices.items()}
    found = {}
    for name in table.columns:
        group, _, leaf = name.rpartition(SEPARATOR)
        if header_key(leaf) in words and header_key(group) in ("", header_key(field.group)):
            found[name] = words[header_key(leaf)]
    return found


def _ticked_options(
    field: Field, table: Table, columns: Mapping[str, str], findings: Findings
) -> npt.NDArray[np.object_]:
    ticked = [sorted(set(options)) for options in _ticked(table, columns, field.name, findings)]
    out = np.full(len(table), None, dtype=object)
    if field.type is ValueType.OPTIONS:
        out[:] = [options or None for options in ticked]
        return out
    several = np.array([len(options) > 1 for options in ticked], dtype=bool)
    key = "import.several_classes" if field.name == _CLASS else "import.several_options"
    findings.reject(several, field.name, key, {"values": ["/".join(options) for options in ticked]})
    out[:] = [options[0] if options else None for options in ticked]
    return out


def _ticked(table: Table, columns: Mapping[str, str], field: str, findings: Findings) -> list[list[str]]:
    ticked: list[list[str]] = [[] for _ in range(len(table))]
    for name, option in columns.items():
        odd = np.zeros(len(table), dtype=bool)
        for i, cell in enumerate(table.columns[name].tolist()):
            try:
                if values.is_tick(cell):
                    ticked[i].append(option)
            except ValueError:
                odd[i] = True
        findings.reject(
            odd, field, "import.not_a_tick", {"value": table.columns[name], "column": [name] * len(table)}
        )
    return ticked
