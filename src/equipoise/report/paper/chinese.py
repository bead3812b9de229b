"""The words of the paper pack in Simplified Chinese, by the English."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    # rules and hints
    "{left} is {right}": "{left}为{right}",
    "{left} is not {right}": "{left}不为{right}",
    "{left} is below {right}": "{left}小于{right}",
    "{left} is at most {right}": "{left}不大于{right}",
    "{left} is above {right}": "{left}大于{right}",
    "{left} is at least {right}": "{left}不小于{right}",
    "{left} is filled in": "{left}已填写",
    "{left} is empty": "{left}为空",
    "{left} is one of {names}": "{left}为以下之一：{names}",
    "{left} is none of {names}": "{left}不为：{names}",
    "any of {names} is {value}": "{names}中任一项为{value}",
    "none of {names} is {value}": "{names}均不为{value}",
    " or ": "，或",
    " and ": "，且",
    ", ": "、",
    '"{label}"': "“{label}”",
    "Yes": "是",
    "No": "否",
    "only if {rule}": "仅当{rule}时填写",
    "may be left empty": "可不填",
    "{low} to {high}": "{low}～{high}",
    "years": "年",
    "months": "个月",
    "days": "天",
    "weeks": "周",
    "hours": "小时",
    "minutes": "分钟",
    "cells": "个细胞",
    "cells/µL": "个/µL",
    "copies/mL": "拷贝/mL",
    "Computed on entry, not asked here: {names}.": "录入时自动计算，此处不填：{names}。",
    (
        "Do not write here: {names}. After randomisation it may hint at the treatment; the laboratory "
        "reports it to the pharmacist, who enters it in the vault."
    ): ("请勿在此填写：{names}。随机后该结果可能提示所用治疗，由实验室报告给非盲药师，录入保密库。"),
    # visits and forms
    "Forms of the visits": "访视病例报告表",
    "Forms for any time": "随时填写的表格",
    "study day {day}": "研究第{day}天",
    "between study day {first} and {last}": "研究第{first}天至第{last}天之间",
    "study day {day}, window day {first} to {last}": "研究第{day}天，窗口期为第{first}天至第{last}天",
    (
        "Write it to the minute when you first hear of the event, before anything else. Every report is "
        "counted from this moment, not from the day on which the form is entered."
    ): ("获知事件后请首先填写此项，精确到分钟。所有报告时限均自该时刻起算，而非自录入日起算。"),
    "If the event is serious: by when who is told": "严重不良事件的报告时限",
    (
        "Weekends, holidays and a system that is down stop no clock: report by telephone, keep the name of "
        "who answered and the minute, and enter the form as soon as the system answers."
    ): (
        "周末、节假日及系统故障均不中止计时：请电话报告，记录接听人姓名和时间（精确到分钟），系统恢复后立即录入。"
    ),
    "Every serious event: to the sponsor within {within} of awareness.": (
        "所有严重不良事件：获知后{within}内报告申办者。"
    ),
    (
        "Suspected unexpected serious reaction: the sponsor tells {whom} within {other}; if fatal or "
        "life-threatening within {fatal} ({zone})."
    ): ("可疑且非预期严重不良反应：申办者在{other}内报告{whom}；致死或危及生命者在{fatal}内报告（{zone}）。"),
    "Fatal or life-threatening: the complete report to {whom} {complete} later.": (
        "致死或危及生命者：其后{complete}内向{whom}提交完整报告。"
    ),
    "the authority": "监管部门",
    "days of {zone}, the day of awareness is day 0": "按{zone}日期计算，获知当日为第0天",
    "{n} minute": "{n}分钟",
    "{n} minutes": "{n}分钟",
    "{n} hour": "{n}小时",
    "{n} hours": "{n}小时",
    "{n} day": "{n}天",
    "{n} days": "{n}天",
    "{n} week": "{n}周",
    "{n} weeks": "{n}周",
    "{n} month": "{n}个月",
    "{n} months": "{n}个月",
    # entry
    "Entry": "入组",
    "Consent": "知情同意",
    "Tick off each point; if one is not true, stop and do nothing of the trial.": (
        "请逐项勾选；任何一项不成立，即停止，不得进行任何试验操作。"
    ),
    "The consent form is the version that is approved at this site and in force today.": (
        "知情同意书为本中心已批准且当日有效的版本。"
    ),
    "It is in a language that the person reads well.": "所用语言为受试者能够熟练阅读的语言。",
    "There was time to read it, and every question was answered.": "受试者有充分时间阅读，所有问题均已得到解答。",
    "The person was told that participation is voluntary and can end at any time without harm.": (
        "已告知受试者参加试验出于自愿，可随时退出且不受不利影响。"
    ),
    "The person signed and wrote the date with the own hand, before any examination of the trial.": (
        "受试者在任何试验检查之前亲笔签名并注明日期。"
    ),
    "Whoever explained the trial signed too, on the same day.": "说明人已于同日签名。",
    "The person was given a copy.": "已将一份副本交给受试者。",
    "Version of the consent form": "知情同意书版本",
    "Language": "语言",
    "Date of the signature": "签署日期",
    "Time": "时间",
    "Who explained the trial": "说明人",
    (
        "The signed consent form stays at the site. The name of the person is written on no other sheet of "
        "this pack."
    ): ("已签署的知情同意书保存于研究中心。受试者姓名不得写在本资料的其他任何页面上。"),
    "Screening and eligibility": "筛选与入选资格",
    "Inclusion: all must be yes": "入选标准：须全部为“是”",
    "Exclusion: all must be no": "排除标准：须全部为“否”",
    "This sheet does not let anybody into the trial.": "本页不能作为入组依据。",
    (
        "Eligible is who the system finds eligible from the values entered; it computes every criterion that "
        "has a rule, and keeps what it looked at."
    ): ("入选资格以系统根据录入数据得出的判定为准；系统计算每条有规则的标准，并保存所依据的数值。"),
    "Investigator": "研究者",
    "judged by the investigator": "由研究者判断",
    "Randomisation: why it waits": "随机：须等待系统恢复",
    "Nobody is randomised on paper, by telephone list or by drawing lots.": (
        "不得以纸质方式、电话名单或抽签进行随机。"
    ),
    (
        "A number that is given out twice or out of order cannot be put right. The next number comes from "
        "the sealed list alone, and the list answers only through the system."
    ): ("随机号一旦重复或跳号发放便无法纠正。下一随机号只能取自密封的随机表，而随机表只能通过系统使用。"),
    "What to do instead": "应采取的步骤",
    "Finish the screening on paper, and keep it ready on this sheet.": "在纸上完成筛选，并将信息备于本页。",
    "Call the randomisation contact on the contact sheet and say since when nothing answers.": (
        "致电联系单上的随机联系人，说明系统自何时起无响应。"
    ),
    "Wait. Tell the person that the visit may move within the window of screening.": (
        "等待。告知受试者访视可在筛选窗口期内顺延。"
    ),
    (
        "When the system answers, enter the forms of screening first, then eligibility, then randomise "
        "there; the number is written below only after it was given."
    ): ("系统恢复后，先录入筛选表格，再评估入选资格，然后在系统中随机；随机号发放后方可填写于下方。"),
    "Where the window of screening runs out, screen anew; do not allocate by other means.": (
        "筛选窗口期届满者须重新筛选；不得以其他方式分配。"
    ),
    "Kept ready for the system": "备录信息",
    "All criteria checked on": "全部标准核对日期",
    "Randomisation contact called at": "致电随机联系人时间",
    "Who answered": "接听人",
    "Randomised in the system at": "系统随机时间",
    "Randomisation number as given": "系统发放的随机号",
    "not older than {age} at the visit": "距访视不超过{age}",
    "above {cap} the dose is that of {cap}": "超过{cap}者按{cap}计算",
    "Order": "医嘱",
    "participant/visit": "受试者编号/访视",
    "Weighed on": "称重日期",
    "Carton": "药箱编号",
    "Kit named by the vault": "保密库指定的药盒",
    "Use by": "有效期至",
    "Number of the bag, as the vault gave it": "保密库给出的输注袋编号",
    "Volume": "体积",
    "Prepared at": "配制时间",
    "Given out at": "发放时间",
    "Preparation: {product}": "配制：{product}",
    "for the pharmacy; the same sheet for every participant": "供药房使用；所有受试者使用相同页面",
    "Write no dose, no count and no lot on this sheet.": "本页不得填写剂量、细胞数或批号。",
    (
        "They are in the vault, which shows them to who prepares. Without the vault nothing is prepared: "
        "what a participant is to be given is known nowhere else."
    ): ("上述信息保存于保密库，仅向配制人显示。保密库不可用时不得配制：受试者应接受何种治疗，别处无从得知。"),
    "Steps": "步骤",
    "What was prepared": "配制记录",
    "Prepared by": "配制人",
    "Checked by, another person": "核对人（须为他人）",
    "{volume}, the same for everybody": "{volume}，所有受试者相同",
    "Read order, participant and weight against the record; an order without a recent weight goes back.": (
        "对照记录核对医嘱、受试者和体重；无近期体重的医嘱退回。"
    ),
    "Take the carton and the kit that the system names, no other; check the date on it and its seal.": (
        "仅取系统指定的药箱和药盒；核对有效期和封签。"
    ),
    "Stop where the vault's page tells you to, and set the kit aside.": (
        "保密库页面提示停止时，即停止配制并将该药盒另行存放。"
    ),
    "Prepare as the vault's page says, step by step, and tick off each step there.": (
        "按保密库页面逐步配制，并在该页面逐项确认。"
    ),
    "Fill up to {volume}; the bag looks the same from outside for everybody.": (
        "定容至{volume}；所有受试者的输注袋外观一致。"
    ),
    "A second person reads the label against the order, and signs; nobody checks the own work.": (
        "由第二人对照医嘱核对标签并签名；不得自行核对。"
    ),
    "Leave the kit at {low} to {high} °C until it is prepared.": "配制前药盒于{low}～{high} °C保存。",
    "Give it out within {time} of its preparation.": "配制后{time}内发放。",
    # emergencies
    "Care for the participants goes on. Nothing here is a reason to put off treatment.": (
        "受试者的医疗照护照常进行，不得因系统故障推迟治疗。"
    ),
    "Try a second machine and a second line; then call the administrator of the trial.": (
        "换用另一台电脑和另一条网络线路；仍无响应则致电试验系统管理员。"
    ),
    "Write down below since when nothing answers, and who was called.": "在下方记录系统自何时起无响应及致电对象。",
    "Hold visits as planned, and write on the forms of this pack, in ink, one sheet a person.": (
        "按计划进行访视，用墨水笔填写本资料中的表格，每人单独成页。"
    ),
    "Strike a mistake through once, leave it readable, put initials and date beside it.": (
        "错误处划一横线，保持原文可辨，并在旁边签姓名缩写和日期。"
    ),
    "Nobody is randomised, and no dose is prepared, until the system and the vault answer.": (
        "系统和保密库恢复之前，不得随机，不得配制。"
    ),
    "Report serious events by telephone; their clocks run on.": "严重不良事件电话报告；其时限照常计算。",
    "Enter the oldest day first: visits, then forms, then infusions; adverse events before all else.": (
        "按日期先后录入：先访视，再表格，后输注；不良事件优先于一切。"
    ),
    (
        "With every form say that it was first written on paper, when, and why (field from_paper); its day "
        "is the day of the visit, not that of the entry."
    ): ("录入每份表格时注明系由纸质记录转录、书写时间及原因（from_paper）；表格日期为访视日期，而非录入日期。"),
    "A form entered more than {days} after its day needs the reason why it is late.": (
        "表格在其日期{days}之后录入的，须说明延迟原因。"
    ),
    "Somebody else reads the entry against the paper; write the number of the event on the paper.": (
        "由另一人对照纸质记录核对录入内容；将系统事件号写在纸质记录上。"
    ),
    "Keep the paper: it is the source, and is never thrown away or written anew.": (
        "保存纸质记录：其为源文件，不得丢弃或重抄。"
    ),
    "When the system does not answer": "系统无响应时",
    "What to do": "应急操作",
    "When it answers again": "系统恢复后",
    "Nothing answers since": "无响应起始时间",
    "Noticed by": "发现人",
    "Called, and who answered": "致电对象及接听人",
    "Answers again since": "恢复时间",
    "All paper entered on": "纸质记录全部录入日期",
    "Read against the paper by": "核对人",
    "Coordinator": "协调员",
    "Break a code only if the treatment must be known to care for this one participant.": (
        "仅当救治该受试者必须知晓所用治疗时方可紧急揭盲。"
    ),
    "Stopping the product and treating what is seen is nearly always enough, and needs no code.": (
        "停用试验制剂并对症处理通常已足够，无需揭盲。"
    ),
    "If the system answers: use it (equipoise unblind). It shows one participant, at any hour.": (
        "系统可用时：通过系统揭盲（equipoise unblind），任何时间均可，仅显示一名受试者。"
    ),
    "If it does not: call the contact for code breaks on the contact sheet.": (
        "系统不可用时：致电联系单上的揭盲联系人。"
    ),
    (
        "If nobody answers either: take the sealed envelope of this participant, and of no other, from the "
        "place on the contact sheet."
    ): ("仍无人应答时：从联系单所列存放处取出该受试者（且仅限该受试者）的密封信封。"),
    "Check the number on it, open it, read it, and fill in its last third at once.": (
        "核对信封上的编号，拆封阅读，并立即填写其下三分之一部分。"
    ),
    "Tell only who treats the participant. Write the treatment on no form of this pack.": (
        "仅告知救治该受试者的人员。不得将所用治疗写在本资料的任何表格上。"
    ),
    "Put the open envelope into another, seal it, sign over the seal, and put it back.": (
        "将拆开的信封装入另一信封，封口，骑缝签名，放回原处。"
    ),
    (
        "As soon as a machine answers, report it: who, when, why (step ReportCodeBreak, how=envelope). The "
        "sponsor is told within a day that a code was broken, not what it said."
    ): (
        "系统恢复后立即报告揭盲人、时间和原因（ReportCodeBreak，how=envelope）。一日内告知申办者已揭盲，但不"
        "告知内容。"
    ),
    "The participant stays in the trial and goes on with the visits, unless they wish otherwise.": (
        "除非受试者另有意愿，否则继续留在试验中并完成访视。"
    ),
    "This code break": "本次揭盲记录",
    "The system did not answer": "系统无响应",
    "The contact did not answer": "联系人未应答",
    "The envelope was sealed": "信封密封完好",
    "Envelope opened at": "拆封时间",
    "Opened by": "拆封人",
    "Why the treatment had to be known": "必须知晓治疗的原因",
    "Reported in the system at": "系统报告时间",
    "Code break in an emergency": "紧急揭盲",
    "{product}: {low} to {high} °C.": "{product}：{low}～{high} °C。",
    "The protocol states no range of temperature; the label of the product does.": (
        "方案未规定温度范围；以制剂标签为准。"
    ),
    "Leave the product where it is, or move it to a place within its range; throw nothing away.": (
        "制剂留在原处，或移至温度合格处；不得丢弃。"
    ),
    "Mark all of it as not to be used: whole cartons, never single kits.": (
        "全部标注“禁止使用”：以整箱为单位，不得只标单个药盒。"
    ),
    "Write down since when, the lowest and the highest temperature, and the numbers below.": (
        "在下方记录起始时间、最低和最高温度及编号。"
    ),
    "Call the pharmacy of the trial; give nothing of it until it is released in writing.": (
        "致电试验药房；书面放行之前不得使用。"
    ),
    "As soon as the system answers, put the cartons in quarantine there (step QuarantineCartons).": (
        "系统恢复后立即在系统中隔离相应药箱（QuarantineCartons）。"
    ),
    "Out of range since": "超温起始时间",
    "Back in range at": "恢复正常时间",
    "Lowest temperature": "最低温度",
    "Highest temperature": "最高温度",
    "Numbers of the cartons": "药箱编号",
    "Pharmacy called at, and who answered": "致电药房时间及接听人",
    "Product stored too warm or too cold": "制剂储存温度超限",
    # the site
    "Role": "角色",
    "Name": "姓名",
    "Telephone": "电话",
    "At night, at weekends": "夜间及周末电话",
    "System or network does not answer": "系统或网络无响应",
    "Randomisation": "随机",
    "Serious adverse event": "严重不良事件",
    "Code break": "揭盲",
    "Product, temperature, preparation": "制剂、温度、配制",
    "The record holds no telephone numbers: write them in, and check them each quarter.": (
        "系统记录中没有电话号码：请手写填入，并每季度核对一次。"
    ),
    "Whom to call for what": "遇事联系何人",
    "For": "事项",
    "At this site": "本中心",
    "For all sites": "全部中心",
    "Where the sealed envelopes lie": "密封信封存放处",
    "Room and cabinet": "房间和柜号",
    "Who has the key": "钥匙保管人",
    "Second person with a key": "备用钥匙保管人",
    "Counted on": "清点日期",
    "One sealed envelope for each participant with a number, printed by the pharmacy.": (
        "每名已获随机号的受试者一个密封信封，由药房打印。"
    ),
    "Contact sheet": "联系单",
    "Contacts": "联系方式",
    "{visit}: {opens} to {closes}": "{visit}：{opens}至{closes}",
    "Participants and their next visits": "受试者及后续访视",
    "as of {at}": "截至{at}",
    "The visits to come with their windows; what was done since then is written on the right.": (
        "列出后续访视及其窗口期；此后的情况写在右栏。"
    ),
    "Participant": "受试者编号",
    "Randomisation number": "随机号",
    "Last visit": "末次访视",
    "Next visits": "后续访视",
    "Open queries": "未关闭质疑",
    "Notes": "备注",
    "investigator": "研究者",
    "coordinator": "协调员",
    "nurse": "护士",
    "assessor": "评估者",
    "pharmacist": "药师",
    "laboratory": "实验室",
    "sponsor": "申办者",
    "medical monitor": "医学监查员",
    "monitor": "监查员",
    "data manager": "数据管理员",
    "administrator": "系统管理员",
    "safety unblinder": "安全性非盲人员",
    # the pack
    "Paper pack": "纸质应急资料",
    "Site {site}: contacts and participants": "中心{site}：联系单与受试者",
    "For the hours in which the system does not answer": "供系统无响应期间使用",
    "Trial": "试验",
    "Title": "题目",
    "Sponsor": "申办者",
    "Site": "研究中心",
    "Protocol version": "方案版本",
    "Date of the visit": "访视日期",
    "Date": "日期",
    "Initials of who writes": "填写人缩写",
    "Protocol version {version}": "方案版本 {version}",
    "form version {version}": "表格版本 {version}",
    "Page {n} of {all}": "第{n}页，共{all}页",
    "Record no.": "记录号",
    "Item": "项目",
    "Value": "数值",
    "If none": "无值代码",
    "NOT DONE": "未做",
    "NOT APPLICABLE": "不适用",
    "UNKNOWN": "未知",
    "REFUSED": "拒绝",
    "Where there is no value, write in the last column why: {codes}.": "无值时，在末列填写原因代码：{codes}。",
    "● decides results or safety": "● 影响主要结果或安全性",
    "The system will check": "系统将核查",
    "Filled in by": "填写人",
    "Signature": "签名",
    "Date, time": "日期、时间",
    "or in {units}:": "或以{units}为单位：",
    "Criterion": "标准",
    "Answered from": "依据",
    "Contents": "目录",
    (
        "Print it when the protocol changes, and keep it at the site with the sealed envelopes. Forms whose "
        "version has not changed stay valid. Copy the sheets before use; write in ink."
    ): ("方案变更时重新打印，与密封信封一同保存于研究中心。版本未变的表格继续有效。使用前请复印；用墨水笔填写。"),
}
