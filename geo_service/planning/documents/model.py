"""What a document consists of, whatever it is written as."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from geo_service import messages

Cell = str | int | float | date | None


def percentage(rate: float | None) -> str:
    """A rate for people, with two decimals; the exact counts stand beside it."""
    return "—" if rate is None else f"{rate:.2%}"


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Parameters
    ----------
    kind : {"text", "count", "rate", "score"}
        A rate is a fraction and is shown in percent, with two decimals; so is a score, without percent.
    width : int
        In Chinese characters, about.
    """

    heading: str
    kind: Literal["text", "count", "rate", "score"] = "text"
    width: int = 6

    def shown(self, value: Cell) -> str:
        """A value of the column as people read it."""
        if value is None or value == "":
            return "—"
        if self.kind == "rate":
            return f"{value:.2%}"
        if self.kind == "score":
            return f"{value:.2f}"
        return f"{value:,}" if isinstance(value, int | float) else str(value)


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Parameters
    ----------
    mark : {"", "missed", "total"}
        A row that failed, or the one that sums up the others.
    """

    cells: tuple[Cell, ...]
    mark: Literal["", "missed", "total"] = ""


@dataclass(frozen=True)
class Table:
    """A table under its title."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Document:
    """A report in one language.

    Parameters
    ----------
    name : str
        Short: what a worksheet or a file is called.
    subtitle : str
        The plan that is reported by.
    notice : str
        What must not be overlooked: that figures were corrected. Empty where there is nothing.
    lines : tuple of str
        What the tables come to, in sentences.
    tables : tuple of Table
        The first is the main one.
    facts : tuple of (str, str)
        Who issued it, by when was counted, until when objections are taken, and the hash.
    """

    language: str
    name: str
    title: str
    subtitle: str
    notice: str = ""
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Words:
    """The words of documents in one language."""

    language: str

    @property
    def separator(self) -> str:
        """What stands between the parts of a list."""
        return "、" if self.language == "zh" else ", "

    def word(self, key: str) -> str:
        """A heading, as every table of this service has it."""
        return messages.text(f"table.{key}", self.language)

    def say(self, key: str, **values: object) -> str:
        """A sentence of documents."""
        return messages.text(f"document.{key}", self.language, missing=None, **values)

    def covered(self, figure: Mapping[str, Any], on: str) -> str:
        """How much is covered on a day, with the exact counts."""
        counts = {key: figure[key] for key in ("numerator", "denominator")}
        return self.say("covered", on=on, rate=percentage(figure["rate"]), **counts)

    def rules(self, report: Mapping[str, Any], version: int | None = None) -> list[tuple[str, str]]:
        """The rules a figure follows: by which profile, of which baseline, what is counted out of what."""
        profile, measure = report["profile"], report.get("measure")
        number = profile.get("version", version)
        facts = [
            (self.word("profile"), f"{self.title(profile)} ({number})" if number else self.title(profile))
        ]
        if measure and "numerator_rule" in measure:
            facts += [
                (self.word(key), measure[key][self.language])
                for key in ("numerator_rule", "denominator_rule")
            ]
            facts.append((self.word("baseline_date"), measure["baseline_date"] or self.word("undated")))
        return facts

    def title(self, part: Mapping[str, str]) -> str:
        """The title of a part of a plan."""
        return part[f"title_{self.language}"]

    def yes_no(self, answer: bool | None) -> str | None:
        """Yes, no, or nothing where it is not known."""
        return None if answer is None else self.word("yes" if answer else "no")
