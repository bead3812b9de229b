"""What is said of sites, people, versions and the sealed list, in Simplified Chinese."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    "a backup of this trial reaches an event from 1 to {1}; record the drill of this trial. Got {2}": (
        "本试验的备份截至事件 1 至 {1} 之一；请记录本试验的演练（当前值：{2}）"
    ),
    "a consent form is in a language of the protocol, {1}. Got {2}": (
        "知情同意书须使用方案的语言：{1:said}；请更正（当前值：{2:said}）"
    ),
    "a delegation ends after it begins ({1}); `until` is the first day without the role. Got {2}": (
        "授权的结束日须晚于开始日（{1}）；`until` 为不再具有该角色的第一天（当前值：{2}）"
    ),
    "a drill has at least as many steps as failed, and one. Got {1}": (
        "恢复演练的步骤数至少为 1，且不少于失败的步骤数；请更正（当前值：{1}）"
    ),
    "a drill that brought nothing back has failed; name the step that failed": (
        "未恢复任何内容的演练即为失败；请写明失败的步骤"
    ),
    "a person is entered with a short name, by which they act, and their full name": (
        "登记人员须填写操作所用的简称和全名"
    ),
    "a protocol version is named by the hash of its content, 64 digits from 0 to f, as `check` shows it. "
    "Got {1}": ("方案版本以其内容的哈希值命名，为 64 位 0 至 f 的字符，见 `check` 的显示（当前值：{1}）"),
    "a sealed list is announced with its hash, public key, method and generator": (
        "公布密封的随机表须写明其哈希值、公钥、方法和生成器；请补全"
    ),
    "a sealed list is announced with the number of places of each stratum": (
        "公布密封的随机表须写明各分层的号数；请补全"
    ),
    "a site is named by up to 10 letters and digits, such as 01. Got {1}": (
        "中心编号最多 10 个字母和数字，例如 01；请更正（当前值：{1}）"
    ),
    "a stratum of this trial's list is named as in `{1}`. Got {2}": (
        "本试验随机表的分层按 `{1}` 的形式命名；请更正（当前值：{2}）"
    ),
    "a version of the consent form needs a name, such as 2.0 of 1 June 2026": (
        "请为知情同意书版本命名，例如：2026 年 6 月 1 日 2.0 版"
    ),
    "an administrator cannot grant this role, as it leads to the arms; the sponsor can. Got {1}": (
        "此角色会接触到组别信息，管理员不能授予；请由申办者授予（当前值：{1:said}）"
    ),
    "an amendment is of the same trial, {1}. Got {2}": "方案修订须属于同一试验 {1}；请更正（当前值：{2}）",
    "at all sites": "在所有中心",
    "at site {1}": "在中心 {1} ",
    "consent form {1} ({2}) was approved at site {3}": "知情同意书 {1}（{2:said}）已在中心 {3} 获批",
    "consent form {1} ({2}) was approved at site {3} before, valid from {4}; a changed one needs a new name": (
        "中心 {3} 此前已批准知情同意书 {1}（{2:said}），自 {4} 起有效；更改后的版本须使用新名称"
    ),
    "failed: {1}": "失败：{1}",
    "form {1} ({2})": "表单 {1}（{2}）",
    "interventions.{1}": "interventions.{1}",
    "nobody grants a role to themselves; let another person do it. Got {1}": (
        "任何人不得为自己授予角色；请由另一人办理（当前值：{1}）"
    ),
    "protocol version {1} was issued": "发布了方案版本 {1}",
    "protocol version {1} was issued (changes: {2})": "发布了方案版本 {1}（更改：{2}）",
    "say which proof of training was seen before {1} becomes {2}, such as: GCP certificate of 3 May 2026": (
        "{1} 担任{2:said}之前，请写明已查看的培训证明，例如：2026 年 5 月 3 日 GCP 证书"
    ),
    "site {1} ({2}) joined the trial": "中心 {1}（{2}）加入了试验",
    "site {1} has joined before, as {2}": "中心 {1} 此前已加入，名称为 {2}",
    "site {1} has not joined the trial{2}": "中心 {1} 尚未加入试验{2:said}；请核对",
    "site {1} is activated for this version since {2}": "中心 {1} 自 {2} 起已启用此版本",
    "site {1} needs a name and a country": "请填写中心 {1} 的名称和国家",
    "site {1} needs its time zone by the name of the IANA list, such as Asia/Shanghai{2} Got {3}": (
        "请按 IANA 列表填写中心 {1} 的时区，例如 Asia/Shanghai{2:said}（当前值：{3}）"
    ),
    "site {1} was activated for protocol version {2}": "中心 {1} 启用了方案版本 {2}",
    "site {1} was closed": "中心 {1} 已关闭",
    "site {1} was closed before, on {2}": "中心 {1} 此前已于 {2} 关闭",
    "site {1} was closed on {2}": "中心 {1} 已于 {2} 关闭",
    "site {1} was closed on {2} and takes in nobody any more": "中心 {1} 已于 {2} 关闭，不再入组",
    "stratum {1} needs one place or more. Got {2}": "分层 {1} 至少须有一个号；请更正（当前值：{2}）",
    "the approval of a site cannot be of a day after today, {1}. Got {2}": (
        "中心的批准日期不能晚于今天（{1}）；请更正（当前值：{2}）"
    ),
    "the file of this version of the protocol is not in the trial's folder; issue it with `equipoise "
    "amend`, which puts it there. Got {1}": (
        "试验文件夹中没有此方案版本的文件；请用 `equipoise amend` 发布，该命令会放入文件（当前值：{1}）"
    ),
    "the randomisation list was announced before (hash {1}); a trial has one list": (
        "随机表此前已公布（哈希值 {1}）；一个试验只有一份随机表"
    ),
    "the randomisation list was sealed ({1} places, hash {2})": "随机表已密封（{1} 个号，哈希值 {2}）",
    "the record of trial {1} was begun before, by {2}": "试验 {1} 的记录此前已由 {2} 建立",
    "the restore of a backup was practised ({1} steps, up to event {2}; {3})": (
        "演练了备份恢复（{1} 步，截至事件 {2}；{3:said}）"
    ),
    "the role {1} is held at a site; name the site": "{1:said}角色须在某一中心担任；请填写中心",
    "the sealed list has no places for site {1}, which joined after the key ceremony, and a list is "
    "never added to; sites join before `equipoise seal`, or the protocol does not stratify by site. Got "
    "{2}": (
        "密封的随机表没有中心 {1} 的号，该中心在密钥仪式之后加入，而随机表不得增补；中心须在 "
        "`equipoise seal` 之前加入，或方案不按中心分层（当前值：{2}）"
    ),
    "the trial was opened before with another version of its protocol; issue this one instead. Got {1}": (
        "试验此前以另一版本的方案开启；请改为发布此版本（当前值：{1}）"
    ),
    "there is no such role{1} Got {2}": "没有此角色{1:said}；请更正（当前值：{2}）",
    "this is the record of trial {1}; another trial needs its own. Got {2}": (
        "这是试验 {1} 的记录；另一试验须有自己的记录（当前值：{2}）"
    ),
    "this version of the protocol was issued before. Got {1}": "此方案版本此前已发布（当前值：{1}）",
    "this version of the protocol was not issued for the trial; issued are: {1}. Got {2}": (
        "此方案版本未为本试验发布；已发布的有：{1:said}；请更正（当前值：{2}）"
    ),
    "variables.{1}": "variables.{1}",
    "visit {1} was held or missed already and cannot be removed; put it back": (
        "访视 {1} 已进行或已记录为缺失，不能删除；请恢复"
    ),
    "{1} became {2} {3}": "{1} {3:said}担任{2:said}",
    "{1} has records beyond the first and must go on repeating": "{1:said}已有第一条以外的记录，须继续允许重复",
    "{1} holds values with a code that is gone; put it back. Got {2}": (
        "{1:said}的某些数值使用了已取消的编码；请恢复该编码（当前值：{2}）"
    ),
    "{1} holds {2} values and cannot be removed; put it back, and ask for it no more": (
        "{1:said}已有 {2} 个数值，不能删除；请恢复，并不再要求填写"
    ),
    "{1} holds {2} values of {3} {4}; add a new item for the other. Got {5}": (
        "{1:said}已有 {2} 个数值的{3:said}为 {4}；如需另一种，请增加新项目（当前值：{5}）"
    ),
    "{1} is filled in for {2} records and cannot be removed; put it back": (
        "{1:said}已有 {2} 条记录，不能删除；请恢复"
    ),
    "{1} is kept by the sealed list and the vault, which an amendment does not reach; a new trial is needed": (
        "{1:said} 由密封的随机表和盲底库保存，方案修订不涉及；需要新的试验"
    ),
    "{1} is no longer {2}": "{1} 不再担任{2:said}",
    "{1} is not {2} {3}, so nothing can be ended": "{1} 没有{3:said}担任{2:said}，因此无可终止",
    "{1} is or was {2}, on the {3} side of the blind, and can therefore never hold a role on the {4} "
    "side; choose another person. Got {5}": (
        "{1} 现任或曾任{2:said}，属于{3:said}一侧，因此永远不能担任{4:said}一侧的角色；"
        "请选择其他人员（当前值：{5:said}）"
    ),
    "{1} is taken by {2}; choose another short name": "{1} 已由 {2} 使用；请选择其他简称",
    "{1} is the only sponsor; let another person become sponsor before this one goes": (
        "{1} 是唯一的申办者；请先让另一人成为申办者"
    ),
    "{1} is {2} {3} already, since {4}; end that delegation first": (
        "{1} 自 {4} 起已{3:said}担任{2:said}；请先终止该授权"
    ),
    "{1} was entered as {2}": "{1} 登记为 {2}",
}
