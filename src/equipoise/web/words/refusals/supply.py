"""What is said of kits, shipments and preparation, in Simplified Chinese."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    "a carton has its number alone; number it anew. Got {1}": "每个药箱的编号须唯一；请重新编号（当前值：{1}）",
    "a carton that is not complete is never used again; return or destroy it. Got {1}": (
        "不完整的药箱不得再使用；请退回或销毁（当前值：{1}）"
    ),
    "a kit that is {1} cannot be destroyed; count again. Got {2}": (
        "状态为“{1:said}”的药盒不能销毁；请重新清点（当前值：{2}）"
    ),
    "a prepared dose may wait {1} and this one was prepared longer ago; give up the preparation and "
    "prepare another. Got bag {2}": (
        "配制好的剂量最多可放置 {1}，此剂量已超过；请放弃此次配制并重新配制（当前值：输液袋 {2}）"
    ),
    "a shipment holds at least one carton. Got {1}": "每次运输至少含一个药箱；请更正（当前值：{1}）",
    "all cartons of a product hold the same number of kits; pack them anew": (
        "同一产品的所有药箱须装相同数量的药盒；请重新装箱"
    ),
    "an excursion lasts a minute at least and a year at most ({1} minutes); read the logger again. Got {2}": (
        "温度超限至少持续一分钟，至多一年（{1} 分钟）；请重新读取记录仪（当前值：{2}）"
    ),
    "bag {1} ({2}) was prepared from kit {3} for order {4}": "由药盒 {3} 为医嘱 {4} 配制了输液袋 {1}（{2}）",
    "carton {1} is already used for order {2}": "药箱 {1} 已用于医嘱 {2}",
    "carton {1} is set aside, the preparation for order {2} was not completed": (
        "药箱 {1} 已搁置，医嘱 {2} 的配制未完成"
    ),
    "carton {1} is used for order {2}": "药箱 {1} 用于医嘱 {2}",
    "cartons are released by another person than the one who put them into quarantine; ask a colleague. Got {1}": (
        "药箱须由隔离者以外的另一人放行；请同事办理（当前值：{1}）"
    ),
    "destruction is witnessed by another person who works on the trial; name that person. Got {1}": (
        "销毁须由参与试验的另一人见证；请填写该人员（当前值：{1:said}）"
    ),
    "every kit of a carton has its number alone; number the cartons anew": (
        "药箱中每个药盒的编号须唯一；请重新编号"
    ),
    "kit {1} is already named for order {2}": "已为医嘱 {2} 指定药盒 {1}",
    "kit {1} is to be given for order {2}": "医嘱 {2} 须给予药盒 {1}",
    "name the cartons by the numbers on them. Got none": "请填写药箱上的编号（当前值：无）",
    "name the kits by the numbers on them. Got none": "请填写药盒上的编号（当前值：无）",
    "no carton has this number; read it again. Got {1}": "没有此编号的药箱；请重新读取（当前值：{1}）",
    "no carton is used for this order, so there is none to give up. Got {1}": (
        "此医嘱没有使用药箱，因此无可放弃（当前值：{1}）"
    ),
    "no carton was packed, so there is nothing to enter": "没有装好的药箱，因此没有可登记的内容",
    "no kit can be given out at site {1} now; nothing was stored. Call the pharmacy, and give no kit by "
    "other means. Got order {2}": (
        "中心 {1} 目前无法发放药盒；未保存任何内容。请致电药房，切勿以其他方式发放药盒（当前值：医嘱 {2}）"
    ),
    "no kit has this number; read it again. Got {1}": "没有此编号的药盒；请重新读取（当前值：{1}）",
    "no shipment of this number was sent to site {1}; leave it closed and call the pharmacy. Got {2}": (
        "没有此编号的运输单发往中心 {1}；请勿开箱，并致电药房（当前值：{2}）"
    ),
    "read the lowest and the highest temperature from the logger. Got no pair of readings": (
        "请从温度记录仪读取最低和最高温度（当前值：没有成对读数）"
    ),
    "readings are in degrees Celsius, the lowest not above the highest; read the logger again. Got {1} and {2}": (
        "读数以摄氏度为单位，最低不得高于最高；请重新读取记录仪（当前值：{1} 和 {2}）"
    ),
    "say why the kits are destroyed. Got no reason": "请说明销毁药盒的原因（当前值：未填写原因）",
    "say why, so that whoever judges it later can understand it. Got no reason": (
        "请说明原因，以便日后判断者理解（当前值：未填写原因）"
    ),
    "shipment {1} arrived": "运输单 {1} 已到达",
    "shipment {1} arrived, {2}": "运输单 {1} 已到达，{2:said}",
    "shipment {1} was received before, on {2}": "运输单 {1} 此前已于 {2} 收到",
    "shipment {1} was sent, {2} cartons of {3}": "运输单 {1} 已发出，含{3:said}的 {2} 个药箱",
    "site {1} has all the cartons that its buffer asks for; nothing is due": (
        "中心 {1} 已有其储备所需的全部药箱；无需发货"
    ),
    "site {1} was closed on {2}; nothing is sent there": "中心 {1} 已于 {2} 关闭；不再发货",
    "the bag needs a number of its own, as the vault gave it. Got {1}": (
        "输液袋须有盲底库给出的独立编号；请填写（当前值：{1:said}）"
    ),
    "the depot holds {1} cartons of {2} that can be used; pack more. Got {3}": (
        "总库中{2:said}可用的药箱有 {1} 个；请装更多药箱（当前值：{3}）"
    ),
    "the dose of order {1} has not been prepared; there is nothing to check": (
        "医嘱 {1} 的剂量尚未配制；没有可核对的内容"
    ),
    "the dose of order {1} must be prepared by one person and checked by another before its bag is given "
    "out; let the one who is missing sign": (
        "医嘱 {1} 的剂量须由一人配制、另一人核对后才能发出输液袋；请尚未签名的人员签名"
    ),
    "the dose of order {1} was checked by {2}": "医嘱 {1} 的剂量已由 {2} 核对",
    "the dose of order {1} was prepared by {2}; it is prepared once": "医嘱 {1} 的剂量已由 {2} 配制；只配制一次",
    "the infusions of {1} ended on {2}; nothing more is prepared": "{1} 的输注已于 {2} 结束；不再配制",
    "the label does not belong to order {1}; keep the bag and call the pharmacy. Got bag {2}": (
        "标签不属于医嘱 {1}；请保留输液袋并致电药房（当前值：输液袋 {2}）"
    ),
    "the label of bag {1} for order {2} was checked": "已核对医嘱 {2} 的输液袋 {1} 的标签",
    "the store was at {1} to {2} degrees Celsius for {3} minutes": "储存温度为 {1} 至 {2} 摄氏度，持续 {3} 分钟",
    "these cartons are in quarantine already. Got {1}": "这些药箱已在隔离中（当前值：{1}）",
    "these readings lie within the range of every product; nothing needs to be reported. Got {1} to {2}": (
        "这些读数在所有产品的范围之内；无需报告（当前值：{1} 至 {2}）"
    ),
    "this carton is not in quarantine. Got {1}": "此药箱不在隔离中；请核对（当前值：{1}）",
    "this is not the bag that was prepared for order {1}. Got {2}": (
        "这不是为医嘱 {1} 配制的输液袋；请核对（当前值：{2}）"
    ),
    "this kit can still be used; put its carton into quarantine first if it must not be. Got {1}": (
        "此药盒仍可使用；如不得使用，请先将其药箱隔离（当前值：{1}）"
    ),
    "this kit does not belong to shipment {1}; read its number again, and if it is right put it aside "
    "and count without it. Got {2}": (
        "此药盒不属于运输单 {1}；请重新读取编号，如无误请放在一边，清点时不计入（当前值：{2}）"
    ),
    "this kit is named for order {1} and still in use. Got {2}": (
        "此药盒已指定用于医嘱 {1}，仍在使用（当前值：{2}）"
    ),
    "this kit is not at site {1}; count again. Got {2}": "此药盒不在中心 {1}；请重新清点（当前值：{2}）",
    "this kit must not be used for order {1}; put it aside, take the kit that the order names, and call "
    "the pharmacy if there is none. Got {2}": (
        "此药盒不得用于医嘱 {1}；请将其放在一边，取用医嘱指定的药盒；如没有，请致电药房（当前值：{2}）"
    ),
    "this product is not given from kits{1} Got {2}": "此产品不以药盒发放{1:said}；请核对（当前值：{2}）",
    "what is given at visit {1} has no kits; give out its bag without one": (
        "访视 {1} 给予的产品没有药盒；请直接发出输液袋"
    ),
    "what is packed today, {1}, must serve for longer; pack kits of a newer lot. Got carton {2}, to be "
    "used by {3}": (
        "今天（{1}）装箱的产品须有更长的有效期；请装入较新批次的药盒（当前值：药箱 {2}，有效期至 {3}）"
    ),
    "who has prepared a dose does not check it; ask a colleague to read the label. Got {1}": (
        "配制者不能核对自己配制的剂量；请同事读取标签（当前值：{1}）"
    ),
    "{1} cartons of {2} were packed": "{2:said}已装好 {1} 个药箱",
    "{1} cartons went into quarantine": "{1} 个药箱进入隔离",
    "{1} cartons were released from quarantine": "{1} 个药箱解除隔离",
    "{1} kits were destroyed before {2}": "在 {2} 见证下销毁了 {1} 个药盒",
    "{1} kits were returned": "退回了 {1} 个药盒",
    "{1} kits {2}": "{1} 个药盒{2:said}",
}
