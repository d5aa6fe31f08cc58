"""XX县2024年物业管理全覆盖工作实施方案 as its text has it."""

STAGE_TWO = ("2024-04-01", "2024-10-31")
ONCE_A_DAY = (1, "day")
GREEN = {"has_green": True}

PLAN = {
    "plan": [("县级物业管理全覆盖工作实施方案（2024年）", None, None, "community")],
    "coverage": [("units", "unmanaged_baseline", "in_service", "ours", "一、工作任务")],
    "milestones": [
        # 6月底前完成30%，10月底前完成80%，12月底前达到100%
        ("老旧小区物业管理覆盖率", "covered", "units", "unmanaged_baseline", {}, "cumulative", "subdistrict"),
        ("2024-06-30", "30%", "二、工作时限"),
        ("2024-10-31", "80%", "二、工作时限"),
        ("2024-12-31", "100%", "二、工作时限"),
    ],
    "types": [
        ("implementation_class",),
        ("standalone", "c"),
        ("a", "基础条件较好的单位家属楼院", "三、（一）"),
        ("b", "基础条件一般的小区", "三、（二）"),
        ("c", "单栋楼院的小区", "三、（三）"),
    ],
    "bands": [],
    "forms": [
        ("professional", "三、（一）"),
        ("responsible_unit", "三、（二）"),
        ("committee_self", "三、（二）"),
        ("deliberation_self", "三、（二）"),
        ("management_committee", "六、（一）"),
        ("roving", "三、（三）"),
    ],
    "rules": [
        ("precedence", "type", "ours"),
        # 须引入专业化物业企业进驻管理
        ("a", {}, ["professional"], "三、（一）"),
        # 无法引入专业物业管理企业的楼院、单位家属院，由责任单位进行管理
        ("b", {"has_responsible_unit": True}, ["professional", "responsible_unit"], "by responsible_unit",
         "ours: where", "三、（二）"),
        # 其余的由XX镇组织成立业主委员会或居民议事小组; 未能成立业主委员会的…物业管理委员会
        ("b", {"has_responsible_unit": False}, ["committee_self", "deliberation_self",
         "management_committee"],
         "by subdistrict", "ours: where", "三、（二）；六、（一）"),
        # 由社区委派网格长或楼院长成立流动物业
        ("c", {}, ["roving"], "by community", "三、（三）"),
    ],
    "consent": [],
    "scoring": [
        # 满分为100分，当满足指标项85分以上（含85分）; 考评对象: 责任单位、XX镇
        (100, 85, "total", "renormalise", "responsible_unit, subdistrict", "weights are ours",
         "ours: judged_on, not_applicable", "附件2 一、二、四"),
        ("公共环境卫生", 1.0, {}, "附件2 二"),
        ("公共秩序维护", 1.0, {}, "附件2 二"),
        ("绿化养护管理", 1.0, GREEN, "附件2 二"),
        ("共用部位管理", 1.0, {}, "附件2 二"),
        ("停车管理服务", 1.0, {}, "附件2 二"),
        ("初步评定打分", "2024-07-31", False, "附件2 三"),  # 7月底
        ("最终考评", "2024-12-31", True, "附件2 三"),  # 12月底前
    ],
    "phases": [
        # the first line of 四 says 3月下旬
        ("标准制定及部署发动", "2024-03-11", "2024-03-31", "ours: begins", "四、第一阶段"),
        ("全面推进", "2024-04-01", "2024-10-31", "四、第二阶段"),
        ("评价验收", "2024-11-01", "2024-12-31", "四、第三阶段"),
    ],
    "duties": [],
    "rhythms": [
        # 每月在项目现场召开一次推进观摩会议，每月排名通报
        ("推进观摩会议", "meeting", "month", None, STAGE_TWO, "community", "四、第二阶段"),
        ("每月排名通报", "ranking", "month", None, STAGE_TWO, "community", "四、第二阶段"),
    ],
    "sanctions": [("考核奖惩", "milestone_missed", {}, "responsible_unit", "ours: on", "六、（三）")],
    "parties": [
        ("县物业管理领导小组", "lead", "五"),
        ("县住房和物业中心", "housing", "五；六、（一）"),
        ("镇", "responsible", "一；六、（一）"),
        ("社区", "community", "三、（三）；六、（一）"),
        ("责任单位", "responsible", "三、（二）；附件2 一"),
    ],
    "service": [
        # 每日至少清扫1次; 垃圾桶; 日产日清; 每半年检查1次，每年至少清掏1次; 定期“除四害”
        ("公共部位清扫", "hygiene", ONCE_A_DAY, {}, "附件1 1"),
        ("生活垃圾清运", "hygiene", ONCE_A_DAY, {}, "附件1 1"),
        ("垃圾桶配置、摆放、保洁", "hygiene", None, {}, "附件1 1"),
        ("雨水井、污水井、化粪池检查", "hygiene", (1, "half_year"), {}, "附件1 1"),
        ("雨水井、污水井、化粪池清掏", "hygiene", (1, "year"), {}, "附件1 1"),
        ("除四害消杀", "hygiene", None, {}, "附件1 1"),
        ("门卫值班、来访登记", "order", None, {"has_guard": True}, "附件1 2"),
        ("巡查", "order", None, {"has_guard": False}, "附件1 2"),
        ("楼道杂物清理", "order", None, {}, "附件1 2"),
        ("制止飞线充电", "order", None, {}, "附件1 2"),
        ("突发事件制止、报告", "order", None, {}, "附件1 2"),
        ("绿地养护", "green", None, GREEN, "附件1 3"),
        ("制止毁绿种菜、毁绿停车、圈地饲养", "green", None, GREEN, "附件1 3"),
        ("爱护绿化提示标识", "green", None, GREEN, "附件1 3"),
        ("共用部位、共用设施维护", "shared_parts", None, {}, "附件1 4"),
        ("危险设施设备警示、防范", "shared_parts", None, {}, "附件1 4"),
        ("制止、报告私搭乱建", "shared_parts", None, {}, "附件1 4"),
        ("报修并协助申请使用维修资金", "shared_parts", None, {}, "附件1 4"),
        ("机动车停车位标线标识，引导规范停放", "parking", None, {"has_parking": True}, "附件1 5"),
        ("消防车通道标线标识", "parking", None, {}, "附件1 5"),
        ("严禁侵占消防通道、公共通道", "parking", None, {}, "附件1 5"),
        ("劝阻、制止楼梯间停放非机动车", "parking", None, {}, "附件1 5"),
        ("规范非机动车停放", "parking", None, {}, "附件1 5"),
        ("非机动车停车棚、充电装置", "parking", None, {}, "附件1 5"),
        ("停放日常巡查", "parking", None, {}, "附件1 5"),
    ],
    "checklist": [],
}  # fmt: skip
