"""What is said of the vault, in Simplified Chinese."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    "no dose was prepared for this order yet; there is nothing to label. Got {1}": (
        "此医嘱尚未配制剂量，没有可打印的标签；请先配制（当前值：{1}）"
    ),
    "there is nothing to label; name cartons, or an order whose dose was prepared": (
        "没有可打印的标签；请选择药箱，或已配制剂量的医嘱"
    ),
    "a carton holds a kit for every arm; receive a lot of {1} for the others first. Got none for {2}": (
        "药箱须含每个组别的药盒；请先为其他组别接收 {1} 的批次（当前缺少：{2}）"
    ),
    "a case is opened for a reason; say which report needs it. Got none": (
        "揭盲个例须有理由；请写明哪份报告需要（当前值：无）"
    ),
    "a code is broken for a reason; say why the treatment must be known. Got none": (
        "紧急揭盲须有理由；请说明为何必须知道治疗组别（当前值：无）"
    ),
    "a count is above 0 per mL, and its living percentage above 0 and at most 100; count again. Got {1} and {2}": (
        "细胞计数须大于每 mL 0，存活百分比须大于 0 且不超过 100；请重新计数（当前值：{1} 和 {2}）"
    ),
    "a lot has a name of 1 to {1} characters. Got {2}": "批次名称为 1 至 {1} 个字符；请更正（当前值：{2:said}）",
    "a lot makes one kit at least and {1} at most; count its kits again. Got {2}": (
        "每个批次至少制成一个药盒，至多 {1} 个；请重新清点（当前值：{2}）"
    ),
    "a value is changed for a reason; say why. Got {1} at visit {2}": (
        "更改数值须有理由；请说明原因（当前值：访视 {2} 的 {1}）"
    ),
    "all codes are opened for locked data; lock the trial and give their hash. Got none": (
        "全部揭盲须在数据锁定之后；请锁定试验并填写其哈希值（当前值：无）"
    ),
    "all {1} places are used; call the trial's randomisation contact. Got {2}": (
        "全部 {1} 个号已用完；请致电试验的随机化联系人（当前值：{2}）"
    ),
    "an arm is drawn by the levels of {1}; check them against the source. Got {2}": (
        "组别按 {1:said} 的水平抽取；请与源文件核对（当前值：{2:said}）"
    ),
    "an opened envelope is reported with the person who opened it and the reason": (
        "报告已拆开的信封时，请写明拆开者和原因"
    ),
    "at least one carton is packed, and {1} at most in a trial, of which {2} are left. Got {3}": (
        "至少装一个药箱，整个试验至多 {1} 个，尚余 {2} 个；请更正（当前值：{3}）"
    ),
    "at least {1} percent of the cells must live; give up this preparation. Got {2}": (
        "细胞存活率至少须为 {1}%；请放弃此次配制（当前值：{2}）"
    ),
    "count the cells, and enter cells per mL and the percentage that lives. Got no count": (
        "请计数细胞，并填写每 mL 细胞数和存活百分比（当前值：未填写计数）"
    ),
    "envelopes are printed for participants with a randomisation number. Got nobody": (
        "信封只为有随机号的受试者打印；请先随机分配（当前值：无人）"
    ),
    "lot {1} is past its date, {2}; send it back": "批次 {1} 已过有效期 {2}；请退回",
    "lot {1} serves {2}; another lot serves the same arms or others. Got {3}": (
        "批次 {1} 用于 {2}；另一批次须用于相同的组别或完全不同的组别（当前值：{3}）"
    ),
    "no dose was prepared for this order; check its number. Got {1}": (
        "此医嘱尚未配制剂量；请核对编号（当前值：{1}）"
    ),
    "no kit was named for this order, so there is none to give up. Got {1}": (
        "此医嘱没有指定药盒，因此无可放弃（当前值：{1}）"
    ),
    "no randomisation list has been sealed in this vault yet; hold the ceremony first": (
        "此盲底库中尚未密封随机表；请先举行密钥仪式"
    ),
    "only {1} may {2}. Got {3}": "只有{1:said}可以{2:said}；请由其操作（当前值：{3:said}）",
    "order {1} was prepared before with another content; order anew. Got bag {2}": (
        "医嘱 {1} 此前以另一内容配制；请重新下医嘱（当前值：输液袋 {2}）"
    ),
    "say what was verified and found; the vault keeps it. Got no note": (
        "请写明核查内容和结果；由盲底库保存（当前值：未填写）"
    ),
    "say which arms the kits of lot {1} serve, of {2}. Got none": (
        "请写明批次 {1} 的药盒用于哪些组别，可选：{2}（当前值：无）"
    ),
    "say which arms the kits of lot {1} serve, of {2}. Got {3}": (
        "请写明批次 {1} 的药盒用于哪些组别，可选：{2}（当前值：{3}）"
    ),
    "say why the lot is traced; the vault keeps it. Got no reason": (
        "请说明追溯批次的原因；由盲底库保存（当前值：未填写原因）"
    ),
    "say why the preparation was not completed; only the vault keeps it. Got no reason": (
        "请说明配制未完成的原因；仅由盲底库保存（当前值：未填写原因）"
    ),
    "stopping rule {1} needs {2}, which is not known while the trial runs; let the safety board look at it": (
        "停止规则 {1} 需要 {2:said}，试验进行期间无法得知；请由数据安全监查委员会查看"
    ),
    "stratum {1} needs its highest witnessed position, from {2} to {3}; look for the newest witness "
    "line. Got {4}": ("分层 {1} 须填写见证的最高位置，为 {2} 至 {3}；请查找最新的见证行（当前值：{4:said}）"),
    "the arms are shown for a frozen cut of the data; give its hash. Got none": (
        "组别只能针对冻结的数据截取显示；请填写其哈希值（当前值：无）"
    ),
    "the audit needs the shares of both custodians. Got {1}": (
        "审计需要两位保管人的密钥份额；请补全（当前值：{1}）"
    ),
    "the codes are closed until both holders open them after the lock of the data": (
        "盲底在数据锁定后由两位持有人共同打开之前保持关闭"
    ),
    "the dose must lie in {1} to {2} mL of suspension; check the count, else give up this preparation. "
    "Got {3} mL": ("剂量须为 {1} 至 {2} mL 悬液；请核对计数，否则放弃此次配制（当前值：{3} mL）"),
    "the dose needs a weight no older than {1}; weigh the participant. Got none": (
        "计算剂量须有不早于 {1} 的体重；请为受试者称重（当前值：无）"
    ),
    "the dose of order {1} was prepared from this kit with another count; give up the preparation and "
    "take another. Got kit {2}": (
        "医嘱 {1} 的剂量此前由此药盒以另一计数配制；请放弃此次配制并另取一盒（当前值：药盒 {2}）"
    ),
    "the file of envelopes needs a password of {1} characters. Got {2}": (
        "信封文件须有至少 {1} 个字符的密码；请加长（当前值：{2}）"
    ),
    "the key of the vault does not open: it needs the right passphrases of {1} and {2}, in this order, "
    "and its document unchanged; nothing was opened, try again": (
        "盲底库的密钥无法打开：须依次输入 {1} 和 {2} 的正确口令，且密钥文件未经更改；未打开任何内容，请重试"
    ),
    "the list was sealed to another key than this one; open the vault with the key of its ceremony": (
        "随机表是用另一密钥密封的；请用其密钥仪式的密钥打开盲底库"
    ),
    "the lots for {1} do not hold kits for {2} cartons; pack fewer": (
        "用于 {1} 的批次没有足够 {2} 个药箱的药盒；请减少装箱数"
    ),
    "the participant has no randomisation number; check the id. Got {1}": (
        "该受试者没有随机号；请核对编号（当前值：{1}）"
    ),
    "the protocol gives no kits of this product. Got {1}": "方案不以药盒给予此产品；请核对（当前值：{1}）",
    "the protocol gives {1}; order one of these. Got {2}": "方案给予 {1:said}；请从中选择下医嘱（当前值：{2}）",
    "the vault could not answer, and whether this step was stored is not known; repeat it with the same "
    "key, and call the trial's help if it happens again": (
        "盲底库无法应答，此步骤是否已保存尚不清楚；请用同一请求键重复，如再次发生，请联系试验支持人员"
    ),
    "the vault did not start; see what it has written to its log": "盲底库没有启动；请查看其日志",
    "the vault does not do this at this door. Got {1}": (
        "盲底库不在此入口执行该操作；请从正确的入口操作（当前值：{1}）"
    ),
    "the vault has no list for these strata; check the names. Got {1}": (
        "盲底库没有这些分层的随机表；请核对名称（当前值：{1}）"
    ),
    "the vault has packed no such carton; read its number again. Got {1}": (
        "盲底库没有装过此药箱；请重新读取编号（当前值：{1}）"
    ),
    "the vault has received no such lot; read its name again. Got {1}": (
        "盲底库没有收到此批次；请重新读取名称（当前值：{1}）"
    ),
    "the weight must be at most {1} old on the day of the dose, {2}, and not of a later day; weigh the "
    "participant again. Got {3}": (
        "体重在给药日 {2} 时最多为 {1} 前所测，且不得晚于该日；请重新为受试者称重（当前值：{3}）"
    ),
    "the weight must be in {1}; enter it in that unit. Got {2} {3}": (
        "体重须以 {1} 为单位；请按该单位填写（当前值：{2} {3}）"
    ),
    "the weight must lie between {1} and {2} {3}; weigh the participant again. Got {4} {5}": (
        "体重须在 {1} 至 {2} {3} 之间；请重新为受试者称重（当前值：{4} {5}）"
    ),
    "these passphrases open another key than that of this vault; nothing was opened": (
        "这些口令打开的是另一密钥，而非此盲底库的密钥；未打开任何内容，请核对口令"
    ),
    "this item is not masked; enter it on its form. Got {1}": "此项目未设盲；请在其表单中填写（当前值：{1}）",
    "this kit holds no cells; enter no count": "此药盒不含细胞；请勿填写计数",
    "this lot was received before; give a new delivery a name of its own. Got {1}": (
        "此批次此前已接收；请为新到货另行命名（当前值：{1}）"
    ),
    "this request key belongs to another step. Got {1}": "此请求键属于另一步骤；请用新的请求键（当前值：{1}）",
    "this request key belongs to another step; repeat the step with a new key. Got {1}": (
        "此请求键属于另一步骤；请用新的请求键重复（当前值：{1}）"
    ),
    "this trial has a sealed list, so no arm is drawn; take the next slot of the list": (
        "本试验有密封的随机表，因此不抽取组别；请取随机表的下一个号"
    ),
}
