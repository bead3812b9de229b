"""What is said of pauses, clocks and reports, in Simplified Chinese."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    "{1} must be Y or N; as long as it is not known, the event counts as serious: enter Y, and correct it when "
    "more is known. Got {2}": (
        "{1} 须为 Y 或 N；在不清楚期间按严重事件处理：请填 Y，待查明后更正（当前值：{2:said}）"
    ),
    "a report is made between the awareness ({1} UTC) and now ({2} UTC). Got {3} UTC": (
        "报告时间须在获知时间（{1} UTC）与现在（{2} UTC）之间；请更正（当前值：{3} UTC）"
    ),
    "a report was due by {1} UTC and not made by then ({2})": "报告应于 {1} UTC 前提交，届时未提交（{2}）",
    "a serious adverse event needs the moment from which its reports are counted ({1}), to the minute; "
    "find it out and enter it. Got none for {2}": (
        "严重不良事件须填写报告计时的起点（{1:said}），精确到分钟；请查明后填写（当前值：{2:said} 未填写）"
    ),
    "adverse event {1} was assessed as not suspected, {2}": "不良事件（{1:said}）评估为非可疑，{2:said}",
    "adverse event {1} was assessed as suspected, {2}": "不良事件（{1:said}）评估为可疑，{2:said}",
    "as the record stands, {1} is a {2} and its report is due; let the investigator correct the event "
    "first, or assess it. Got {3}": (
        "按现有记录，{1:said}属于{2:said}，须报告；请研究者先更正事件，或进行评估（当前值：{3}）"
    ),
    "enrolment is not paused": "入组没有暂停",
    "enrolment is paused already, by {1} on {2}": "入组已由 {1} 于 {2} 暂停",
    "enrolment is paused by the decision of {1}; call one of them. Got {2}": (
        "入组的暂停由{1:said}决定；请联系其中一位（当前值：{2:said}）"
    ),
    "enrolment is paused since {1} and nobody can be allocated until the sponsor resumes it; keep those "
    "who have consented informed, and ask the sponsor": (
        "入组自 {1} 起暂停，在申办者恢复之前不能随机分配；请告知已签署知情同意的受试者，并联系申办者"
    ),
    "enrolment was paused: a stopping rule of the protocol holds": "入组暂停：符合方案的停止规则",
    "enrolment was paused: by decision": "入组暂停：根据决定",
    "enrolment was resumed": "入组恢复",
    "no clock has run out since the last watch; nothing was to be written down": (
        "自上次检查以来没有时限到期；没有需要记录的内容"
    ),
    "no report is due any more ({1})": "不再需要报告（{1}）",
    "no such clock runs for {1}{2} Got {3}": "{1} 没有此报告时限{2:said}；请核对（当前值：{3}）",
    "record {1} was struck out; there is nothing to assess": "记录（{1:said}）已作废；没有可评估的内容",
    "say by which decision enrolment is resumed, such as minutes of the safety board": (
        "请说明依据哪项决定恢复入组，例如数据安全监查委员会会议纪要"
    ),
    "say in a sentence what the assessment rests on": "请用一句话写明评估依据",
    "say the time with its offset from UTC, such as 2026-03-02T09:30+08:00. Got {1}": (
        "请写明时间及其与 UTC 的时差，例如 2026-03-02T09:30+08:00（当前值：{1}）"
    ),
    "say why enrolment is to be paused": "请说明暂停入组的原因",
    "say why no report is due any more": "请说明为何不再需要报告",
    "the clock of a report runs since {1} ({2}; {3})": "报告时限自 {1} 起计（{2:said}；{3}）",
    "the protocol names these authorities: {1}. Got {2}": "方案列出的监管机构为：{1}；请更正（当前值：{2}）",
    "the report was made ({1})": "已报告（{1}）",
    "the trial is locked; nobody enrols any more": "试验已锁定；不再入组",
    "this clock was lifted: {1}. Got {2}": "此报告时限已取消：{1}（当前值：{2}）",
    "this report was made on {1} UTC. Got {2}": "此报告已于 {1} UTC 提交（当前值：{2}）",
    "you paused enrolment; another person of the sponsor must resume it": (
        "入组是由您暂停的；须由申办者的另一人恢复"
    ),
    "{1} UTC": "{1} UTC",
    "{1} has no adverse event of this record{2}; there are: {3}. Got {4}": (
        "{1} 没有此记录的不良事件{2:said}；现有：{3:said}（当前值：{4}）"
    ),
}
