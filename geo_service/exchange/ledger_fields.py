"""What a ledger may say of a unit besides its own columns: the facts rules ask about, and the rest."""

from __future__ import annotations

from geo_service.exchange.field import Field, Place, ValueType, choices

COMPOUND_TYPES = choices(
    commodity="商品房 商品房住宅小区 商品房小区",
    old="老旧 老旧住宅小区 老旧小区",
    rural="新型农村社区 农村社区",
    government="机关事业自管 机关事业单位自管小区 机关事业单位自管",
    enterprise="企业自管 企业自管小区",
    standalone="独幢楼房 独栋楼房 未形成小区的独幢楼房",
)
UNMANAGED_KINDS = choices(
    community_courtyard="社区楼院 未实行物业管理的社区楼院",
    self_managed="自管小区",
    no_responsible_body="无主管楼院",
)
MANAGEMENT_TYPES = choices(
    professional="专业化物业 专业化 专业物业",
    star_rated="星级物业 星级物业管理 星级(专业化) 星级（专业化）",
    employer_managed="责任单位管理 单位自管",
    owner_self="业主自管 业主自治",
    community_custody="社区代管",
    basic="简易物业 简易物业管理 简易",
    roving="流动物业",
    none="无",
)
_OTHER_FORMS = choices(
    subdistrict_assisted="镇(街道)协助业委会 镇（街道）协助业委会",
    community_staffed="社区派人进驻",
    responsible_unit="由责任单位管理",
    committee_self="业委会自治管理 业主委员会自治管理",
    deliberation_self="居民议事小组自治管理",
    management_committee="物业管理委员会",
    community_self="依托居委会自行管理",
    interim="办事处提供基本服务",
    socialised="社会化、专业化物业",
    separation_handover="三供一业分离移交",
)
FORMS = {word: form for word, form in MANAGEMENT_TYPES.items() if form != "none"} | _OTHER_FORMS
"""What a unit is managed as: one of the types that can be ticked, or another form that some plan names."""
FORMS_BY_PRECEDENCE = (
    "professional",
    "star_rated",
    "employer_managed",
    "owner_self",
    "community_custody",
    "basic",
    "roving",
)
"""Where several forms are ticked and none is said to hold, the first of these is the one in charge."""
STARS = choices(**{"5": "五星", "4": "四星", "3": "三星", "2": "二星", "1": "一星", "0": "未定级"})


def _answer(name: str, *aliases: str) -> Field:
    return Field(name, ValueType.ANSWER, aliases, place=Place.FACT)


def _amount(name: str, *aliases: str, largest: float) -> Field:
    return Field(name, ValueType.NUMBER, aliases, largest=largest, place=Place.DETAIL)


FACTS: tuple[Field, ...] = (
    Field(
        "compound_type",
        ValueType.CHOICE,
        ("物业类型",),
        choices=COMPOUND_TYPES,
        place=Place.FACT,
        group="物业类型",
    ),
    Field("unmanaged_kind", ValueType.CHOICE, ("无物业类型",), choices=UNMANAGED_KINDS, place=Place.FACT),
    Field(
        "management_types",
        ValueType.OPTIONS,
        ("物业管理类型",),
        choices=MANAGEMENT_TYPES,
        place=Place.FACT,
        group="物业管理类型",
    ),
    _answer("is_old", "是否老旧小区"),
    _answer("renovated", "是否已改造", "是否完成改造"),
    _answer("acceptance_passed", "是否通过验收", "改造是否验收"),
    _answer("mass_base_good", "群众基础好", "群众基础是否良好"),
    _answer("market_ready", "是否具备市场化条件", "是否具备市场化运作条件"),
    _answer("on_task_list", "是否列入任务清单"),
    _answer("upgraded", "管理提升是否完成", "是否完成管理提升"),
    _answer("is_red_heart", "是否红心物业示范", "红心物业示范"),
    _answer("has_owners_committee", "是否成立业主委员会", "业主委员会"),
    _answer("has_maintenance_fund", "是否建立住宅专项维修资金制度", "是否建立维修资金"),
    _answer("facilities_transferred", "专业经营设施设备是否移交"),
    _answer("fee_subsidised", "是否政府补贴物业费"),
    _answer("has_green", "有无绿地"),
    _answer("has_guard", "有无门卫"),
    _answer("has_parking", "有无停车位"),
)
"""The names are those of the facts that policy profiles ask about."""

DETAILS: tuple[Field, ...] = (
    Field(
        "service_star",
        ValueType.CHOICE,
        ("物业服务等级标准情况", "物业服务等级"),
        choices=STARS,
        place=Place.DETAIL,
        group="物业服务等级标准情况",
    ),
    Field("company", aliases=("物业服务企业",), place=Place.DETAIL),
    _amount("fee_yuan_per_m2", "收费标准(元/㎡·月)", "收费标准", largest=1_000),
    Field("collection_percent", ValueType.PERCENT, ("收缴率(%)", "收缴率"), largest=100, place=Place.DETAIL),
    Field("remark", aliases=("备注",), place=Place.DETAIL),
)
