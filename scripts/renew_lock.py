"""Write requirements.lock: the exact versions that pip resolves for pyproject.toml, with no address in it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

OLDEST_PYTHON = "3.11.2"  # Debian 12's; some packages ask for a later 3.11
CHECKOUT = Path(__file__).resolve().parent.parent
HEADER = "# The exact versions of every extra, used as pip's constraints. Renew with: make lock\n"


def main() -> None:
    """Resolve afresh, ignoring what is installed, and write name==version lines."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed",
             "--python-version", OLDEST_PYTHON, "--only-binary", ":all:", "--target", folder,
             "--report", str(report), f"{CHECKOUT}[test,node]"],
            check=True,
        )  # fmt: skip
        installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    packages = {entry["metadata"]["name"].lower(): entry["metadata"]["version"] for entry in installed}
    packages.pop("geo-service")
    lines = [f"{name}=={version}\n" for name, version in sorted(packages.items())]
    (CHECKOUT / "requirements.lock").write_text(HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
