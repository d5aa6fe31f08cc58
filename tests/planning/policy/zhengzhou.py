"""郑经管办〔2018〕92号 as its text has it."""

NEVER = (None, None)

PLAN = {
    "plan": [("郑州经开区住宅小区管理提升工作实施方案", "2018-07-19", "郑经管办〔2018〕92号", "subdistrict")],
    "coverage": [("units", "task_list", "in_service", "ours", "二")],
    "milestones": [
        # 2018 年底前…30%；2019 年、2020 年分别…40% 和 30%, of two things
        ("管理提升", "upgraded", "units", "task_list", {}, "incremental", "subdistrict"),
        ("2018-12-31", "30%", "二"),
        ("2019-12-31", "40%", "二"),
        ("2020-12-31", "30%", "二"),
        ("业主委员会成立", "owners_committee", "units", "task_list", {}, "incremental", "subdistrict"),
        ("2018-12-31", "30%", "二"),
        ("2019-12-31", "40%", "二"),
        ("2020-12-31", "30%", "二"),
    ],
    "types": [
        ("unmanaged_kind",),
        ("community_courtyard", "未实行物业管理的社区楼院", "七、（一）"),
        ("self_managed", "自管小区", "七、（一）"),
        ("no_responsible_body", "无主管楼院", "七、（一）"),
    ],
    "bands": [],
    "forms": [
        # 会同主管部门参与辖区社区无主管楼院物业管理招投标
        ("professional", "六、（十）（5）"),
        ("owner_self", "四、（二）"),
        ("community_self", "四、（二）"),
        # 在业主大会没有确定管理方式之前，负责组织提供物业基本服务
        ("interim", "never_covers", "ours", "六、（十）（2）"),
    ],
    "rules": [
        ("precedence", "type", "ours"),
        # 无物业管理的老旧小区依托社区居民委员会实行自行管理
        ("community_courtyard", {}, ["community_self", "interim"], "ours: types",
         "四、（二）；六、（十）（2）"),
        ("self_managed", {}, ["owner_self"], "ours: types", "四、（二）"),
        ("no_responsible_body", {}, ["community_self", "professional", "interim"], "ours: types, forms",
         "四、（二）；六、（十）（2）（5）"),
    ],
    "consent": [],
    "scoring": [],
    "phases": [
        ("调查摸底", None, "2018-07-30", "七、（一）"),
        ("宣传发动", None, "2018-08-10", "七、（二）"),
        ("全面实施", "2018-08-11", "2018-12-30", "七、（三）"),
    ],
    "duties": [],
    "rhythms": [
        ("汇总工作推进成果并上报", "report", None, None, NEVER, "county", "三"),
        ("联席会议", "meeting", None, None, NEVER, "subdistrict", "八、（二）"),
        ("检查考核", "assessment", None, None, NEVER, "subdistrict", "八、（二）"),
        ("督办并通报工作成效", "bulletin", None, None, NEVER, "subdistrict", "八、（二）"),
        ("定期专项督查", "inspection", None, None, NEVER, "subdistrict", "八、（四）"),
        ("纳入目标管理考核", "assessment", None, None, NEVER, "subdistrict", "八、（四）"),
    ],
    "sanctions": [
        # 对消极怠工、落实工作不力、推诿扯皮的部门进行通报批评，并严格追究责任
        ("通报批评", "passive_work", {}, "department", "八、（四）"),
        ("严格追究责任", "passive_work", {}, "department", "八、（四）"),
    ],
    "parties": [
        ("管理提升工作领导小组", "lead", "三"),
        ("规划分局", "support", "六、（一）"),
        ("城市管理局", "support", "六、（二）"),
        ("社区局", "support", "六、（三）"),
        ("房管局", "housing", "六、（四）"),
        ("教文体局", "support", "六、（五）"),
        ("公安分局", "support", "六、（六）"),
        ("党政办（督查室）", "supervision", "六、（七）"),
        ("区督查考评办公室", "assessor", "八、（四）"),
        ("社管办", "support", "六、（八）"),
        ("爱卫办", "support", "六、（九）"),
        ("各办事处", "responsible", "六、（十）"),
        ("社区居委会", "community", "六、（十一）"),
    ],
    "service": [
        ("公共秩序管理", "order", None, {}, "五、（一）"),
        ("公共环境卫生维护", "hygiene", None, {}, "五、（二）"),
        ("公共安全防范", "safety", None, {}, "五、（三）"),
        ("公用设施管理", "facilities", None, {}, "五、（四）"),
        ("公共绿化维护", "green", None, {}, "五、（五）"),
    ],
    "checklist": [
        ("社区平安", "二"),
        ("邻里和谐", "二"),
        ("路要平整", "二"),
        ("绿要提质", "二"),
        ("灯要明亮", "二"),
        ("水要畅通", "二"),
        ("车要有序", "二"),
        ("线要规整", "二"),
        ("面要美观", "二"),
        ("违建拆除", "二"),
        ("设施齐全", "二"),
    ],
}  # fmt: skip
