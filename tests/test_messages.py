"""Every sentence exists in both languages, with the same values, and every key in the code has one."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from geo_service import messages

PACKAGE = Path(messages.__file__).parents[1]
RAISED = re.compile(
    r"\b(?:InvalidInput|NotFound|Infeasible|Conflict|LostRace|Forbidden|Unauthenticated|Unavailable|Cancelled"
    r"|PreconditionRequired|UploadTooLarge)\(\s*\"([a-z_]+\.[a-z_.]+)\""
)


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_keys():
    assert messages.catalogue("zh").keys() == messages.catalogue("en").keys()


def test_both_languages_take_the_same_values():
    chinese, english = messages.catalogue("zh"), messages.catalogue("en")
    assert {key for key in chinese if placeholders(chinese[key]) != placeholders(english[key])} == set()


def test_every_error_raised_has_its_sentence():
    raised = {
        (path.relative_to(PACKAGE).as_posix(), key)
        for path in PACKAGE.rglob("*.py")
        for key in RAISED.findall(path.read_text(encoding="utf-8"))
    }
    assert len(raised) > 30
    assert {(path, key) for path, key in raised if key not in messages.catalogue("zh")} == set()


def test_every_stage_of_a_progress_bar_has_its_words():
    reported = re.compile(r"\bprogress\(\s*\"([a-z_]+\.[a-z_.]+)\"")
    stages = {
        key for path in PACKAGE.rglob("*.py") for key in reported.findall(path.read_text(encoding="utf-8"))
    }
    assert stages
    assert stages - messages.catalogue("zh").keys() == set()


def test_a_key_without_a_sentence_is_a_fault():
    with pytest.raises(KeyError, match="nothing"):
        messages.text("nothing.here")
