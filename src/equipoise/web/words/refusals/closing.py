"""What is said of freezing, locking, exporting, signing and unblinding, in Simplified Chinese."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    " of site {1}": "（中心 {1}）",
    "a signature needs its meaning, such as: I have reviewed these data": (
        "请写明签名的含义，例如：我已审核这些数据"
    ),
    "an export holds the data up to an event of the record, 1 to {1}. Got {2}": (
        "导出的数据须截至记录中的某一事件，编号 1 至 {1}；请更正（当前值：{2}）"
    ),
    "an export names rows and hash of each of its datasets": "导出须列明每个数据集的行数和哈希值；请补全",
    "an export needs its purpose, such as: open report for the safety board": (
        "请写明导出用途，例如：供数据安全监查委员会使用的开放报告"
    ),
    "before the trial is unblinded only blinded data can be exported": "试验揭盲之前只能导出盲态数据",
    "no form of {1} is filled in; there is nothing to sign yet": "{1} 尚未填写任何表单；目前没有可签名的内容",
    "nothing is recorded yet, so there are no data to cut": "尚无任何记录，因此没有可供截取的数据",
    "only those who hold a part of the key can open the codes. Got {1}": (
        "只有持有部分密钥的人员才能揭盲；请联系密钥持有人（当前值：{1}）"
    ),
    "say why the code of {1} was broken": "请说明对 {1} 揭盲的原因",
    "say why you want to {1}": "请说明理由：为何要{1:said}",
    "the code was broken ({1})": "已紧急揭盲（{1:said}）",
    "the codes are opened only after the data of the whole trial are locked": "全部试验数据锁定之后才能揭盲",
    "the data can be cut at a day from {1}, that of the newest event, to today ({2}). Got {3}": (
        "数据截取日期须在最新事件当日 {1} 至今天（{2}）之间；请更正（当前值：{3}）"
    ),
    "the data of {1} have changed since you looked at them; look again and sign then. Got content {2}": (
        "{1} 的数据在您查看之后有更改；请重新查看后再签名（当前值：内容 {2}）"
    ),
    "the data were cut at {1} (event {2})": "数据截取于 {1}（事件 {2}）",
    "the lock of the trial was lifted": "试验的锁定已解除",
    "the trial cannot be locked yet; open are {1}": "试验尚不能锁定；未完成的有：{1:said}",
    "the trial has been unblinded already": "试验已经揭盲",
    "the trial is locked; lift that lock first": "试验已锁定；请先解除该锁定",
    "the trial is locked; nothing can be signed any more": "试验已锁定；不能再签名",
    "the trial is not locked": "试验没有锁定",
    "the trial is unblinded; its data stay locked for good": "试验已揭盲；数据永久锁定",
    "the trial was locked ({1} participants, data {2})": "试验已锁定（{1} 名受试者，数据 {2}）",
    "the trial was unblinded by {1} and {2}": "试验由 {1} 和 {2} 揭盲",
    "there is no {1} {2}{3}": "没有这个{1:said}：{2}{3:said}",
    "two different persons must open the codes together. Got {1} twice": (
        "须由两名不同的人员共同揭盲；请更换一人（当前值：{1} 重复两次）"
    ),
    "was signed: {1} (content {2})": "已签名：{1}（内容 {2}）",
    "you have signed these data of {1} already": "您已对 {1} 的这些数据签过名",
    "you locked the trial; another person must lift the lock": "试验是由您锁定的；须由另一人解除锁定",
    "{1} belongs to site {2}, so nothing would be frozen. Got site {3}": (
        "{1} 属于中心 {2}，因此不会冻结任何数据；请核对中心（当前值：中心 {3}）"
    ),
    "{1} belongs to site {2}, so nothing would be locked. Got site {3}": (
        "{1} 属于中心 {2}，因此不会锁定任何数据；请核对中心（当前值：中心 {3}）"
    ),
    "{1} datasets{2} ({3}) were exported: {4}": "导出了 {1} 个数据集{2:said}（{3:said}）：{4}",
    "{1} was frozen": "{1:said} 已冻结",
    "{1} was locked": "{1:said} 已锁定",
    "{1} was locked by {2}; another person must open it again": "{1:said} 由 {2} 锁定；须由另一人重新开放",
    "{1} was never allocated, so there is no code to break": "{1} 从未随机分配，因此没有可揭盲的编码",
    "{1} was opened again": "{1:said} 已重新开放",
    "{1}: already frozen": "{1:said}：已经冻结",
    "{1}: already locked": "{1:said}：已经锁定",
    "{1}: neither frozen nor locked as such; held are: {2}": (
        "{1:said}：并未以此范围冻结或锁定；目前冻结或锁定的有：{2:said}"
    ),
    "{1}: neither frozen nor locked as such; nothing is": (
        "{1:said}：并未以此范围冻结或锁定；目前没有任何冻结或锁定"
    ),
}
