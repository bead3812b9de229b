"""What is said of consent, screening, strata and allocation, in Simplified Chinese."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    "a consent form cannot be signed on a day to come; today is {1}. Got {2}": (
        "知情同意书的签署日期不能晚于今天（{1}）；请更正（当前值：{2}）"
    ),
    "a person is registered by {1} and {2}; besides these there may be {3}. Nothing was stored": (
        "登记人员须填写 {1:said} 和 {2:said}；此外可填写 {3:said}。未保存任何内容"
    ),
    "after a restore {1} and {2} vouched for the positions of the list; places given up: {3}": (
        "恢复之后，{1} 和 {2} 确认了随机表的位置；放弃的号数：{3:said}"
    ),
    "at site {1} the consent form to be signed on {2} in this language ({3}) is {4}, valid from {5}. Got {6}": (
        "在中心 {1}，{2} 应签署的该语言（{3:said}）知情同意书为 {4}，自 {5} 起有效；请更正（当前值：{6}）"
    ),
    "consent is withdrawn between the day it was signed ({1}) and today ({2}). Got {3}": (
        "撤回知情同意的日期须在签署日（{1}）至今天（{2}）之间；请更正（当前值：{3}）"
    ),
    "eligibility of {1} cannot be decided yet; fill in first: {2}": (
        "{1} 的入选资格尚不能判定；请先填写：{2:said}"
    ),
    "eligibility of {1} cannot be decided yet; the investigator has to say whether it is so: {2}": (
        "{1} 的入选资格尚不能判定；须由研究者说明是否如此：{2:said}"
    ),
    "eligibility of {1} was not assessed yet; assess it first": "{1} 的入选资格尚未评估；请先评估",
    "goes on by protocol version {1}": "继续按方案版本 {1} 参加试验",
    "identity was destroyed for good": "身份信息已永久销毁",
    "is eligible": "符合入选条件",
    "is not eligible: {1}": "不符合入选条件：{1}",
    "no consent form in this language was approved at site {1} by {2}. Got {3}": (
        "截至 {2}，中心 {1} 没有获批该语言的知情同意书；请核对（当前值：{3:said}）"
    ),
    "no identity can be destroyed here, as the table of identities is not at hand": (
        "身份信息表不可用，此处无法销毁身份信息；请在保存该表的系统中操作"
    ),
    "no randomisation number can be given out in stratum {1} now, since its list is used up or is shut "
    "for a check; nothing was stored. Call the randomisation contact of the trial, and do not randomise "
    "by other means. Got participant {2}": (
        "分层（{1:said}）目前无法发放随机号，因为其随机表已用完或正在核查而关闭；未保存任何内容。"
        "请致电试验的随机化联系人，切勿用其他方法随机分配（当前值：受试者 {2}）"
    ),
    "nobody can be registered here, as the table of identities is not at hand": (
        "身份信息表不可用，此处无法登记受试者；请在保存该表的系统中操作"
    ),
    "of stratum {1} 0 to {2} places can have been given up; verify the trial. Got {3}": (
        "分层（{1:said}）可能放弃的号数为 0 至 {2}；请核验试验（当前值：{3}）"
    ),
    "places left in stratum {1}: {2}": "分层（{1:said}）的剩余号数：{2}",
    "read the strata of {1} back as the record gives them, or correct the forms: {2}. Got {3}": (
        "请按记录复述 {1} 的分层，或更正表单：{2:said}（当前值：{3:said}）"
    ),
    "say why screening of {1} goes on. Got no reason": "请说明 {1} 继续筛选的原因（当前值：未填写原因）",
    "say why the identity is destroyed, such as: asked for by the person on 3 May 2026": (
        "请说明销毁身份信息的原因，例如：本人于 2026 年 5 月 3 日要求"
    ),
    "say why {1} does not enter the trial. Got no reason": "请说明 {1} 不进入试验的原因（当前值：未填写原因）",
    "screening ended: {1}": "筛选结束：{1:said}",
    "screening goes on after all": "筛选仍继续进行",
    "screening of {1} was not ended, so it goes on anyway": "{1} 的筛选没有结束，因此本来就在继续",
    "signed consent form {1} ({2}) on {3}": "于 {3} 签署了知情同意书 {1}（{2:said}）",
    "site {1} is not activated for protocol version {2}; the sponsor activates it once the ethics "
    "committee of the site has approved this version": (
        "中心 {1} 尚未启用方案版本 {2}；中心伦理委员会批准该版本后，由申办者启用"
    ),
    "the consent form has to be signed before the first examination, which was on {1}; check both dates. "
    "Got {2}": ("知情同意书须在首次检查（{1}）之前签署；请核对两个日期（当前值：{2}）"),
    "the criteria have changed since {1} was assessed; assess eligibility again": (
        "{1} 评估之后入排标准有变化；请重新评估入选资格"
    ),
    "the date of birth must be a date that is not in the future, such as 1980-05-31. Nothing was stored": (
        "出生日期须为不晚于今天的日期，例如 1980-05-31；请更正。未保存任何内容"
    ),
    "the identity of {1} was destroyed before": "{1} 的身份信息此前已销毁",
    "the investigator judges the criteria {1}; the others follow from the forms{2} Got {3}": (
        "由研究者判断的标准为：{1:said}；其他标准由表单得出{2:said}；请更正（当前值：{3}）"
    ),
    "the list that was announced has no stratum of this name; check the name, or announce the list "
    "first. Got {1}": ("已公布的随机表没有此名称的分层；请核对名称，或先公布随机表（当前值：{1}）"),
    "the name must have letters. Nothing was stored": "姓名须含有文字；请更正。未保存任何内容",
    "the sex must be one of {1}. Nothing was stored": "性别须为以下之一：{1}；请更正。未保存任何内容",
    "the strata of {1} cannot be told yet; fill in first: {2}": "{1} 的分层尚无法得出；请先填写：{2:said}",
    "the true strata of {1} are those that the record gives; correct the forms first. They give {2}. Got {3}": (
        "{1} 的真实分层以记录为准；请先更正表单。记录给出：{2:said}（当前值：{3:said}）"
    ),
    "these strata of {1} are known already: {2}": "{1} 的这些分层已知：{2:said}",
    "this person was registered in the trial before, {1}; nobody takes part twice. If it is another "
    "person of the same name, date of birth and sex, add a distinction": (
        "此人此前已在本试验登记（{1:said}）；任何人不得重复参加。"
        "如为同名、同出生日期、同性别的另一人，请填写区别说明"
    ),
    "treatment of {1} ended on {2}": "{1} 的治疗已于 {2} 结束",
    "true strata: {1}": "真实分层：{1:said}",
    "two different persons sign the witnessed positions, and give the reason. Got {1}": (
        "见证位置须由两名不同的人员签名并说明原因；请补全（当前值：{1:said}）"
    ),
    "values have changed since {1} was assessed; assess eligibility again. Changed: {2}": (
        "{1} 评估之后数值有变化；请重新评估入选资格。有变化的是：{2:said}"
    ),
    "was allocated randomisation number {1}": "分配了随机号 {1}",
    "was registered for screening": "已登记筛选",
    "who a participant is can be seen at their own site only, by {1} or {2}. Got {3}": (
        "受试者身份只能在其所属中心由{1:said}或{2:said}查看；请由其操作（当前值：{3}）"
    ),
    "with the number {1}": "编号为 {1}",
    "withdrew consent": "撤回了知情同意",
    "{1} has not signed a consent form yet; record the signature first": "{1} 尚未签署知情同意书；请先记录签署",
    "{1} has not signed a consent form, so there is nothing to withdraw": "{1} 尚未签署知情同意书，因此无可撤回",
    "{1} has signed consent form {2} ({3}) already": "{1} 已签署知情同意书 {2}（{3:said}）",
    "{1} has the randomisation number {2} already; nobody is allocated twice": (
        "{1} 已有随机号 {2}；任何人不得重复随机分配"
    ),
    "{1} has to sign consent form {2} ({3}) first, which since {4} asks for a new signature. Got form {5}": (
        "{1} 须先签署知情同意书 {2}（{3:said}），该版本自 {4} 起要求重新签署（当前值：知情同意书 {5}）"
    ),
    "{1} has to sign the consent form of this version first, {2}; the signature moves the participant": (
        "{1} 须先签署此版本的知情同意书 {2}；签署后受试者即转入该版本"
    ),
    "{1} is allocated on the day of visit {2}; record first that it takes place today, {3}": (
        "{1} 须在访视 {2:said} 当天随机分配；请先记录该访视于今天（{3}）进行"
    ),
    "{1} is in the trial, and the site has to know who it is; end participation first": (
        "{1} 正在参加试验，中心须知道其身份；请先结束参加"
    ),
    "{1} is not eligible: {2}": "{1} 不符合入选条件：{2}",
    "{1} of {2} ended on {3}: {4}": "{2} 的{1:said}已于 {3} 结束：{4}",
    "{1} of {2} ended; nothing is asked any more": "{2} 的{1:said}已结束；不再要求任何内容",
    "{1} of {2} must be one of {3} for the randomisation; check the form. Got {4}": (
        "{2} 的{1:said}须为以下之一才能随机分配：{3}；请核对表单（当前值：{4}）"
    ),
    "{1} takes part by a newer version of the protocol than that of this consent form; the sponsor has "
    "to approve a newer form for site {2}. Got {3}": (
        "{1} 参加试验所依据的方案版本比此知情同意书的更新；须由申办者为中心 {2} 批准更新的知情同意书（"
        "当前值：{3}）"
    ),
    "{1} takes part by version {2}, and moves to a newer one only. Got {3}": (
        "{1} 按方案版本 {2} 参加试验，只能转入更新的版本；请更正（当前值：{3}）"
    ),
    "{1} was allocated; eligibility is not assessed any more": "{1} 已随机分配；不再评估入选资格",
    "{1} was allocated; the form that ends participation says how it ended": (
        "{1} 已随机分配；请在结束参加的表单中写明如何结束"
    ),
    "{1} was not allocated; correct the forms, the strata follow from them": (
        "{1} 尚未随机分配；请更正表单，分层由表单得出"
    ),
    "{1} withdrew consent before, on {2}": "{1} 此前已于 {2} 撤回知情同意",
    "{1} withdrew consent on {2}": "{1} 已于 {2} 撤回知情同意",
}
