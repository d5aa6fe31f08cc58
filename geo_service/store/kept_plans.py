"""Statements whose plans the database keeps for as long as a connection lasts.

Under row-level security a third of the time of a statement of a millisecond goes into planning it. psycopg2
writes values into every statement, so each is planned anew; here one is prepared at its first use, and from
then on executed by name. Whatever changes the tables, or the role, has the database plan it again.
"""

from __future__ import annotations

import itertools
import re
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine import ExceptionContext, ExecutionContext

# SQLSTATE of a statement executed by a name that the connection does not know.
PLAN_LOST = "26000"
# Execution option of statements that are worth it: the name of their plan.
KEPT_AS = "plan_kept_as"

# A name is never used twice: of an execution that failed nobody knows whether it was prepared before.
_numbers = itertools.count()
_KEPT, _TRIED = "plans_kept", "plans_tried"

_PARAMETER = re.compile(r"%\((\w+)\)s|%%")


def keep_plans(engine: Engine) -> None:
    """Have ``engine`` keep the plans of statements with the option ``KEPT_AS``."""
    event.listen(engine, "before_cursor_execute", _executed_by_name, retval=True)
    event.listen(engine, "after_cursor_execute", _note_kept)
    event.listen(engine, "handle_error", _forget_lost)


def _executed_by_name(
    connection: Connection,
    _cursor: object,
    statement: str,
    parameters: Any,
    context: ExecutionContext | None,
    _many: bool,
) -> tuple[str, Any]:
    name = _name_of(context)
    if name is None:
        return statement, parameters
    known = connection.info.setdefault(_KEPT, {}).get(name)
    if known is not None:
        return known, parameters
    prepare, execute = _by_name(f"{name}_{next(_numbers)}", statement)
    connection.info.setdefault(_TRIED, {})[name] = execute
    return f"{prepare}; {execute}", parameters


def _note_kept(
    connection: Connection,
    _cursor: object,
    _statement: str,
    _parameters: Any,
    context: ExecutionContext | None,
    _many: bool,
) -> None:
    name = _name_of(context)
    if name is not None and name in connection.info[_TRIED]:
        connection.info[_KEPT][name] = connection.info[_TRIED].pop(name)


def _forget_lost(trouble: ExceptionContext) -> None:
    """Prepare all anew where the database, or a pooler before it, has forgotten what was prepared."""
    lost = getattr(trouble.original_exception, "pgcode", None) == PLAN_LOST
    if lost and trouble.connection is not None:
        trouble.connection.info.pop(_KEPT, None)


def _name_of(context: ExecutionContext | None) -> str | None:
    return None if context is None else context.execution_options.get(KEPT_AS)


def _by_name(name: str, statement: str) -> tuple[str, str]:
    """What prepares a statement in the driver's style, and what executes it then with the same parameters."""
    places: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        return f"${places.setdefault(found[1], len(places) + 1)}" if found[1] else "%"

    body = _PARAMETER.sub(numbered, statement).replace("%", "%%")
    given = ", ".join(f"%({parameter})s" for parameter in places)
    return f'PREPARE "{name}" AS {body}', f'EXECUTE "{name}"' + (f" ({given})" if given else "")
