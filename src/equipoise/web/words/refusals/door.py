"""What is said of the door itself: roles, passwords, access, the database, in Simplified Chinese."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    "; did you mean {1}?": "；您是指 {1} 吗？",
    "; there are: {1}{2}": "；现有：{1}{2}",
    "a one-time link to set a password was made for {1}": "已为 {1} 生成一次性密码设置链接",
    "a password to sign with was set": "设置了签名密码",
    "a request key has 1 to {1} characters. Got {2}": "请求键须为 1 至 {1} 个字符；请更正（当前值：{2}）",
    "a wrong password was typed, number {1} in a row": "密码输入错误，连续第 {1} 次",
    "after {1} wrong passwords nothing is signed as {2} before {3} UTC; try again then, or ask the "
    "administrator": ("密码输错 {1} 次后，在 {3} UTC 之前不能以 {2} 的身份签名；请届时再试，或联系管理员"),
    "all codes are opened once the data are locked; lock the trial first": (
        "数据锁定后才能全部揭盲；请先锁定试验"
    ),
    "all data of the trial were locked on {1} and nothing can be changed; ask the data manager if this "
    "is an error in the data": ("试验全部数据已于 {1} 锁定，不能更改；如数据有误，请联系数据管理员"),
    "nobody lets themselves in at the vault; ask another custodian or holder. Got {1}": (
        "任何人都不能在盲底库为自己放行；请联系另一位保管人（当前值：{1}）"
    ),
    "allocation and dosing are shut until the numbers already used have been reconciled; call the "
    "trial's coordinating centre. Shut because {1}": (
        "在核对已使用的号码之前，随机分配和给药均已关闭；请致电试验协调中心。关闭原因：{1}"
    ),
    "at site {1} today": "今天在中心 {1} ",
    "each holder of the key must have the role key holder; let it be granted. Got {1}": (
        "每位密钥持有人都须具有密钥持有人角色；请先授予该角色（当前值：{1}）"
    ),
    "give the reference under which the authority has received the report. Got none": (
        "请填写监管机构接收报告的编号（当前值：无）"
    ),
    "identity was shown": "查看了身份信息",
    "no carton holds a kit of this lot yet; do not pack it. Got {1}": (
        "尚无药箱含有此批次的药盒；请勿装箱（当前值：{1}）"
    ),
    "no identity can be read here, as the table of identities is not at hand": (
        "身份信息表不可用，此处无法读取身份信息；请在保存该表的系统中操作"
    ),
    "no report of {1} of {2} is due to {3}; see what is due in the list": (
        "受试者 {2} 的 {1} 没有应向 {3} 提交的报告；请在列表中查看应提交的报告"
    ),
    "nobody has the screening number {1}; check the number": "没有此筛选号：{1}；请核对号码",
    "nobody is entered as {1}{2}": "没有登记为 {1} 的人员{2:said}",
    "nobody is entered in this trial as {1}; ask the administrator": "本试验没有登记为 {1} 的人员；请联系管理员",
    "nobody opens a way in to themselves; change your password on your own page, or ask another "
    "administrator or the sponsor. Got {1}": (
        "任何人都不能为自己开通登录；请在本人页面修改密码，或联系另一位管理员或申办者（当前值：{1}）"
    ),
    "nothing is recorded yet, so there is nothing to export": "尚无任何记录，因此没有可导出的数据",
    "only {1} may ask this of the vault ({2}). Got {3}": (
        "只有{1:said}可以向盲底库提出此请求（{2:said}）；请由其操作（当前值：{3:said}）"
    ),
    "others have held the record for half a minute; {1}": "记录已被他人占用半分钟；{1:said}",
    "people or roles have changed since you looked; look at the list again. Got event {1}": (
        "在您查看之后人员或角色有变动；请重新查看名单（当前值：事件 {1}）"
    ),
    "say how you know that it is {1} who asks, such as: came in person, new telephone": (
        "请说明您如何确认是 {1} 本人提出请求，例如：本人到场，更换了手机"
    ),
    "say what the review has found, such as: two left in May, their roles were ended": (
        "请写明审核结果，例如：五月有两人离开，其角色已终止"
    ),
    "say why the identity is needed, such as: source verification at the site visit": (
        "请说明为何需要查看身份信息，例如：中心访视时进行源数据核查"
    ),
    "the access of {1} people in {2} roles was reviewed": "已审核 {1} 人共 {2} 个角色的访问权限",
    "the codes have not been opened; an archive with arms is written after unblinding": (
        "尚未揭盲；含组别的存档须在揭盲之后生成"
    ),
    "the database cannot be reached; nothing was stored by this step, repeat it with the same key when "
    "the database is back": ("无法连接数据库；此步骤未保存任何内容，待数据库恢复后请用同一请求键重复此步骤"),
    "the database cannot be reached; nothing was stored by this step. The server says: {1}": (
        "无法连接数据库；此步骤未保存任何内容，请稍后重试。服务器提示：{1}"
    ),
    "the database cannot be reached; {1}": "无法连接数据库；{1:said}",
    "the database cannot go on; {1}. It says: {2}": "数据库无法继续工作；{1:said}。数据库提示：{2}",
    "the database of this trial does not start, its log is {1}; nothing was stored. PostgreSQL says: {2}": (
        "本试验的数据库无法启动，其日志为 {1}；未保存任何内容。PostgreSQL 提示：{2}"
    ),
    "there was no envelope before the allocation at {1} UTC; read the note of who opened it again. Got {2}": (
        "随机分配时间为 {1} UTC，此前尚无信封；请再次核对开封者的记录（当前值：{2}）"
    ),
    "the envelope cannot have been opened in the future. Got {1}": (
        "信封的拆开时间不能晚于现在；请更正（当前值：{1}）"
    ),
    "the identity of {1} was destroyed and cannot be read by anybody": "{1} 的身份信息已销毁，任何人都无法读取",
    "the password to sign with was changed": "更改了签名密码",
    "the protocol file of version {1} is not in the trial's folder": (
        "试验文件夹中没有方案版本 {1} 的文件；请联系管理员"
    ),
    "the protocol has no such form or item{1} Got {2}": "方案中没有此表单或项目{1:said}；请更正（当前值：{2}）",
    "the reports for the safety board are made of a data cut; cut the data first (CutData)": (
        "数据安全监查委员会的报告须基于数据截取；请先截取数据（CutData）"
    ),
    "the second factor of {1} was taken away": "已取消 {1} 的双重验证",
    "the vault cannot be reached; repeat the step with the same key when it runs again. In an emergency "
    "open the participant's sealed envelope": (
        "无法连接盲底库；待其恢复后，请用同一请求键重复此步骤。紧急情况下请拆开受试者的密封信封"
    ),
    "the vault of this trial runs already; stop it before another one is started": (
        "本试验的盲底库已在运行；请先停止，再启动新的"
    ),
    "there is no such order; check its number. Got {1} of participant {2}": (
        "没有此医嘱；请核对编号（当前值：受试者 {2} 的 {1}）"
    ),
    "this is done for participants of site {1} only. Got {2}": (
        "此操作仅限中心 {1} 的受试者；请核对（当前值：{2:said}）"
    ),
    "this step ({1}) is for: {2}. Got {3}": (
        "此步骤（{1:said}）由以下角色执行：{2:said}；请由其中一位操作（当前值：{3:said}）"
    ),
    "this step was stored before under the same key; nothing is added": (
        "此步骤已用同一请求键保存过；没有新增内容"
    ),
    "this step was stored before under the same key; nothing is added. Got {1}": (
        "此步骤已用同一请求键保存过；没有新增内容（当前值：{1}）"
    ),
    "visit {1} of {2} has not been recorded as held{3}; record it first": (
        "{2} 的访视 {1} 尚未记录为已进行{3:said}；请先记录该访视"
    ),
    "wrong passwords are counted from 1. Got {1}": "密码错误次数从 1 起计；请更正（当前值：{1}）",
    "{1} has no password to sign with yet; set one with `equipoise password`, then sign": (
        "{1} 尚无签名密码；请用 `equipoise password` 设置后再签名"
    ),
    "{1} holds no role today; ask the administrator. Got {2}": (
        "{1} 今天没有任何角色；请联系管理员（当前值：{2}）"
    ),
    "{1} is not {2} {3} on {4}, which this step ({5}) needs; ask the administrator or the sponsor. Got {6}": (
        "{1} 在 {4} {3:said}没有{2:said}角色，而此步骤（{5:said}）需要该角色；请联系管理员或申办者（当前值：{6}）"
    ),
    "{1} is not {2} {3}; ask the administrator or the sponsor. Got {4}": (
        "{1} {3:said}没有{2:said}角色；请联系管理员或申办者（当前值：{4}）"
    ),
    "{1} is or was {2}, and a way in to such a person leads to the arms; the sponsor can give it. Got {3}": (
        "{1} 现任或曾任{2:said}，为其开通登录会接触到组别信息；请由申办者办理（当前值：{3:said}）"
    ),
    "{1} or a data manager": "{1} 或数据管理员",
    "{1} was frozen by {2} on {3} and cannot be changed; ask {4} to open it again, with the reason": (
        "{1:said} 由 {2} 于 {3} 冻结，不能更改；请联系{4:said}说明理由后重新开放"
    ),
    "{1} was let set up a second factor at the vault; an older one was taken away": (
        "已允许 {1} 在盲底库设置双重验证；原有的已取消"
    ),
    "{1} was locked by {2} on {3} and cannot be changed; ask {4} to open it again, with the reason": (
        "{1:said} 由 {2} 于 {3} 锁定，不能更改；请联系{4:said}说明理由后重新开放"
    ),
    "{1}: this is shown to {2}. Got {3}": (
        "{1:said}：仅向以下角色显示：{2:said}；请由其中一位查看（当前值：{3:said}）"
    ),
    "{1}; nothing was stored by this step": "{1}；此步骤未保存任何内容",
}
