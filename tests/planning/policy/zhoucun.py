"""周政办字〔2017〕126号 as its text has it."""

NEVER = (None, None)
STAGE = "三、（三）"

PLAN = {
    "plan": [("2017年周村区住宅小区物业管理全覆盖工作实施方案", "2017-11-01", "周政办字〔2017〕126号",
               "subdistrict")],
    "coverage": [("units", "all", "in_service", "ours", "三、（二）2")],
    "milestones": [
        # 确保11月底前实现全覆盖
        ("住宅小区物业管理全覆盖", "covered", "units", "all", {}, "cumulative", "subdistrict"),
        ("2017-11-30", "100%", "三、（二）2"),
    ],
    "types": [
        ("compound_type",),
        ("standalone", "standalone"),
        ("commodity", "商品房住宅小区", "二、（二）1"),
        ("old", "老旧住宅小区", "二、（二）2"),
        ("rural", "新型农村社区", "二、（二）3"),
        ("government", "机关事业单位自管小区", "二、（二）4"),
        ("enterprise", "企业自管小区", "二、（二）5"),
        ("standalone", "未形成小区的独幢楼房", "二、（二）6"),
    ],
    "bands": [],
    "forms": [
        ("star_rated", "二、（二）1"),
        ("basic", "is_fallback", "二、（二）2；三、（二）2"),
        ("socialised", "二、（二）4"),
        ("separation_handover", "二、（二）5"),
    ],
    "rules": [
        ("precedence", "type"),
        # 全面推行星级物业管理
        ("commodity", {}, ["star_rated"], "二、（二）1"),
        # 具备条件的，推行星级；不具备条件的，全面推行简易 - which conditions, the clause does not say
        ("old", {"market_ready": True}, ["star_rated"], "ours: where", "二、（二）2；二、（三）"),
        ("old", {"market_ready": False}, ["basic"], "ours: where", "二、（二）2；二、（三）"),
        # 借鉴城市物业管理标准: no form
        ("rural", {}, [], "二、（二）3"),
        # 社会化、专业化
        ("government", {}, ["socialised"], "二、（二）4"),
        # “三供一业”分离移交
        ("enterprise", {}, ["separation_handover"], "二、（二）5"),
        # 由社区居委会落实简易物业管理
        ("standalone", {}, ["basic"], "by community", "二、（二）6"),
    ],
    # 公开征求全体业主意见，经半数以上业主同意后实施
    "consent": [("owners", "heads", 50, "inclusive", "ours", "三、（二）1")],
    "scoring": [],
    "phases": [
        ("安排部署", "2017-11-01", "2017-11-10", "三、（一）"),  # 11月上旬
        ("组织实施阶段（标题所列时间）", "2017-11-11", "2017-11-20", "三、（二）"),  # 11月中旬
        ("调查摸底，建立台账", None, "2017-11-15", "三、（二）1"),
        ("组织实施，全面覆盖", "2017-11-10", "2017-11-30", "三、（二）2"),
        ("镇（街道）自查", "2017-12-01", "2017-12-10", STAGE),  # 12月上旬
        ("区房管局检查", "2017-12-11", "2017-12-20", STAGE),  # 12月中旬
        ("市检查验收", None, "2017-12-31", STAGE),  # 12月底
    ],
    "duties": [
        ("住宅小区基本情况台账", "subdistrict", "2017-11-15", "三、（二）1"),
        # 区、镇（街道）、社区要逐级签订目标管理责任书
        ("与区签订目标管理责任书", "subdistrict", None, "四、（三）"),
        ("与镇（街道）签订目标管理责任书", "community", None, "四、（三）"),
    ],
    "rhythms": [
        # 自11月份起，镇（街道）要于每月26日前将本月…情况报区房管局，由区房管局形成通报
        ("每月26日前报送本月情况", "report", "month", 26, ("2017-11-01", None), "subdistrict", "四、（四）"),
        ("区房管局形成通报，报区委、区政府", "bulletin", "month", None, ("2017-11-01", None), "county",
         "四、（四）"),
        ("每月一调度", "dispatch", "month", None, NEVER, "subdistrict", "四、（四）"),
        ("每月一督查", "inspection", "month", None, NEVER, "subdistrict", "四、（四）"),
        ("每月一考核", "assessment", "month", None, NEVER, "subdistrict", "四、（四）"),
        # 纳入对部门、镇（街道）年终考核, whatever comes of it
        ("年终考核", "assessment", "year", None, NEVER, "subdistrict", "四、（四）"),
    ],
    "sanctions": [
        # 对于因各种原因，…实施方案无法落实到位的
        ("落实简易物业管理，政府托底", "plan_failed", {}, "subdistrict", "三、（二）2"),
    ],
    "parties": [
        ("区房管局", "housing", "四、（三）"),
        ("镇（街道）", "responsible", "二、（一）；四、（三）"),
        ("社区居委会", "community", "二、（一）"),
    ],
    "service": [
        ("保洁", "basic", None, {}, "二、（二）2"),
        ("保安", "basic", None, {}, "二、（二）2"),
        ("保序", "basic", None, {}, "二、（二）2"),
    ],
    "checklist": [],
}  # fmt: skip
