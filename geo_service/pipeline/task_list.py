"""The task list (任务清单) of an area on a day: the units on it, how far each is, and who answers for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from geo_service.exchange.exports.ledger_layout import labels
from geo_service.exchange.exports.table import ExportField, ExportTable
from geo_service.exchange.fields import LEDGER, STANDALONE
from geo_service.exchange.ledger import TASK_LIST, TASK_LIST_MARK
from geo_service.planning.policy import Profile
from geo_service.planning.policy.answers import UNKNOWN
from geo_service.planning.policy.targets import Target
from geo_service.planning.states import State, States

Unit = Mapping[str, Any]

_WORDS = {field.name: labels(field) for field in LEDGER.fields if field.name in ("form", "step")}
_ANSWERS = {1: "已完成", 0: "未完成", UNKNOWN: "不详"}
_ABOUT = (
    ExportField("code", TASK_LIST_MARK, "text"),
    ExportField("subdistrict", "所属镇街", "text"),
    ExportField("community", "所属社区", "text"),
    ExportField("name", "单元名称", "text"),
    ExportField("form", "管理形式", "text", values=_WORDS["form"]),
    ExportField("step", "当前进展", "text", values=_WORDS["step"]),
)


def noting_tasks(units: Iterable[Unit], tasks: list[Unit]) -> Iterator[Unit]:
    """The units as they come; those on the task list are kept aside."""
    for unit in units:
        if unit.get("on_task_list"):
            tasks.append(unit)
        yield unit


def task_table(
    tasks: Sequence[Unit], profile: Profile, responsible: Mapping[str, str], *, on: date
) -> ExportTable:
    """A row a task, with whether it is done by each target that the plan sets for its task list.

    Parameters
    ----------
    responsible : mapping of str to str
        Who answers for a unit, by its code.
    """
    targets = [each for each in profile.targets if each.base == "task_list"] or [profile.target]
    states = States(tuple(map(_state, tasks)))
    done = [states.counted(target.counts, profile).tolist() for target in targets]
    rows = [
        (
            *(unit[field.name] for field in _ABOUT),
            *(_ANSWERS[answer] for answer in answers),
            responsible.get(unit["code"]),
        )
        for unit, *answers in zip(tasks, *done, strict=True)
    ]
    asked = [
        ExportField(target.key, target.title_zh, "text", unit=_next_step(target, on)) for target in targets
    ]
    fields = [*_ABOUT, *asked, ExportField("responsible", "承担单位", "text")]
    return ExportTable(TASK_LIST, TASK_LIST, "", fields, "Unknown", 0, lambda: [rows])


def _next_step(target: Target, on: date) -> str:
    """What is asked of all tasks together, and by when."""
    milestone = next((each for each in target.cumulative if each.date >= on), target.cumulative[-1])
    amount = f"{milestone.percent}%" if milestone.count is None else f"{milestone.count} 个"
    return f"{milestone.date} 前 {amount}"


def _state(unit: Unit) -> State:
    return State(
        0,
        unit["kind"] == STANDALONE,
        unit["implementation_class"],
        unit["baseline_unmanaged"],
        unit["responsible_unit"],
        unit["form"],
        unit["step"],
        unit,
    )
