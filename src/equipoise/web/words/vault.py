"""The words of the pages of the vault in Simplified Chinese, by their English."""

from collections.abc import Mapping

_BREAK: Mapping[str, str] = {
    "Break the code of a participant": "紧急揭盲（单个受试者）",
    "In an emergency, for one participant, at once.": "紧急情况下，立即揭示一名受试者的治疗。",
    "This shows the treatment of this one participant to you, at once, and cannot be taken back.": (
        "此操作立即向您显示该名受试者的治疗，且无法撤销。"
    ),
    "It is recorded with your name and the time.": "将记录您的姓名和时间。",
    "These see in the record that a code was broken, not what it showed:": (
        "以下人员将在记录中看到已揭盲，但看不到内容："
    ),
    "The participant stays in the trial unless you withdraw them.": "除非您让受试者退出，否则其仍留在试验中。",
    "Why the treatment has to be known": "为何必须知道治疗",
    "Choose a reason": "请选择原因",
    "emergency whose treatment depends on what was given": "急症，其处理取决于所用治疗",
    "serious adverse event whose care depends on what was given": "严重不良事件，其处理取决于所用治疗",
    "wrong dose or wrong product": "剂量错误或产品错误",
    "pregnancy, or exposure of another person": "妊娠，或他人暴露",
    "another reason": "其他原因",
    "In your own words (at least 10 characters)": "用您自己的话说明（至少 10 个字符）",
    "Your password": "您的密码",
    "Break the code now": "立即揭盲",
    "Cancel": "取消",
    "Close": "关闭",
    "Is this page or the vault out of reach? Open the sealed envelope with the participant's number in the safe "
    "of the site, and report it here afterwards.": (
        "无法使用本页面或盲底库？请打开中心保险柜中标有该受试者编号的密封应急信封，事后在此报告。"
    ),
    "Report an opened envelope": "报告已拆信封",
    "Type the participant's number twice, the same both times.": "请两次输入受试者编号，且须一致。",
    "Choose why the treatment has to be known.": "请选择必须知道治疗的原因。",
    "Say in a sentence why the treatment has to be known.": "请用一句话说明为何必须知道治疗。",
    "No participant of your site has this number; read it again. Got {number}": (
        "您的中心没有此编号的受试者；请重新核对。输入的是 {number}"
    ),
    "Treatment of participant {number}": "受试者 {number} 的治疗",
    "Randomisation number": "随机号",
    "Doses prepared so far": "迄今配制的剂量",
    "No dose was prepared so far.": "迄今未配制任何剂量。",
    "Tell only who treats the participant.": "只可告知治疗该受试者的人员。",
    "This page is shown once; the break is on record.": "本页只显示一次；揭盲已记录在案。",
}

_FRAME: Mapping[str, str] = {
    "Treatments are shown on these pages.": "这些页面会显示治疗分组。",
    "Nothing that is seen here may reach anybody on the blinded side.": "此处所见内容不得让盲态一方的任何人知晓。",
    "Vault": "盲底库",
    "Day": "日期",
    "What the vault opens is asked for by a button and stands in its own record, with your name.": (
        "盲底库的每次开启均由按钮触发，并连同您的姓名记入其自身记录。"
    ),
    "Preparations": "配制",
    "Orders that wait for their bag, step by step.": "等待配制的医嘱，逐步完成。",
    "Stock": "库存",
    "Cartons and kits by their numbers: where they are, until when they serve.": (
        "按编号列出的药箱和药盒：所在位置及有效期。"
    ),
    "Lots": "批次",
    "Take in lots, pack cartons, account for kits by lot.": "接收批次、装箱、按批次清点药盒。",
    "Shipments": "运输",
    "Cartons on their way to the sites.": "运往各中心的药箱。",
    "Returns": "退回",
    "Kits that go back or are destroyed.": "退回或销毁的药盒。",
    "Envelopes": "应急信封",
    "Print the sealed envelopes of a site.": "打印中心的应急信封。",
    "Whose it was, who opened it, when and why.": "谁的信封、谁拆的、何时、为何。",
    "Cases": "病例报告",
    "Reports that are due to authorities, blinded and unblinded.": "应向监管机构提交的报告（盲态与非盲态）。",
    "Stopping rules": "停止规则",
    "Which rules have held, and for whom.": "哪些规则已触发，涉及哪些受试者。",
    "Closed report": "闭门报告",
    "The report by arm for the safety board.": "提交数据安全监查委员会的分组报告。",
    "Verification": "核查",
    "Sign that kits, lots and preparations were verified at the source.": (
        "签字确认已对药盒、批次和配制进行源数据核查。"
    ),
    "Masked values": "设盲数值",
    "For whom the vault keeps values that would tell an arm.": "盲底库为哪些受试者保存了会泄露分组的数据。",
    "Sealed list": "密封随机表",
    "Audit the list with the shares of both custodians.": "用两位保管人的份额审计随机表。",
    "Keys": "密钥",
    "How all codes are opened after the lock.": "锁库后如何全部揭盲。",
    "Record of the vault": "盲底库记录",
    "Who opened what, when and why.": "谁、何时、为何开启了什么。",
    "Choose": "选择",
    "Nothing yet.": "暂无。",
    "Type a day as in 2026-10-12. Got {typed}": "日期请按 2026-10-12 的格式输入。输入的是 {typed}",
    "Type a number such as 2.1e6 or 92.5. Got {typed}": "请输入数字，如 2.1e6 或 92.5。输入的是 {typed}",
    "Type a whole number. Got {typed}": "请输入整数。输入的是 {typed}",
}

_PHARMACY: Mapping[str, str] = {
    "Orders with the next step of each": "医嘱及其下一步",
    "Next step": "下一步",
    "Product": "产品",
    "To be given on": "给药日期",
    "Weight": "体重",
    "Ordered": "开具时间",
    "waiting": "待处理",
    "No order waits.": "没有待处理的医嘱。",
    "the same day": "当天",
    "{days} days before": "{days} 天前",
    "Order {order}": "医嘱 {order}",
    "Steps of the preparation": "配制步骤",
    "bag to be given out": "待发放输液袋",
    "kit to be taken": "待取药盒",
    "to be prepared": "待配制",
    "to be checked": "待核对",
    "to be given out": "待发放",
    "given out": "已发放",
    "Carton": "药箱",
    "Kit": "药盒",
    "Prepared": "配制",
    "Checked by": "核对人",
    "Order": "医嘱",
    "Content": "内容",
    "What the bag holds": "袋内内容",
    "Dose, step by step": "剂量计算步骤",
    "What is drawn": "抽取量",
    "Step": "步骤",
    "Result": "结果",
    "Dose of the arm": "该组剂量",
    "Weight that counts": "计算用体重",
    "at most {cap}": "上限 {cap}",
    "to the nearest {step}, a half upwards": "四舍五入至 {step} 的整数倍",
    "to the nearest {step}, a half to the even one": "按 {step} 的整数倍取最近值（恰为一半时取偶数倍）",
    "up to the next {step}": "向上取至 {step} 的整数倍",
    "down to the last {step}": "向下取至 {step} 的整数倍",
    "Dose for this weight": "按体重计算的剂量",
    "Dose to be given": "应给剂量",
    "Cells counted per mL": "每毫升计数细胞",
    "Living cells": "活细胞比例",
    "Living cells (%)": "活细胞（%）",
    "Living cells per mL": "每毫升活细胞",
    "Draw from the kit": "从药盒中抽取",
    "Fill up with diluent": "以稀释液补足",
    "this kit holds no cells": "此药盒不含细胞",
    "to {volume}": "至 {volume}",
    "The protocol leads to another dose than the vault has computed; prepare nothing and call the trial's help. "
    "Got {expected} and {got}": (
        "按方案算出的剂量与盲底库所算不一致；请勿配制，并联系试验支持人员。得到 {expected} 和 {got}"
    ),
    "Take the kit that the vault names": "领取盲底库指定的药盒",
    "Take kit {kit} out of carton {carton}.": "请从药箱 {carton} 中取出药盒 {kit}。",
    "Compute the dose and give out the bag": "计算剂量并发放输液袋",
    "Count and calculate": "计数并计算",
    "Draw, fill up, then sign": "抽取、补足，然后签字",
    "Number of the kit in hand, as it stands on it": "手中药盒上的编号",
    "Leave both empty for a kit without cells.": "药盒不含细胞时，两项均留空。",
    "Calculate what to draw": "计算抽取量",
    "Sign: I have prepared this dose": "签字：本人已配制此剂量",
    "The preparation is signed. Print the label, stick it on, and let a colleague check it.": (
        "配制已签字。请打印并粘贴标签，由同事核对。"
    ),
    "Print the label (PDF)": "打印标签（PDF）",
    "Who has prepared a dose does not check it: a colleague logs in and checks this order here, or a nurse at the "
    "site.": "配制者不得自行核对：请由同事登录后在此核对，或由中心护士核对。",
    "Check: type what you read on the label": "核对：请输入标签上的内容",
    "Volume": "体积",
    "Sign: I have checked this dose": "签字：本人已核对此剂量",
    "Give out the bag": "发放输液袋",
    "Bag {bag} ({volume}) is given out.": "输液袋 {bag}（{volume}）已发放。",
    "Show what the bag holds (the vault notes it)": "显示袋内内容（盲底库将记录）",
    "Give this preparation up": "放弃本次配制",
    "Why; only the vault keeps it": "原因（仅保存于盲底库）",
    "Give up, and take another kit": "放弃，另取药盒",
    "The preparation is given up; take another kit for the order.": "本次配制已放弃；请为该医嘱另取药盒。",
    "All preparations": "全部配制",
    "Nothing to label": "没有可打印的标签",
}

_STOCK: Mapping[str, str] = {
    "Site {site} is owed {number} cartons of {product}.": "应向中心 {site} 发送 {number} 箱 {product}。",
    "Send": "发送",
    "Cartons, the first to be used first": "药箱，先用者在前",
    "Where": "位置",
    "Use by": "有效期至",
    "depot": "总库",
    "quarantine": "隔离",
    "expired": "已过期",
    "expires soon": "即将过期",
    "No carton.": "没有药箱。",
    "With the cartons that are ticked": "对所选药箱",
    "Reason (no lot and nothing of a kit's content: the blinded side reads it)": (
        "原因（盲态一方可见：不得写批号或药盒内容）"
    ),
    "Put into quarantine": "隔离",
    "Release from quarantine": "解除隔离",
    "Labels of their kits (PDF)": "药盒标签（PDF）",
    "The store of a site was too cold or too warm": "中心储存温度过低或过高",
    "Lowest reading (°C)": "最低读数（°C）",
    "Highest reading (°C)": "最高读数（°C）",
    "What happened": "发生了什么",
    "Report; the store goes into quarantine": "报告；该中心库存将被隔离",
    "What goes into which kit": "各药盒装入的内容",
    "Lot": "批次",
    "Account by lot": "按批次清点",
    "Kits received": "接收药盒数",
    "Packed": "已装箱",
    "Given to participants": "已用于受试者",
    "Where they are": "所在位置",
    "No lot was received yet.": "尚未接收任何批次。",
    "Show the account by lot (the vault notes it)": "显示按批次清点（盲底库将记录）",
    "No product of this trial is given from kits.": "本试验没有以药盒供应的产品。",
    "Take in a lot": "接收批次",
    "Number of the lot, as its maker gave it": "批号（按生产方所给）",
    "Its kits serve": "其药盒用于",
    "Last day of its use (year-month-day)": "有效期最后一日（年-月-日）",
    "How many kits can be made of it": "可制成药盒数",
    "Take it in": "接收",
    "Lot {lot} is in the vault: {kits} kits.": "批次 {lot} 已入盲底库：{kits} 个药盒。",
    "Pack cartons": "装箱",
    "A carton holds one kit for every treatment; the vault draws the numbers.": (
        "每箱含每种治疗的一个药盒；编号由盲底库生成。"
    ),
    "Pack, and show what goes into which kit": "装箱，并显示各药盒装入的内容",
    "{count} cartons are to be packed, each kit from the lot that is named.": (
        "须装 {count} 箱，各药盒取自所列批次。"
    ),
    "A lot is in doubt": "批次存疑",
    "Every carton that holds a kit of it goes into quarantine; the blinded side learns the cartons, not the "
    "lot.": ("含该批次药盒的药箱全部隔离；盲态一方只知道药箱，不知道批次。"),
    "What is wrong with it; only the vault keeps it": "问题所在（仅保存于盲底库）",
    "Put its cartons into quarantine": "隔离其药箱",
    "{count} cartons are in quarantine.": "{count} 箱已隔离。",
    "Shipments, the newest first": "运输，最新在前",
    "Received on": "接收日期",
    "No shipment yet.": "尚无运输。",
    "Send cartons to a site": "向中心发送药箱",
    "Cartons (empty: as the buffer asks for)": "药箱数（留空：按缓冲库存）",
    "Receive a shipment": "接收运输",
    "Numbers of the kits that were counted, sound": "清点完好的药盒编号",
    "Numbers of damaged kits": "损坏的药盒编号",
    "Lowest reading of the journey (°C)": "运输途中最低读数（°C）",
    "Highest reading of the journey (°C)": "运输途中最高读数（°C）",
    "Receive": "接收",
    "Kits with what became of them": "药盒及其去向",
    "What became of it": "去向",
    "in preparation": "配制中",
    "returned": "已退回",
    "destroyed": "已销毁",
    "missing on arrival": "到货时缺失",
    "depot, in quarantine": "总库，隔离中",
    "No kit.": "没有药盒。",
    "With the kits that are ticked": "对所选药盒",
    "Return from this site to the depot": "从该中心退回总库",
    "Witness of the destruction": "销毁见证人",
    "Why they are destroyed": "销毁原因",
    "They were destroyed": "已销毁",
}

_ENVELOPES: Mapping[str, str] = {
    "One sheet a participant, folded so that nobody sees the treatment. Print, fold, seal, and delete the file.": (
        "每名受试者一张，折叠后看不到治疗。请打印、折叠、密封，并删除文件。"
    ),
    "{count} participants": "{count} 名受试者",
    "Password of the PDF (12 characters or more)": "PDF 密码（至少 12 个字符）",
    "The same again": "再输入一次",
    "Get the envelopes (PDF)": "下载应急信封（PDF）",
    "Choose the site whose envelopes are printed.": "请选择要打印信封的中心。",
    "The PDF needs a password of 12 characters or more, typed the same twice.": (
        "PDF 密码须至少 12 个字符，且两次输入一致。"
    ),
    "Report that it was opened, never what it said.": "只报告已拆开，绝不报告其内容。",
    "Who opened it: name and function": "拆封人：姓名和职务",
    "When, by the clock of the site (2026-10-12 03:40)": "拆封时间，按中心当地时间（2026-10-12 03:40）",
    "Why the treatment had to be known": "当时为何必须知道治疗",
    "Report": "报告",
    "Both records know that the envelope of {number} was opened.": "两份记录均已记下受试者 {number} 的信封已拆。",
    "Type when it was opened as in 2026-10-12 03:40, by the clock of the site.": (
        "拆封时间请按 2026-10-12 03:40 的格式输入（中心当地时间）。"
    ),
}

_SAFETY: Mapping[str, str] = {
    "Reports that are due, the most urgent first": "应提交的报告，最紧急者在前",
    "running": "计时中",
    "Due before": "截止时间",
    "due before": "截止时间",
    "Record": "记录",
    "To": "接收方",
    "fatal": "致死或危及生命",
    "suspected": "疑似非预期",
    "No report is due to an authority.": "没有应提交监管机构的报告。",
    "Case of participant {number}": "受试者 {number} 的病例",
    "Event": "事件",
    "Began": "开始",
    "Grade": "分级",
    "Causality": "因果关系",
    "Outcome": "转归",
    "Blinded report (PDF)": "盲态报告（PDF）",
    "For investigators, sponsor and medical monitor.": "供研究者、申办者和医学监查员使用。",
    "After the treatment that was given, this report must be sent.": "根据所用治疗，此报告必须提交。",
    "After the treatment that was given, this report need not be sent.": "根据所用治疗，此报告无须提交。",
    "Unblinded report for the authority (PDF)": "提交监管机构的非盲态报告（PDF）",
    "Open the case": "开启病例",
    "This shows the treatment of this one participant for the report that is due; the reason that is recorded is "
    "that report.": "此操作为应提交的报告显示该名受试者的治疗；记录的原因即该报告。",
    "Record what became of the report": "记录报告的处理结果",
    "The report": "该报告",
    "was sent": "已提交",
    "did not have to be sent": "无须提交",
    "Reference under which the authority has received it": "监管机构的受理编号",
    "The document that was sent (its hash is kept)": "所提交的文件（仅保存其哈希值）",
    "Record, and stop the clock": "记录并停止计时",
    "The trial's record says only that the report was dealt with, the same either way.": (
        "试验记录只写明报告已处理，两种情况写法相同。"
    ),
    "What became of the report is recorded; its clock is stopped.": "报告的处理结果已记录；计时已停止。",
    "Say whether the report was sent, or nothing had to be sent.": "请说明报告已提交还是无须提交。",
    "The document must be at most 20 MB.": "文件不得超过 20 MB。",
    "All cases": "全部病例",
    "Enrolment is paused.": "入组已暂停。",
    "The protocol has no stopping rule.": "方案没有停止规则。",
    "Show which have held (the vault notes it)": "显示已触发的规则（盲底库将记录）",
    "Rules that have held": "已触发的规则",
    "Rule": "规则",
    "Arm": "组别",
    "all arms": "全部组别",
    "No stopping rule has held so far.": "迄今没有停止规则触发。",
    "The closed report shows arms, for the safety board alone; each page bears that as a watermark. It is made of "
    "the newest data cut.": "闭门报告显示分组，仅供数据安全监查委员会；每页均有相应水印。报告基于最新数据截取。",
    "Data cuts, the newest first:": "数据截取，最新在前：",
    "No data were cut yet; the data manager cuts them first.": "尚无数据截取；须先由数据管理员截取。",
    "Make the closed report": "生成闭门报告",
    "The closed report is ready: data up to event {sequence}, made in {seconds} s.": (
        "闭门报告已就绪：数据截至事件 {sequence}，用时 {seconds} 秒。"
    ),
    "Closed report (PDF)": "闭门报告（PDF）",
    "It is kept here for you until these pages are started anew, and on no disk.": (
        "在这些页面重启之前为您保留于此，不存于任何磁盘。"
    ),
    "{seconds} s": "{seconds} 秒",
    "Look again": "再看一次",
    "You may go on to other pages meanwhile.": "其间您可以使用其他页面。",
    "reading the record": "读取记录",
    "asking the vault": "询问盲底库",
    "making datasets": "生成数据集",
    "computing": "计算",
    "setting the pages": "排版",
    "done": "完成",
}

_OVERSIGHT: Mapping[str, str] = {
    "Who had the vault open or do what, when and why. What an event holds of treatments stays sealed.": (
        "谁、何时、为何让盲底库开启或执行了什么。事件中有关治疗的内容保持密封。"
    ),
    "openings": "开启",
    "Events of the vault, the newest first": "盲底库事件，最新在前",
    "The values stay shut until all codes are opened; here stands where there are some.": (
        "数据在全部揭盲前保持关闭；此处只列出何处有数据。"
    ),
    "Masked values, the newest first": "设盲数值，最新在前",
    "The vault keeps no masked value yet.": "盲底库尚无设盲数值。",
    "Look at preparations, stock and the account by lot, compare them with the papers of the pharmacy, then sign "
    "here.": "请查看配制、库存和按批次清点，与药房纸质记录核对后在此签字。",
    "What supply leaves open": "供应未结事项",
    "kits at the sites not accounted for": "中心未清点的药盒",
    "shipments on the way": "运输中的运输单",
    "preparations neither checked nor given up": "未核对也未放弃的配制",
    "What was verified and found; the vault keeps it": "核查内容及发现（保存于盲底库）",
    "Sign: the accounts were verified": "签字：账目已核查",
    "The vault keeps that the accounts were verified.": "盲底库已记录账目核查。",
    "Hash of the list": "随机表哈希值",
    "Places of the list": "随机表号数",
    "Stratum": "分层",
    "Given out": "已用",
    "No list was sealed yet.": "尚未密封随机表。",
    "Every slot is the one that the protocol and the joined shares lead to.": (
        "每个随机号均与方案及合并份额所得一致。"
    ),
    "Audit the list": "审计随机表",
    "Both custodians bring their share. What differs is named by its place; no arm is told.": (
        "两位保管人各带来自己的份额。不一致处只列位置，不显示分组。"
    ),
    "Share of the first custodian": "第一位保管人的份额",
    "Share of the second custodian": "第二位保管人的份额",
    "Compare every slot": "逐一比对随机号",
    "All codes are opened at the command line of the machine that keeps the trial, by both holders together, once "
    "the data are locked:": "数据锁定后，由两位密钥持有人在保存试验的机器上用命令行共同揭盲：",
    "It asks for both passphrases. No page asks for a passphrase; who asks you for one in a browser is not this "
    "trial.": "命令行会要求输入两个口令。任何网页都不会要求口令；在浏览器中向您索要口令的不是本试验。",
    "Holders of the key": "密钥持有人",
    "Data": "数据",
    "locked": "已锁定",
    "not locked yet: no code is opened": "尚未锁定：不得揭盲",
    "All codes opened": "全部揭盲",
}

_WAYS_IN: Mapping[str, str] = {
    "A second factor here is set up by who was let in, within three days. A password is given on the blinded "
    "portal: by the sponsor, to an investigator by the administrator too. Neither is enough alone.": (
        "在此处设置双重验证，须先获放行，并在三天内完成。密码由盲态门户发放：由申办者发放，研究者的密码也可由"
        "管理员发放。仅有其中之一不能登录。"
    ),
    "Choose who is let in; they need a role for these pages first.": (
        "请选择放行对象；该人员须先具有可使用这些页面的角色。"
    ),
    "If you have not asked for it, ring the sponsor and a list custodian at once.": (
        "如非您本人要求，请立即致电申办者和一位随机表保管人。"
    ),
    "Let a second factor be set up": "允许设置双重验证",
    "Let somebody in": "放行人员",
    "Let somebody set up a second factor here, the first or in place of a lost one.": (
        "允许某人在此设置双重验证：首次设置，或替代已丢失的。"
    ),
    "Ring back at a number that you know, or see them in person. A second factor that they had is taken away, "
    "and their sessions here end. It is recorded with your name.": (
        "请回拨您已知的号码，或当面确认。其原有的双重验证将被取消，在此处的会话将结束。此操作会连同您的姓名记录在案。"
    ),
    "Ways in": "登录放行",
    "Ways in that were opened in the last 14 days": "最近 14 天内的登录放行",
    "Who is let in": "放行对象",
    "Who may come here": "可使用这些页面的人员",
    "may be set up until": "可设置至",
    "not let in yet": "尚未放行",
    "set up": "已设置",
    "{by} let {name} set up a second factor here: {reason}": "{by} 允许 {name} 在此设置双重验证：{reason}",
    "{by} made a link for {name} to set a password.": "{by} 为 {name} 生成了密码设置链接。",
    "{name} may set up a second factor here within three days; tell them.": (
        "{name} 可在三天内在此设置双重验证；请告知本人。"
    ),
}

_EVENTS: Mapping[str, str] = {
    "code broken": "紧急揭盲",
    "envelope opened": "信封已拆",
    "case opened": "个例揭盲",
    "arms shown for the safety board": "为数据安全监查委员会显示分组",
    "stopping rules shown": "显示停止规则",
    "all codes opened": "全部揭盲",
    "envelopes printed": "打印信封",
    "content of a bag shown": "显示袋内内容",
    "content of kits shown": "显示药盒内容",
    "account by lot shown": "显示按批次清点",
    "lot traced": "追溯批次",
    "list audited": "审计随机表",
    "list installed": "安装随机表",
    "slot drawn": "取用随机号",
    "dose computed": "计算剂量",
    "masked value entered": "录入设盲数值",
    "vault reconciled after a restore": "恢复后对账",
    "accounts verified": "核查账目",
    "stopping rules checked": "检查停止规则",
    "report recorded": "记录报告处理结果",
    "lot received": "接收批次",
    "cartons packed": "装箱",
    "kit named": "指定药盒",
    "dose prepared": "配制剂量",
    "preparation given up": "放弃配制",
}

CHINESE: Mapping[str, str] = {
    **_BREAK,
    **_FRAME,
    **_PHARMACY,
    **_STOCK,
    **_ENVELOPES,
    **_SAFETY,
    **_OVERSIGHT,
    **_WAYS_IN,
    **_EVENTS,
}
