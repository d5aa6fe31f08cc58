"""What each kind of file holds: its fields, and the geometry it needs."""

from __future__ import annotations

from geo_service.exchange.field import Field, FileKind, Shape, ValueType, choices
from geo_service.exchange.ledger_fields import DETAILS, FACTS, FORMS

_FUNCTIONAL_ZONES = "功能区 功能区管委会 开发区 开发区管委会 园区 园区管委会 管委会 管委"
AREA_KINDS = choices(
    county="县 区 市 县级市 旗",
    subdistrict=f"镇 街道 乡 镇街 办事处 街道办事处 {_FUNCTIONAL_ZONES} town street functional_zone",
    community="社区 村 居委会 村委会 社区居委会",
)
SUBDISTRICT_KINDS = choices(town="镇 乡", street="街道 办事处 街道办事处", functional_zone=_FUNCTIONAL_ZONES)
CLASSES = choices(
    A="a A类 单位家属楼院 基础条件较好的单位家属楼院",
    B="b B类 一般小区 基础条件一般的小区",
    C="c C类 单栋楼院 单栋楼院的小区",
) | {"Employer-built courtyard": "A", "Average compound": "B", "Single-building courtyard": "C"}
COMPOUND_KINDS = choices(
    compound="小区", courtyard="楼院 家属院", employer_courtyard="单位家属楼院 单位家属院"
)
STANDALONE = "standalone"
LEDGER_KINDS = COMPOUND_KINDS | choices(**{STANDALONE: "独幢楼房 单栋楼 独栋楼房"})
BARRIER_KINDS = choices(river="河流 河 水系", railway="铁路", trunk_road="主干道 主干路 干道", wall="围墙")
STEPS = choices(
    planned="计划 已计划 拟实施",
    assigned="已落实 落实",
    in_service="已进驻 进驻",
    accepted="已验收 验收",
    compliant="已达标 达标",
    lapsed="失管 已失管",
)
WALKWAY_KINDS = choices(lane="巷道 小路", bridge="桥 桥梁", underpass="地下通道", crossing="路口 过街")
CHIEF_ROLES = choices(grid_chief="网格长", courtyard_chief="楼院长")

_BUILDING_HOUSEHOLDS = 5_000
_COMPOUND_HOUSEHOLDS = 100_000
_FLOOR_AREA_M2 = 1e7

_COMMUNITY = Field("community_code", ValueType.CODE, ("社区编码", "社区代码"))
_ADDRESS = Field("address", aliases=("地址", "坐落"))
_FLOOR_AREA = Field(
    "floor_area_m2", ValueType.NUMBER, ("建筑面积", "建筑面积(㎡)", "floor area(㎡)"), largest=_FLOOR_AREA_M2
)
_BUILT_YEAR = Field("built_year", ValueType.YEAR, ("建成年份", "Year built"))
_NAME = Field("name", aliases=("名称",))
_BASELINE = Field("baseline_unmanaged", ValueType.ANSWER, ("是否无主管", "无主管"))
_STANDING = (
    _BASELINE,
    Field("responsible_unit", aliases=("责任单位",)),
    Field(
        "land_area_m2",
        ValueType.NUMBER,
        ("占地面积", "占地面积(㎡)", "Land area(㎡)"),
        largest=_FLOOR_AREA_M2,
    ),
)

KINDS: dict[str, FileKind] = {
    kind.name: kind
    for kind in (
        FileKind(
            "areas",
            (
                Field("code", ValueType.CODE, ("编码", "区划代码"), required=True),
                Field("name", aliases=("名称",), required=True),
                Field("name_en", aliases=("英文名", "English name")),
                Field("kind", ValueType.CHOICE, ("级别", "类型"), required=True, choices=AREA_KINDS),
                Field("parent_code", ValueType.CODE, ("上级编码",)),
                Field("subdistrict_kind", ValueType.CHOICE, ("类型",), choices=SUBDISTRICT_KINDS),
                Field("is_civilized_unit", ValueType.ANSWER, ("是否文明单位", "文明单位", "Civilized unit")),
            ),
            Shape.POLYGON,
        ),
        FileKind(
            "compounds",
            (
                Field("code", ValueType.CODE, ("小区编码", "编码"), required=True),
                Field("name", aliases=("小区名称", "名称"), required=True),
                _COMMUNITY,
                Field("kind", ValueType.CHOICE, ("类别",), choices=COMPOUND_KINDS, default="compound"),
                Field(
                    "household_count",
                    ValueType.COUNT,
                    ("户数", "居民户数", "households"),
                    largest=_COMPOUND_HOUSEHOLDS,
                    default=0,
                ),
                Field("building_count", ValueType.COUNT, ("楼栋数", "buildings"), largest=10_000),
                _FLOOR_AREA,
                _BUILT_YEAR,
                _ADDRESS,
                Field("implementation_class", ValueType.CHOICE, ("分类", "实施分类"), choices=CLASSES),
                *_STANDING,
                *FACTS,
            ),
            Shape.POLYGON,
            geometry_required=False,
        ),
        FileKind(
            "buildings",
            (
                Field("code", ValueType.CODE, ("楼栋编码", "编码"), required=True),
                Field("compound_code", ValueType.CODE, ("小区编码",)),
                _COMMUNITY,
                Field("name", aliases=("楼栋名称", "名称")),
                _ADDRESS,
                Field("storeys", ValueType.COUNT, ("层数", "楼层数"), largest=200),
                Field("unit_count", ValueType.COUNT, ("单元数", "Stairwells"), largest=500),
                Field(
                    "household_count",
                    ValueType.COUNT,
                    ("户数", "居民户数", "households"),
                    largest=_BUILDING_HOUSEHOLDS,
                    default=0,
                ),
                _FLOOR_AREA,
                _BUILT_YEAR,
                Field("implementation_class", ValueType.CHOICE, ("分类", "实施分类"), choices=CLASSES),
                _BASELINE,
                *FACTS,
            ),
            Shape.POLYGON,
        ),
        FileKind(
            "barriers",
            (
                Field("code", ValueType.CODE, ("编码",), required=True),
                Field("kind", ValueType.CHOICE, ("类型",), required=True, choices=BARRIER_KINDS),
                _NAME,
            ),
            Shape.LINE_OR_POLYGON,
        ),
        FileKind(
            "walkways",
            (
                Field("code", ValueType.CODE, ("编码",), required=True),
                Field("kind", ValueType.CHOICE, ("类型",), required=True, choices=WALKWAY_KINDS),
                _NAME,
            ),
            Shape.LINE,
        ),
        FileKind(
            "people",
            (
                Field("code", ValueType.CODE, ("人员编码", "编码"), required=True),
                Field("name", aliases=("姓名",), required=True),
                _COMMUNITY,
                Field("chief_role", ValueType.CHOICE, ("职务",), choices=CHIEF_ROLES, default="grid_chief"),
                Field("work_phone", ValueType.PHONE, ("工作电话",)),
                Field("private_phone", ValueType.PHONE, ("私人电话",)),
                Field("zone_capacity", ValueType.COUNT, ("可负责片区数",), largest=100, default=1),
            ),
            Shape.POINT,
        ),
    )
}

LEDGER = FileKind(
    "ledger",
    (
        Field("code", ValueType.CODE, ("小区编码", "编码", "楼栋编码")),
        Field("name", aliases=("小区名称", "名称", "小区(楼院)名称"), required=True),
        Field("subdistrict", aliases=("镇(街道)", "镇街", "街道", "镇")),
        Field("community", aliases=("社区", "社区名称", "社区编码", "社区(村)"), required=True),
        Field("community_code", ValueType.CODE, ("社区编码", "社区代码")),
        Field("kind", ValueType.CHOICE, ("管理单元类别",), choices=LEDGER_KINDS),
        _ADDRESS,
        Field("implementation_class", ValueType.CHOICE, ("分类", "实施分类"), choices=CLASSES),
        Field("building_count", ValueType.COUNT, ("楼栋数", "楼栋数(栋)"), largest=10_000),
        Field(
            "household_count", ValueType.COUNT, ("户数", "居民户数", "户数(户)"), largest=_COMPOUND_HOUSEHOLDS
        ),
        _FLOOR_AREA,
        _BUILT_YEAR,
        Field("form", ValueType.CHOICE, ("现行管理方式",), choices=FORMS),
        Field("step", ValueType.CHOICE, ("进展", "进度"), choices=STEPS),
        Field("service_from", ValueType.DATE, ("进驻日期", "进驻时间")),
        *_STANDING,
        *FACTS,
        *DETAILS,
    ),
    Shape.POINT,
    geometry_required=False,
)
