"""The words of a plan in Simplified Chinese, by their English; those of all reports: `report.language`."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    " (the protocol's)": "（方案采用）",
    ", at {visit}": "（{visit}）",
    ".": "。",
    "; ": "；",
    "About {number} people are to be screened.": "约需筛选{number}人。",
    "All arms shown": "全部组显示有效",
    "All numbers": "全部数值",
    "An arm": "每组",
    "An arm shown to be better, or dropped, takes no more participants.": "已显示有效或已终止的组不再入组。",
    "Any arm shown": "至少一组显示有效",
    "Arm": "组别",
    "As planned": "按计划",
    "Assumed (scenario: {scenario}), as differences of the means from {control}: {effects}.": (
        "假设（情形：{scenario}）与{control}的均值差：{effects}。"
    ),
    "Assumed (scenario: {scenario}), as differences of the share from {control}: {effects}.": (
        "假设（情形：{scenario}）与{control}的比例差：{effects}。"
    ),
    "Assumed (scenario: {scenario}), as hazard ratios to {control}: {effects}.": (
        "假设（情形：{scenario}）相对{control}的风险比：{effects}。"
    ),
    "At least one arm is shown to be better with a probability of {some}, all of them with {all}.": (
        "至少一组显示优于对照的概率为{some}，全部组均显示的概率为{all}。"
    ),
    "At look {number} {share} have entered already: it saves few participants.": (
        "第{number}次期中分析时已入组{share}，能节省的受试者不多。"
    ),
    (
        "At {rate} participants a month, all sites open from the start, the last enters after {entered} months "
        "and has the outcome after {ripe}."
    ): "按每月入组{rate}例、各中心同时启动计，第{entered}个月完成入组，第{ripe}个月获得末例结果。",
    "Block urn": "区组瓮法",
    "Complete": "完全随机",
    "Blinded re-estimation of the standard deviation": "标准差的盲态重新估计",
    "Calendar": "时间表",
    "Claim": "结论要求",
    "Cochran-Mantel-Haenszel test": "Cochran-Mantel-Haenszel检验",
    "Cox regression": "Cox回归",
    "Correct guesses": "猜中（趋同策略）",
    "Best guesses": "猜中（知晓方法者）",
    "Curves of power over participants. With {n}: {parts}.": "检验效能随受试者例数变化的曲线。{n}例时：{parts}。",
    "Design": "设计",
    "Deterministic": "可确定的分配",
    "Difference": "差值",
    "Difference (percentage points)": "差值（百分点）",
    "Dotted: the power asked for, and the number of participants planned.": "点线：要求的检验效能与计划例数。",
    "Dotted: the {n} participants that are planned.": "点线：计划的{n}例受试者。",
    "Dropout": "脱落率",
    "Dropout {share}": "脱落率{share}",
    "Dunnett's step-down test": "Dunnett逐步递减检验",
    "Dunnett's test": "Dunnett检验",
    "Each comparison is tested at a level of {alpha}, {sides}, not adjusted for their number.": (
        "各次比较的检验水准均为{alpha}（{sides}），未对比较次数作校正。"
    ),
    "Effect": "效应",
    "Effect assumed": "假设效应",
    (
        "Effect assumed: as the scenario states it, in the unit of the main item. Power counts the arms shown to "
        "be better; null rejected counts rejections on either side."
    ): "假设效应：情形所述数值，按主要指标的单位。检验效能只计显示优于对照者；“拒绝零假设”计入任一方向的拒绝。",
    "Effects are those in what is analysed, with waning, events and missing values as the estimand says.": (
        "效应为分析中的实际效应，已按估计目标计入疗效消退、伴发事件与缺失值。"
    ),
    "Ends at each look, no effect": "各次分析时结束的概率（无效应）",
    "Ends at each look, planned effect": "各次分析时结束的概率（计划效应）",
    "Every arm has this effect; the standard deviation is that given the covariates.": (
        "各组效应均为此值；标准差为给定协变量后的标准差。"
    ),
    "Familywise error": "总体I类错误",
    "Familywise error rate {alpha}, {sides}, held by {multiplicity}.": (
        "总体I类错误率{alpha}（{sides}），以{multiplicity}控制。"
    ),
    "Familywise error: probability to reject the null hypothesis of an arm that has no effect.": (
        "总体I类错误：拒绝无效应组零假设的概率。"
    ),
    "Field of the protocol": "方案字段",
    "Final imbalance": "最终不均衡",
    "Fisher's exact test": "Fisher精确检验",
    "For a power of {power} for {claim}, {total} participants are to be randomised ({per_arm}).": (
        "为使{claim}的检验效能达到{power}，需随机化{total}例受试者（{per_arm}）。"
    ),
    "For the claim: {claim}": "结论要求：{claim}",
    (
        "From {trials} simulated trials of {n} participants. Imbalance: of the arms, in participants, on "
        "average. Size: of tests without an effect at a level of {alpha}, outcomes drifting over time and "
        "differing by stratum."
    ): (
        "基于{trials}次模拟试验，每次{n}例。不均衡：组间例数差的平均值。检验水准：无效应时水准{alpha}的检验的实际"
        "水准，结局随时间漂移并因分层而异。"
    ),
    (
        "Half way through, the standard deviation is estimated without the arms and the size found again: never "
        "below the planned one, at most {maximum}."
    ): "入组过半时在不揭盲的情况下估计标准差并重新计算样本量：不低于计划例数，最多{maximum}例。",
    "Hazard ratio": "风险比",
    "Hochberg's method": "Hochberg法",
    "Holm's method": "Holm法",
    "Hommel's method": "Hommel法",
    "Bonferroni's method": "Bonferroni法",
    "If everyone is seen": "无缺失时",
    "Imbalance over time, predictability and size of the analyses by scheme; the table has the numbers.": (
        "各方法的不均衡变化、可预测性与分析的检验水准；数值见表。"
    ),
    "In words": "文字说明",
    "Largest imbalance": "最大不均衡",
    "Look {number}": "第{number}次期中分析",
    "Look {number} comes when everyone has entered: it can save follow-up and time, but no participants.": (
        "第{number}次期中分析时已完成入组：只能节省随访和时间，不能减少受试者。"
    ),
    (
        "Looks at several arms combine the stages by inverse normal in a closed test, which is step-down: "
        "without looks it would need fewer participants than a test in a single step. Probabilities from 16,000 "
        "drawn trials, always the same."
    ): (
        "多组的期中分析以逆正态法合并各阶段并作封闭检验；封闭检验为逐步检验，即使无期中分析，所需例数也少于单步检"
        "验。概率由固定的16,000次抽样试验得出。"
    ),
    "Looks before the end": "期中分析",
    "Method": "方法",
    "Methods": "方法",
    "Month": "月份",
    "Multiplicity": "多重性",
    "No bounds for efficacy": "无有效性界值",
    "No look before the end": "无期中分析",
    "Not planned, as the virtual participants cannot give their outcome: {names}.": (
        "未作计划（虚拟受试者不能给出其结局）：{names}。"
    ),
    "Null rejected": "拒绝零假设",
    "O'Brien-Fleming bounds": "O'Brien-Fleming界值",
    "On average, no effect": "平均例数（无效应）",
    "On average, planned effect": "平均例数（计划效应）",
    "Other analyses": "其他分析",
    "Participants at most": "最多例数",
    "Participants in": "已入组例数",
    "Participants in all arms": "各组合计例数",
    "Participants on average": "平均例数",
    "Participants that a power of {power} asks for": "检验效能{power}所需例数",
    "Participants to be randomised": "需随机化例数",
    "Participants to be randomised for a power of {power}; the scenario is {scenario}.": (
        "检验效能为{power}时需随机化的例数；情形：{scenario}。"
    ),
    "Phase": "分期",
    "Planned analysis": "计划分析",
    "Planned participants": "计划例数",
    "Pocock bounds": "Pocock界值",
    "Power": "检验效能",
    "Power asked for": "要求的检验效能",
    "Power by number of participants": "检验效能与例数",
    "Power for": "针对",
    "Power for {claim}": "检验效能（{claim}）",
    "Power under each scenario": "各情形下的检验效能",
    "Power with {n}": "{n}例时的检验效能",
    "Probabilities by recursive integration.": "概率由递推积分得出。",
    "Protocol version": "方案版本",
    "Minimisation": "最小化法",
    "Random allocation rule": "随机分配规则",
    "Reason": "理由",
    "Same protocol, same page, byte for byte.": "同一方案得到逐字节相同的页面。",
    "Scenario": "情形",
    "Scheme": "方法",
    "Schemes of randomisation": "随机化方法",
    "Sensitivity to the assumptions": "对假设的敏感性",
    "Significance level": "检验水准",
    "Significance level {alpha}, {sides}.": "检验水准{alpha}（{sides}）。",
    "Size": "样本量",
    "Size over {axis}, a curve each. {parts}.": "样本量随{axis}的变化。{parts}。",
    "Size, arm alone": "检验水准：仅组别",
    "Size, with strata": "检验水准：加分层",
    "Size, with strata and entry": "检验水准：加分层与入组顺序",
    "Size, re-randomisation": "检验水准：再随机化检验",
    (
        "Sizes for a power of {power}. Looks are at shares of the participants with the planned outcome, and "
        "count only those; participants who entered while the outcomes ripened come on top."
    ): (
        "检验效能为{power}时的例数。期中分析按已有计划结局的受试者比例安排，只计这些受试者；等待结局期间入组者另"
        "计。"
    ),
    "Skip to the plan": "跳至正文",
    "Smallest found with {n}": "{n}例可检出的最小效应",
    "Source": "来源",
    "Sources": "来源",
    "Standard deviation": "标准差",
    "Step": "步骤",
    "Stratum imbalance": "层内不均衡",
    "Student's t test": "Student t检验",
    "Summary": "摘要",
    (
        "The standard deviation of the outcome given the covariates is {sd}; {seen} of participants have a value "
        "then."
    ): "给定协变量后结局的标准差为{sd}；届时{seen}的受试者有数值。",
    "The standard deviation of the outcome is {sd}; {seen} of participants have a value then.": (
        "结局的标准差为{sd}；届时{seen}的受试者有数值。"
    ),
    "The smallest effect that they show with a power of {power} is {effects}.": (
        "以{power}的检验效能可检出的最小效应为{effects}。"
    ),
    "The {participants} participants that are planned have a power of {each}.": (
        "计划的{participants}例受试者的检验效能为：{each}。"
    ),
    "The protocol's": "方案采用",
    "Urn": "瓮法",
    "The words in the picture are English.": "图中文字为英文。",
    "True standard deviation": "真实标准差",
    "Welch's t test": "Welch t检验",
    "What the protocol can find out": "方案能回答什么",
    "Where the assumptions come from": "假设的来源",
    "Wilcoxon's rank-sum test": "Wilcoxon秩和检验",
    "With missing values": "计入缺失",
    "With {n} participants in all.": "共{n}例受试者。",
    (
        "With {n} participants, scenario: {scenario}. Items that no treatment changes by assumption have the "
        "power of a test without an effect."
    ): "{n}例受试者，情形：{scenario}。假设中不受治疗影响的指标，其检验效能等于无效应时的检验。",
    "a fixed sequence": "固定顺序检验",
    "all arms together": "全部各组",
    "an arm dropped if z < {z}": "z < {z}时终止该组",
    "analysis of covariance": "协方差分析",
    "any": "至少一组",
    "all": "全部组",
    "as planned": "按计划",
    "at least one arm": "至少一组",
    "cells/µL": "个/µL",
    "chi-square test": "卡方检验",
    "the chi-square test": "卡方检验",
    "the Cochran-Mantel-Haenszel test": "Cochran-Mantel-Haenszel检验",
    "the log-rank test": "log-rank检验",
    "difference": "差值",
    "each": "各组",
    "each arm by itself": "各组单独",
    "each comparison at this level": "各次比较均按此水准",
    "effect {value}": "效应{value}",
    "first participant in": "首例入组",
    "hazard ratio": "风险比",
    "last outcome": "末例结果",
    "last participant in": "末例入组",
    "last visit of all": "末例末次访视",
    "log-rank test": "log-rank检验",
    "a mixed model for repeated measures": "重复测量混合模型",
    "mixed model": "重复测量混合模型",
    "one-sided": "单侧",
    "percentage points": "百分点",
    "plan of the trial": "试验计划",
    "planned: {n}": "计划：{n}例",
    "rank-sum test": "秩和检验",
    "response by {item}": "按{item}判断的应答",
    "standard deviation {value}": "标准差{value}",
    "the best arm goes on": "仅最优组继续",
    "this comparison": "该比较",
    "time to the event ({question})": "至事件时间（{question}）",
    "two-sided": "双侧",
    "The planned analysis compares {arms} with {control} by {method}; the outcome is {outcome}{at}.": (
        "计划分析将{arms}与{control}比较，方法为{method}，结局为{outcome}{at}。"
    ),
    "{bounds}, look at {shares}": "{bounds}，于{shares}时分析",
    "{effect} with {arm}": "{arm}{effect}",
    "{label}: {first} to {last}": "{label}：{first}至{last}",
    "{number} an arm": "每组{number}例",
    "{power} for {arm}": "{arm}{power}",
    (
        "{rate} participants a month: all sites are open from the start and enrol evenly; visits on their target "
        "day. Cleaning the data and deciding take time on top."
    ): "每月入组{rate}例：各中心同时启动并匀速入组，访视均在目标日。数据清理与决策另需时间。",
    "{summary} of {item}": "{item}{summary}",
    "{total} would do if nobody's value were missing.": "若无缺失值，{total}例即可。",
    "{value} percentage points": "{value}个百分点",
    "–: no size in reach; the arm has no effect, or one on the wrong side.": (
        "–：无法达到；该组无效应或效应方向相反。"
    ),
}
