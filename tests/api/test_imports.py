"""Files uploaded: taken, refused, too large, and gone afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from geo_service.access import Role
from geo_service.api.uploads import safe_name
from geo_service.errors import InvalidInput
from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.world import WEST

HEADERS = "编码,姓名,社区编码,经度,纬度\n"
ROW = f"P9,甲,{WEST},111.0003,34.3273\n"
PEOPLE = (HEADERS + ROW).encode()
CRS = {"crs": "EPSG:4490"}


def left_behind(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name != "home"]


def test_a_file_is_taken_in_and_again_changes_nothing(fresh: Seeded, client_for: ClientFor, tmp_path):
    client = client_for(fresh.engine, Role.PLANNER, WEST)
    files = {"file": ("人员.csv", PEOPLE)}
    report = client.post("/api/imports/people", files=files, data=CRS).json()
    assert (report["kind"], report["file"], report["inserted"]) == ("people", "人员.csv", 1)
    again = client.post("/api/imports/people", files=files, data=CRS).json()
    assert (again["inserted"], again["updated"], again["unchanged"]) == (0, 0, 1)
    assert left_behind(tmp_path) == []


def test_fields_are_mapped_and_a_dry_run_writes_nothing(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine)
    text = PEOPLE.decode().replace("编码,姓名", "工号,称呼", 1).encode()
    given = {**CRS, "map": ["code=工号", "name=称呼"], "dry_run": "true"}
    files = {"file": ("p.csv", text)}
    report = client.post("/api/imports/people", files=files, data=given).json()
    assert (report["dry_run"], report["inserted"]) == (True, 1)
    wet = client.post("/api/imports/people", files=files, data={**given, "dry_run": "false"}).json()
    assert wet["inserted"] == 1


def test_strict_refuses_the_file_for_one_bad_row(fresh: Seeded, client_for: ClientFor, tmp_path):
    rows = PEOPLE + f"P10,,{WEST},111.0003,34.3273\n".encode()
    files = {"file": ("p.csv", rows)}
    answer = client_for(fresh.engine).post("/api/imports/people", files=files, data={**CRS, "strict": "1"})
    body = assert_problem(answer, 400, "import.strict_refused")
    assert body["details"][0]["row"]
    assert left_behind(tmp_path) == []


def test_what_is_too_large_is_413(seeded: Seeded, client_for: ClientFor, tmp_path):
    client = client_for(seeded.engine)
    announced = client.post("/api/imports/people", files={"file": ("p.csv", b"x" * 2**20)})
    assert_problem(announced, 413, "request.too_large")

    def unannounced():
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\n'
        for _ in range(40):
            yield b"x" * 2**15

    answer = client.post(
        "/api/imports/people",
        content=unannounced(),
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )
    assert_problem(answer, 413, "request.too_large")
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize(
    ("request_parts", "key"),
    [
        ({"data": CRS}, "request.no_file"),
        ({"data": {"file": "text"}}, "request.no_file"),
        ({"files": {"file": ("p.csv", PEOPLE)}, "data": {"datum": "moon"}}, "request.unusable"),
        ({"files": {"file": ("p.csv", PEOPLE)}, "data": {"map": "code"}}, "request.unusable"),
        ({"files": {"file": ("p.csv", PEOPLE)}, "data": {"dry_run": "perhaps"}}, "request.unusable"),
        ({"files": {"file": ("p.csv", PEOPLE)}, "data": {"colour": "red"}}, "request.unusable"),
        ({"files": {"file": ("p.csv", PEOPLE)}, "data": {"layer": "a\0b"}}, "request.unusable"),
        ({"files": {"file": ("p", PEOPLE)}, "data": CRS}, "request.file_nameless"),
        ({"content": b"not a form"}, "request.no_file"),
    ],
)
def test_what_cannot_be_read_is_400(seeded: Seeded, client_for: ClientFor, request_parts, key):
    assert_problem(client_for(seeded.engine).post("/api/imports/people", **request_parts), 400, key)


def test_a_form_that_breaks_off_is_400(seeded: Seeded, client_for: ClientFor):
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    for content in (
        b"",
        b"--b",
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\nx',
    ):
        answer = client_for(seeded.engine).post("/api/imports/people", content=content, headers=headers)
        assert answer.status_code == 400
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "name", ["p.gpkg", "p.zip", "p.xlsx", "p.geojson", "p.csv", "p.fgb", "p.shp", "p.exe"]
)
@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"PK\x03\x04 broken", b"SQLite format 3\0"])
def test_a_file_that_is_not_what_it_says_is_400(seeded: Seeded, client_for: ClientFor, name, content):
    client = client_for(seeded.engine)
    for kind in ("people", "ledger"):
        answer = client.post(f"/api/imports/{kind}", files={"file": (name, content)}, data=CRS)
        assert answer.status_code == 400, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert "geo-service-upload" not in answer.text


def test_an_unknown_kind_is_400(seeded: Seeded, client_for: ClientFor):
    answer = client_for(seeded.engine).post("/api/imports/houses", files={"file": ("p.csv", PEOPLE)})
    assert_problem(answer, 400, "request.unusable")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("楼栋.gpkg", "楼栋.gpkg"),
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\data\\台账 (1).xlsx", "台账_(1).xlsx"),
        (".hidden.csv", "hidden.csv"),
        ("a;rm -rf $HOME`b`.csv", "a_rm_-rf_HOME_b_.csv"),
        ("a\nb\0c.csv", "a_b_c.csv"),
        ("x" * 500 + ".geojson", "x" * 80 + ".geojson"),
    ],
)
def test_a_file_name_is_kept_without_what_could_harm(given, kept):
    assert safe_name(given) == kept


@pytest.mark.parametrize("given", ["", ".", "..", "/", ".csv", "name", "name.", "///.csv"])
def test_a_file_without_a_name_is_refused(given):
    with pytest.raises(InvalidInput):
        safe_name(given)
