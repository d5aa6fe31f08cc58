"""Servers to be asked, each in a process of its own on loopback, and the load put on them."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

CONNECTIONS = 8
SECONDS = 6

_PICK = """
local paths = {{ {paths} }}
local place = 0
request = function()
  place = place % #paths + 1
  return wrk.format("GET", paths[place], {{ {headers} }})
end
"""


@contextmanager
def serving(command: Sequence[str], environment: dict[str, str], probe: str) -> Iterator[str]:
    """A server's address while it runs; ``{port}`` in the command is where it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [part.format(port=port) for part in command],
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
        )
        try:
            _wait_for(address + probe, process)
            yield address
        except Exception:
            log.seek(0)
            print(log.read().decode()[-4000:])
            raise
        finally:
            process.terminate()
            process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            with urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"no answer from {address}")


def requests_a_second(
    address: str, paths: Sequence[str], *, headers: dict[str, str] | None = None, seconds: int = SECONDS
) -> float:
    """How many of ``paths`` the server answers in a second, one after the other over kept connections.

    Raises
    ------
    RuntimeError
        When an answer is an error: a fast refusal is no answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "pick.lua"
        script.write_text(
            _PICK.format(
                paths=", ".join(f'"{path}"' for path in paths),
                headers=", ".join(f'["{name}"] = {value!r}' for name, value in (headers or {}).items()),
            )
        )
        command = [
            "wrk",
            "--timeout",
            "60s",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{seconds}s",
            "-s",
            str(script),
            address,
        ]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise RuntimeError(said)
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if found is None:
        raise RuntimeError(said)
    return float(found[1])
