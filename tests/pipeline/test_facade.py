"""What ``geo_service.pipeline`` offers, and what asking for it costs."""

from __future__ import annotations

import subprocess
import sys

from geo_service import pipeline


def test_every_name_offered_is_there() -> None:
    assert set(pipeline.__all__) == set(pipeline._MODULE_OF)
    assert all(getattr(pipeline, name) is not None for name in pipeline.__all__)


def test_exporting_rows_waits_for_no_plotting_nor_workbook_library() -> None:
    script = (
        "import sys; from geo_service import pipeline; pipeline.export_layers;"
        " print(sorted({'matplotlib', 'openpyxl', 'numba', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_measuring_coverage_waits_for_no_zoning_library() -> None:
    script = (
        "import sys; from geo_service import pipeline; pipeline.measure_coverage;"
        " print(sorted({'numba', 'pandas', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
