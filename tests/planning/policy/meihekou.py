"""梅河口市老旧小区物业管理工作实施方案 as its text has it (a scan: 三、 counts its eighteen parties)."""

NEVER = (None, None)
READY = {"renovated": True, "acceptance_passed": True, "mass_base_good": True}

PLAN = {
    "plan": [("梅河口市老旧小区物业管理工作实施方案", None, None, "subdistrict")],
    "coverage": [("units", "unmanaged_baseline", "in_service", "ours", "二")],
    "milestones": [
        # 力争2021年11月底前基本消除无物业管理住宅小区: no number
        ("基本消除无物业管理住宅小区", "covered", "units", "unmanaged_baseline", {}, "cumulative",
         "subdistrict"),
        ("2021-11-30", "95%", "ours", "二"),
        # 对改造后达到验收条件且群众基础好的老旧小区，力争2023年年底前专业化服务不低于70%
        ("改造后符合条件的老旧小区专业化服务", "professional", "units", "old_all", READY, "cumulative",
         "county"),
        ("2023-12-31", "70%", "二"),
        # 打造不低于1个“红心物业”示范项目: of which compounds, it does not say
        ("“红心物业”示范项目", "red_heart_demo", "units", "old_all", {}, "cumulative", "county",
         "ours: base"),
        ("2021-11-30", 1, "二"),
    ],
    "types": [],
    "bands": [],
    # 通过专业化服务、业主自管和社区代管等方式
    "forms": [("professional", "二"), ("owner_self", "二"), ("community_custody", "二")],
    "rules": [
        ("precedence", "condition", "ours"),
        ("condition", READY, ["professional"], "二；四、（二）"),
        # 对不具备市场化运作的老旧小区和其他无物业管理小区…积极探索…新途径; 等方式 leaves the forms open
        ("condition", {"market_ready": False}, ["community_custody", "owner_self"], "is_open", "ours: forms",
         "二；三、（十八）；四、（二）"),
        ("condition", {"baseline_unmanaged": True}, ["community_custody", "owner_self"], "is_open",
         "ours: forms",
         "二；三、（十八）"),
    ],
    # 居民调查摸底半数以上同意实行专业化管理的
    "consent": [("residents", "heads", 50, "inclusive", "ours", "四、（二）")],
    "scoring": [],
    "phases": [
        ("前期准备", "2021-06-15", "2021-07-15", "四、（一）"),
        ("全面启动", "2021-07-16", "2021-12-31", "四、（二）"),
        ("巩固提升", "2022-01-01", "2023-12-31", "四、（三）"),
    ],
    "duties": [],
    "rhythms": [
        ("定期调度", "dispatch", None, None, NEVER, "subdistrict", "三、（五）；五、（三）"),
        ("工作专报", "report", None, None, NEVER, "county", "三、（五）"),
        ("联席会议", "meeting", None, None, NEVER, "subdistrict", "五、（一）"),
        ("督导检查，及时通报", "inspection", None, None, NEVER, "subdistrict", "五、（三）"),
    ],
    "sanctions": [
        ("约谈", "passive_work", {}, "responsible_unit", "五、（三）"),
        ("责任追究", "passive_work", {}, "responsible_unit", "三、（二）"),
    ],
    "parties": [
        ("市老旧小区物业管理工作领导小组", "lead", "五、（一）"),
        ("市房产服务中心", "housing", "三、（一）"),
        ("市纪委监委", "supervision", "三、（二）"),
        ("市委组织部", "support", "三、（三）"),
        ("市委宣传部", "support", "三、（四）"),
        ("市政府督查室", "supervision", "三、（五）"),
        ("机关党工委", "support", "三、（六）"),
        ("市法院", "support", "三、（七）"),
        ("市公安局", "support", "三、（八）"),
        ("市司法局", "support", "三、（九）"),
        ("市人社局", "support", "三、（十）"),
        ("市自然资源局", "support", "三、（十一）"),
        ("市市场监管局", "support", "三、（十二）"),
        ("市政数局", "support", "三、（十三）"),
        ("市城管执法局", "support", "三、（十四）"),
        ("市消防救援大队", "support", "三、（十五）"),
        ("市融媒体中心", "support", "三、（十六）"),
        ("市城源集团", "operator", "三、（十七）"),
        ("各街道办事处", "responsible", "三、（十八）"),
    ],
    "service": [],
    "checklist": [],
}  # fmt: skip
