"""What is said of laboratories, their ranges and files, in Simplified Chinese."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    ", {1} kept by the vault": "，其中 {1} 个由盲底库保存",
    "a form that was filled in": "已填写的表单",
    "a laboratory needs a short name, by which its files call it, and its full name": (
        "登记实验室须填写简称（其文件中所用）和全称"
    ),
    "a limit must be a number with a decimal point. Got {1}": "限值须为带小数点的数字；请更正（当前值：{1}）",
    "accession {1}": "样本号 {1:said}",
    "ages go from 0 or more up to a greater one. Got {1} to {2}": (
        "年龄须从 0 或以上至更大的数值；请更正（当前值：{1} 至 {2}）"
    ),
    "and {1} more such lines": "另有 {1} 行同类问题",
    "belongs to site {1}, and this import is for site {2}. Got {3}": (
        "属于中心 {1}，而本次导入为中心 {2}；请核对（当前值：{3}）"
    ),
    "belongs to site {1}; {2} works for site {3}. Got {4}": (
        "属于中心 {1}；{2} 服务的是中心 {3}；请核对（当前值：{4}）"
    ),
    "cannot be converted to {1}, in which results are recorded": "不能换算为记录结果所用的 {1:said}",
    "give the lower limit, the upper limit, or both": "请填写下限、上限，或两者",
    "has not been recorded as held by {1}{2}; let the site record it first. Got {3}": (
        "尚未记录为 {1} 已进行的访视{2:said}；请中心先记录（当前值：{3}）"
    ),
    "is computed from other values; leave it out (leave_out). Got {1}": (
        "由其他数值计算得出；请将其略去（leave_out）（当前值：{1}）"
    ),
    "is empty; where there is none, say why in the status: {1}": (
        "为空；如没有数值，请在状态栏说明原因：{1:said}"
    ),
    "is missing; results are recorded in {1}": "缺失；结果以 {1} 记录",
    "is no laboratory test of this trial; say in the manifest what it stands for (tests), or leave it "
    "out (leave_out){1} Got {2}": (
        "不是本试验的实验室检查；请在清单中写明其对应项目（tests），或将其略去（leave_out）{1:said}（当前值：{2}）"
    ),
    "is not a unit that is known; it must convert to {1}": "不是已知单位；须能换算为 {1:said}",
    "laboratory {1} is entered with these very words already": "实验室 {1} 已按完全相同的内容登记",
    "laboratory {1} was entered as {2}": "实验室 {1} 登记为 {2}",
    "lies above the limit of the assay; say in the manifest what it is recorded as (above: limit)": (
        "高于检测限；请在清单中写明如何记录（above: limit）"
    ),
    "lies below the limit of the assay; say in the manifest what it is recorded as (below: limit)": (
        "低于检测限；请在清单中写明如何记录（below: limit）"
    ),
    "line {1}": "第 {1} 行",
    "line {1}, {2}": "第 {1} 行，{2}",
    "must be a date and time as in 2026-05-31T08:10, with an offset where it is not local": (
        "须为日期和时间，如 2026-05-31T08:10；非当地时间须注明时差"
    ),
    "must be a number with a decimal point": "须为带小数点的数字；请更正",
    "must be empty where there is a value": "有数值时须为空；请更正",
    "must be empty, as this test gives no number": "须为空，因该检查的结果不是数字；请更正",
    "must be one of {1}": "须为以下之一：{1:said}；请更正",
    "must not lie in the future; it is {1} UTC now. Got {2}": "不能晚于现在（{1} UTC）；请更正（当前值：{2}）",
    "no such laboratory works for this trial{1}. Got {2}": (
        "没有为本试验服务的此实验室{1:said}；请核对（当前值：{2}）"
    ),
    "nobody has this screening or randomisation number. Got {1}": "没有此筛选号或随机号；请核对（当前值：{1}）",
    "only tests that give a number have a range": "只有结果为数字的检查才有参考范围；请略去",
    "only values go to the vault; leave this row out": "盲底库只接收数值；请略去此行",
    "range {1} ({2}): holds for the same people as range {3}; give each sex and age one range": (
        "参考范围 {1}（{2}）：与参考范围 {3} 适用于相同人群；请为每个性别和年龄只设一个范围"
    ),
    "ranges of {1} from {2} on are set already; say why they are changed": (
        "{1} 自 {2} 起的参考范围已经设置；请说明更改原因"
    ),
    "stands for several items ({1}); say in the manifest which. Got {2}": (
        "对应多个项目（{1}）；请在清单中写明是哪一个（当前值：{2}）"
    ),
    "the code list of the manifest must be a version of this trial's protocol, by at least {1} digits, "
    "such as {2}. Got {3}": ("清单的编码表须为本试验方案的某一版本，至少写 {1} 位，例如 {2}（当前值：{3}）"),
    "the file holds no result. Got {1}": "文件中没有结果；请核对（当前值：{1}）",
    "the file must not be created in the future; it is {1} UTC now. Got {2} UTC": (
        "文件生成时间不能晚于现在（{1} UTC）；请核对（当前值：{2} UTC）"
    ),
    "the lower limit lies above the upper one. Got {1} to {2}": "下限高于上限；请更正（当前值：{1} 至 {2}）",
    "the manifest says when the file was created with the offset from UTC, such as "
    "2026-03-02T09:30+08:00. Got {1}": (
        "清单须写明文件生成时间及其与 UTC 的时差，例如 2026-03-02T09:30+08:00（当前值：{1}）"
    ),
    "the manifest tells of {1} results and the file holds {2}; ask the laboratory for both anew": (
        "清单称有 {1} 个结果，而文件含 {2} 个；请向实验室重新索取两者"
    ),
    "the protocol has no laboratory test of this code{1}": "方案中没有此编码的实验室检查{1:said}；请更正",
    "the time zone must be one of the IANA list, such as Asia/Shanghai. Got {1}": (
        "时区须为 IANA 列表之一，例如 Asia/Shanghai；请更正（当前值：{1}）"
    ),
    "the trial is locked; its laboratories and their ranges stay as they are": (
        "试验已锁定；实验室及其参考范围保持不变"
    ),
    "the unit {1}. Got {2}": "单位{1:said}（当前值：{2:said}）",
    "there is no range to be set; give at least one": "没有可设置的参考范围；请至少填写一个",
    "there is no site {1}{2}": "没有中心 {1}{2:said}；请核对",
    "these reference ranges of laboratory {1} are set already": "实验室 {1} 的这些参考范围已经设置",
    "this file was imported before, by event {1}; a new file has another name or time in its manifest. Got {2}": (
        "此文件此前已导入（事件 {1}）；新文件在清单中须有不同的名称或时间（当前值：{2}）"
    ),
    "{1} held no visit on this day, nor one in whose window it lies, at which {2} is planned; let the "
    "site record the visit, or name it. Got {3}": (
        "{1} 当天没有访视，也没有访视窗包含该日且计划有{2:said}的访视；请中心记录该访视，或写明访视（当前值：{3}）"
    ),
    "{1} holds results that only the vault may keep; import it with `equipoise laboratory import` while "
    "the vault runs": ("{1} 含有只能由盲底库保存的结果；请在盲底库运行时用 `equipoise laboratory import` 导入"),
    "{1} of laboratory {2} was imported: {3} rows, {4} values new or changed in {5} records, {6} as before{7}": (
        "导入了实验室 {2} 的 {1}：{3} 行，{5} 条记录中有 {4} 个数值新增或更改，{6} 个不变{7:said}"
    ),
    "{1} of {2} stands there already, from {3}; say in the manifest why it is changed (reason), or leave "
    "the row out": ("{2} 的{1:said}已有数值，来自{3:said}；请在清单中说明更改原因（reason），或略去此行"),
    "{1} reference ranges of laboratory {2} were set: {3}": "设置了实验室 {2} 的 {1} 个参考范围：{3}",
    "{1} was not imported and nothing was stored, as {2} of its lines are wrong:": (
        "{1} 未导入，未保存任何内容，因其中 {2} 行有误，请更正："
    ),
    "{1} was not imported and nothing was stored, as {2} of its lines is wrong:": (
        "{1} 未导入，未保存任何内容，因其中 {2} 行有误，请更正："
    ),
    "{1}. Got {2}": "{1:said}（当前值：{2}）",
}
