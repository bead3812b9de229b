"""What is said of visits, infusions, deviations and leaving, in Simplified Chinese."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    "an infusion was ordered for visit {1} by a weight of {2} kg": "访视 {1} 按体重 {2} kg 开具了输注医嘱",
    "bag {1} ({2}) was given out for order {3}": "输液袋 {1}（{2}）已为医嘱 {3} 发出",
    "bag {1} has already been given out for order {2}": "输液袋 {1} 已为医嘱 {2} 发出",
    "no protocol deviation ({1}) at visit {2} after correction": "更正后访视 {2} 不再有方案偏离（{1:said}）",
    "no {1} is recorded up to {2}; weigh the participant, save the form": (
        "截至 {2} 没有{1:said}的记录；请为受试者称重并保存表单"
    ),
    "please say {1}": "请说明{1:said}",
    "protocol deviation ({1}): {2}": "方案偏离（{1:said}）：{2:said}",
    "the bag needs its number, as printed on it": "请填写输液袋上印的编号",
    "the date must not lie before {1}, when the trial began at this site. Got {2}": (
        "日期不能早于本中心试验开始日 {1}；请更正（当前值：{2}）"
    ),
    "the date must not lie in the future; today is {1}. Got {2}": (
        "日期不能晚于今天（{1}）；请更正（当前值：{2}）"
    ),
    "the date of visit {1} was corrected to {2}": "访视 {1} 的日期更正为 {2}",
    "the infusion of visit {1} has already been ordered. Got order {2}": (
        "访视 {1} 的输注已有医嘱（当前值：医嘱 {2}）"
    ),
    "the infusion of visit {1} was not given{2}": "访视 {1} 的输注未给予{2:said}",
    "the infusion of visit {1} was not given, as the visit was missed": "因访视缺失，访视 {1} 的输注未给予",
    "the infusions of {1} ended on {2} ({3})": "{1} 的输注已于 {2} 结束（{3:said}）",
    "the newest {1} must be at most {2} old at the visit; weigh the participant again and save the form. "
    "Got {3} {4} of {5}, {6} days before": (
        "最近一次{1:said}距访视最多 {2}；请重新为受试者称重并保存表单（当前值：{5} 的 {3} {4}，早 {6} 天）"
    ),
    "the protocol plans no infusion dosed by weight at this visit. Got visit {1}": (
        "方案未计划在此访视按体重输注；请核对访视（当前值：访视 {1}）"
    ),
    "the volume must be {1}, the same for everybody. Got {2}": (
        "体积须为 {1}，所有受试者相同；请更正（当前值：{2}）"
    ),
    "the {1} must lie between {2} and {3} {4}; correct the form of {5}. Got {6}": (
        "{1:said}须在 {2} 至 {3} {4} 之间；请更正 {5} 的表单（当前值：{6}）"
    ),
    "this bag was given out for order {1}; check the number. Got {2}": (
        "此输液袋已为医嘱 {1} 发出；请核对编号（当前值：{2}）"
    ),
    "visit {1} ({2} to {3}) was missed: {4}": "访视 {1}（{2} 至 {3}）缺失：{4}",
    "visit {1} can still be held until {2}; it is not missed yet": "访视 {1} 在 {2} 之前仍可进行；尚不算缺失",
    "visit {1} cannot be missed before visit {2} has taken place; where a participant will not go on, "
    "record the end of participation": (
        "访视 {2} 进行之前不能记录访视 {1} 缺失；如受试者不再继续，请记录结束参加"
    ),
    "visit {1} comes after visit {2} and was held on {3}; check both dates. Got {4}": (
        "访视 {1} 应在访视 {2} 之后，实际于 {3} 进行；请核对两个日期（当前值：{4}）"
    ),
    "visit {1} comes before visit {2} and was held on {3}; check both dates. Got {4}": (
        "访视 {1} 应在访视 {2} 之前，实际于 {3} 进行；请核对两个日期（当前值：{4}）"
    ),
    "visit {1} has not been held{2}": "访视 {1} 尚未进行{2:said}；请核对",
    "visit {1} has not been recorded as held; record it before the infusion": (
        "访视 {1} 尚未记录为已进行；请在输注之前记录"
    ),
    "visit {1} has taken place since; the infusion of visit {2} can no longer be ordered": (
        "其后访视 {1} 已进行；不能再为访视 {2} 下输注医嘱"
    ),
    "visit {1} is already recorded on this date. Got {2}": "访视 {1} 已记录为此日期；无需更正（当前值：{2}）",
    "visit {1} is already recorded, on {2}; correct its date, or record an unscheduled visit": (
        "访视 {1} 已记录于 {2}；请更正其日期，或记录计划外访视"
    ),
    "visit {1} is not in the protocol{2}": "方案中没有访视 {1}{2:said}；请更正",
    "visit {1} is recorded as missed ({2}); record an unscheduled visit": (
        "访视 {1} 已记录为缺失（{2}）；请记录计划外访视"
    ),
    "visit {1} on {2} (study day {3}) is {4}, {5} to {6} (study day {7} to {8})": (
        "访视 {1} 于 {2}（研究第 {3} 天），{4:said}，访视窗为 {5} 至 {6}（研究第 {7} 至 {8} 天）"
    ),
    "visit {1} was held on {2}": "访视 {1} 的进行日期：{2:said}",
    "visit {1} was held on {2}, outside its window": "访视 {1} 的进行日期：{2}，超出访视窗",
    "visit {1} was in its window": "访视 {1} 在访视窗内",
    "visit {1} was missed: {2}": "访视 {1} 缺失：{2}",
    "visit {1} was not expected any more, as participation ended on {2}; it need not be recorded as missed": (
        "参加已于 {2} 结束，访视 {1} 不再需要进行；无需记录为缺失"
    ),
    "visit {1} was outside its window": "访视 {1} 超出访视窗",
    "visit {1}, which is study day 1, must be recorded before visit {2}": (
        "访视 {1} 为研究第 1 天，须在访视 {2} 之前记录；请先记录"
    ),
    "{1} day after its window": "晚于访视窗 {1} 天",
    "{1} day before its window": "早于访视窗 {1} 天",
    "{1} days after its window": "晚于访视窗 {1} 天",
    "{1} days before its window": "早于访视窗 {1} 天",
    "{1} ended on {2}: {3}": "{1:said}于 {2} 结束：{3:said}",
    "{1} has no such order; check its number. Got {2}": "{1} 没有此医嘱；请核对编号（当前值：{2}）",
    "{1} has not been allocated; {2} is for who has been": (
        "{1} 尚未随机分配；{2:said}仅适用于已随机分配的受试者"
    ),
    "{1} has not been assessed for eligibility; this comes before visit {2}": (
        "{1} 尚未评估入选资格；请在访视 {2} 之前评估"
    ),
    "{1} has not ended: the form that said so was struck out": "{1:said}没有结束：原先写明结束的表单已作废",
    "{1} has not signed a consent form; record the consent first": "{1} 尚未签署知情同意书；请先记录知情同意",
    "{1} is not eligible. Got {2}": "{1} 不符合入选条件（当前值：{2}）",
    "{1} signed the consent form on {2}, and nothing of the trial may be done before; check the date. Got {3}": (
        "{1} 于 {2} 签署知情同意书，此前不得进行任何试验操作；请核对日期（当前值：{3}）"
    ),
    "{1} was seen at visit {2} on {3}, so {4} cannot have ended before; check both dates. Got {5}": (
        "{1} 于 {3} 参加了访视 {2}，因此{4:said}不可能在此前结束；请核对两个日期（当前值：{5}）"
    ),
    "{1} withdrew consent on {2}; only adverse events and the end of treatment, participation or life "
    "may still be recorded": ("{1} 已于 {2} 撤回知情同意；只能再记录不良事件，以及治疗、参加或生命的结束"),
    "{1} {2} on {3}; check the date. Got {4}": "{1} 已于 {3} {2:said}；请核对日期（当前值：{4}）",
    "{1}; check the date, or say why it could not be otherwise": "{1:said}；请核对日期，或说明为何无法避免",
}
