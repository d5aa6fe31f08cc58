"""What the ratios are held to."""

AT_LEAST = {
    "tiles_z16_vs_tipg": 4.0,
    "tiles_z14_vs_tipg": 3.2,
    "tiles_mix_vs_tipg": 3.5,
    "tiles_z16_vs_pgbench": 0.60,
    "cache_hits_vs_empty": 0.75,
    "cache_304s_vs_empty": 0.75,
    "items_vs_tipg": 8.0,
}
AT_MOST = {
    "items_last_page_vs_first": 1.5,
    "export_gpkg_vs_ogr2ogr": 0.5,
    "export_geojson_vs_ogr2ogr": 0.2,
    "export_fgb_vs_ogr2ogr": 0.7,
    "export_parquet_vs_geopandas": 0.35,
    "export_gpkg_peak_mb": 300,
    "import_vs_ogr2ogr": 2.0,
    "import_trusted_vs_ogr2ogr": 1.0,
}


def verdict(name: str, value: float) -> str:
    """The limit, and whether the value keeps it."""
    if name in AT_LEAST:
        return f"at least {AT_LEAST[name]:g}: {'held' if value >= AT_LEAST[name] else 'NOT HELD'}"
    if name not in AT_MOST:
        return "no limit"
    return f"at most {AT_MOST[name]:g}: {'held' if value <= AT_MOST[name] else 'NOT HELD'}"
