"""What is said of queries, coding, review, verification and second entry, in Simplified Chinese."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    "a dictionary needs its name and its version, such as MedDRA and 27.1": (
        "词典须填写名称和版本，例如 MedDRA 和 27.1"
    ),
    "a query needs its question, in words that the site can answer": "请写明质疑的问题，使中心能够回答",
    "changes were reviewed: {1} ({2})": "更改已审核：{1:said}（{2}）",
    "every term is coded with {1} {2}": "所有术语均以 {1} {2} 编码",
    "first written on paper on {1} ({2})": "先写在纸上：{1}（{2}）",
    "name at least one item, by its record": "请按记录至少填写一个项目",
    "no dictionary of {1} is loaded; load one with `equipoise quality dictionary`": (
        "尚未载入{1:said}词典；请用 `equipoise quality dictionary` 载入"
    ),
    "no term that waits is one of the dictionary or a synonym; code them by hand": (
        "待编码的术语均不是词典术语或同义词；请人工编码"
    ),
    "query {1} of {2} asks this already": "{2} 的质疑 {1} 已提出此问题",
    "query {1} of {2} was closed on {3} and is not opened again; raise a new one if something is left to ask": (
        "{2} 的质疑 {1} 已于 {3} 关闭，不再重新打开；如仍有疑问，请提出新的质疑"
    ),
    "query {1} on {2} was raised: {3}": "就{2:said}提出了质疑 {1}：{3:text}",
    "query {1} was answered: {2}": "质疑 {1} 已回答：{2}",
    "query {1} was closed": "质疑 {1} 已关闭",
    "query {1} was closed, as there is nothing to ask any more": "质疑 {1} 已关闭，因已无疑问",
    "record {1} of {2} was struck out ({3})": "{2} 的记录 {1} 已作废（{3}）",
    "row {1} of the dictionary does not say what it decodes to. Got {2}": (
        "词典第 {1} 行未写明所编码的术语；请补全（当前值：{2}）"
    ),
    "row {1} of the dictionary needs a term, and no more fields than columns": (
        "词典第 {1} 行须有术语，且字段数不得多于列数；请更正"
    ),
    "row {1} of the dictionary repeats a term. Got {2}": "词典第 {1} 行的术语重复；请更正（当前值：{2}）",
    "row {1} of the list lacks {2}": "列表第 {1} 行缺少 {2}；请补全",
    "say in a few words what the review found": "请简要写明审核结果",
    "say what the source shows": "请写明源文件所示",
    "say why query {1} can be closed, such as what the source showed": (
        "请说明质疑 {1} 可以关闭的理由，例如源文件所示"
    ),
    "synonym {1} is of a term that the dictionary does not have. Got {2}": (
        "同义词 {1} 所指的术语不在词典中；请更正（当前值：{2}）"
    ),
    "terms are coded with {1} {2}. Got version {3}": "术语以 {1} {2} 编码；请更正（当前值：版本 {3}）",
    "the answer is empty; say what the source shows, or correct the value on its form": (
        "回答为空；请写明源文件所示，或更正表单中的数值"
    ),
    "the dictionary must be text in UTF-8: {1} at byte {2}": "词典须为 UTF-8 文本；请更正（第 {2} 字节：{1}）",
    "the dictionary has no term {1}{2}; choose one that it has": (
        "词典中没有术语 {1}{2:said}；请选择词典中的术语"
    ),
    "the file of dictionary {1} is not in the trial's folder; put it there with `equipoise quality dictionary`": (
        "试验文件夹中没有词典 {1} 的文件；请用 `equipoise quality dictionary` 放入"
    ),
    "the first line of a dictionary names its columns: term, decoded, and of {1} what there is. Got nothing": (
        "词典首行须列出列名：term、decoded，以及 {1} 中已有的列（当前值：无）"
    ),
    "the first line of a dictionary names its columns: term, decoded, and of {1} what there is. Got {2}": (
        "词典首行须列出列名：term、decoded，以及 {1} 中已有的列；请更正（当前值：{2}）"
    ),
    "the list needs the columns {1}, and may have {2}. Got {3}": (
        "列表须有列 {1}，可有列 {2}；请更正（当前值：{3}）"
    ),
    "the trial is locked; its changes were reviewed before": "试验已锁定；其更改此前已审核",
    "the trial is locked; its data are not verified any more": "试验已锁定；数据不再核查",
    "the trial is locked; its queries are closed and stay so": "试验已锁定；质疑已关闭并保持关闭",
    "the trial is locked; its terms stay coded as they are": "试验已锁定；术语编码保持不变",
    "the two entries of {1} of {2} {3} differ; {4} holds": (
        "表单“{2:said}”{3} 的{1:said}两次录入不一致；以{4:said}为准"
    ),
    "was verified against the source: {1}": "已进行源数据核查：{1:said}",
    "you entered {1} yourself; another investigator settles the difference": (
        "{1:said}是您自己录入的；须由另一位研究者裁定差异"
    ),
    "you have changed {1} yourself; another person reviews the change": "{1:said}是您自己更改的；须由另一人审核",
    "you wrote {1} yourself; another person enters it a second time": (
        "{1:said}是您自己填写的；须由另一人进行第二次录入"
    ),
    "{1} are coded with {2} {3} ({4} terms, {5})": "{1:said}以 {2} {3} 编码（{4} 个术语，{5}）",
    "{1} has no item {2}{3}": "{1:said}没有项目 {2}{3:said}；请更正",
    "{1} has no query {2}{3}": "{1} 没有质疑 {2}{3:said}；请核对",
    "{1} has no record {2}{3}; name it as visit, form and number, such as W0/vitals/1": (
        "{1} 没有记录 {2}{3:said}；请按访视、表单和编号填写，例如 W0/vitals/1"
    ),
    "{1} has no term to be coded under {2}": "{1} 的{2:said}没有需要编码的术语",
    "{1} has no value of {2} yet": "{1:said}的{2:said}尚无数值",
    "{1} is empty; enter {2} again": "{1:said}为空；请再次填写{2:said}",
    "{1} is entered once; the protocol asks for no second entry of it": (
        "{1:said}只录入一次；方案不要求第二次录入"
    ),
    "{1} of form {2} {3} were entered a second time": "表单“{2:said}”{3} 的{1:said}已进行第二次录入",
    "{1} of {2} was saved since you looked at it; look again. Got event {3}": (
        "{2} 的{1:said}在您查看之后保存过；请重新查看（当前值：事件 {3}）"
    ),
    "{1} of {2}: {3} waits for review. Got {4}": "{2} 的{1:said}：待审核的有{3:said}；请更正（当前值：{4:said}）",
    "{1} was coded as {2} ({3})": "{1} 编码为 {2}（{3:said}）",
    "{1} was saved since you looked at it; look again. Got event {2}": (
        "{1:said}在您查看之后保存过；请重新查看（当前值：事件 {2}）"
    ),
    "{1} {2} is in force with another content; take the file that its publisher calls so, or name the "
    "version that this one is. Got {3}": (
        "{1} {2} 正在使用，但内容不同；请取用出版方所称该版本的文件，或写明此文件的版本（当前值：{3}）"
    ),
    "{1} {2} is in force with this very content": "{1} {2} 以完全相同的内容正在使用",
    "{1}: it was written on its day, {2}, or later; check the moment of writing. Got {3}": (
        "{1:said}：书写时间须为当日（{2}）或之后；请核对书写时间（当前值：{3}）"
    ),
    "{1}: its day is {2}, and it may be entered without a reason until {3}; say in `late` why it comes "
    "later. Got {4}": (
        "{1:said}：其日期为 {2}，无需理由的录入期限为 {3}；请在 `late` 中说明延迟原因（当前值：{4}）"
    ),
    "{1}: please say why it was written on paper first": "{1:said}：请说明先写在纸上的原因",
    "{1}: say when it was written on paper by the clock at the site, such as 2026-03-30T09:40. Got {2}": (
        "{1:said}：请按中心当地时间写明纸质记录的时间，例如 2026-03-30T09:40（当前值：{2:said}）"
    ),
    "{1}: the moment of writing must not lie in the future; it is {2} at the site. Got {3}": (
        "{1:said}：书写时间不能晚于现在，中心当地时间为 {2}；请更正（当前值：{3}）"
    ),
    "{1}: there is no difference of {2} to be settled": "{1:said}：{2:said}没有需要裁定的差异",
    "{1}: {2} is entered once; leave it out": "{1:said}：{2:said}只录入一次；请略去",
    "{1}: {2} is verified already, and has not changed since": "{1:said}：{2:said}已核查，此后没有更改",
    "{1}: {2} was entered a second time already": "{1:said}：{2:said}已进行第二次录入",
}
