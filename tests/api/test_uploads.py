"""A file uploaded once: looked into, previewed by datum, tried, imported; bounded, and its owner's alone."""

from __future__ import annotations

import io
import os
import socket
import time
import urllib.request
import zipfile
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from geo_service.access import Role
from geo_service.api import uploads
from geo_service.exchange.coordinates import to_gcj02
from tests.api.conftest import ClientFor, Seeded, assert_problem
from tests.serving import serving
from tests.world import EAST, SOUTH, WEST

PEOPLE = f"工号,称呼,社区编码,经度,纬度\nP9,甲,{WEST},111.0003,34.3273\nP10,,{WEST},111.0004,34.3273\n"
MAPPING = {"code": "工号", "name": "称呼"}
ORDER = {"kind": "people", "crs": "EPSG:4490", "mapping": MAPPING}


def sent(client: TestClient, name: str = "人员.csv", content: bytes = PEOPLE.encode()) -> str:
    answer = client.post("/api/uploads", files={"file": (name, content)})
    assert answer.status_code == 201, answer.text
    return f"/api/uploads/{answer.json()['id']}"


def run(client: TestClient, upload: str, **order: object) -> dict:
    answer = client.put(f"{upload}/import", json={**ORDER, **order})
    assert answer.status_code == 202, answer.text
    while (state := client.get(f"{upload}/import").json())["state"] == "running":
        time.sleep(0.02)
    return state


def people(seeded: Seeded) -> dict[str, str]:
    with seeded.engine.connect() as connection:
        return dict(
            connection.execute(text("SELECT code, name FROM person WHERE code IN ('P9', 'P10')")).all()
        )


def folders(root: Path) -> list[Path]:
    return [path for path in root.glob("geo-service-uploads-*/*/*") if path.is_dir()]


def test_columns_kinds_and_samples_are_seen(seeded: Seeded, client_for: ClientFor):
    client = client_for(seeded.engine)
    seen = client.get(sent(client)).json()
    assert (seen["rows"], seen["layers"], seen["crs"], seen["has_places"]) == (2, [], None, True)
    assert seen["columns"][0] == {"name": "工号", "samples": ["P9", "P10"]}
    kind = seen["kinds"][0]
    assert (kind["name"], kind["fits"], kind["lacking"]) == ("people", True, ["code", "name"])
    assert {f["name"]: f["column"] for f in kind["fields"]}["community_code"] == "社区编码"


def test_a_dry_run_writes_nothing_and_the_import_what_it_said(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine, Role.PLANNER, WEST)
    upload = sent(client)
    assert client.get(f"{upload}/import").json()["state"] == "none"
    tried = run(client, upload, dry_run=True)["report"]
    assert (tried["inserted"], tried["rejected"], people(fresh)) == (1, 1, {})
    assert tried["findings"][0]["row"] == 2
    done = run(client, upload)["report"]
    assert (done["inserted"], people(fresh)) == (1, {"P9": "甲"})
    assert client.delete(upload).status_code == 204
    assert_problem(client.get(upload), 404, "request.upload_gone")


def test_a_field_mapped_to_nothing_is_not_read(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine)
    content = (
        PEOPLE.replace("社区编码", "社区编码,工作电话").replace(f"{WEST},", f"{WEST},不是电话,").encode()
    )
    upload = sent(client, content=content)
    assert run(client, upload, dry_run=True)["report"]["rejected"] == 2
    without = run(client, upload, dry_run=True, mapping={**MAPPING, "work_phone": ""})["report"]
    assert without["rejected"] == 1


@pytest.mark.parametrize("datum", ["cgcs2000", "gcj02"])
def test_the_datum_that_fits_is_suggested(seeded: Seeded, client_for: ClientFor, datum):
    with seeded.engine.connect() as connection:
        middles = connection.execute(
            text(
                "SELECT ST_X(ST_PointOnSurface(geom)), ST_Y(ST_PointOnSurface(geom)) FROM area"
                " WHERE kind = 'community'"
            )
        ).all()
    points = np.array(middles)
    shifted = points if datum == "cgcs2000" else to_gcj02(points)
    rows = "".join(f"P{i},甲,{x},{y}\n" for i, (x, y) in enumerate(shifted.tolist()))
    client = client_for(seeded.engine)
    seen = client.get(
        f"{sent(client, 'p.csv', f'编码,姓名,经度,纬度{chr(10)}{rows}'.encode())}/places"
    ).json()
    placed = {each["datum"]: each for each in seen["placements"]}
    assert (seen["suggested"], seen["crs_assumed"]) == (datum, True)
    assert placed[datum]["inside"] == len(points)
    assert np.allclose(placed[datum]["points"], points, atol=2e-6)
    assert 300 < placed["gcj02"]["shift_m"] < 800
    codes = {feature["properties"]["code"] for feature in seen["communities"]["features"]}
    assert codes == {WEST, EAST, SOUTH}


def test_communities_outside_the_scope_are_not_shown(seeded: Seeded, client_for: ClientFor):
    client = client_for(seeded.engine, Role.PLANNER, WEST)
    seen = client.get(f"{sent(client)}/places").json()
    assert [f["properties"]["code"] for f in seen["communities"]["features"]] == [WEST]


def test_an_upload_is_its_owners_alone(seeded: Seeded, client_for: ClientFor):
    upload = sent(client_for(seeded.engine, Role.PLANNER, WEST))
    other = client_for(seeded.engine, Role.PLANNER, EAST)
    for answer in (
        other.get(upload),
        other.get(f"{upload}/places"),
        other.get(f"{upload}/import"),
        other.put(f"{upload}/import", json=ORDER),
        other.delete(f"{upload}/import"),
        other.delete(upload),
    ):
        assert_problem(answer, 404, "request.upload_gone")
    assert client_for(seeded.engine, Role.PLANNER, WEST).get(upload).status_code == 200


def test_a_planner_writes_nothing_into_anothers_scope(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine, Role.PLANNER, EAST)
    state = run(client, sent(client))
    assert (state["report"]["inserted"], state["report"]["rejected"], people(fresh)) == (0, 2, {})


def test_viewers_leave_nothing_behind(seeded: Seeded, client_for: ClientFor, tmp_path):
    viewer = client_for(seeded.engine, Role.VIEWER, WEST)
    files = {"file": ("p.csv", PEOPLE.encode())}
    assert_problem(viewer.post("/api/uploads", files=files), 403, "access.outside_scope")
    assert folders(tmp_path) == []


def zip_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "x")
    # What it claims to unpack to is believed before a byte is unpacked: 2 GB.
    content = bytearray(packed.getvalue())
    at = content.rindex(b"PK\x01\x02")
    content[at + 24 : at + 28] = (2 * 10**9).to_bytes(4, "little")
    return bytes(content)


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("text.gpkg", b"just words", "import.not_readable"),
        ("empty.csv", b"", "import.file_empty"),
        ("no_rows.csv", "编码,姓名,经度,纬度\n".encode(), "import.no_rows"),
        ("bomb.zip", zip_bomb(), "import.archive_too_large"),
        ("program.exe", b"MZ", "import.suffix_unknown"),
    ],
)
def test_what_cannot_be_read_is_said_in_words(seeded: Seeded, client_for: ClientFor, name, content, key):
    client = client_for(seeded.engine)
    upload = sent(client, name, content)
    assert_problem(client.get(upload), 400, key)
    state = run(client, upload)
    assert (state["state"], state["problem"]["key"]) == ("failed", key)


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "..\\..\\x.csv", "/tmp/x.csv"])
def test_a_name_is_never_a_path(seeded: Seeded, client_for: ClientFor, tmp_path, name):
    client = client_for(seeded.engine)
    sent(client, name)
    assert {path.parent.parent for path in tmp_path.rglob("*.csv")} == {folders(tmp_path)[0].parent}


def test_a_fifth_upload_drops_the_oldest_and_time_drops_all(seeded: Seeded, client_for: ClientFor, tmp_path):
    client = client_for(seeded.engine)
    first, *others = [sent(client) for _ in range(uploads.MOST_UPLOADS + 1)]
    assert client.get(first).status_code == 404
    assert [client.get(each).status_code for each in others] == [200] * uploads.MOST_UPLOADS
    long_ago = time.time() - uploads.KEPT_S - 60
    for folder in folders(tmp_path):
        os.utime(folder, (long_ago, long_ago))
    assert_problem(client.get(others[0]), 404, "request.upload_gone")
    newest = sent(client)
    assert [folder.name for folder in folders(tmp_path)] == [newest.rpartition("/")[2]]


def test_a_cancelled_import_writes_nothing(fresh: Seeded, client_for: ClientFor):
    client = client_for(fresh.engine)
    upload = sent(client)
    with fresh.engine.begin() as connection:
        # Whoever places people waits, so that the import is still under way when it is cancelled.
        connection.execute(text("LOCK TABLE area IN ACCESS EXCLUSIVE MODE"))
        assert client.put(f"{upload}/import", json=ORDER).status_code == 202
        assert_problem(client.put(f"{upload}/import", json=ORDER), 409, "request.import_running")
        assert client.delete(f"{upload}/import").status_code == 202
    while (state := client.get(f"{upload}/import").json())["state"] == "running":
        time.sleep(0.02)
    assert (state["problem"]["key"], people(fresh)) == ("request.import_cancelled", {})


def test_an_import_whose_server_went_away_is_told_so(seeded: Seeded, client_for: ClientFor, tmp_path):
    client = client_for(seeded.engine)
    upload = sent(client)
    state = folders(tmp_path)[0] / "import.json"
    state.write_text('{"state": "running", "kind": "people", "dry_run": false, "stage": "import.writing"}')
    answer = client.get(f"{upload}/import").json()
    assert (answer["state"], answer["problem"]["key"]) == ("failed", "request.import_lost")


def test_a_connection_dropped_in_mid_upload_leaves_nothing(seeded: Seeded, tmp_path):
    head = (
        b"POST /api/uploads HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\n'
    )
    with serving(seeded.engine, work_dir=tmp_path) as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head + b"x" * 100_000)
        # The next request is answered after the lost one was given up.
        with urllib.request.urlopen(f"{address}/api/me") as answer:
            assert answer.status == 200
    assert folders(tmp_path) == []
