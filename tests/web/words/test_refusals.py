"""Every sentence of the door and of the audit trail has its Chinese, with the same values."""

import ast
import re
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.words.sentences import Source, sentences

import equipoise
from equipoise.conduct.access.questions import MEANINGS
from equipoise.conduct.enrolment.ending import Why
from equipoise.conduct.forms.reading import MISSING
from equipoise.conduct.organisation.wall import ROLES
from equipoise.conduct.safety.clocks import SAID
from equipoise.web.words.refusals import CHAPTERS, CHINESE
from equipoise.web.words.said import in_language, reason_in_language
from equipoise.web.words.terms import PLACES, REASONS, TERMS

SOURCE = Path(equipoise.__file__).parent
VALUE = re.compile(r"\{(\d+)(?::said|:text)?\}")
KNOWN = {**CHINESE, **TERMS}

ELSEWHERE = {
    "_closed(trial, hold)",  # built by a function of `PARTS`
    "self._twice(connection, mark, site)",
    "_expected(item)",
    "wrong_kit(kit, order)",
    "wrong_kit(carton, order)",
    "'\\n'.join(problems)",  # sentences gathered in lists, each of which is found where it is put in
    "'\\n'.join(said)",
    "'\\n'.join(found)",
    "str(error)",  # what was raised before
    "str(found)",
    "what",
    "late[intent.visit]",  # a sentence of `_outside`
    "late[name]",
    "f'{asked.label.say()} {error}'",  # a value, and what is wrong with it
}
"""Expressions that are a sentence of somebody else."""


@pytest.fixture(scope="module")
def source() -> Source:
    return Source(SOURCE)


def test_every_sentence_has_its_chinese(source: Source) -> None:
    missing = {text: places for text, places in sentences(source).items() if text not in KNOWN}
    assert not missing


def test_no_chinese_is_of_a_sentence_that_nobody_says(source: Source) -> None:
    assert not CHINESE.keys() - sentences(source).keys()


def test_no_chapter_says_what_another_says() -> None:
    assert len(CHINESE) == sum(len(chapter.CHINESE) for chapter in CHAPTERS)


def test_what_is_refused_can_be_read_from_the_source(source: Source) -> None:
    """A refusal whose sentence is built somewhere else must be listed, so that none escapes this test."""
    unread = set()
    for path in source.paths("conduct", "line", "trial", "vault"):
        for node in ast.walk(source.tree(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "DecisionRefused"
            ):
                texts = {one for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)}
                named = isinstance(node.args[0], ast.Name) and source.constant(path, node.args[0].id) is not None
                if not named and not any(letter.isalpha() for one in texts for letter in str(one.value)):
                    unread.add(ast.unparse(node.args[0]))
    assert unread <= ELSEWHERE


@pytest.mark.parametrize("english", [pytest.param(text, id=text[:60]) for text in {**KNOWN, **PLACES}])
def test_the_chinese_has_the_values_of_the_english(english: str) -> None:
    said = {**KNOWN, **PLACES}[english]
    assert sorted(VALUE.findall(said)) == sorted(VALUE.findall(english))
    assert re.search("[\u4e00-\u9fff]", VALUE.sub("", said)) or english in NOT_IN_WORDS


NOT_IN_WORDS = {
    " ({1})",
    "{1} UTC",
    "interventions.{1}",
    "variables.{1}",
    ". Got {1}",
    "{1}. Got {2}",
    "{1}: {2}. Got {3}",
}
"""What is the same in both languages but for its signs."""


@given(data=st.data())
def test_every_value_is_in_the_chinese(data: st.DataObject) -> None:
    english = data.draw(st.sampled_from(sorted(CHINESE)))
    numbers = VALUE.findall(english)
    values = {number: f"x{data.draw(st.integers(100, 999))}y{number}" for number in numbers}
    followed = re.findall(r"\}\{(\d+)\}", english)  # right after another value there is a tail, or nothing
    values |= {number: f"; did you mean x{number}?" for number in followed}
    if any(values[number] and " of visit" in english for number in followed):
        return
    sentence = VALUE.sub(lambda found: values[found[1]], english)
    said = in_language(sentence, "zh")
    assert said != sentence
    for number, value in values.items():
        assert (f"x{number}" if number in followed else value) in said


def test_english_stays_as_it_was_said() -> None:
    assert in_language("the trial is not locked", "en") == "the trial is not locked"


def test_a_sentence_that_nobody_knows_stays_english() -> None:
    assert in_language("the moon is full", "zh") == "the moon is full"


def test_a_refusal_without_chinese_is_found(tmp_path: Path) -> None:
    for part in ("conduct/closing", "line", "trial", "vault", "record"):
        (tmp_path / part).mkdir(parents=True)
    new = 'def decide(site):\n    raise DecisionRefused(f"site {site} is on holiday; wait")\n'
    (tmp_path / "conduct/closing/locks.py").write_text(new)
    found = sentences(Source(tmp_path), parts=())
    assert found.keys() == {"site {1} is on holiday; wait"}
    assert not found.keys() & KNOWN.keys()


def test_either_way_of_a_condition_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "conduct").mkdir()
    told = (
        "def tell(self):\n    way = 'locked' if self.locked else 'frozen'\n"
        "    return f\"{self.what} was {way}{' twice' if self.again else ''}\"\n"
    )
    (tmp_path / "conduct/fact.py").write_text(told)
    wanted = {"{1} was locked", "{1} was frozen", "{1} was locked twice", "{1} was frozen twice"}
    assert sentences(Source(tmp_path), parts=()).keys() >= wanted


NAMES = {
    "Weight": "体重",
    "Vital signs": "生命体征",
    "Screening": "筛选期",
    "Too high": "过高",
    "vitals": "生命体征",
    "weight": "体重",
    "lungs": "肺部",
    "lungs = NORMAL": "肺部 = 正常",
    "ADVERSE EVENT": "不良事件",
    "sex=F": "性别=女",
    "sex F": "性别：女",
    "The pulse is fast": "脉搏偏快",
}

EXAMPLES = {
    "ann became safety unblinder at all sites": "ann 在所有中心担任安全揭盲人",
    "Ann Lee is not data manager at site 01 today; ask the administrator or the sponsor. Got ann": (
        "Ann Lee 今天在中心 01 没有数据管理员角色；请联系管理员或申办者（当前值：ann）"
    ),
    "the trial cannot be locked yet; open are open queries: 3; terms not coded: 2": (
        "试验尚不能锁定；未完成的有：未关闭的质疑：3；未编码的术语：2"
    ),
    "this step (save form) is for: investigator, nurse. Got monitor": (
        "此步骤（save form）由以下角色执行：研究者、护士；请由其中一位操作（当前值：监查员）"
    ),
    "Weight must lie between 30 and 200 kg. Got 5": "体重须在 30 至 200 kg 之间；请更正（当前值：5）",
    "Vital signs, visit W4: please say why Weight is changed": "生命体征，访视 W4：请说明更改体重的原因",
    "Vital signs, visit W4: Too high. Got Weight 900": "生命体征，访视 W4：过高（当前值：Weight 900）",
    "there is no site 9; there are: 01, 02": "没有中心 9；现有：01, 02；请核对",
    "form vitals of visit W0 was saved: weight = 61.3, lungs = NORMAL, note = a, b; c, pulse: NOT DONE; entered "
    "late (busy)": (
        "保存了表单“生命体征”（访视 W0）：体重 = 61.3, 肺部 = 正常, note = a, b; c, pulse: 未做；补录（busy）"
    ),
    "form vitals number 2 was saved: weight = 61.3, accession A1 of laboratory L2": (
        "保存了表单“生命体征”（第 2 条）：体重 = 61.3, 实验室 L2 的样本号 A1"
    ),
    "was verified against the source: W0/vitals/1 weight, lungs; /vitals/2 weight": (
        "已进行源数据核查：W0 生命体征：体重、肺部；生命体征 2：体重"
    ),
    "query Q1 on W0/vitals/1 was raised: The pulse is fast": "就W0 生命体征提出了质疑 Q1：脉搏偏快",
    "query Q1 on W0/vitals/1 was raised: none, weight": "就W0 生命体征提出了质疑 Q1：none, weight",
    "the infusion of visit W4 was not given (ADVERSE EVENT)": "访视 W4 的输注未给予（不良事件）",
    "true strata: site=01, sex=F": "真实分层：中心=01，性别=女",
    "signed consent form 1.0 (zh) on 2026-03-05": "于 2026-03-05 签署了知情同意书 1.0（中文）",
    "there is no such role; did you mean nurse? Got nurs": "没有此角色；您是指 nurse 吗？请更正（当前值：nurs）",
    "form ae number 2 was saved: A = 3; entered late (busy)": "保存了表单“ae”（第 2 条）：A = 3；补录（busy）",
    "line 3, test: is computed from other values; leave it out (leave_out). Got ALT": (
        "第 3 行，test：由其他数值计算得出；请将其略去（leave_out）（当前值：ALT）"
    ),
    "line 4: Vital signs, visit W4: please say why Weight is changed": (
        "第 4 行：生命体征，访视 W4：请说明更改体重的原因"
    ),
    "query Q1 was answered: one line\nand another": "质疑 Q1 已回答：one line\nand another",
    "the trial is not locked\nWeight must be a number. Got x": "试验没有锁定\n体重须为数字；请更正（当前值：x）",
    "eligibility of S-1 cannot be decided yet; fill in first: Vital signs at Screening (Weight)": (
        "S-1 的入选资格尚不能判定；请先填写：筛选期的生命体征（体重）"
    ),
}


@pytest.mark.parametrize("english", EXAMPLES)
def test_examples(english: str) -> None:
    assert in_language(english, "zh", NAMES) == EXAMPLES[english]


GIVEN = {
    "told by the vault": "由盲底库告知",
    "wrong dose or wrong product: two bags: swapped": "剂量错误或产品错误：two bags: swapped",
    "The pulse is fast": "脉搏偏快",
    "weight, none; is eligible": "weight, none; is eligible",
}


@pytest.mark.parametrize("reason", GIVEN)
def test_a_reason_of_the_program_is_said_any_other_stays_as_it_was_typed(reason: str) -> None:
    assert reason_in_language(reason, "zh", NAMES) == GIVEN[reason]
    assert reason_in_language(reason, "en", NAMES) == reason


def test_every_reason_that_the_program_gives_has_its_chinese(source: Source) -> None:
    """A reason is fixed where it is said in a constant, or given to an outcome as one."""
    breaks = source.constant("web/vault_pages/code_break.py", "REASONS")
    assert isinstance(breaks, ast.Tuple)
    given = {f"{ast.literal_eval(one)}: {{1}}" for one in breaks.elts}
    for path in source.paths("conduct", "trial"):
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.keyword) and node.arg == "reason":
                texts = [node.value.value] if isinstance(node.value, ast.Constant) else []
                given |= {text for text in texts if isinstance(text, str) and text}
    assert given <= REASONS.keys()


def test_roles_clocks_questions_and_codes_have_their_words() -> None:
    assert not {*ROLES, *SAID.values(), *MEANINGS.values(), *MISSING, *get_args(Why)} - TERMS.keys()
