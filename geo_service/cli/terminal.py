"""What people see: tables on stdout, progress bars on stderr where that is a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from geo_service import messages
from geo_service.deployment import read_settings
from geo_service.planning.documents.model import Document
from geo_service.progress import Progress, silent


def keep_stdout_for_answers() -> None:
    """Turn what libraries print by themselves to stderr: HiGHS prints whatever it is told.

    Only what Python prints to ``sys.stdout`` reaches the program's standard output from now on.
    """
    sys.stdout.flush()
    own, shown = os.dup(1), sys.stdout
    os.dup2(2, 1)
    sys.stdout = os.fdopen(
        own, "w", encoding=shown.encoding, errors=shown.errors, buffering=1 if shown.isatty() else -1
    )


@cache
def language() -> str:
    """The deployment's language."""
    return read_settings().language


def word(key: str) -> str:
    """A heading or a label in the deployment's language."""
    return messages.text(f"table.{key}", language(), missing=key)


def show_facts(facts: Mapping[str, object]) -> None:
    """Name and value, one a line."""
    table = Table(show_header=False, box=None)
    for key, value in facts.items():
        table.add_row(word(key), Text(_cell(value)))
    Console().print(table)


def show_rows(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table whose headings are words of the catalogue; numbers stand to the right.

    Values are ``Text``: a name with brackets in it is no markup.
    """
    rows = list(rows)
    table = Table(title=Text(title), title_justify="left")
    for index, column in enumerate(columns):
        numeric = bool(rows) and all(_is_number(row[index]) for row in rows)
        table.add_column(word(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    Console().print(table)


def show_document(document: Document) -> None:
    """A report: its title, what must not be overlooked, its sentences, tables and facts."""
    console = Console()
    for line in (document.title, document.notice, *document.lines):
        if line:
            console.print(Text(line))
    for table in document.tables:
        shown = Table(title=Text(table.title), title_justify="left")
        for column in table.columns:
            side = "left" if column.kind == "text" else "right"
            shown.add_column(Text(column.heading), justify=side, overflow="fold")
        for row in table.rows:
            cells = zip(table.columns, row.cells, strict=True)
            shown.add_row(*(Text(column.shown(cell)) for column, cell in cells))
        console.print(shown)
    facts = Table(show_header=False, box=None)
    for label, value in document.facts:
        facts.add_row(label, Text(value))
    console.print(facts)


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, int | float) or str(value).endswith("%")


def _cell(value: object) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return word("yes" if value else "no")
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def note(key: str, **values: object) -> None:
    """A sentence beside the answer, on stderr, in the deployment's language."""
    print(messages.text(key, language(), **values), file=sys.stderr)


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """A progress that draws one bar a stage, or says nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, int] = {}

        def report(stage: str, done: int, total: int | None = None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(messages.text(stage, language(), missing=stage), total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield report
