"""How a command ends: the one table of exit codes, and errors in words."""

from __future__ import annotations

import json
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import typer

from geo_service import errors
from geo_service.deployment import read_settings

DONE = 0
FAULT = 1
WRONG_INPUT = 2
INFEASIBLE = 3
INTERRUPTED = 130  # 128 + SIGINT, as shells count

_MOST_DETAILS = 20

# The first class in an error's line of ancestors decides.
EXIT_CODES: Mapping[type[BaseException], int] = {
    errors.Infeasible: INFEASIBLE,
    errors.Unavailable: FAULT,
    errors.Cancelled: INTERRUPTED,
    errors.GeoServiceError: WRONG_INPUT,
    BaseException: FAULT,
}

_USAGE_KEYS = {
    "MissingParameter": "command.missing",
    "NoSuchOption": "command.no_such_option",
    "BadParameter": "command.bad_value",
}


def exit_code_of(error: BaseException) -> int:
    """The exit code an error ends the program with."""
    return next(EXIT_CODES[ancestor] for ancestor in type(error).__mro__ if ancestor in EXIT_CODES)


def explain(error: BaseException, *, as_json: bool, debug: bool) -> int:
    """Say what went wrong, where, and how to mend it; return the exit code."""
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        error = errors.Cancelled("command.cancelled")
    elif type(error).__name__ == "NoArgsIsHelpError":
        return WRONG_INPUT  # the help has been printed
    elif isinstance(error, typer.TyperException):
        error = _wrong_usage(error)
    code = exit_code_of(error)
    if not isinstance(error, errors.GeoServiceError):
        error = _fault(error, debug=debug)
    _print(error, as_json=as_json)
    return code


def _wrong_usage(error: typer.TyperException) -> errors.InvalidInput:
    key = _USAGE_KEYS.get(type(error).__name__, "command.wrong_usage")
    reason = error.format_message().strip()
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "geo-service"
    return errors.InvalidInput(key, where=command, reason=reason, command=command)


def _fault(error: BaseException, *, debug: bool) -> errors.Unavailable:
    if debug:
        traceback.print_exception(error)
        return errors.Unavailable("command.fault", where="stderr")
    return errors.Unavailable("command.fault", where=str(_write_traceback(error)))


def _write_traceback(error: BaseException) -> Path:
    text = "".join(traceback.format_exception(error))
    name = f"fault-{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}.log"
    folders = [Path(tempfile.gettempdir())]
    with suppress(errors.InvalidInput):
        folders.insert(0, read_settings().home / "logs")
    for folder in folders:
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
            return folder / name
    sys.stderr.write(text)
    return Path("stderr")


def error_document(error: errors.GeoServiceError) -> dict[str, object]:
    """The error as ``--json`` prints it."""
    return {
        "error": {
            "key": error.key,
            "what_zh": error.what("zh"),
            "what_en": error.what("en"),
            "mend_zh": error.mend("zh"),
            "mend_en": error.mend("en"),
            "where": error.where,
            "details": error.details,
        }
    }


def _print(error: errors.GeoServiceError, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(error_document(error), ensure_ascii=False, default=str))
    for language, label, colon in (("zh", "错误", "："), ("en", "Error", ": ")):
        place = f"{error.where}{colon}" if error.where else ""
        print(f"{label}{colon}{place}{error.what(language)}", file=sys.stderr)
        for entry in error.details[:_MOST_DETAILS]:
            print(f"  - {_detail(entry, language)}", file=sys.stderr)
        if len(error.details) > _MOST_DETAILS:
            print(f"  - … {len(error.details) - _MOST_DETAILS}", file=sys.stderr)
        if error.mend(language):
            print(f"  → {error.mend(language)}", file=sys.stderr)


def _detail(entry: Mapping[str, object], language: str) -> str:
    places = (entry.get(key) for key in ("area_code", "name", "layer", "file", "row"))
    column = entry.get("column") or entry.get("field")
    sentences = (entry.get(key) for key in (f"reason_{language}", f"message_{language}", "reason"))
    said = " ".join(str(part) for part in (*places, column, *sentences) if part)
    options = entry.get("nearest")
    return f"{said} → {nearest_limits(options)}" if isinstance(options, list) and options else said


def nearest_limits(options: Sequence[Mapping[str, object]]) -> str:
    """Limits that would do, each with the number of zones it gives."""
    return "; ".join(f"{option['limits']} × {option['zones']}" for option in options)
