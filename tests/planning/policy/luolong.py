"""洛政办〔2020〕10号 as its text has it."""

NEVER = (None, None)
CLAUSE_ASSESSED = "三、（二）3"

PLAN = {
    "plan": [("洛龙区居民楼（院）物业管理全覆盖工作实施方案", "2020-06-24", "洛龙政办〔2020〕10号",
               "subdistrict")],
    "coverage": [("units", "unmanaged_baseline", "in_service", "ours", "三、（一）")],
    "milestones": [
        # 确保6月30日前全区无主管理的老旧小区20%以上…7月31日前…50%以上…8月31日前…80%以上…9月30日前全部
        ("无主管理的老旧小区落实物业管理", "covered", "units", "unmanaged_baseline", {}, "cumulative",
         "subdistrict"),
        ("2020-06-30", "20%", "三、（一）"),
        ("2020-07-31", "50%", "三、（一）"),
        ("2020-08-31", "80%", "三、（一）"),
        ("2020-09-30", "100%", "三、（一）"),
        # 按照9月底前全区所有老旧小区实现物业管理全覆盖要求
        ("全区所有老旧小区物业管理全覆盖", "covered", "units", "old_all", {}, "cumulative", "county"),
        ("2020-09-30", "100%", "三、（一）"),
    ],
    "types": [],
    "bands": [
        ("up_to_100", 0, 100, "四、（三）"),
        ("from_200_to_300", 200, 300, "四、（二）"),
        ("from_400", 400, None, "四、（一）"),
    ],
    "forms": [
        ("professional", "四、（一）"),
        ("subdistrict_assisted", "四、（二）"),
        ("community_staffed", "四、（三）"),
        ("owner_self", "四、（三）"),
    ],
    "rules": [
        ("precedence", "ownership", "size", "ours"),
        # 由业主大会或业主代表大会选聘物业管理企业
        ("from_400", {}, ["professional"], "by owners_assembly, owner_representatives", "四、（一）"),
        # 原则上实行专业化物业管理服务，也可由镇（街道）协助业主委员会
        ("from_200_to_300", {}, ["professional", "subdistrict_assisted"], "四、（二）"),
        # 专业化公司进驻、镇（街道）协助业委会、社区居委会派人进驻或业主自治管理等
        ("up_to_100", {}, ["professional", "subdistrict_assisted", "community_staffed", "owner_self"],
         "is_open", "四、（三）"),
        # 应逐步向市场化运作过渡，并…提供专业化的物业管理服务
        ("ownership", {"employer_managed": True}, ["professional"], "is_transition", "四、（四）"),
    ],
    "consent": [],
    "scoring": [],
    "phases": [],
    "duties": [("专题推进会", "subdistrict", "2020-06-30", "三、（二）2")],
    "rhythms": [
        ("每周三联席会议", "meeting", "week", 3, ("2020-06-24", None), "subdistrict", "ours: begins",
         "五、（三）"),
        ("不定期目标考核", "assessment", None, None, NEVER, "subdistrict", CLAUSE_ASSESSED),
        ("不定期联合督查，及时通报", "inspection", None, None, NEVER, "subdistrict", "五、（二）"),
        ("定期听取推进情况汇报", "report", None, None, NEVER, "subdistrict", "五、（三）"),
        ("推进会、观摩会、讲评会", "meeting", None, None, NEVER, "subdistrict", "二、（二）"),
    ],
    "sanctions": [
        # 是文明单位的，按程度分别给予…；不是文明单位的，提出处理意见并报区政府
        ("文明单位黄牌警告", "milestone_missed", {"is_civilized_unit": True}, "subdistrict", CLAUSE_ASSESSED),
        ("扣发文明奖", "milestone_missed", {"is_civilized_unit": True}, "subdistrict", CLAUSE_ASSESSED),
        ("取消文明单位资格", "milestone_missed", {"is_civilized_unit": True}, "subdistrict", CLAUSE_ASSESSED),
        ("提出处理意见并报区政府", "milestone_missed", {"is_civilized_unit": False}, "subdistrict",
         CLAUSE_ASSESSED),
    ],
    "parties": [
        ("工作专班", "lead", "附件"),
        ("区文明办", "assessor", CLAUSE_ASSESSED),
        ("民政部门", "assessor", CLAUSE_ASSESSED),
        ("区住房和城乡建设局", "housing", "五、（二）"),
        ("区创建办", "supervision", "五、（二）"),
        ("区社创办", "supervision", "五、（二）"),
        ("镇（街道）", "responsible", "三、（二）1"),
        ("老党员、老干部、热心人士", "support", "五、（一）"),
    ],
    "service": [],
    "checklist": [],
}  # fmt: skip
