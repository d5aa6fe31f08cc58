"""Real data of other countries, rearranged into the files a county would hand over."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from geo_service.pipeline import ImportOptions
from tests.real.whole_path import Town

PEOPLE_PER_COMMUNITY = 30


def prepare_bunkyo(shared_data: Path, folder: Path) -> Town:
    """Bunkyo's buildings as they are; its chome under an invented county and sub-district."""
    chome = pyogrio.read_dataframe(shared_data / "tokyo_bunkyo_chome_derived.gpkg")
    buildings = pyogrio.read_dataframe(shared_data / "tokyo_bunkyo_buildings.fgb")
    county, subdistrict = "131050000000", "131050010000"
    communities = chome[["geometry"]].assign(
        code=chome["chome_code"],
        name=chome["name"].fillna(chome["chome_code"]),
        kind="community",
        parent_code=subdistrict,
    )
    above = gpd.GeoDataFrame(
        {
            "code": [county, subdistrict],
            "name": ["文京区", "文京"],
            "kind": ["county", "subdistrict"],
            "parent_code": [None, county],
        },
        geometry=[chome.union_all()] * 2,
        crs=chome.crs,
    )
    columns = {
        "code": "bldg_id",
        "community_code": "chome_code",
        "storeys": "storeys_est",
        "household_count": "hh_est",
        "floor_area_m2": "area_m2",
    }
    return Town(
        area_code=county,
        imports=(
            ("areas", _write(pd.concat([above, communities]), folder / "areas.gpkg"), ImportOptions()),
            ("buildings", shared_data / "tokyo_bunkyo_buildings.fgb", ImportOptions(mapping=columns)),
            ("people", _write(_people(communities, buildings), folder / "people.gpkg"), ImportOptions()),
        ),
    )


def prepare_liechtenstein(shared_data: Path, folder: Path) -> Town:
    """OpenStreetMap's Liechtenstein: municipalities, buildings, and what parts and joins them."""
    source = shared_data / "osm_liechtenstein.gpkg"
    areas = _municipalities(pyogrio.read_dataframe(source, layer="admin"))
    buildings = _homes(pyogrio.read_dataframe(source, layer="buildings"))
    barriers = pd.concat(
        [
            _lines(source, "waterways", "river", "waterway == 'river'"),
            _lines(source, "railways", "railway", "railway == 'rail'"),
            _lines(source, "roads", "trunk_road", "highway == 'primary' and bridge != 'yes'"),
        ]
    )
    walkways = _lines(source, "roads", "bridge", "bridge == 'yes' and highway != 'motorway'")
    communities = areas[areas["kind"] == "community"]
    return Town(
        area_code=areas.loc[areas["kind"] == "county", "code"].item(),
        imports=(
            ("areas", _write(areas, folder / "areas.gpkg"), ImportOptions()),
            ("buildings", _write(buildings, folder / "buildings.gpkg"), ImportOptions()),
            ("barriers", _write(barriers, folder / "barriers.gpkg"), ImportOptions()),
            ("walkways", _write(walkways, folder / "walkways.gpkg"), ImportOptions()),
            ("people", _write(_people(communities, buildings), folder / "people.gpkg"), ImportOptions()),
        ),
    )


def _municipalities(admin: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Level 2, 6 and 8 of OpenStreetMap as county, sub-districts and communities."""
    kinds = {"2": "county", "6": "subdistrict", "8": "community"}
    areas = admin[["name", "geometry"]].assign(code=admin["osm_id"], kind=admin["admin_level"].map(kinds))
    middles = areas.assign(geometry=areas.to_crs(32632).representative_point().to_crs(areas.crs))
    inside = areas.loc[areas["kind"] == "subdistrict", ["code", "geometry"]].rename(
        columns={"code": "parent"}
    )
    parents = middles.sjoin(inside, how="left").groupby("code")["parent"].first()
    county = areas.loc[areas["kind"] == "county", "code"].item()
    areas["parent_code"] = areas["code"].map(parents).where(areas["kind"] == "community", county)
    areas.loc[areas["kind"] == "county", "parent_code"] = None
    return areas


def _homes(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """A household for every 130 m2 of floor of what may be a home; two storeys where none are given."""
    storeys = pd.to_numeric(buildings["building_levels"]).fillna(2).astype(int)
    is_home = buildings["building"].isin(["yes", "house", "residential", "apartments", "farm"])
    floor = buildings["area_m2"] * storeys
    households = (floor / 130).round().clip(upper=40).where(is_home & (buildings["area_m2"] >= 40), 0)
    return buildings[["name", "geometry"]].assign(
        code=("w" + buildings["osm_way_id"]).fillna("r" + buildings["osm_id"]),
        storeys=storeys,
        floor_area_m2=floor,
        household_count=households.astype(int),
    )


def _lines(source: Path, layer: str, kind: str, query: str) -> gpd.GeoDataFrame:
    lines = pyogrio.read_dataframe(source, layer=layer).query(query)
    lines = lines[lines.geometry.type.isin(["LineString", "MultiLineString"])]
    return lines[["name", "geometry"]].assign(code=kind[0].upper() + lines["osm_id"], kind=kind)


def _people(communities: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Invented people, each at home in a building of the community drawn at random."""
    draw = np.random.default_rng(1)
    homes = buildings[["geometry"]].assign(geometry=buildings.geometry.representative_point())
    homes = homes.sjoin(communities[["code", "geometry"]].rename(columns={"code": "community_code"}))
    chosen = homes.groupby("community_code").sample(PEOPLE_PER_COMMUNITY, replace=True, random_state=draw)
    number = chosen.groupby("community_code").cumcount().add(1).astype(str).str.zfill(2)
    code = chosen["community_code"] + "-P" + number
    return chosen[["community_code", "geometry"]].assign(code=code, name="网格员" + number, zone_capacity=1)


def _write(frame: gpd.GeoDataFrame, path: Path) -> Path:
    pyogrio.write_dataframe(frame.reset_index(drop=True), path)
    return path
