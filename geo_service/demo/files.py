"""Write the county as the files a county would hand over: GeoPackages and a ledger workbook."""

from __future__ import annotations

from pathlib import Path

import pyogrio
import shapely
from pyogrio.errors import DataSourceError

from geo_service.demo.county import STORAGE_CRS, County
from geo_service.demo.layer import Layer
from geo_service.demo.ledger import write_ledger
from geo_service.errors import InvalidInput

# GeoPackage records when a table last changed; a fixed moment makes the same county the same bytes.
_WRITTEN_AT = "2024-03-11T00:00:00.000Z"


def write_files(county: County, out: Path) -> dict[str, Path]:
    """Write every file into ``out`` and return its path by import kind, in the order they are imported.

    Raises
    ------
    InvalidInput
        When ``out`` cannot be written.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        return _write_all(county, out)
    except (OSError, DataSourceError) as error:
        raise InvalidInput("demo.out_unwritable", where=str(out), reason=str(error)) from error


def _write_all(county: County, out: Path) -> dict[str, Path]:
    areas = [county.county, county.towns, county.communities]
    contents = {
        "areas": areas,
        "compounds": [county.compounds],
        "buildings": [county.buildings],
        "barriers": [county.barriers],
        "walkways": [county.walkways],
        "people": [county.people],
    }
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _WRITTEN_AT})
    try:
        files = {kind: _write(out / f"{kind}.gpkg", layers) for kind, layers in contents.items()}
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    files["ledger"] = write_ledger(county, out / "ledger.xlsx")
    return files


def _write(path: Path, layers: list[Layer]) -> Path:
    path.unlink(missing_ok=True)
    for number, layer in enumerate(layers):
        kinds = {item.geom_type for item in layer.geometry}
        pyogrio.raw.write(
            path,
            shapely.to_wkb(layer.geometry),
            list(layer.columns.values()),
            list(layer.columns),
            layer=layer.name,
            driver="GPKG",
            geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
            crs=STORAGE_CRS,
            append=number > 0,
        )
    return path
