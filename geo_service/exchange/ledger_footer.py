"""The footer of a ledger's sheet: who filled it in, who is in charge, and their phones."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from geo_service.exchange import values

_PHONE = r"联系电话|联系方式|电话|手机"
# A label that is none of these, as 填表日期, begins a word, and ends what stands before it.
_LABEL = re.compile(
    r"(?:(?P<filler>填写人|填表人|填报人|制表人)|(?P<person_in_charge>(?:单位|部门|社区|街道|主要|分管)?负责人)"
    rf"|(?P<phone>{_PHONE})|(?<!\S)(?![^\s:：]*(?:{_PHONE}|负责人))[^\s:：]{{1,10}})"
    r"\s*(?:[(（][^)）]*[)）])?\s*[:：]"
)
_PHONE_OF = {"filler": "filler_phone", "person_in_charge": "charge_phone"}
_BLANKS = " _-—,，;；、"


@dataclass(frozen=True)
class Footer:
    """What stands in it; None where nothing does."""

    filler: str | None = None
    filler_phone: str | None = None
    person_in_charge: str | None = None
    charge_phone: str | None = None

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def over(self, earlier: Footer) -> Footer:
        """This one, and what ``earlier`` says of a person it does not name: a phone goes with its person."""
        said = {}
        for person, phone in _PHONE_OF.items():
            of = self if getattr(self, person) or getattr(self, phone) else earlier
            said |= {person: getattr(of, person), phone: getattr(of, phone)}
        return Footer(**said)


def read_footer(lines: Iterable[Sequence[Any]]) -> Footer:
    """Read the rows of a footer, each label with what follows it in its own cell or the next ones."""
    said: dict[str, str] = {}
    for cells in lines:
        line = " ".join(filter(None, (values.tidy_text(cell) for cell in cells if cell is not None)))
        labels = list(_LABEL.finditer(line))
        ends = [*(label.start() for label in labels), len(line)]
        person: str | None = None
        for label, end in zip(labels, ends[1:], strict=True):
            name = label.lastgroup
            if name == "phone":
                name = _PHONE_OF.get(person or "")
            else:
                person = name
            words = line[label.end() : end].strip(_BLANKS)
            if name and words:
                said.setdefault(name, words)
    return Footer(**said)
