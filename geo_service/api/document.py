"""Write the OpenAPI document to a file, without a server or a database.

``python -m geo_service.api.document FILE``: before each build of the web page, its API types are generated
from this file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from geo_service.api.app import create_app
from geo_service.settings import Settings


def document() -> dict[str, Any]:
    """The document of a deployment that requires tokens; it is the same on every machine."""
    return create_app(Settings(require_token=True)).openapi()


def main() -> None:
    """Write it to the file named on the command line."""
    out = Path(sys.argv[1])
    out.write_text(json.dumps(document(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
