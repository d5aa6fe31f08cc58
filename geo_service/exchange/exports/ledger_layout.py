"""The ledger's columns as the form of the plan has them, and what this service needs besides.

Every cell comes back through ``exchange.ledger``: what a column is called here is one of its field's names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from geo_service.exchange.field import Field, ValueType
from geo_service.exchange.fields import LEDGER
from geo_service.exchange.ledger_fields import FACTS
from geo_service.exchange.own_types import OwnType, with_types

TICK = "√"
SERIAL = "serial"
MORE = "附加项"

_FIELDS = {each.name: each for each in LEDGER.fields}


@dataclass(frozen=True)
class LedgerColumn:
    """One column.

    Parameters
    ----------
    field : str
        Of ``LEDGER``; ``SERIAL`` for the number of the row.
    title : str
    group : str
        The merged header above it and its neighbours, empty where it has none.
    option : str, optional
        The option that a tick in it stands for.
    words : mapping of str to str
        What is written for each value of a choice.
    total : bool
        Whether the totals row sums it up.
    width : float
        In characters.
    hint : str
        What is shown to who fills in a cell; empty for nothing.
    """

    field: str
    title: str
    group: str = ""
    option: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    total: bool = False
    width: float = 10
    hint: str = ""

    @property
    def type(self) -> ValueType:
        """How the reader takes it; the serial number is text to it."""
        return _FIELDS[self.field].type if self.field in _FIELDS else ValueType.COUNT


def labels(of: Field) -> dict[str, str]:
    """The word written for each value of a choice: the first that is read for it."""
    words: dict[str, str] = {}
    for word, value in of.choices.items():
        if word != value and not (word.isascii() and word.casefold() == value.casefold()):
            words.setdefault(value, word)
    return words


def _plain(
    name: str, title: str, group: str = "", *, total: bool = False, width: float = 10, hint: str = ""
) -> LedgerColumn:
    of = _FIELDS[name]
    words = labels(of) if of.type is ValueType.CHOICE else {}
    return LedgerColumn(name, title, group, words=words, total=total, width=width, hint=hint)


def _options(of: Field) -> tuple[LedgerColumn, ...]:
    return tuple(
        LedgerColumn(of.name, word, of.group or "", option=value, total=True, width=7)
        for value, word in labels(of).items()
    )


_IN_MAIN_BLOCK = (
    "compound_type", "management_types", "has_owners_committee", "has_maintenance_fund",
    "facilities_transferred", "fee_subsidised",
)  # fmt: skip

COLUMNS: tuple[LedgerColumn, ...] = (
    LedgerColumn(SERIAL, "序号", width=6),
    _plain("subdistrict", "镇（街道）", width=12),
    _plain("community", "社区", width=12),
    _plain("code", "小区编码", width=20),
    _plain("name", "小区名称", width=24),
    _plain("address", "坐落", width=22),
    _plain("land_area_m2", "占地面积（㎡）", "面积", total=True, width=13),
    _plain("floor_area_m2", "建筑面积（㎡）", "面积", total=True, width=13),
    _plain("building_count", "楼栋数", total=True, width=8),
    _plain("household_count", "户数", total=True, width=8),
    _plain("built_year", "建成年份", width=9),
    *_options(_FIELDS["compound_type"]),
    *_options(_FIELDS["management_types"]),
    _plain("fee_subsidised", "是否政府补贴物业费"),
    *_options(_FIELDS["service_star"]),
    _plain("company", "物业服务企业", width=20),
    _plain("fee_yuan_per_m2", "收费标准（元/㎡·月）", width=11),
    _plain("collection_percent", "收缴率（%）"),
    _plain("has_owners_committee", "是否成立业主委员会"),
    _plain("has_maintenance_fund", "是否建立住宅专项维修资金制度", width=12),
    _plain(
        "facilities_transferred",
        "专业经营设施设备是否移交",
        width=12,
        hint="入户端口以外的水、电、气、暖、通信设施，产权已移交且由专业单位管理维护的，填“是”；有一项未移交，填“否”。",
    ),
    _plain("remark", "备注", width=24),
    _plain("community_code", "社区编码", MORE, width=15),
    _plain("kind", "管理单元类别", MORE, width=12),
    _plain("implementation_class", "实施分类", MORE, width=14),
    _plain("form", "现行管理方式", MORE, width=14),
    _plain("step", "进展", MORE),
    _plain("service_from", "进驻日期", MORE, width=12),
    _plain("responsible_unit", "责任单位", MORE, width=18),
    _plain("baseline_unmanaged", "是否无主管", MORE),
    *(
        _plain(fact.name, fact.aliases[0], MORE, width=11)
        for fact in FACTS
        if fact.name not in _IN_MAIN_BLOCK
    ),
)


def columns_with(own: Sequence[OwnType]) -> tuple[LedgerColumn, ...]:
    """The columns, with a district's own types among the options that they are of."""
    fields = {each.name: each for each in with_types(LEDGER, own).fields}
    found: list[LedgerColumn] = []
    for name, together in groupby(COLUMNS, key=lambda column: column.field):
        columns = list(together)
        if name not in {each.fact for each in own}:
            found += columns
        elif columns[0].option is not None:
            found += _options(fields[name])
        else:
            found += [replace(column, words=labels(fields[name])) for column in columns]
    return tuple(found)
