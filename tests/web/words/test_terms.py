"""One thing has one word in Chinese, on whatever page it stands: the words of clinical trials in China."""

import re
from collections.abc import Mapping

import pytest

from equipoise.trial.site_archive.chinese import CHINESE as OF_ARCHIVES
from equipoise.web.words import CHAPTERS
from equipoise.web.words.refusals import CHINESE as SENTENCES
from equipoise.web.words.terms import TERMS

SAID = {phrase: said for chapter in CHAPTERS for phrase, said in chapter.CHINESE.items()} | dict(SENTENCES) | TERMS

WORDS: Mapping[str, tuple[str, str]] = {
    "participant": ("受试者", "参与者|受试对象|患者"),
    "sponsor": ("申办者", "申办方|申办单位"),
    "monitor": ("监查员", "监察员|监督员"),
    "coordinator": ("协调员", "临床协调员|研究协调员"),
    "auditor": ("稽查员", "审计员"),
    "audit trail": ("稽查轨迹", "审计轨迹|审计追踪"),
    "vault": ("盲底库", "密库|保险库"),
    "safety board": ("数据安全监查委员会", "(?<!数据)安全监查委员会|安全委员会"),
    "source verification": ("源数据核查", "原始数据|源核查|源数据核对"),
    "inclusion criterion": ("入选标准", "纳入标准|入组标准"),
    "eligibility": ("入选资格", "入组资格|合格性"),
    "visit": ("访视", "随访视|就诊|到访"),
    "query": ("质疑", "疑问单|数据疑问"),
    "protocol deviations": ("方案偏离", "方案违背|方案偏差"),
    "data cut": ("数据截取", "数据截点|数据截止"),
    "second factor": ("双重验证", "第二验证因素|双因素|两步验证"),
    "stopping rule": ("停止规则", "终止规则|暂停规则"),
    "key holder": ("密钥持有人", "密钥保管"),
    "list custodian": ("随机表保管人", "随机表保管员"),
    "item": ("项目", "条目|数据项"),
    "masked value": ("设盲数值", "遮蔽数据|掩蔽"),
    "order of an infusion": ("开具", "下达"),
}
"""By what is meant: its word, and what must not stand for it."""


@pytest.mark.parametrize("term", WORDS)
def test_one_thing_has_one_word(term: str) -> None:
    word, others = WORDS[term]
    assert any(word in said for said in SAID.values())
    assert {phrase: said for phrase, said in SAID.items() if re.search(others, said)} == {}


def test_an_archive_names_the_roles_as_the_pages_do() -> None:
    roles = {role: said for role, said in OF_ARCHIVES.items() if role in TERMS and role == role.lower()}
    names = {"administrator", "medical monitor", "auditor", "safety unblinder", "list custodian", "key holder"}
    assert names <= roles.keys()
    assert {role: said for role, said in roles.items() if role in names and said != TERMS[role]} == {}
