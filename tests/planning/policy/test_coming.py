"""What a plan asks for in the six weeks after a day, read off its calendar by hand."""

from __future__ import annotations

from datetime import date

import pytest

from geo_service.planning.policy import load_profile
from geo_service.planning.policy.coming import coming


@pytest.mark.parametrize(
    ("profile", "on", "expected"),
    [
        # 24 June 2020 is a Wednesday; the special meetings are to be held by the end of June
        ("luolong_2020", date(2020, 6, 24),
         [("2020-06-24", "meeting", "joint_meeting"), ("2020-06-30", "duty", "special_meeting")]),
        # the second stage ends in October, and its meetings and rankings with it
        ("county_2024", date(2024, 10, 1),
         [("2024-10-31", "meeting", "meeting"), ("2024-10-31", "ranking", "ranking"),
          ("2024-10-31", "phase", "work")]),
        ("county_2024", date(2024, 11, 20),
         [("2024-12-31", "phase", "acceptance"), ("2024-12-31", "round", "final")]),
        ("county_2024", date(2024, 7, 31),
         [("2024-07-31", "round", "first"), ("2024-07-31", "meeting", "meeting"),
          ("2024-07-31", "ranking", "ranking")]),
        ("county_2024", date(2024, 2, 28), [("2024-03-31", "phase", "preparation")]),
        ("county_2024", date(2025, 1, 1), []),
        # early December self-check, mid-December the bureau's, the 26th, then what the year ends with
        ("zhoucun_2017", date(2017, 12, 1),
         [("2017-12-10", "phase", "self_check"), ("2017-12-20", "phase", "inspection"),
          ("2017-12-26", "report", "report"), ("2017-12-31", "phase", "acceptance"),
          ("2017-12-31", "assessment", "assessment"), ("2017-12-31", "bulletin", "bulletin"),
          ("2017-12-31", "dispatch", "dispatch"), ("2017-12-31", "inspection", "inspection"),
          ("2017-12-31", "assessment", "year_end")]),
        # nothing of what this plan asks for "regularly" has a day
        ("meihekou_2021", date(2021, 7, 1), [("2021-07-15", "phase", "preparation")]),
        ("meihekou_2021", date.max, []),
    ],
)  # fmt: skip
def test_what_is_coming(profile: str, on: date, expected: list[tuple[str, str, str]]) -> None:
    found = [each.as_json() for each in coming(load_profile(profile), on)]

    assert [(each["date"], each["what"], each["key"]) for each in found] == expected
    assert all(each["section"] and each["title_zh"] and each["title_en"] for each in found)


def test_a_line_says_whom_it_falls_to_where_the_plan_does() -> None:
    lines = {
        each.what: each.as_json()["level"] for each in coming(load_profile("county_2024"), date(2024, 7, 1))
    }

    assert lines == {"round": None, "meeting": "community", "ranking": "community"}
