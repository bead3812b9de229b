"""What is said of forms and the values on them, in Simplified Chinese."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    " number {1}": "（第 {1} 条）",
    " of visit {1}": "（访视 {1}）",
    ". Got {1}": "（当前值：{1}）",
    "accession {1} of laboratory {2}": "实验室 {2} 的样本号 {1}",
    "at most {1} decimal": "最多 {1} 位小数",
    "at most {1} decimals": "最多 {1} 位小数",
    "cannot be emptied; say why there is no value: {1}": "不能清空；请说明没有数值的原因：{1:said}",
    "entered late ({1})": "补录（{1}）",
    "form {1} is not in the protocol{2}": "方案中没有表单 {1}{2:said}；请更正",
    "form {1}{2} was saved: {3}": "保存了表单“{1:said}”{2:said}：{3:said}",
    "has a value, and is said to have none ({1}); give one of them": (
        "已有数值，又注明没有（{1:said}）；请只保留其一"
    ),
    "is computed from other values and cannot be entered": "由其他数值计算得出，不能填写",
    "is recorded by the vault once the participant is allocated, as it may hint at the arm": (
        "在受试者随机分配之后由盲底库记录，因其可能提示组别"
    ),
    "is recorded with {1}": "须记录为{1:said}；请更正",
    "lacks its value for a reason that is not known{1}": "缺少数值，所填原因不属于已知原因{1:said}；请更正",
    "must be Y or N": "须为 Y 或 N；请更正",
    "must be a number": "须为数字；请更正",
    "must be a number that can be recorded: at least 1e-30 and below 1e15": (
        "须为可记录的数字：不小于 1e-30 且小于 1e15"
    ),
    "must be a number with a decimal point and without a unit": "须为带小数点、不带单位的数字；请更正",
    "must be a number with a decimal point, alone or in {1}": (
        "须为带小数点的数字，可不带单位，或以 {1:said} 为单位；请更正"
    ),
    "must be a text": "须为文本；请更正",
    "must be a text without control characters": "须为不含控制字符的文本",
    "must be a {1}": "须为{1:said}；请更正",
    "must be one of its codes{1}": "须为其编码之一{1:said}；请更正",
    "must be {1}": "须为{1:said}；请更正",
    "must have at most {1} characters": "最多 {1} 个字符；请缩短",
    "must lie between {1} and {2}": "须在 {1} 至 {2} 之间；请更正",
    "must lie between {1} and {2} {3}": "须在 {1} 至 {2} {3} 之间；请更正",
    "must not be negative": "不能为负数；请更正",
    "must not lie before {1}": "不能早于 {1}；请更正",
    "must not lie in the future; it is {1} now": "不能晚于现在（{1}）；请更正",
    "must not lie in the future; today is {1}": "不能晚于今天（{1}）；请更正",
    "no decimals": "整数",
    "one step saves 1 to {1} forms; send others in a step of their own. Got {2}": (
        "一次操作可保存 1 至 {1} 张表单；请将其余表单另行提交（当前值：{2}）"
    ),
    "please say why {1} is struck out": "请说明将{1:said}作废的原因",
    "record {1} of form {2} was struck out": "表单“{2:said}”的第 {1} 条记录已作废",
    "visit {1} has not been recorded as held{2}; record it first": (
        "访视 {1} 尚未记录为已进行{2:said}；请先记录该访视"
    ),
    "visit {1} was missed ({2}), so {3} cannot be filled in": "访视 {1} 缺失（{2}），因此不能填写{3:said}",
    "{1} already says the same; there is nothing to save": "{1:said}内容与原来相同；没有需要保存的内容",
    "{1} belongs to no visit; leave the visit empty. Got visit {2}": (
        "{1:said}不属于任何访视；请将访视留空（当前值：访视 {2}）"
    ),
    "{1} has already been struck out ({2})": "{1:said}已经作废（{2}）",
    "{1} has not been saved yet; open it again. Got event {2}": (
        "{1:said}尚未保存；请重新打开（当前值：事件 {2}）"
    ),
    "{1} has only one record a visit. Got record {2}": (
        "{1:said}每次访视只有一条记录；请更正（当前值：记录 {2}）"
    ),
    "{1} has {2} records so far. Got record {3}": "{1:said}目前有 {2} 条记录；请更正（当前值：记录 {3}）",
    "{1} is asked for by the protocol and stays; correct its values instead": (
        "{1:said}为方案要求的记录，须保留；请改为更正其数值"
    ),
    "{1} is empty; enter a value, or say why there is none": "{1:said}为空；请填写数值，或说明为何没有",
    "{1} is filled in by an investigator or coordinator. Got {2}": (
        "{1:said}由研究者或协调员填写；请由其填写（当前值：{2:said}）"
    ),
    "{1} is not an item of {2}{3}": "{1:said} 不是{2:said}的项目{3:said}；请更正",
    "{1} is not there; check visit and number of the record": "{1:said}不存在；请核对访视和记录编号",
    "{1} is planned for {2}. Got visit {3}": "{1:said}计划于 {2:said}；请更正（当前值：访视 {3}）",
    "{1} is recorded by the vault once the participant is allocated": "{1:said}在受试者随机分配之后由盲底库记录",
    "{1} needs the visit that it belongs to: {2}": "{1:said}须注明所属访视：{2:said}",
    "{1} was saved by {2} since you opened it; look at what is there now and enter your values again": (
        "{1:said}在您打开之后由 {2} 保存过；请查看现有内容后重新填写"
    ),
    "{1} was struck out ({2}); please say why it is filled in again": (
        "{1:said}已作废（{2}）；请说明重新填写的原因"
    ),
    "{1} was struck out; enter a new record": "{1:said}已作废；请填写新的记录",
    "{1}: please say why its date is changed from {2}. Got {3}": (
        "{1:said}：请说明日期由 {2} 更改的原因（当前值：{3}）"
    ),
    "{1}: please say why {2} is changed": "{1:said}：请说明更改{2:said}的原因",
    "{1}: {2} must be filled in; where there is no value, say why: {3}": (
        "{1:said}：必须填写{2:said}；如没有数值，请说明原因：{3:said}"
    ),
    "{1}: {2}. Got {3}": "{1:said}：{2:said}（当前值：{3:said}）",
}
