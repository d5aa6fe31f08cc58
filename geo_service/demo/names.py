"""Invented names. None is a place, an employer or a person of the plans the scenarios come from."""

from __future__ import annotations

import numpy as np

EMPLOYERS = (
    "县棉织厂", "县农机站", "县粮食局", "县水利局", "县供销社", "县运输公司",
    "县化肥厂", "县印刷厂", "县第一中学", "县第二中学", "县实验小学", "县人民医院",
    "县中医院", "县邮政局", "县电业局", "县广播站", "县食品公司", "县百货公司",
    "县土产公司", "县木材公司", "县砖瓦厂", "县酒厂", "县农具厂", "县种子站",
    "县林业站", "县气象站", "县档案馆", "县文化馆", "县剧团", "县汽修厂",
    "县陶瓷厂", "县丝绸厂", "县建筑公司", "县自来水厂", "县兽医站", "县党校",
    "县教师进修学校", "县新华书店",
)  # fmt: skip
_FIRST = ("青槐", "河湾", "向阳", "春和", "安宁", "丰泽", "明德", "锦绣", "翠竹", "长乐", "福临", "和顺")
_SECOND = ("苑", "小区", "花园", "新村", "里", "院", "家园", "楼院")
_SURNAMES = "柏苗郗昝宓蓬臧计谈宋庞纪舒屈项祝"
_GIVEN = (
    "望舒",
    "亦安",
    "书禾",
    "云起",
    "子衿",
    "知远",
    "清和",
    "若川",
    "思齐",
    "怀瑾",
    "予安",
    "景行",
    "言蹊",
    "南乔",
)

PEOPLE_TITLES = ("网格长", "楼院长")


def compound_names(count: int, rng: np.random.Generator) -> list[str]:
    """Different names for ``count`` (at most 96) ordinary compounds of one town."""
    pairs = [first + second for first in _FIRST for second in _SECOND]
    return [pairs[i] for i in rng.permutation(len(pairs))[:count]]


def people_names(count: int, rng: np.random.Generator) -> list[str]:
    """Different names for ``count`` (at most 112) people of one town."""
    surnames, given = rng.permutation(list(_SURNAMES)), rng.permutation(_GIVEN)
    return [f"{surnames[i % len(surnames)]}{given[i % len(given)]}" for i in range(count)]
