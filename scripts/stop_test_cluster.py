"""Stop the PostgreSQL cluster that the tests leave running for the next run."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from geo_service.store import local

if __name__ == "__main__":
    home = Path(tempfile.gettempdir()) / f"geo-service-tests-{os.geteuid()}"
    local.stop(local.Cluster(home / "database", hasty=True))
