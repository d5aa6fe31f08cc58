"""The house rules that no other tool checks: rings, sizes, pins without addresses, nothing of one machine."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parent.parent
TEXT = {"", ".py", ".sql", ".toml", ".md", ".json", ".yaml", ".ts", ".vue", ".css", ".ipynb", ".lock"}
LONGEST_MODULE = 400
# Every address a tracked file may name: licences, schemas, namespaces, this machine's own loopback.
KNOWN_HOSTS = {
    "127.0.0.1", "localhost", "testserver", "example.org", "www.apache.org", "creativecommons.org",
    "www.opengis.net", "opengis.net", "json-schema.org", "www.w3.org", "www.openstreetmap.org",
    "opendatacommons.org",
}  # fmt: skip


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [CHECKOUT / name for name in listed.stdout.split("\0") if name and (CHECKOUT / name).is_file()]


def _texts() -> dict[str, str]:
    return {
        path.relative_to(CHECKOUT).as_posix(): path.read_text(encoding="utf-8")
        for path in _tracked()
        if path.suffix in TEXT
    }


def test_rings_hold():
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_modules_fit_in_a_head():
    long = {
        name: lines
        for name, text in _texts().items()
        if name.startswith(("geo_service/", "scripts/"))
        and name.endswith((".py", ".ts", ".vue"))
        and (lines := text.count("\n")) >= LONGEST_MODULE
    }
    assert long == {}


def test_lock_pins_exactly_and_names_no_address():
    lines = (CHECKOUT / "requirements.lock").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert pins
    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9._-]+==[0-9a-z.+!]+", pin)] == []


def test_lock_covers_every_dependency():
    project = (CHECKOUT / "pyproject.toml").read_text()
    wanted = {name.lower() for name in re.findall(r'^    "([A-Za-z0-9-]+)>=', project, re.MULTILINE)}
    pinned = set(re.findall(r"^([a-z0-9._-]+)==", (CHECKOUT / "requirements.lock").read_text(), re.MULTILINE))
    assert len(wanted) > 30
    assert wanted - pinned == set()


def test_front_end_lock_names_no_address():
    lock = json.loads((CHECKOUT / "geo_service/webapp/package-lock.json").read_text())
    assert len(lock["packages"]) > 10
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_tracked_files_name_no_unknown_host():
    addresses = re.compile(r"https?://([A-Za-z0-9.-]+)")
    found = {
        (name, host.lower())
        for name, text in _texts().items()
        for host in addresses.findall(text)
        # npm copies the packages' funding addresses into its lock; .example is nobody's.
        if host.lower() not in KNOWN_HOSTS
        and not name.endswith("package-lock.json")
        and not host.endswith(".example")
    }
    assert found == set()


def test_tracked_files_name_no_place_of_one_machine():
    private = re.compile(r"(?<![\w.])/(?:work|root|home)/\w+")
    found = {(name, place) for name, text in _texts().items() for place in private.findall(text)}
    assert found == set()
