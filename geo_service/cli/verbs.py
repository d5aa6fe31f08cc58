"""The verbs that work on data: import, appoint, publish, coverage, export, layers check.

Each imports its verb when it runs: numba and GDAL take a second that ``--help`` and ``db`` need not wait.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from geo_service.cli import tables
from geo_service.cli.invocation import Invocation, JsonOption, answer
from geo_service.cli.options import (
    LARGEST_ID,
    AreaOption,
    KnownOption,
    OnOption,
    PlanOption,
    ProfileOption,
    day_on,
    known_at,
    read_date,
)
from geo_service.cli.terminal import progress_bars
from geo_service.errors import InvalidInput

app = typer.Typer()
layers = typer.Typer(help="图层 · The map layers.", no_args_is_help=True)


class Kind(StrEnum):
    """What a file holds."""

    AREAS = "areas"
    COMPOUNDS = "compounds"
    BUILDINGS = "buildings"
    BARRIERS = "barriers"
    WALKWAYS = "walkways"
    PEOPLE = "people"
    LEDGER = "ledger"


class Datum(StrEnum):
    """What the file's coordinates refer to."""

    CGCS2000 = "cgcs2000"
    WGS84 = "wgs84"
    GCJ02 = "gcj02"
    BD09 = "bd09"


class CoverageBy(StrEnum):
    """What one row of the coverage table is: an area, or what units have in common."""

    COMMUNITY = "community"
    SUBDISTRICT = "subdistrict"
    TYPE = "type"
    CLASS = "class"
    FORM = "form"
    RESPONSIBLE_UNIT = "responsible_unit"


class Format(StrEnum):
    """What an export writes."""

    GPKG = "gpkg"
    GEOJSON = "geojson"
    SHP = "shp"
    FGB = "fgb"
    PARQUET = "parquet"
    KML = "kml"
    CSV = "csv"
    XLSX = "xlsx"
    PNG = "png"
    PDF = "pdf"
    QGZ = "qgz"
    PMTILES = "pmtiles"


class Paper(StrEnum):
    """What a map is printed on."""

    A4 = "a4"
    A3 = "a3"


class Orientation(StrEnum):
    """How the paper lies."""

    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"


class SheetKind(StrEnum):
    """What is printed."""

    MAP = "map"
    ATLAS = "atlas"
    ZONES = "zones"


class ExportDatum(StrEnum):
    """What the coordinates of an export refer to."""

    CGCS2000 = "cgcs2000"
    GCJ02 = "gcj02"


class Encoding(StrEnum):
    """How a Shapefile writes its texts."""

    UTF_8 = "utf-8"
    GBK = "gbk"


class Each(StrEnum):
    """What a ZIP of an area's parts is divided by."""

    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"


def read_mapping(entries: list[str]) -> dict[str, str]:
    """``field=column`` entries as a mapping.

    Raises
    ------
    InvalidInput
        When one has no field or no column.
    """
    mapping = {}
    for entry in entries:
        field, _, column = entry.partition("=")
        if not (field.strip() and column.strip()):
            raise InvalidInput("command.bad_mapping", where="--map", given=entry[:40])
        mapping[field.strip()] = column.strip()
    return mapping


@app.command("import")
def import_(
    context: typer.Context,
    kind: Annotated[Kind, typer.Argument(help="内容类别 · What the files hold.")],
    files: Annotated[list[Path], typer.Argument(help="文件，逐个导入 · Files, imported one by one.")],
    layer: Annotated[str | None, typer.Option(help="文件中的图层或工作表 · Layer or sheet.")] = None,
    mapping: Annotated[
        list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="字段=列名 · Field from column.")
    ] = None,
    crs: Annotated[str | None, typer.Option(metavar="EPSG:n", help="坐标系 · The file's CRS.")] = None,
    datum: Annotated[Datum, typer.Option(help="坐标基准 · What the coordinates refer to.")] = Datum.CGCS2000,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="文件所讲的日期，默认今天，与标题同年 · Day it speaks of, of its title's year.",
        ),
    ] = None,
    match: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="台账行对应的管理单元 · Units of a ledger's rows: row, code."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查不写入 · Check, write nothing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="有不合格行则不写入 · All or nothing.")] = False,
    trusted: Annotated[
        bool,
        typer.Option("--trusted", help="照录图形与社区，不核对 · Take shapes and communities as given."),
    ] = False,
    rejects_dir: Annotated[Path, typer.Option(help="退回文件的目录 · Folder of the rejects files.")] = Path(
        "rejects"
    ),
    as_json: JsonOption = False,
) -> None:
    """导入台账或 GIS 文件 · Import the ledger or GIS files."""
    from geo_service.exchange.matches import read_matches
    from geo_service.pipeline import ImportOptions, import_file

    invocation: Invocation = context.obj
    options = ImportOptions(
        layer=layer,
        mapping=read_mapping(mapping or []),
        crs=crs,
        datum=datum.value,
        dry_run=dry_run,
        strict=strict,
        trusted=trusted,
        rejects_dir=rejects_dir,
        as_of=None if as_of is None else read_date(as_of, "--as-of"),
        matches={} if match is None else read_matches(match),
        metric_crs=invocation.settings.metric_crs,
    )
    for path in files:
        if not path.exists():
            raise InvalidInput("command.no_such_file", where=str(path))
    reports = []
    with invocation.engine() as engine:
        for path in files:
            with progress_bars() as progress:
                report = import_file(
                    engine, invocation.actor, kind=kind.value, path=path, options=options, progress=progress
                )
            reports.append(report.as_json())
            if not as_json:
                tables.show_import(reports[-1])
    if as_json:
        answer(
            reports[0] if len(reports) == 1 else {"imports": reports}, as_json=True, show=tables.show_import
        )


@app.command()
def appoint(context: typer.Context, plan: PlanOption, as_json: JsonOption = False) -> None:
    """为片区配备网格长 · Appoint chiefs to the zones of a plan."""
    from geo_service.pipeline.chiefs import appoint_chiefs

    invocation: Invocation = context.obj
    with invocation.engine() as engine, progress_bars() as progress:
        report = appoint_chiefs(engine, invocation.actor, plan_id=plan, progress=progress)
    answer(report.as_json(), as_json=as_json, show=tables.show_appointments)


@app.command()
def publish(
    context: typer.Context,
    plan: PlanOption,
    from_: Annotated[str, typer.Option("--from", metavar="DATE", help="生效日期 · The first day.")],
    area: Annotated[
        str | None, typer.Option(help="只发布该区域内的社区 · Only its communities in this area.")
    ] = None,
    override: Annotated[
        str | None,
        typer.Option(
            metavar="REASON", help="不合规则仍要发布的理由 · Why to publish it although it breaks rules."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """自某日起发布方案 · Publish a plan from a date."""
    from geo_service.pipeline.publishing import publish_plan

    invocation: Invocation = context.obj
    first_day = read_date(from_, "--from")
    report = invocation.run(
        publish_plan, plan_id=plan, from_date=first_day, area_code=area, override_reason=override
    )
    answer(report.as_json(), as_json=as_json, show=tables.show_publication)


@app.command()
def coverage(
    context: typer.Context,
    area: AreaOption,
    by: Annotated[
        CoverageBy, typer.Option(help="按社区、镇街、类型、分类、形式或责任单位 · One row each.")
    ] = CoverageBy.COMMUNITY,
    on: OnOption = None,
    known: KnownOption = None,
    measure: Annotated[
        str | None, typer.Option(metavar="KEY", help="只列该指标 · This measure only.")
    ] = None,
    profile: ProfileOption = None,
    as_json: JsonOption = False,
) -> None:
    """统计覆盖率 · Measure coverage."""
    from geo_service.pipeline.coverage import measure_coverage

    invocation: Invocation = context.obj
    report = invocation.run(
        measure_coverage,
        area_code=area,
        by=by.value,
        on=day_on(on),
        known=known_at(known),
        measure=measure,
        profile_key=profile,
        language=invocation.settings.language,
    )
    answer(report.as_json(), as_json=as_json, show=tables.show_coverage)


@app.command()
def export(
    context: typer.Context,
    area: AreaOption,
    format_: Annotated[Format, typer.Option("--format", help="格式 · Format.")],
    out: Annotated[Path, typer.Option(help="输出文件或目录 · File or folder to write.")],
    layers: Annotated[str, typer.Option(metavar="A,B", help="图层，逗号分隔 · Layers, with commas.")] = "",
    crs: Annotated[str | None, typer.Option(metavar="EPSG:n", help="坐标系 · CRS.")] = None,
    datum: Annotated[
        ExportDatum, typer.Option(help="gcj02 供互联网地图使用，文件中注明 · For consumer maps, marked.")
    ] = ExportDatum.CGCS2000,
    encoding: Annotated[
        Encoding, typer.Option(help="Shapefile 的文字编码 · Of a Shapefile's texts.")
    ] = Encoding.UTF_8,
    each: Annotated[
        Each | None, typer.Option(help="每个镇街（社区）一个文件夹，合为一个 ZIP · One ZIP, a folder each.")
    ] = None,
    on: OnOption = None,
    plan: Annotated[
        int | None, typer.Option(min=1, max=LARGEST_ID, help="该方案的片区，含草案 · Zones of this plan.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="KEY", help="节点图层的考核目标 · Target of milestone layers.")
    ] = None,
    measure: Annotated[
        str | None, typer.Option(metavar="KEY", help="覆盖率图层的着色口径 · Coverage coloured by it.")
    ] = None,
    paper: Annotated[Paper, typer.Option(help="pdf、png 的纸张 · Paper of pdf and png.")] = Paper.A4,
    orientation: Annotated[
        Orientation | None, typer.Option(help="横排或竖排，默认随区域形状 · By the area's shape if not said.")
    ] = None,
    sheet: Annotated[
        SheetKind | None,
        typer.Option(help="地图、分社区图册或片区公示牌 · A map, an atlas by community, or zone sheets."),
    ] = None,
    map_review_no: Annotated[
        str | None, typer.Option(metavar="TEXT", help="审图号，不填则印“内部资料” · Map review number.")
    ] = None,
    service: Annotated[
        str | None,
        typer.Option(metavar="URL", help="qgz 接运行中的服务，不写 GeoPackage · A qgz over the service."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """导出图层 · Export layers."""
    from geo_service.pipeline.exporting import export_layers
    from geo_service.pipeline.sheet_choice import SheetChoice

    invocation: Invocation = context.obj
    names = [name.strip() for name in layers.split(",") if name.strip()]
    with invocation.engine() as engine, progress_bars() as progress:
        report = export_layers(
            engine,
            invocation.actor,
            area_code=area,
            layers=names,
            format=format_.value,
            out=out,
            crs=crs,
            datum=datum.value,
            encoding=encoding.value,
            each=None if each is None else each.value,
            on=day_on(on),
            plan_id=plan,
            target=target,
            measure=measure,
            language=invocation.settings.language,
            map_review_no=map_review_no,
            sheet=SheetChoice(
                paper.value, orientation.value if orientation else None, sheet.value if sheet else None
            ),
            service=service,
            layer_set=invocation.layers,
            progress=progress,
        )
    answer(report.as_json(), as_json=as_json, show=tables.show_files)


@layers.command()
def check(context: typer.Context, as_json: JsonOption = False) -> None:
    """检查图层定义 · Check the layers' files against the database."""
    from geo_service.pipeline.checking import check_layers

    invocation: Invocation = context.obj
    found = invocation.layers
    with invocation.engine() as engine:
        check_layers(engine, found)
    names = [layer.name for layer in found]
    answer({"layers": names}, as_json=as_json, show=tables.show_good_layers)
