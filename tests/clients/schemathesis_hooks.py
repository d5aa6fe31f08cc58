"""Loaded by the schemathesis command: real values among the made-up ones, and one check of our own.

Two of three values that it makes up for a known name are exchanged for what the small world holds, so that
answers and not refusals alone are looked at; which ones hangs on the value, so every run asks the same.
"""

from __future__ import annotations

import json
import os
from typing import Any
from zlib import crc32

import schemathesis

KNOWN: dict[str, list[Any]] = json.loads(os.environ["KNOWN_VALUES"])
ANSWERS = os.environ["ANSWERS"]


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: schemathesis.Case, _kwargs: dict[str, Any]) -> None:
    """Exchange values."""
    for part in (case.path_parameters, case.query, case.headers, case.body):
        if not hasattr(part, "items"):
            continue
        for name, value in list(part.items()):
            draw = crc32(repr((name, value)).encode("utf-8", "replace"))
            known = KNOWN.get(f"{case.operation.path} {name}", KNOWN.get(name))
            if known and draw % 3:
                part[name] = known[draw // 3 % len(known)]


@schemathesis.hook
def after_call(
    _context: schemathesis.HookContext, case: schemathesis.Case, response: schemathesis.Response
) -> None:
    """Write down what was asked and answered, for the test to count."""
    with open(ANSWERS, "a", encoding="utf-8") as answers:
        answers.write(f"{case.method.upper()} {case.operation.path} {response.status_code}\n")


@schemathesis.check
def refusals_documented(
    _context: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """The document's ``default`` is no excuse: each refusal stands under its own number, as a problem."""
    if response.status_code < 400:
        return
    assert response.headers["content-type"] == ["application/problem+json"], response.headers
    documented = case.operation.definition.raw["responses"]
    if case.method.upper() != case.operation.method.upper():  # asked on purpose
        return
    assert str(response.status_code) in documented, f"{response.status_code} is not documented"
