"""Cut the small real sample under tests/data out of the data beside the checkout.

Three neighbouring chome of Bunkyo, Tokyo, stand for three communities. The county and the sub-district above
them are their union, and the people are invented: the source has neither.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

CHECKOUT = Path(__file__).resolve().parent.parent
SAMPLE = CHECKOUT / "tests" / "data" / "bunkyo_sample"
CHOME = ("13105001001", "13105002002", "13105006004")
COUNTY, SUBDISTRICT = "131050000000", "131050010000"
PEOPLE_PER_COMMUNITY = 4


def main() -> None:
    """Write areas.gpkg, buildings.fgb and people.geojson."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="?", type=Path, default=CHECKOUT.parent / "shared" / "data")
    source = parser.parse_args().source
    # The same bytes from the same data: GDAL would write today's date into a GeoPackage.
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2024-01-01T00:00:00Z"})
    SAMPLE.mkdir(parents=True, exist_ok=True)

    chome = pyogrio.read_dataframe(source / "tokyo_bunkyo_chome_derived.gpkg")
    chome = chome[chome["chome_code"].isin(CHOME)].reset_index(drop=True)
    buildings = pyogrio.read_dataframe(source / "tokyo_bunkyo_buildings.fgb")
    buildings = buildings[buildings["chome_code"].isin(CHOME)].reset_index(drop=True)

    areas = SAMPLE / "areas.gpkg"
    areas.unlink(missing_ok=True)
    for kind, layer in hierarchy(chome).items():
        pyogrio.write_dataframe(layer, areas, layer=kind, geometry_type="MultiPolygon", promote_to_multi=True)
    pyogrio.write_dataframe(buildings, SAMPLE / "buildings.fgb", SPATIAL_INDEX="NO")
    pyogrio.write_dataframe(invent_people(buildings), SAMPLE / "people.geojson")


def hierarchy(chome: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """The county, the sub-district and the communities, each as one layer."""
    whole = chome.union_all()
    above = {
        kind: gpd.GeoDataFrame(
            {"code": [code], "name": [name], "kind": [kind], "parent_code": [parent]},
            geometry=[whole],
            crs=chome.crs,
        )
        for kind, code, name, parent in (
            ("county", COUNTY, "文京区（样本）", None),
            ("subdistrict", SUBDISTRICT, "大塚（样本）", COUNTY),
        )
    }
    communities = chome.rename(columns={"chome_code": "code"}).assign(
        kind="community", parent_code=SUBDISTRICT
    )
    return {**above, "community": communities}


def invent_people(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A few people a community, each at home in a building drawn at random."""
    draw = np.random.default_rng(1)
    homes = []
    for chome, own in buildings.groupby("chome_code"):
        rows = own.iloc[np.sort(draw.choice(len(own), PEOPLE_PER_COMMUNITY, replace=False))]
        numbers = range(1, PEOPLE_PER_COMMUNITY + 1)
        homes.append(
            gpd.GeoDataFrame(
                {
                    "code": [f"{chome}-P{number:02}" for number in numbers],
                    "name": [f"网格员{chome[-4:]}{number:02}" for number in numbers],
                    "community_code": chome,
                    "chief_role": "grid_chief",
                    "zone_capacity": 1,
                },
                geometry=rows.geometry.representative_point().to_numpy(),
                crs=buildings.crs,
            )
        )
    return gpd.GeoDataFrame(pd.concat(homes, ignore_index=True), crs=buildings.crs)


if __name__ == "__main__":
    main()
