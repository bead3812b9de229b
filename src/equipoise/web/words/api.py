"""The words of the pages about the interface for programs in Simplified Chinese, by their English."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    "A token lets a program act in your name, in the role in which you act now, and never for more than you may "
    "do yourself at that moment. What it does is recorded as yours.": (
        "令牌让程序以您的名义、以您当前的角色操作，其权限绝不超过您当时本人的权限。程序所做的一切均记录为您的操作。"
    ),
    "A token is valid for 1 to {longest} days.": "令牌有效期为 1 至 {longest} 天。",
    "Days for which it is valid, {longest} at most": "有效天数（最多 {longest} 天）",
    "Interface for programs": "程序接口",
    "It is shown now and never again. Give it to the program by a way that nobody else reads.": (
        "令牌仅此一次显示。请通过他人无法读取的途径交给程序。"
    ),
    "It may do steps and give out data, not only read": "可执行操作并导出数据，而不仅是读取",
    "Last used": "最近使用",
    "Made": "创建时间",
    "Make a token": "创建令牌",
    "May do": "权限",
    "No token yet.": "尚无令牌。",
    "OpenAPI document": "OpenAPI 文档",
    "Programs": "程序接口",
    "Programs ask and do here what people do on the pages: same rules, same words. A program brings a token that "
    "you make for it.": (
        "程序在此查询和操作的内容与页面上的人员相同：规则相同，用语相同。程序须携带您为其创建的令牌。"
    ),
    "Purpose": "用途",
    "Revoke": "撤销",
    "Revoke the token for {purpose}": "撤销用于“{purpose}”的令牌",
    "Role": "角色",
    "Say what the token is for, in 1 to {longest} characters, such as: nightly copy of queries.": (
        "请用 1 至 {longest} 个字符说明令牌的用途，例如：每晚复制质疑。"
    ),
    "The new token": "新令牌",
    "The token is revoked; it opens nothing any more.": "令牌已撤销，不再有效。",
    "Tokens for programs": "程序令牌",
    "Valid until": "有效期至",
    "What follows is written for programmers, in English.": "以下内容供程序员使用，仅有英文。",
    "What the program does with it": "程序的用途",
    "Your tokens": "您的令牌",
    "blinded": "盲态",
    "read and do steps": "读取并执行操作",
    "read only": "仅读取",
    "revoked": "已撤销",
    "valid": "有效",
}
