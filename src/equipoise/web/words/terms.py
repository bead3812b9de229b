"""Known words that stand as values in the sentences of the door and of the audit trail, in Simplified Chinese."""

from collections.abc import Mapping
from typing import get_args

from ...conduct.access.questions import MEANINGS
from ...conduct.enrolment.ending import Why
from ...conduct.forms.reading import MISSING
from ...conduct.organisation.wall import ROLES
from ...conduct.safety.clocks import SAID
from . import organisation, oversight, shell, site, vault

_ON_PAGES = {**organisation.CHINESE, **site.CHINESE, **shell.CHINESE, **oversight.CHINESE}
_LISTED = (*ROLES, *MEANINGS.values(), *get_args(Why), *MISSING, *SAID.values())
_AS_ON_PAGES = {word: _ON_PAGES[word] for word in _LISTED if word in _ON_PAGES} | {
    point: said for point, said in oversight.CHINESE.items() if point[0].islower()
}

_SCOPES = {
    " ({1})": "（{1:said}）",
    "all data": "全部数据",
    "site": "中心",
    "participant": "受试者",
    "visit": "访视",
    "form": "表单",
    "site {1}": "中心 {1}",
    "site={1}": "中心={1}",
    "participant {1}": "受试者 {1}",
    "visit {1}": "访视 {1}",
    "form {1}": "表单 {1}",
    "record {1}": "记录 {1}",
    "the visit": "此次访视",
    "{1} at {2}": "{2:said}的{1:said}",
    "item {1} of {2}": "{2:said}的项目 {1}",
    "open {1} again": "重新开放{1:said}",
    "lift the lock of the trial": "解除试验的锁定",
    "at another site": "在另一中心",
    "the data manager": "数据管理员",
    "arms": "组别",
    "randomisation": "随机化",
    "blinding": "盲法",
    "the site": "中心",
    "first": "第一次",
    "second": "第二次",
    "locked": "锁定",
    "frozen": "冻结",
    "blinded": "盲态",
    "unblinded": "非盲",
}

_ENDS = {
    "screening": "筛选",
    "treatment": "治疗",
    "participation": "参加试验",
    "life": "生命",
    "died": "死亡",
    "left the trial": "退出试验",
    "was not taken into the trial": "未进入试验",
    "an infusion": "输注",
    "outside its window": "超窗",
    "why the visit took place": "此次访视的原因",
    "why the visit was missed": "访视缺失的原因",
    "why the date was wrong": "日期有误的原因",
    "that have no rule": "没有规则者",
    "none here": "此处没有",
    "minor": "轻微",
    "major": "重大",
    "no value changed": "没有数值变化",
}

_READINGS = {
    "text": "文本",
    "number": "数值",
    "count": "计数",
    "code": "代码",
    "date": "日期",
    "time": "时间",
    "date and time": "日期和时间",
    "yes or no": "是或否",
    "type": "类型",
    "unit": "单位",
    "date as in 2024-05-31": "日期，如 2024-05-31",
    "time of day as in 14:30": "时间，如 14:30",
    "local date and time as in 2024-05-31T14:30": "当地日期和时间，如 2024-05-31T14:30",
    "a pure number": "无单位的数字",
    "without a number": "无编号",
    "nothing": "未填写",
    "nobody": "无",
    "none": "无",
    "none yet": "尚无",
    "no role": "无角色",
    "today": "今天",
    "nothing failed": "没有失败",
    "no form of the protocol": "方案中没有的表单",
}

_LANGUAGES = {
    "en": "英文",
    "zh": "中文",
}

_SAFETY = {
    "suspected": "可疑",
    "not suspected": "不可疑",
    "expected as listed": "属已列明的预期反应",
    "unexpected": "非预期",
    "expected": "预期",
    "this event": "此事件",
    "events": "事件",
    "drugs": "药物",
    "exact": "完全一致",
    "synonym": "同义词",
    "by hand": "人工",
    "missing": "缺失",
    "damaged": "破损",
    "destroyed": "已销毁",
    "vault": "盲底库",
    "envelope": "信封",
    "break a code": "紧急揭盲",
    "see what a bag holds": "查看输液袋内容",
    "print envelopes": "打印信封",
}

_AT_THE_VAULT = {
    "announce": "公布随机表",
    "audit list": "审计随机表",
    "check stopping": "检查停止规则",
    "enter masked": "录入设盲数值",
    "enter results": "录入实验室结果",
    "find lot": "追溯批次",
    "give up preparation": "放弃配制",
    "list masked": "列出设盲数值",
    "lot accounts": "批次账目",
    "open case": "个例揭盲",
    "open for board": "为数据安全监查委员会揭盲",
    "pack cartons": "装箱",
    "pick kit": "指定药盒",
    "prepare dose": "计算剂量",
    "prepare slot": "准备随机号",
    "receive lot": "接收批次",
    "reconcile": "核对",
    "record preparation": "记录配制",
    "record report": "记录报告",
    "report envelope": "报告已拆开的信封",
    "show packing": "查看装箱",
    "show preparation": "查看配制",
    "show record": "查看记录",
    "show stopping": "查看停止规则",
    "unblind all": "全部揭盲",
    "verify accounts": "核查账目",
    "break code": "紧急揭盲",
}

_BREAKS = (
    "emergency whose treatment depends on what was given",
    "serious adverse event whose care depends on what was given",
    "wrong dose or wrong product",
    "pregnancy, or exposure of another person",
    "another reason",
)

REASONS: Mapping[str, str] = {
    **{f"{why}: {{1}}": f"{vault.CHINESE[why]}：{{1}}" for why in _BREAKS},
    "corrected by laboratory {1}": "实验室 {1} 更正",
    "expedited report ({1})": "加快报告（{1}）",
    "kits were missing or damaged on arrival": "到货时药盒缺失或破损",
    "the temperature of the journey lay outside the range of the product": "运输温度超出产品的范围",
    "told by the vault": "由盲底库告知",
}
"""What the program gives as the reason of an event; any other was typed by somebody, and stays as it is."""

PLACES: Mapping[str, str] = {
    "line {1}, {2}: {3}": "第 {1} 行，{2}：{3:said}",
    "line {1}: {2}": "第 {1} 行：{2:said}",
    "range {1} ({2}): {3}": "参考范围 {1}（{2}）：{3:said}",
}
"""Where in a file something is wrong, before what it is."""

TERMS: Mapping[str, str] = {
    **_AS_ON_PAGES,
    **_SCOPES,
    **_ENDS,
    **_READINGS,
    **_LANGUAGES,
    **_SAFETY,
    **_AT_THE_VAULT,
}
"""What each word is in Chinese, by its English; `{1}` ... as in `refusals`."""
