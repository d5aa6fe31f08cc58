"""The program as people and scripts start it: as a process, on a real terminal, until Ctrl-C."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.world import WEST

PROGRAM = [sys.executable, "-m", "geo_service.cli"]


def on_a_terminal(*arguments: str) -> tuple[int, str]:
    """Exit code and what a terminal shows of one command."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(PROGRAM[0], [*PROGRAM, *arguments])
    shown = b""
    try:
        while chunk := os.read(terminal, 4096):
            shown += chunk
    except OSError:  # Linux ends a terminal's output so
        pass
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), shown.decode("utf-8", "replace")


def test_a_terminal_shows_progress_bars(world, environment):
    code, shown = on_a_terminal("zone", "--area", WEST, "--target", "50-150")
    assert code == 0, shown
    assert "━" in shown.split("片区编码")[0]
    assert "1/1" in shown


def test_a_pipe_gets_the_document_alone(world, environment):
    done = subprocess.run(
        [*PROGRAM, "zone", "--area", WEST, "--target", "50-150", "--json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert sum(zone["households"] for zone in json.loads(done.stdout)["zones"]) == 100
    assert done.stderr == ""


def test_what_a_library_prints_stays_out_of_the_answer():
    """HiGHS prints a line of its own now and then, past Python and past its settings."""
    program = """
import os, sys
import geo_service.cli.main
entry = sys.modules["geo_service.cli.main"]
def verb(*arguments, **options):
    os.write(1, b"from a library")
    print("the answer")
entry.app = verb
sys.exit(entry.main())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "the answer\n", "from a library")


def test_a_server_answers_until_ctrl_c(world, environment):
    server = subprocess.Popen(
        [*PROGRAM, "serve", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        where = json.loads(server.stdout.readline())
        assert where["require_token"] is False
        with urllib.request.urlopen(f"{where['url']}/api/areas", timeout=60) as answer:
            assert len(json.load(answer)) == 4
        taken = subprocess.run(
            [*PROGRAM, "serve", "--port", where["url"].rpartition(":")[2], "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert taken.returncode == 2
        assert json.loads(taken.stdout)["error"]["key"] == "serve.cannot_listen"
    finally:
        server.send_signal(signal.SIGINT)
        rest, said = server.communicate(timeout=60)
    assert server.returncode == 0, said
    assert rest == ""
    assert "本机" in said
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(where["url"], timeout=5)


def test_without_tokens_nothing_listens_to_the_network(reading_cli):
    for host in ("0.0.0.0", "::", "192.0.2.1", "planning.example"):
        run = reading_cli("serve", "--host", host, "--port", 0, "--json")
        assert (run.code, run.document()["error"]["key"]) == (2, "serve.tokens_needed")


def test_a_reader_that_leaves_is_no_fault(shared_world, reading_cli, tmp_path: Path):
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{' '.join(PROGRAM)} coverage --area {WEST} | true"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home" / "logs").exists()
