"""Faults of a profile: the whole sentence that its author reads, and the line to mend."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from geo_service import messages
from geo_service.errors import InvalidInput
from geo_service.planning import policy
from geo_service.planning.policy import read_profile
from geo_service.planning.policy.check import warnings_of
from geo_service.planning.policy.lines import line_of
from tests.planning.test_policy import DOCUMENT

SCORED = (
    DOCUMENT
    + """\
[scoring]
pass_mark = 85
evaluated = ["community"]
section = "6"
[[scoring.indicators]]
key = "order"
title_zh = "秩序"
title_en = "Order"
section = "6"
[[scoring.rounds]]
key = "first"
title_zh = "初评"
title_en = "First"
due = 2024-07-31
section = "6"
[[scoring.rounds]]
key = "last"
title_zh = "终评"
title_en = "Last"
due = 2024-12-31
is_final = true
section = "6"
[[conduct.phases]]
key = "start"
title_zh = "部署"
title_en = "Start"
begins = 2024-01-01
ends = 2024-01-31
section = "5"
[[conduct.duties]]
key = "meeting"
title_zh = "会议"
title_en = "Meeting"
level = "community"
due = 2024-02-29
section = "5"
[[conduct.rhythms]]
key = "weekly"
title_zh = "例会"
title_en = "Weekly"
kind = "meeting"
every = "week"
weekday = 3
begins = 2024-01-10
ends = 2024-12-25
section = "5"
[[conduct.service]]
key = "patrol"
title_zh = "巡查"
title_en = "Patrol"
indicator = "order"
times = 2
every = "day"
section = "7"
"""
)


def faults(document: str) -> list[tuple[str, str, str]]:
    """Of each fault the text of its line, the field, and the sentence in Chinese."""
    with pytest.raises(InvalidInput) as refused:
        read_profile("plan", document)
    lines = document.splitlines()
    return [(lines[each["row"] - 1], each["field"], each["reason_zh"]) for each in refused.value.details]


def test_the_document_of_these_tests_is_good() -> None:
    assert read_profile("plan", SCORED).scoring is not None


@pytest.mark.parametrize(
    ("good", "bad", "line", "field", "sentence"),
    [
        ("date = 2024-06-30", "date = 2024-01-04", "date = 2024-01-04", "targets[0].milestones[0].date",
         "2024-01-04 早于方案印发日期 2024-01-05"),
        ("ends = 2024-01-31", "ends = 2024-01-02", "ends = 2024-01-02", "conduct.phases[0].ends",
         "2024-01-02 早于方案印发日期 2024-01-05"),
        ("due = 2024-02-29", "due = 2014-02-28", "due = 2014-02-28", "conduct.duties[0].due",
         "2014-02-28 早于方案印发日期 2024-01-05"),
        ("begins = 2024-01-10", "begins = 1990-01-10", "begins = 1990-01-10", "conduct.rhythms[0].begins",
         "1990-01-10 早于方案印发日期 2024-01-05"),
        ("due = 2024-07-31", "due = 2014-07-31", "due = 2014-07-31", "scoring.rounds[0].due",
         "2014-07-31 早于方案印发日期 2024-01-05"),
        ("due = 2024-12-31", "due = 2024-07-30", "due = 2024-07-30", "scoring.rounds[1].due",
         "最终考评 2024-07-30 早于初步考评 2024-07-31"),
        ("percent = 80", "percent = 29", "percent = 29", "targets[0].milestones[1].percent",
         '里程碑倒退：30 之后是 29；逐期相加的请写 kind = "incremental"'),
        ("date = 2024-10-31", "date = 2024-06-29", "date = 2024-06-29", "targets[0].milestones[1].date",
         "日期倒退：2024-06-30 之后是 2024-06-29"),
        ("ends = 2024-12-25", "ends = 2024-01-09", "ends = 2024-01-09", "conduct.rhythms[0].ends",
         "日期倒退：2024-01-10 之后是 2024-01-09"),
        ("percent = 80", "count = 80", "count = 80", "targets[0].milestones[1].count",
         "percent 与 count 须有且只有一个，同一目标内一致"),
        ("percent = 80", "percent = 105", "percent = 105", "targets[0].milestones[1].percent",
         "105 太大，界限是 100"),
        ('measure = "units"', 'measure = "people"', 'measure = "people"', "coverage.measure",
         "不可用的值 people；可用：'units', 'buildings', 'households', 'floor_area_m2'"),
        ("change_cost_m = 100", "change_cost_m = [1]", "change_cost_m = [1]", "zoning.change_cost_m",
         "值的种类不对：[…]"),
        ('band = "large"', 'band = "huge"', 'band = "huge"', "management.rules[1].band",
         "引用了没有定义的 huge"),
        ('indicator = "order"', 'indicator = "noise"', 'indicator = "noise"', "conduct.service[0].indicator",
         "引用了没有定义的 noise"),
        ('key = "large"\nat_least', 'key = "small"\nat_least', 'key = "small"', "management.bands[1].key",
         "small 出现了两次"),
        ('key = "last"', 'key = "first"', 'key = "first"', "scoring.rounds[1].key", "first 出现了两次"),
        ('every = "week"', 'every = "month"', "weekday = 3", "conduct.rhythms[0].weekday",
         "weekday 只用于 week，day_of_month 只用于 month（现为 month）"),
        ('every = "week"\n', "", "weekday = 3", "conduct.rhythms[0].weekday",
         "weekday 只用于 week，day_of_month 只用于 month（现为 —）"),
        ("times = 2\n", "", "[[conduct.service]]", "conduct.service[0]", "times 与 every 须同时给出"),
        ("pass_mark = 85", "pass_mark = 105", "pass_mark = 105", "scoring.pass_mark",
         "下限 105 大于上限 100"),
        ("pass_mark = 85", 'pass_mark = 85\nreadings = ["weight"]', 'readings = ["weight"]',
         "scoring.readings[0]", "引用了没有定义的 weight"),
        ('section = "6"\n[[scoring.rounds]]', "[[scoring.rounds]]", "[[scoring.indicators]]",
         "scoring.indicators[0].section", "缺少这个字段"),
    ],
)  # fmt: skip
def test_a_fault_is_named_whole_and_at_its_line(
    good: str, bad: str, line: str, field: str, sentence: str
) -> None:
    assert good in SCORED
    assert faults(SCORED.replace(good, bad, 1)) == [(line, field, sentence)]


def test_every_day_before_the_issue_is_named_at_once() -> None:
    """A phase may begin before its plan is printed; it may not be over by then."""
    found = faults(SCORED.replace("issued = 2024-01-05", "issued = 2024-08-01"))

    issued = "早于方案印发日期 2024-08-01"
    assert found == [
        ("date = 2024-06-30", "targets[0].milestones[0].date", f"2024-06-30 {issued}"),
        ("due = 2024-07-31", "scoring.rounds[0].due", f"2024-07-31 {issued}"),
        ("ends = 2024-01-31", "conduct.phases[0].ends", f"2024-01-31 {issued}"),
        ("due = 2024-02-29", "conduct.duties[0].due", f"2024-02-29 {issued}"),
        ("begins = 2024-01-10", "conduct.rhythms[0].begins", f"2024-01-10 {issued}"),
    ]


def test_two_rules_that_refer_to_nothing_are_named_both() -> None:
    document = DOCUMENT.replace('band = "small"\n', 'band = "tiny"\n').replace(
        'band = "large"', 'band = "huge"'
    )

    assert [(line, sentence) for line, _, sentence in faults(document)] == [
        ('band = "tiny"', "引用了没有定义的 tiny"),
        ('band = "huge"', "引用了没有定义的 huge"),
    ]


@pytest.mark.parametrize(
    ("good", "bad", "line", "sentence"),
    [
        ("at_least = 101", "at_least = 150", "large", "101 至 149 户不在任何档内：将判为“方案未规定”"),
        ("at_least = 101", "at_least = 90", "large", "90 至 100 户同时在两档内"),
        ("at_least = 101", "at_least = 101\nat_most = 900", "large",
         "900 户以上不在任何档内：将判为“方案未规定”"),
        ("at_most = 100", "at_least = 5\nat_most = 100", "small",
         "0 至 4 户不在任何档内：将判为“方案未规定”"),
        ('form = "basic"\n', 'form = "basic"\nsection = "3"\n[[management.forms]]\nform = "roving"\n',
         "roving", "没有规则用到 roving"),
    ],
)  # fmt: skip
def test_a_warning_has_the_line_of_what_it_is_about(good: str, bad: str, line: str, sentence: str) -> None:
    document = DOCUMENT.replace(good, bad, 1)
    lines = document.splitlines()
    warnings = [each for each in warnings_of(read_profile("plan", document)) if "targets" not in each.field]

    assert [each.said("zh") for each in warnings] == [sentence]
    # a table is named by its header: what it is about stands in the line after it
    at = line_of(document, warnings[0].place)
    assert (lines[at - 1][:2], line in lines[at]) == ("[[", True)


def test_every_fault_the_model_raises_has_its_sentence() -> None:
    code = "".join(
        Path(str(each)).read_text(encoding="utf-8")
        for each in files(policy).iterdir()
        if each.name.endswith(".py")
    )
    raised = set(re.findall(r'\bfault\(\s*"([a-z_]+)"', code))
    assert len(raised) > 10
    assert {key for key in raised if f"policy.fault.{key}" not in messages.catalogue("zh")} == set()
