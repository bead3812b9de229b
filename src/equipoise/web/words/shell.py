"""The words of the frame of the pages in Simplified Chinese, by their English."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    "A password needs 12 characters or more, and is not your short name.": (
        "密码至少 12 个字符，且不能是您的简称。"
    ),
    "Account": "账户",
    "Act as": "以此角色操作",
    "After several wrong passwords nothing is accepted for a quarter of an hour. Try again then, or ask "
    "the administrator.": "多次输错密码后，一刻钟内不再接受登录。请稍后再试，或联系管理员。",
    "After {count} wrong one-time codes none is looked at before {until} UTC. Wait until then; where a "
    "treatment has to be known at once, open the sealed envelope.": (
        "一次性验证码输错 {count} 次后，在 {until} UTC 之前不再接受任何验证码。请届时再试；如须立即知晓治疗，"
        "请拆开密封信封。"
    ),
    "Back to the beginning": "返回首页",
    "Change": "切换",
    "Change the password": "修改密码",
    "Chapters": "栏目",
    "Choose a password": "设置密码",
    "Code": "验证码",
    "Each of these codes lets you in once, when your telephone is lost. Keep them on paper, apart from "
    "your password.": "手机丢失时，每个恢复码可登录一次。请写在纸上，与密码分开保存。",
    "Forgotten? The administrator gives you a new link; to who may know treatments the sponsor.": (
        "忘记密码？请向管理员索取新链接；可知晓治疗分配者请向申办者索取。"
    ),
    "Fri": "星期五",
    "Go on": "继续",
    "Has a treatment to be known at once? Open the sealed envelope with the participant's number in the "
    "safe of the site.": "须立即知晓治疗？请拆开中心保险柜内标有受试者编号的密封信封。",
    "If your telephone is lost, log in by a recovery code, or ring a list custodian.": (
        "手机丢失时，请用恢复码登录，或致电一位随机表保管人。"
    ),
    "Key:": "密钥：",
    "Let in by somebody of the vault": "须由盲底库人员放行",
    "Log in": "登录",
    "Log out": "退出登录",
    "Make new codes": "生成新的恢复码",
    "Mon": "星期一",
    "New codes": "新的恢复码",
    "New codes take the place of all older ones.": "新的恢复码生效后，旧的全部作废。",
    "No access": "无权访问",
    "Not for your role": "不适用于您的角色",
    "Not found": "未找到",
    "Open the page again": "重新打开页面",
    "One-time code": "一次性验证码",
    "Password": "密码",
    "Password, 12 characters or more": "密码（至少 12 个字符）",
    "Picture of the key": "密钥二维码",
    "Recovery codes": "恢复码",
    "Sat": "星期六",
    "Scan the picture with an authenticator app on your telephone, or type the key into it; then type "
    "the code that it shows. From then on you log in with your password and such a code.": (
        "请用手机上的身份验证器扫描二维码，或手动输入密钥，再输入其显示的验证码。此后登录须同时使用密码和验证码。"
    ),
    "Second factor": "双重验证",
    "Set the password": "设置密码",
    "Set up an authenticator app": "设置身份验证器",
    "Short name": "简称",
    "Show once more that it is you.": "请再次验证您的身份。",
    "Site": "中心",
    "Skip to the content": "跳到正文",
    "Something failed here; what was acknowledged before is stored. Try again, or call the trial's help.": (
        "此处出错；此前已确认的内容均已保存。请重试，或联系试验支持人员。"
    ),
    "Sun": "星期日",
    "The same once more": "再输入一次",
    "The two passwords are not the same; type them again.": "两次输入的密码不一致，请重新输入。",
    "There is no such page, or it is not for your site.": "没有此页面，或不属于您的中心。",
    "This did not work": "操作未成功",
    "This link is spent": "此链接已失效",
    "This link was used, is older than three days, or is not whole. Ask the administrator for a new one.": (
        "此链接已使用、已超过三天，或不完整。请向管理员索取新链接。"
    ),
    "This page was opened before you logged in or changed your role, so nothing of it was stored. Open it again; "
    "what you typed on a form of a participant is kept there as a draft.": (
        "此页面是在您登录或切换角色之前打开的，因此其内容均未保存。请重新打开；您在受试者表单上输入的内容已作为草稿保留。"
    ),
    "This page is out of date": "此页面已过期",
    "This one-time code is not right or was used before; type the next one that is shown.": (
        "一次性验证码不正确或已用过；请输入下一个显示的验证码。"
    ),
    "This page is not for your role or your site.": "此页面不适用于您的角色或中心。",
    "Thu": "星期四",
    "Tue": "星期二",
    "Type the code that your authenticator shows, or one of your recovery codes.": (
        "请输入身份验证器显示的验证码，或一个恢复码。"
    ),
    "Use this app": "启用此验证器",
    "Wed": "星期三",
    "What stands behind the # of your link": "您的链接中 # 之后的内容",
    "You are {person}. You log in and sign with this password; nobody else may know it.": (
        "您是 {person}。登录和签名均用此密码，不得告知他人。"
    ),
    "You have no second factor on these pages, and nobody here has let you set one up. Ring one of these; "
    "they make sure that it is you and let you in for three days:": (
        "您在这些页面上尚无双重验证，且尚未获放行设置。请致电以下人员之一；其确认是您本人后会放行三天："
    ),
    "You hold no role in this trial today that these pages are for. Ask the administrator or the "
    "sponsor; whoever prepares doses or may know treatments works on the pages of the vault, at their "
    "own address.": (
        "您今天在本试验中没有可使用这些页面的角色。请联系管理员或申办者；配制药品或可知晓治疗分配者，请使"
        "用盲底库页面（另有网址）。"
    ),
    "Your authenticator app is in use.": "身份验证器已启用。",
    "Your session ends in 5 minutes unless you save or open something. What you have typed on a form of a "
    "participant is kept as its draft.": (
        "若不保存或打开任何内容，您的会话将在 5 分钟后结束。您在受试者表单上输入的内容会保留为草稿。"
    ),
    "administrator": "管理员",
    "assessor": "评估者",
    "auditor": "稽查员",
    "coordinator": "协调员",
    "data manager": "数据管理员",
    "investigator": "研究者",
    "key holder": "密钥持有人",
    "laboratory": "实验室",
    "list custodian": "随机表保管人",
    "medical monitor": "医学监查员",
    "monitor": "监查员",
    "nurse": "护士",
    "pharmacist": "药师",
    "rehearsal: nobody here is real": "演练：此处人员均为虚构",
    "safety board": "数据安全监查委员会",
    "safety board statistician": "委员会统计师",
    "safety unblinder": "安全揭盲人",
    "sponsor": "申办者",
    "trial statistician": "试验统计师",
    "unblinded monitor": "非盲监查员",
}
