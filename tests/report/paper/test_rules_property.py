"""Rules in words: comparisons, lists and their joining; what goes further keeps its signs."""

import pytest
from tests.shipped import shipped

from equipoise.protocol import shipped_protocols
from equipoise.report.language import Phrases
from equipoise.report.paper.chinese import CHINESE
from equipoise.report.paper.rules import say_rule

ITEMS = shipped("hucmsc_inr").items
CASES = {
    "infused = 'N'": ('"Infusion given" is No', "“是否输注”为否"),
    "ae_grade NOT IN ('4', '5')": (
        '"Grade" is none of 4 life-threatening, 5 death',
        "“分级”不为：4级 危及生命、5级 死亡",
    ),
    "'ABNORMAL' IN (eyes, hearing)": (
        'any of "Eye examination", "Hearing test" is Abnormal',
        "“眼科检查”、“听力检查”中任一项为异常",
    ),
    "age >= 18 AND (sex = 'F' OR age < 50)": (
        '"Age" is at least 18 and ("Sex" is Female or "Age" is below 50)',
        "“年龄”不小于18，且（“性别”为女，或“年龄”小于50）",
    ),
    "bag_number IS NULL": ('"Number of the bag" is empty', "“输液袋编号”为空"),
    "bag_number IS NOT NULL": ('"Number of the bag" is filled in', "“输液袋编号”已填写"),
    "neutrophils + lymphocytes <= wbc": (
        '"Neutrophils" + "Lymphocytes" <= "White blood cells"',
        "“中性粒细胞计数” + “淋巴细胞计数” <= “白细胞计数”",
    ),
}


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_is_said_in_both_languages(rule: str) -> None:
    english, chinese = CASES[rule]
    assert say_rule(rule, ITEMS, Phrases("en", CHINESE)) == english
    assert say_rule(rule, ITEMS, Phrases("zh", CHINESE)).replace("(", "（").replace(")", "）") == chinese


@pytest.mark.parametrize("name", shipped_protocols())
def test_every_condition_of_the_shipped_trials_is_put_into_words(name: str) -> None:
    for form in shipped(name).forms.values():
        for item in form.items.values():
            if item.required_when is not None:
                said = say_rule(item.required_when, {**shipped(name).items, **form.items}, Phrases("en"))
                assert "'" not in said.replace("'s", "") and "=" not in said and " IN " not in said
