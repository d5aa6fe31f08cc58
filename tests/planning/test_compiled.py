"""Kernels on disk are those of the sources beside them."""

import shutil
import subprocess
import sys
from pathlib import Path

from geo_service.planning import compiled

CALLER = """
from kernels.compiled import compiled
from kernels.helper import helped

@compiled
def called():
    return helped()
"""
HELPER = """
from kernels.compiled import inlined

@inlined
def helped():
    return {answer}
"""


def called(folder: Path) -> tuple[str, int]:
    """The kernel's answer in a new process, and how often that had to compile it."""
    ask = "from kernels.caller import called; print(called(), sum(called.stats.cache_misses.values()))"
    done = subprocess.run([sys.executable, "-c", ask], cwd=folder, capture_output=True, text=True, check=True)
    answer, compiled_anew = done.stdout.split()
    return answer, int(compiled_anew)


def test_a_kernel_is_compiled_anew_only_when_what_it_takes_in_has_changed(tmp_path: Path) -> None:
    package = tmp_path / "kernels"
    package.mkdir()
    shutil.copy(compiled.__file__, package / "compiled.py")
    (package / "caller.py").write_text(CALLER)
    (package / "helper.py").write_text(HELPER.format(answer=1))
    assert called(tmp_path) == ("1", 1)
    assert called(tmp_path) == ("1", 0)
    # the caller's own file stays as it is
    (package / "helper.py").write_text(HELPER.format(answer=22))
    assert called(tmp_path) == ("22", 1)
