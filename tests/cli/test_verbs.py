"""The verbs from the command line: answers, tables, documents, exit codes."""

from __future__ import annotations

import json
from importlib.resources import files

import openpyxl
import pytest
from sqlalchemy import Engine, text

from geo_service import tokens
from geo_service.access import Actor, Role
from tests.cli.conftest import SECRET, Cli
from tests.planning.test_policy import DOCUMENT
from tests.world import EAST, TOWN, WEST


def test_the_whole_path(cli: Cli, world):
    drawn = cli("zone", "--area", TOWN, "--target", "50－150", "--plan", "初稿", "--seed", 3, "--json")
    assert drawn.code == 0
    plan = drawn.document()
    assert (plan["name"], plan["limits"], plan["seed"]) == ("初稿", "50-150", 3)
    assert sum(zone["households"] for zone in plan["zones"]) == 160

    appointed = cli("appoint", "--plan", plan["plan_id"], "--json").document()
    assert len(appointed["posts"]) == len(plan["zones"])
    published = cli("publish", "--plan", plan["plan_id"], "--from", "2024-06-01", "--json").document()
    assert [community["code"] for community in published["communities"]] == [WEST, EAST]

    covered = cli("coverage", "--area", TOWN, "--on", "2024-06-01", "--json").document()
    assert (covered["total"]["units"]["numerator"], covered["total"]["units"]["denominator"]) == (7, 7)
    before = cli("coverage", "--area", TOWN, "--on", "2024-05-31", "--measure", "units", "--json").document()
    assert before["total"] == {"units": {"numerator": 0, "denominator": 7, "rate": 0.0}}

    files = cli(
        "export", "--area", WEST, "--layers", "zones", "--format", "gpkg", "--out", "z.gpkg", "--json"
    )
    assert [file["layer"] for file in files.document()["files"]]


def test_tables_are_for_people(cli: Cli, world):
    drawn = cli("zone", "--area", WEST, "--target", "100-100")
    assert f"{WEST}001" in drawn.out
    assert "户数" in drawn.out
    table = cli("coverage", "--area", WEST, "--on", "2024-06-30", "--measure", "units").out
    assert "0.00%" in table
    assert "覆盖率" in table
    assert all(cli("appoint", "--plan", 1).out.count(word) for word in ("网格长", "步行距离"))
    assert "2025-01-01" in cli("publish", "--plan", 1, "--from", "2025-01-01").out


def test_a_plan_says_how_good_it_is_and_why(cli: Cli, world):
    drawn = cli("zone", "--area", WEST, "--target", "30-70", "--zones", "２", "--json").document()
    assert len(drawn["zones"]) == 2
    (community,) = drawn["communities"]
    assert community["gap_zh"] in cli("zone", "--area", WEST, "--target", "30-70", "--zones", "2").out

    explained = cli("explain", "--plan", drawn["plan_id"], "--json").document()
    assert [zone["code"] for zone in explained["zones"]] == [zone["code"] for zone in drawn["zones"]]
    assert explained["communities"][0]["gap_zh"] == community["gap_zh"]
    told = cli("explain", "--plan", drawn["plan_id"], "--zone", f"{WEST}001").out
    assert explained["zones"][0]["explanation"][0]["message_zh"] in told
    assert f"{WEST}002 " not in told
    assert cli("explain", "--plan", drawn["plan_id"], "--zone", f"{WEST}009").code == 2


def test_a_plan_is_continued_and_mended(cli: Cli, world):
    first = cli("zone", "--area", WEST, "--target", "30-70", "--json").document()
    kept = first["zones"][0]
    again = cli(
        *("zone", "--area", WEST, "--target", "30-70", "--from-plan", first["plan_id"]),
        *("--lock", kept["code"], "--json"),
    ).document()
    assert again["parent_id"] == first["plan_id"]
    assert next(zone for zone in again["zones"] if zone["code"] == kept["code"])["locked"]

    mended = cli(
        "rebalance", "--plan", again["plan_id"], "--name", "第三稿", "--max-moves", "2", "--json"
    ).document()
    assert (mended["parent_id"], mended["name"], mended["changes"]) == (again["plan_id"], "第三稿", [])
    table = cli("rebalance", "--plan", again["plan_id"]).out
    assert "换片区的楼栋数" in table
    assert f"{again['name']}（调整）" in table


def test_two_plans_are_compared(cli: Cli, world):
    first = cli("zone", "--area", WEST, "--target", "30-70", "--json").document()
    whole = cli("zone", "--area", WEST, "--target", "100-100", "--plan", "[合]并", "--json").document()
    a, b = first["plan_id"], whole["plan_id"]
    found = cli("compare", "--plan", a, "--with", b, "--json").document()
    # one zone of all 100 households keeps the people of the larger of the two alone
    smaller = min(first["zones"], key=lambda zone: zone["households"])
    assert (found["a"]["figures"]["zones"], found["b"]["figures"]["zones"]) == (2, 1)
    assert found["differing"] == {"buildings": smaller["buildings"], "households": smaller["households"]}
    table = cli("compare", "--plan", a, "--with", b).out
    assert "[合]并" in table
    assert "平均紧凑度" in table
    assert found["buildings"][0]["code"] in table
    assert cli("compare", "--plan", a, "--with", a, "--json").document()["buildings"] == []


def test_a_name_in_brackets_is_no_markup(cli: Cli, world):
    assert (
        "[bold]片区[/x]" in cli("zone", "--area", WEST, "--target", "100-100", "--plan", "[bold]片区[/x]").out
    )


def test_infeasible_is_3_with_what_would_do(reading_cli: Cli):
    refused = reading_cli("zone", "--area", WEST, "--target", "60-70", "--json")
    assert refused.code == 3
    error = refused.document()["error"]
    assert error["key"] == "zoning.nothing_feasible"
    nearest = error["details"][0]["nearest"]
    assert nearest
    assert WEST in refused.err
    assert all(f"{option['limits']} × {option['zones']}" in refused.err for option in nearest)


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (("zone", "--area", WEST, "--target", "500-300"), "zoning.range_reversed"),
        (("zone", "--area", WEST, "--target", "about 400"), "zoning.range_unreadable"),
        (("zone", "--area", "990199000000"), "area.unknown"),
        (("zone", "--area", WEST, "--zones", "some"), "zoning.zones_unreadable"),
        (("zone", "--area", WEST, "--zones", "-3"), "zoning.zones_unreadable"),
        (("zone", "--area", WEST, "--zones", "9999999999999999999999"), "zoning.zones_unreadable"),
        (("zone", "--area", TOWN, "--zones", "3"), "zoning.zones_of_many"),
        (("zone", "--area", WEST, "--budget", "0"), "zoning.no_moves"),
        (("zone", "--area", WEST, "--max-moves", "5"), "zoning.no_earlier_plan"),
        (("zone", "--area", WEST, "--max-moves", "-5"), "zoning.changes_negative"),
        (("zone", "--area", WEST, "--keep-locked"), "zoning.no_earlier_plan"),
        (("zone", "--area", WEST, "--from-plan", "999"), "plan.unknown"),
        (("zone", "--area", WEST, "--together", "B1"), "command.bad_pair"),
        (("zone", "--area", WEST, "--apart", "B1,B1"), "command.bad_pair"),
        (("zone", "--area", WEST, "--apart", "B1,B2"), "zoning.place_unknown"),
        (("zone", "--area", WEST, "--centre", "nobody"), "zoning.place_unknown"),
        (("rebalance", "--plan", "999"), "plan.unknown"),
        (("rebalance", "--plan", "999", "--max-moves", "few"), "command.bad_value"),
        (("explain", "--plan", "999"), "plan.unknown"),
        (("explain", "--zone", "1"), "command.missing"),
        (("coverage", "--area", "990199000000"), "area.unknown"),
        (("coverage", "--area", WEST, "--on", "2024-02-30"), "command.bad_date"),
        (("coverage", "--area", WEST, "--by", "village"), "command.bad_value"),
        (("coverage", "--area", WEST, "--measure", "love"), "coverage.unknown_measure"),
        (("coverage",), "command.missing"),
        (("coverage", "--aera", WEST), "command.no_such_option"),
        (("cover",), "command.wrong_usage"),
        (("appoint", "--plan", "999"), "plan.unknown"),
        (("appoint", "--plan", "one"), "command.bad_value"),
        (("publish", "--plan", "999", "--from", "soon"), "command.bad_date"),
        (("import", "buildings", "none.gpkg"), "command.no_such_file"),
        (("import", "houses", "none.gpkg"), "command.bad_value"),
        (("import", "people", __file__, "--map", "code"), "command.bad_mapping"),
        (("export", "--area", WEST, "--layers", "gold", "--format", "gpkg", "--out", "x"), "layers.unknown"),
        (("export", "--area", WEST, "--format", "gpkg", "--out", "x"), "export.no_layers"),
        (("export", "--area", WEST, "--format", "qgz", "--out", "x.zip"), "qgis_project.suffix"),
        (("export", "--area", WEST, "--format", "qgz", "--out", "x|y.qgz"), "qgis_project.sign_in_name"),
        (("export", "--area", WEST, "--format", "qgz", "--out", "x%20.qgz"), "qgis_project.sign_in_name"),
        (
            (
                "export",
                "--area",
                WEST,
                "--layers",
                "zones",
                "--format",
                "gpkg",
                "--out",
                "x",
                "--target",
                "x",
            ),
            "coverage.unknown_target",
        ),
        (
            (
                "export",
                "--area",
                WEST,
                "--layers",
                "zones",
                "--format",
                "gpkg",
                "--out",
                "x",
                "--measure",
                "x",
            ),
            "layers.measure_unknown",
        ),
        (
            ("export", "--area", WEST, "--layers", "zones", "--format", "gpkg", "--out", "x", "--plan", "0"),
            "command.bad_value",
        ),
        (
            ("export", "--area", WEST, "--format", "qgz", "--out", "x.qgz", "--service", "here"),
            "qgis_project.service_unreadable",
        ),
        (
            ("export", "--area", WEST, "--layers", "zones", "--format", "png", "--out", "x", "--paper", "a5"),
            "command.bad_value",
        ),
        (
            ("export", "--area", WEST, "--layers", "zones", "--format", "shp", "--out", "x", "--paper", "a3"),
            "sheet.not_a_drawing",
        ),
        (("db", "start"), "database.not_ours"),
        (("db", "stop"), "database.not_ours"),
    ],
)
def test_wrong_input_is_2_in_both_languages_and_as_json(reading_cli: Cli, arguments, key):
    run = reading_cli(*arguments, "--json")
    assert run.code == 2
    assert set(run.document()) == {"error"}
    error = run.document()["error"]
    assert error["key"] == key
    assert set(error) == {"key", "what_zh", "what_en", "mend_zh", "mend_en", "where", "details"}
    assert error["what_zh"]
    assert error["mend_zh"]
    chinese, english = run.err.index(error["what_zh"]), run.err.index(error["what_en"])
    assert chinese < english
    assert reading_cli(*arguments).out == ""


def test_an_import_lists_what_it_refused(cli: Cli, world, environment):
    people = environment / "people.csv"
    people.write_text(
        "编码,姓名,社区编码,经度,纬度,可负责片区数\n"
        f"P1,甲,{WEST},111.0003,34.3273,1\n"
        f"P2,,{WEST},111.0003,34.3273,1\n",
        encoding="utf-8",
    )
    run = cli("import", "people", people, "--crs", "EPSG:4490", "--dry-run", "--json")
    assert run.code == 0, run.err
    report = run.document()
    assert (report["rows"], report["rejected"], report["dry_run"]) == (2, 1, True)
    table = cli("import", "people", people, "--crs", "EPSG:4490").out
    assert "退回" in table
    assert (environment / "rejects").is_dir()
    strict = cli("import", "people", people, "--crs", "EPSG:4490", "--strict", "--json")
    assert strict.code == 2
    assert strict.document()["error"]["details"]


def test_several_files_are_one_document(cli: Cli, world, environment):
    rows = "编码,姓名,社区编码,经度,纬度\n"
    for name in ("a", "b"):
        (environment / f"{name}.csv").write_text(
            f"{rows}{name},甲,{WEST},111.0003,34.3273\n", encoding="utf-8"
        )
    run = cli("import", "people", "a.csv", "b.csv", "--crs", "EPSG:4490", "--json")
    assert [report["inserted"] for report in run.document()["imports"]] == [1, 1]


def test_layers_are_checked(reading_cli: Cli, tmp_path, monkeypatch):
    assert "zones" in reading_cli("layers", "check", "--json").document()["layers"]
    (tmp_path / "layers").mkdir()
    monkeypatch.setenv("GEO_SERVICE_LAYERS", str(tmp_path / "layers"))
    assert reading_cli("layers", "check").code == 2


def test_the_database_says_how_it_is(reading_cli: Cli):
    status = reading_cli("db", "status", "--json").document()
    assert (status["kind"], status["running"]) == ("external", True)
    assert status["revision"] == status["newest_revision"]
    upgraded = reading_cli("db", "upgrade", "--json").document()
    assert upgraded["before"] == upgraded["after"] == status["revision"]


def test_an_unreachable_database_is_1_in_words(reading_cli: Cli, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    run = reading_cli("coverage", "--area", WEST, "--json")
    assert run.code == 1
    assert run.document()["error"]["key"] == "database.lost"
    assert "Traceback" not in run.err


def test_a_setting_that_cannot_be_used_is_2(reading_cli: Cli, monkeypatch):
    monkeypatch.setenv("GEO_SERVICE_SECRET", "short")
    run = reading_cli("coverage", "--area", WEST, "--json")
    assert run.code == 2
    assert run.document()["error"]["where"] == "GEO_SERVICE_SECRET"


def test_a_fault_of_ours_is_1_and_leaves_its_traceback_in_a_file(reading_cli: Cli, tmp_path, monkeypatch):
    def fail(*_arguments, **_options):
        raise RuntimeError("boom")

    monkeypatch.setattr("geo_service.pipeline.coverage.measure_coverage", fail)
    run = reading_cli("coverage", "--area", WEST, "--json")
    assert run.code == 1
    assert run.document()["error"]["key"] == "command.fault"
    assert "Traceback" not in run.err
    (log,) = (tmp_path / "home" / "logs").iterdir()
    assert str(log) in run.err
    assert "RuntimeError: boom" in log.read_text()
    assert "RuntimeError: boom" in reading_cli("--debug", "coverage", "--area", WEST).err


def test_an_interrupt_is_130(reading_cli: Cli, monkeypatch):
    def interrupt(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("geo_service.pipeline.coverage.measure_coverage", interrupt)
    run = reading_cli("coverage", "--area", WEST, "--json")
    assert (run.code, run.document()["error"]["key"]) == (130, "command.cancelled")


def test_help_is_no_error(reading_cli: Cli):
    assert reading_cli("--help").code == 0
    assert reading_cli("zone", "--help").code == 0
    assert reading_cli().code == 2


def signed(cli: Cli, *arguments: object) -> Actor:
    run = cli("token", *arguments, "--json")
    assert run.code == 0, run.err
    return tokens.read(run.document()["token"], SECRET)


def test_tokens_carry_who_asks(cli: Cli, world):
    viewer = signed(cli, "--role", "viewer", "--area", WEST, "--days", 30, "--name", "张三")
    assert viewer == Actor("张三", Role.VIEWER, WEST)
    assert signed(cli, "--role", "admin", "--area", "*", "--days", 1).scope == "*"
    plan = cli("zone", "--area", WEST, "--target", "100-100", "--json").document()["plan_id"]
    post = cli("appoint", "--plan", plan, "--json").document()["posts"][0]["id"]
    assert signed(cli, "--role", "chief", "--area", WEST, "--post", post, "--days", 366).post_id == post
    plain = cli("token", "--role", "gis", "--area", WEST, "--days", 2)
    assert tokens.read(plain.out.strip(), SECRET).role is Role.GIS


@pytest.mark.parametrize(
    ("arguments", "key"),
    [
        (("--role", "viewer", "--area", "990199000000", "--days", 1), "area.unknown"),
        (("--role", "viewer", "--area", "*", "--days", 1), "token.whole_deployment_is_for_admins"),
        (("--role", "viewer", "--area", WEST, "--days", 367), "token.days_out_of_range"),
        (("--role", "viewer", "--area", WEST, "--days", 0), "token.days_out_of_range"),
        (("--role", "chief", "--area", WEST, "--days", 1), "token.post_is_for_chiefs"),
        (("--role", "gis", "--area", WEST, "--days", 1, "--post", 1), "token.post_is_for_chiefs"),
        (("--role", "chief", "--area", WEST, "--days", 1, "--post", 999), "post.unknown"),
        (("--role", "king", "--area", WEST, "--days", 1), "command.bad_value"),
    ],
)
def test_tokens_that_make_no_sense_are_refused(reading_cli: Cli, arguments, key):
    run = reading_cli("token", *arguments, "--json")
    assert (run.code, run.document()["error"]["key"]) == (2, key)


def test_the_command_line_acts_as_a_tokens_actor(cli: Cli, world, monkeypatch):
    planner = tokens.issue(Actor("p", Role.PLANNER, WEST), 1, SECRET)
    viewer = tokens.issue(Actor("v", Role.VIEWER, WEST), 1, SECRET)
    assert cli("--actor-token", planner, "zone", "--area", WEST, "--target", "100-100").code == 0
    abroad = cli("--actor-token", planner, "zone", "--area", EAST, "--target", "50-150", "--json")
    assert (abroad.code, abroad.document()["error"]["key"]) == (2, "area.unknown")
    monkeypatch.setenv("GEO_SERVICE_TOKEN", viewer)
    refused = cli("zone", "--area", WEST, "--json")
    assert (refused.code, refused.document()["error"]["key"]) == (2, "access.outside_scope")
    more = cli("token", "--role", "admin", "--area", "*", "--days", 1, "--json")
    assert (more.code, more.document()["error"]["key"]) == (2, "access.outside_scope")
    monkeypatch.setenv("GEO_SERVICE_TOKEN", viewer[:-2])
    assert json.loads(cli("coverage", "--area", WEST, "--json").out)["error"]["key"] == "token.invalid"


def test_profiles_are_listed_shown_and_checked(cli: Cli, world, tmp_path):
    listed = cli("policy", "list", "--json").document()["profiles"]
    assert [each["key"] for each in listed if each["in_use"]] == ["county_2024"]
    assert "郑州经开区" in cli("policy", "list").out
    assert "2020-07-31" in cli("policy", "show", "luolong_2020").out
    # what the plan asks for on no day is shown with the rest, and which date is a reading
    shown = cli("policy", "show", "luolong_2020").out
    assert ("不定期" in shown, "begins" in shown, "2020-06-24" in shown) == (True, True, True)
    assert cli("policy", "schema").document()["title"] == "Profile"

    good = files("geo_service.planning.policy") / "profiles" / "luolong_2020.toml"
    mine = tmp_path / "mine.toml"
    mine.write_text(good.read_text(encoding="utf-8"), encoding="utf-8")
    assert "101 至 199 户" in cli("policy", "check", mine).out
    warnings = cli("policy", "check", mine, "--json").document()["warnings"]
    bands = [
        n for n, each in enumerate(good.read_text("utf-8").splitlines(), 1) if each == "[[management.bands]]"
    ]
    assert [each["row"] for each in warnings] == bands[1:]  # each hole at the band that comes after it
    document = mine.read_text(encoding="utf-8").replace("percent = 80", "percent = 105")
    mine.write_text(document, encoding="utf-8")
    refused = cli("policy", "check", mine)
    line = document.splitlines().index("percent = 105") + 1
    assert refused.code == 2
    assert f"mine.toml {line} targets[0].milestones[2].percent 105 太大，界限是 100" in refused.err


def test_a_profile_of_ones_own_is_adopted_and_used(cli: Cli, world, tmp_path):
    mine = tmp_path / "sixth.toml"
    mine.write_text(DOCUMENT, encoding="utf-8")
    assert cli("policy", "adopt", mine, "--json").document() == {"key": "sixth", "version": 1}
    assert cli("policy", "use", "sixth").code == 0
    assert (
        cli("coverage", "--area", WEST, "--on", "2024-06-30", "--json").document()["profile"]["key"]
        == "sixth"
    )
    mine.write_text(DOCUMENT.replace('"Plan"', '"Other"'), encoding="utf-8")
    assert cli("policy", "adopt", mine).code == 2
    mine.write_bytes("版本".encode("gbk"))
    assert cli("policy", "adopt", mine).code == 2
    assert cli("policy", "check", tmp_path / "none.toml").code == 2
    assert cli("policy", "use", "seventh").code == 2


def test_forms_are_recommended_and_decided(cli: Cli, world):
    told = cli("classify", "--area", TOWN, "--on", "2024-06-30")
    assert "流动物业" in told.out
    unit = f"{WEST}-B0001"
    assert cli("decide", "--unit", unit, "--form", "professional").code == 2  # no reason
    assert cli("decide", "--unit", unit).code == 2
    done = cli("decide", "--unit", unit, "--form", "professional", "--reason", "并入邻近小区", "--json")
    assert done.document()["form"] == "professional"
    assert "并入邻近小区" in cli("classify", "--area", TOWN).out
    assert cli("decide", "--unit", unit, "--withdraw").code == 0
    units = cli("classify", "--area", TOWN, "--json").document()["units"]
    assert all(each["decision"] is None for each in units)


def known_since(engine: Engine, day: str) -> None:
    """Let one building be planned for from a day on: the first that anything is known of."""
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO arrangement (unit_kind, unit_code, community_code, form, step, valid)"
                " VALUES ('building', :code, :community, 'roving', 'planned', daterange(:day, NULL))"
            ),
            {"code": f"{WEST}-B0001", "community": WEST, "day": day},
        )


def test_progress_is_followed_and_told(cli: Cli, world):
    known_since(world, "2024-06-01")
    followed = cli("milestones", "--area", TOWN, "--on", "2024-06-30")
    assert "2024-10-31" in followed.out
    assert "未达" in followed.out
    curve = cli("milestones", "--area", TOWN, "--on", "2024-06-30", "--json").document()
    assert [step["required"] for step in curve["total"]["steps"]] == [3, 6, 7]

    issued = cli("bulletin", "issue", "--area", TOWN, "--month", "2024-06", "--json").document()
    assert cli("bulletin", "issue", "--area", TOWN, "--month", "2024-06").code == 2
    assert issued["content_sha256"][:20] in cli("bulletin", "show", issued["id"]).out
    assert "2024-06" in cli("bulletin", "list", "--area", TOWN).out
    assert cli("bulletin", "correct", issued["id"], "--reason", "因").code == 2  # nothing has changed
    assert cli("bulletin", "show", 999).code == 2
    objected = cli("bulletin", "object", issued["id"], "--by", "西社区", "--text", "漏报一栋")
    assert "漏报一栋" in objected.out
    assert cli("bulletin", "object", issued["id"], "--by", "西社区", "--text", "乙", "--on", "昨天").code == 2
    assert cli("bulletin", "issue", "--area", TOWN, "--month", "6月").code == 2
    assert cli("bulletin", "issue", "--area", TOWN, "--month", "2024-07", "--target", "x").code == 2
    by_target = cli("bulletin", "issue", "--area", TOWN, "--month", "2024-07", "--target", "coverage")
    assert by_target.code == 0
    early = cli("bulletin", "issue", "--area", TOWN, "--month", "2024-05")
    assert (early.code, "2024-06-01" in early.err) == (2, True)
    assert cli("bulletin", "issue", "--area", TOWN, "--month", "2024-05", "--objection-days", -1).code == 2


def test_every_kind_of_bulletin_and_its_documents(cli: Cli, world, tmp_path):
    """The weekly sheet of a plan of Wednesdays; another day is refused with the nearest ones."""
    plan = ("--area", TOWN, "--profile", "luolong_2020", "--kind", "weekly_sheet")
    refused = cli("bulletin", "issue", *plan, "--period", "2020-06-25")
    assert refused.code == 2
    assert "2020-06-24, 2020-07-01" in refused.err
    issued = cli("bulletin", "issue", *plan, "--period", "2020-07-01", "--json").document()
    assert issued["kind"] == "weekly_sheet"
    assert "物业管理覆盖周报" in cli("bulletin", "list", "--area", TOWN).out
    out = tmp_path / "七月一日.pdf"
    assert "周报" in cli("bulletin", "show", issued["id"], "--out", out).out
    assert out.read_bytes().startswith(b"%PDF-")
    assert cli("bulletin", "show", issued["id"], "--out", tmp_path / "x.png").code == 2
    for kind, period in (("evaluation_list", "final"), ("monthly_report", "2024-06"), ("gossip", "2024-06")):
        assert cli("bulletin", "issue", "--area", TOWN, "--kind", kind, "--period", period).code == 2
    for name in ("curve.pdf", "curve.png"):
        done = cli("milestones", "--area", TOWN, "--on", "2024-06-30", "--out", tmp_path / name)
        assert done.code == 0
        assert (tmp_path / name).stat().st_size > 10_000


def test_reports_of_units_are_received_and_listed(cli: Cli, world):
    """Due by the end of Sunday, 26 November 2017."""
    plan = ("--rhythm", "report", "--profile", "zhoucun_2017", "--period", "2017-11")
    received = cli("report", "receive", "--area", TOWN, *plan, "--on", "2017-11-28", "--json").document()
    assert (received["state"], received["days_late"], received["due"]) == ("late", 2, "2017-11-26")
    assert "迟报 2 天" in cli("report", "list", "--area", TOWN, *plan).out
    mended = cli("report", "receive", "--area", TOWN, *plan, "--on", "2017-11-26")
    assert "按时" in mended.out
    assert cli("report", "list", "--area", TOWN, *plan, "--json").document()["rows"][0]["state"] == "on_time"
    for wrong in (
        ("--on", "gestern"),
        ("--on", "2999-01-01"),
        ("--rhythm", "dispatch"),
        ("--period", "11月"),
    ):
        assert cli("report", "receive", "--area", TOWN, *plan, *wrong).code == 2
    assert cli("report", "receive", "--area", WEST, *plan).code == 2
    assert cli("report", "list", "--area", TOWN).code == 2  # the deployment's own plan asks for no reports


def test_units_are_evaluated(cli: Cli, world, tmp_path):
    unit = f"{WEST}-B0001"
    full = "hygiene=85,order=85，green＝85,shared_parts=85,parking=85"
    assert "85.0" in cli("evaluate", "--unit", unit, "--round", "final", "--marks", full).out
    failed = cli(
        "evaluate", "--unit", unit, "--round", "final", "--marks", full.replace("order=85", "order=84")
    )
    assert "否" in failed.out
    scores = tmp_path / "scores.csv"
    listed = cli("evaluations", "--area", TOWN, "--round", "final", "--out", scores)
    assert unit in scores.read_text(encoding="utf-8-sig")
    assert unit in listed.out
    assert cli("evaluations", "--area", TOWN, "--round", "final", "--json").document()["not_compliant"] == 1
    for wrong in ("", "hygiene", "hygiene=good", "=85", "hygiene=85,hygiene=90", "hygiene=nan"):
        assert cli("evaluate", "--unit", unit, "--round", "final", "--marks", wrong).code == 2


def test_reports_are_written_as_workbooks(cli: Cli, world, tmp_path):
    known_since(world, "2024-06-01")
    with world.begin() as connection:
        connection.execute(text("UPDATE area SET name = '=1+1' WHERE code = :code"), {"code": WEST})
    number = cli("bulletin", "issue", "--area", TOWN, "--month", "2024-06", "--json").document()["id"]
    out = tmp_path / "tong" / "六月通报.xlsx"
    told = cli("bulletin", "show", number, "--out", out, "--json").document()
    sheet = openpyxl.load_workbook(out).active
    assert sheet.title == "2024-06"
    cells = {str(cell.value): cell for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert cells["=1+1"].data_type == "s"  # a name, never a formula
    assert told["content_sha256"] in cells
    assert [cell.value for cell in sheet[4]][:5] == ["名次", "名称", "已覆盖", "基数", "覆盖率"]
    assert (sheet.cell(5, 4).value, sheet.cell(5, 5).number_format) == (4, "0.00%")

    curve = tmp_path / "curve.xlsx"
    assert cli("milestones", "--area", TOWN, "--on", "2024-12-31", "--out", curve).code == 0
    workbook = openpyxl.load_workbook(curve)
    assert len(workbook.active._charts) == 1
    plan = {row[0].value.date().isoformat(): row[1].value for row in workbook.active.iter_rows(min_row=4)}
    assert (plan["2024-05-31"], plan["2024-06-30"], plan["2024-10-31"], plan["2024-12-31"]) == (0, 3, 6, 7)
    for wrong in (tmp_path / "curve.docx", tmp_path / "noending", tmp_path):
        assert cli("milestones", "--area", TOWN, "--out", wrong).code == 2
    assert sorted(path.name for path in tmp_path.glob("*.xlsx")) == ["curve.xlsx"]


def test_a_figure_is_asked_as_it_was_known_and_a_unit_who_served_it(cli: Cli, world):
    known = cli(
        "coverage", "--area", TOWN, "--on", "2024-06-30", "--known", "2020-01-01", "--json"
    ).document()
    assert known["total"]["units"]["denominator"] == 0
    assert "按当时所知" in cli("coverage", "--area", TOWN, "--known", "2020-01-01T08:00").out
    refused = cli("coverage", "--area", TOWN, "--known", "soon", "--json")
    assert (refused.code, refused.document()["error"]["key"]) == (2, "command.bad_moment")

    service = cli("served", "--unit", f"{WEST}-B0001", "--on", "2024-06-30", "--json").document()
    assert (service["code"], service["service"]) == (f"{WEST}-B0001", None)
    assert f"{WEST}-B0001" in cli("served", "--unit", f"{WEST}-B0001").out
    assert "未填写" in cli("coverage", "--area", TOWN, "--by", "form").out
    assert cli("milestones", "--area", TOWN, "--target", "love", "--json").code == 2


def test_the_ledger_goes_out_and_comes_back(cli: Cli, world):
    written = cli("ledger", "export", "--area", TOWN, "--on", "2024-06-30", "--out", "l.xlsx", "--json")
    # 7 standalone buildings in two communities
    assert (written.code, written.document()["units"], len(written.document()["sheets"])) == (0, 7, 2)
    elsewhen = cli("import", "ledger", "l.xlsx", "--json")
    assert elsewhen.code == 2
    assert "!A1" in elsewhen.err
    assert "--as-of" in elsewhen.err
    again = cli("import", "ledger", "l.xlsx", "--as-of", "2024-06-30", "--json").document()
    assert (again["inserted"], again["updated"], again["unchanged"]) == (0, 0, 7)

    types = cli("ledger", "types", "--area", TOWN, "--json").document()
    assert (types["units"], [group["marks"] for group in types["groups"]]) == (7, [0, 0])
    assert "勾选数" in cli("ledger", "types", "--area", TOWN).out
    assert cli("ledger", "places", "--area", TOWN, "--json").document()["units"] == []
    refused = cli("import", "areas", "l.xlsx", "--match", "l.xlsx")
    assert refused.code == 2


@pytest.mark.parametrize("form", ["png", "pdf", "pmtiles"])
def test_a_table_alone_is_not_drawn(cli: Cli, world, tmp_path, form: str):
    refused = cli(
        "export", "--area", WEST, "--layers", "no_location", "--format", form, "--out", f"out.{form}"
    )

    assert refused.code == 2
    assert all(word in refused.err for word in ("--layers", "no_location", "xlsx"))
    assert not list(tmp_path.rglob(f"*.{form}"))
