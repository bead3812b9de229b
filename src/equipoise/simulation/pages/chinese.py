"""The words of the page in Simplified Chinese, by their English."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    ", ": "，",
    "; ": "；",
    "All arms": "所有组",
    "All arms together, {visit}": "各组合计，{visit}",
    "All numbers": "全部数值",
    "All of this at once": "以上同时成立",
    "All outcomes at {visit} are there after {months} months.": "{months}个月后可获得全部{visit}结局。",
    "Analyses asked for": "要求的分析",
    "Analyses of the protocol that are not in this simulation, and why": "方案中未纳入本次模拟的分析及原因",
    "Any comparison significant whose true difference is 0": "任一真实差值为0的比较有统计学意义",
    "As observed repeats what that trial found, chance included; it does not foretell a new one.": (
        "“按实际观察”重复该试验的发现，包括其中的偶然性；它并不预示新的试验。"
    ),
    "As observed, each arm drawn from itself": "按实际观察，各组从本组抽取",
    "As the protocol file has them": "按方案文件原文",
    "Assumptions and where they come from": "各项假定及其来源",
    "At least one active arm p < 0.001": "至少一个试验组p < 0.001",
    "At least one arm": "至少一个组",
    "Bars: 95% Monte Carlo interval (Wilson).": "横线：95%蒙特卡罗区间（Wilson法）。",
    "Beyond three Monte Carlo errors it is biased: {list}.": "偏倚超过三倍蒙特卡罗误差的有：{list}。",
    "Bias": "偏倚",
    "Bias and coverage: in brackets the Monte Carlo error, that of a coverage in percentage points.": (
        "偏倚与覆盖率：括号内为蒙特卡罗误差，覆盖率的误差以百分点计。"
    ),
    "Bias, standard error and intervals of the other analyses": "其他分析的偏倚、标准误与区间",
    "Bias, standard error and intervals: {analysis}": "偏倚、标准误与区间：{analysis}",
    "Can this trial find the planned effect?": "本试验能否发现计划中的疗效？",
    "Chosen is, of the arms declared better than the control, that with the best estimate.": (
        "在被判定优于对照的各组中，选择估计值最好的一组。"
    ),
    "Course of the trial": "试验进程",
    "Coverage": "覆盖率",
    "Coverage of the confidence intervals": "置信区间的覆盖率",
    "Cox regression": "Cox回归",
    "Definition": "定义",
    "Do the intervals cover the truth?": "区间是否覆盖真值？",
    "Dots with bars, a panel a scenario and a row a definition. {parts}.": (
        "带横线的点图，每幅一种情景，每行一种定义。{parts}。"
    ),
    "Dots with bars, a panel a scenario and a row an analysis. {parts}.": (
        "带横线的点图，每幅一种情景，每行一项分析。{parts}。"
    ),
    "Dots with bars, a row a scenario. {parts}.": "带横线的点图，每行一种情景。{parts}。",
    "Dots with bars, two panels. p < 0.001: {parts}.": "带横线的点图，共两幅。p < 0.001：{parts}。",
    "Dots with bars, two panels. {parts}.": "带横线的点图，共两幅。{parts}。",
    "Dots, a row a comparison and a mark a scenario. {parts}.": "点图，每行一项比较，每种标记一种情景。{parts}。",
    "Dots: mean share over the trials; bars: ± one standard deviation between trials of this size.": (
        "点：各次模拟试验的平均比例；横线：±同等样本量试验间的一个标准差。"
    ),
    "Dotted lines: shares that were published, not simulated.": "点线：已发表的比例，并非模拟所得。",
    "Each trial is analysed as the protocol says, by the methods that analyse real data, many trials at a time.": (
        "每次试验均按方案分析，所用方法与分析真实数据的方法相同，并成批计算。"
    ),
    "Errors": "错误",
    "Estimates against the truth: {analysis}": "估计值与真值：{analysis}",
    "Estimates and intervals": "估计值与区间",
    "Estimates and truth": "估计值与真值",
    "Every active arm p < 0.001, the control p ≥ 0.05": "所有试验组p < 0.001，而对照组p ≥ 0.05",
    "Every arm": "每一个组",
    "Every number links to how it was made; its title holds it at full precision, with its line in the CSV.": (
        "每个数值均链接至其产生方法；其提示文字给出完整精度及其在CSV中的行号。"
    ),
    "Field of the protocol": "方案字段",
    "For {size} participants {screened} are screened on average (standard deviation between trials {sd}).": (
        "为入组{size}名受试者，平均需筛选{screened}人（试验间标准差{sd}）。"
    ),
    (
        "For {who} a trial reports a standard error of {se} on average, and the estimates of different trials "
        "have a standard deviation of {spread}."
    ): "{who}：单次试验报告的标准误平均为{se}，各次试验估计值的标准差为{spread}。",
    "Had: {event}": "发生：{event}",
    "How long does it take, and how many are screened?": "试验需要多长时间，需筛选多少人？",
    "How often a trial gives what was published, or more": "试验得出已发表结果或更极端结果的频率",
    "How often each analysis finds a difference": "各项分析发现差异的频率",
    "How often the change within an arm is significant: {analysis}": "组内变化有统计学意义的频率：{analysis}",
    "How often the test of each definition has p < {alpha}": "各定义的检验p < {alpha}的频率",
    "In bold: the planned analysis. After adjustment for the number of arms where an analysis adjusts.": (
        "粗体：计划的分析。分析本身按组数校正者，均为校正后结果。"
    ),
    "Is the estimate biased?": "估计值是否有偏倚？",
    "Joint coverage": "联合区间覆盖率",
    "Joint width": "联合区间宽度",
    "Joint: of the intervals adjusted for the number of arms, each taken by itself.": (
        "联合区间：按组数校正的区间，此处逐个计算。"
    ),
    "Left before the end": "提前退出",
    "Level of the intervals: {level}": "区间的置信水平：{level}",
    "Looks on the way": "期中分析",
    "Mean SE": "平均标准误",
    "Mean estimate": "平均估计值",
    "Mean estimate; bar: ± the standard deviation of the estimates": "平均估计值；横线：±估计值的标准差",
    "Mean over the trials of the share of an arm's participants who respond.": (
        "各组应答者比例在各次模拟试验中的平均值。"
    ),
    "Mean over the trials; in brackets the standard deviation between trials.": (
        "各次模拟试验的平均值；括号内为试验间标准差。"
    ),
    "Mean width": "平均宽度",
    "Model of participants": "受试者模型",
    (
        "Monte Carlo errors: of a mean, SD / √N; of an empirical standard error s, s / √(2 (N − 1)) (Morris, "
        "White and Crowther, Statistics in Medicine 2019;38:2074-2102). Intervals of shares are Wilson's."
    ): (
        "蒙特卡罗误差：均值为SD / √N；经验标准误s为s / √(2 (N − 1))（Morris、White和Crowther，Statistics in "
        "Medicine 2019;38:2074-2102）。比例的区间用Wilson法。"
    ),
    "Months until the end": "至试验结束的月数",
    "Months until the last participant enters": "至最后一名受试者入组的月数",
    "Months until the last visit of the last participant": "至最后一名受试者末次访视的月数",
    "Months until the planned outcome of the last participant": "至最后一名受试者计划结局的月数",
    "No bias of its comparisons with the control exceeds three Monte Carlo errors.": (
        "其与对照的各项比较，偏倚均未超过三倍蒙特卡罗误差。"
    ),
    "No effect, every arm drawn from the control": "无疗效，各组均从对照组抽取",
    "Of the other analyses, these are biased beyond three Monte Carlo errors under some scenario: {list}.": (
        "其他分析中，在某一情景下偏倚超过三倍蒙特卡罗误差的有：{list}。"
    ),
    "On average {left} leave before the end, and {seen} have a value at {visit}.": (
        "平均{left}的受试者提前退出，{seen}在{visit}有数值。"
    ),
    "PARTIAL: {done} of {trials} trials": "部分结果：已完成{done}次，共{trials}次模拟试验",
    "Participants": "受试者",
    "Participants and months: mean over the trials; in brackets the standard deviation between trials.": (
        "受试者数与月数：各次模拟试验的平均值；括号内为试验间标准差。"
    ),
    (
        "Participants of the real trial are drawn again with replacement: each arm from itself, or every arm "
        "from the control where nothing is to work. Arms keep the sizes that they had."
    ): (
        "对真实试验的受试者进行有放回的重复抽样：各组从本组抽取；设定无疗效时，各组均从对照组抽取。各组人数保持"
        "不变。"
    ),
    "Planned analysis": "计划的分析",
    "Planned participants": "计划受试者数",
    "Power and errors": "检验效能与错误",
    "Power asked for: {power}": "要求的检验效能：{power}",
    "Power of the planned analysis: {analysis}": "计划分析的检验效能：{analysis}",
    "Published, not simulated: {list}": "已发表（非模拟）：{list}",
    "Published, not simulated: {list}; the definition is not known.": "已发表（非模拟）：{list}；其应答定义不详。",
    "Published, {arm}: {share}": "已发表，{arm}：{share}",
    (
        "Read off, first under no effect: all that responds there responds by noise, drift and selection alone; "
        "only what lies right of it under another scenario is owed to the treatment."
    ): (
        "读图：先看无疗效情景，其中的应答全部出于测量误差、自然变化和选择；其他情景下只有超出它的部分才归因于治"
        "疗。"
    ),
    (
        "Read off, first under no effect: how often an arm changes significantly from its own baseline though "
        "no arm differs from another."
    ): "读图：先看无疗效情景，即各组之间并无差异时，某组相对自身基线的变化有统计学意义的频率。",
    "Read off: dots left of the band are intervals that promise more than they keep.": (
        "读图：位于色带左侧的点，其区间未达到所声称的覆盖率。"
    ),
    "Read off: how far a single trial's estimate may lie from the truth, and whether their mean does too.": (
        "读图：单次试验的估计值可能偏离真值多远，其平均值是否也偏离真值。"
    ),
    "Read off: how far each dot lies from the power asked for; under no effect, from the significance level.": (
        "读图：各点距要求的检验效能有多远；无疗效时，距检验水准有多远。"
    ),
    (
        "Read off: under no effect the size of the test, which should not exceed the significance level; under "
        "an effect its power."
    ): "读图：无疗效时为检验的一类错误率，不应超过检验水准；有疗效时为检验效能。",
    (
        "Read off: which analysis of the same question finds the effect more often, and which of them find one "
        "too often where there is none."
    ): "读图：对同一问题，哪种分析更常发现疗效；无疗效时，哪种分析过于频繁地发现差异。",
    "Right: bias with its 95% Monte Carlo interval; an interval that holds 0 shows no bias.": (
        "右图：偏倚及其95%蒙特卡罗区间；区间包含0则未见偏倚。"
    ),
    "SD of estimates": "估计值标准差",
    "SD of estimates: standard deviation between trials, which the standard error SE of a trial estimates.": (
        "估计值标准差：试验间的标准差，即单次试验的标准误所估计的量。"
    ),
    "Same protocol, same seed, same bytes, whatever the number of workers.": (
        "方案相同、种子相同，则结果逐字节相同，与并行数无关。"
    ),
    "Screened": "筛选人数",
    "Seed": "随机种子",
    "Settings": "设置",
    (
        "Shaded: {interval}, where a share of {trials} trials falls in 95 of 100 cases if the true coverage is "
        "{level}."
    ): "色带：{interval}；若真实覆盖率为{level}，{trials}次试验的比例在100次中有95次落入此范围。",
    "Share of participants who respond": "应答者比例",
    "Share of trials": "试验比例",
    "Share of trials whose interval covers the truth": "区间覆盖真值的试验比例",
    "Share of trials with a significant difference": "差异有统计学意义的试验比例",
    "Share of trials with p < {alpha}": "p < {alpha}的试验比例",
    "Share of trials with p below {alpha}, adjusted for the number of arms where the analysis adjusts.": (
        "p小于{alpha}的试验比例；分析本身按组数校正者，为校正后结果。"
    ),
    "Share of trials; in brackets its Monte Carlo error in percentage points.": (
        "试验比例；括号内为其蒙特卡罗误差（百分点）。"
    ),
    "Significance level: {level}": "检验水准：{level}",
    "Significant": "有统计学意义",
    "Significant changes within an arm, at {visit}": "组内变化有统计学意义的频率，{visit}",
    "Significant without adjustment": "未校正时有统计学意义",
    "Significant, after adjustment for the number of arms": "按组数校正后有统计学意义",
    "Significant, on the side that is better": "有统计学意义，且方向为更优",
    "Simulation of the design": "试验设计的模拟",
    "Skip to the simulation": "跳至模拟结果",
    "Source": "来源",
    "Stops at look {look}": "在第{look}次期中分析时停止",
    "Months to look {look}": "至第{look}次期中分析（月）",
    "Participants entered by look {look}": "第{look}次期中分析时已入组例数",
    "At least one arm significant, on the side that is better": "至少一组在有利方向上有统计学意义",
    "Dropped": "中止该组",
    "Test of all arms together": "所有组的总体检验",
    "That is compatible with the significance level of {alpha}.": "与检验水准{alpha}相符。",
    "That is less than the significance level of {alpha}.": "低于检验水准{alpha}。",
    "That is more than the significance level of {alpha}.": "高于检验水准{alpha}。",
    (
        "The change of an arm holds drift and regression to the mean beside any effect, and a test inside the "
        "arm finds those too: it does not compare arms."
    ): "组内变化除疗效外还包含自然变化和向均数回归，组内检验也会发现这些变化：它并不比较各组。",
    (
        "The last participant enters after {entry} months on average (standard deviation {sd}); the last visit "
        "of all falls after {last} months."
    ): "最后一名受试者平均在{entry}个月后入组（标准差{sd}）；全部末次访视在{last}个月后完成。",
    "The protocol asks for {power} for {claim}: that lies within the Monte Carlo interval ({interval}).": (
        "方案要求{claim}达到{power}：该值位于蒙特卡罗区间（{interval}）之内。"
    ),
    "The protocol asks for {power} for {claim}: the trial does not reach it.": (
        "方案要求{claim}达到{power}：本试验未达到。"
    ),
    "The protocol asks for {power} for {claim}: the trial reaches it.": "方案要求{claim}达到{power}：本试验达到。",
    "The right decision on the arm": "对组别的判定正确",
    (
        "The right decision: of the arms declared better, that with the best estimate is truly the best; where "
        "no arm is better, none is declared."
    ): "判定正确：被判定更优的各组中，估计值最好的一组确为最优；若无更优的组，则未判定任何组更优。",
    (
        "The same trials are drawn under every scenario but for the effect, so that scenarios differ less by "
        "chance than their Monte Carlo errors suggest."
    ): "各情景下抽取的试验除疗效外均相同，因此情景间的差异受偶然性的影响小于其蒙特卡罗误差所示。",
    (
        "The {level} intervals cover the truth in {range} of trials, over the comparisons with the control and "
        "all scenarios; by chance alone a true coverage of {level} shows as {band}."
    ): (
        "在与对照的各项比较和所有情景中，{level}区间在{range}的试验中覆盖真值；真实覆盖率为{level}时，仅因偶然会"
        "表现为{band}。"
    ),
    "Times to a response: log-rank test; responses at a visit: Fisher's exact test. Not adjusted for arms.": (
        "至应答时间用log-rank检验；某一访视的应答用Fisher精确检验。均未按组数校正。"
    ),
    "Title": "标题",
    "Too low by more than three Monte Carlo errors: {list}.": "偏低超过三倍蒙特卡罗误差的有：{list}。",
    "Trials asked for, of each scenario": "每种情景要求的模拟试验数",
    "Trials carried out": "已完成的模拟试验数",
    "Trials of a chunk": "每批模拟试验数",
    "Trials of each scenario": "每种情景的模拟试验数",
    "True value": "真值",
    "True values are those of the estimand in the population of a scenario, its intercurrent events included.": (
        "真值为估计目标在该情景人群中的值，包含其伴发事件。"
    ),
    "Truth": "真值",
    (
        "Under {scenarios} shares and p as extreme as published come about in none of {trials} trials, whatever "
        "the definition (95% Monte Carlo interval up to {upper})."
    ): (
        "在{scenarios}情景下，无论采用哪种定义，{trials}次试验中均未出现与已发表结果同样极端的比例和p值（95%蒙特"
        "卡罗区间上限{upper}）。"
    ),
    (
        "Under “{scenario}” an arm is declared better in {some} of trials, and the one chosen is right in "
        "{right} of all trials."
    ): "在“{scenario}”情景下，{some}的试验判定某一组更优；在全部试验的{right}中，所选的组是正确的。",
    (
        "Under “{scenario}” at least one active arm has p < 0.001 in {some} of trials; every active arm has it "
        "while the control has p ≥ 0.05 in {every} (95% Monte Carlo interval {interval})."
    ): (
        "在“{scenario}”情景下，{some}的试验至少一个试验组p < 0.001；{every}的试验所有试验组p < 0.001而对照组p ≥ "
        "0.05（95%蒙特卡罗区间{interval}）。"
    ),
    (
        "Under “{scenario}” it finds a difference where there is none in {share} of trials (95% Monte Carlo "
        "interval {interval}). {verdict}"
    ): "在“{scenario}”情景下，对并无差异的比较，{share}的试验发现了差异（95%蒙特卡罗区间{interval}）。{verdict}",
    (
        "Under “{scenario}” it finds a difference, though there is none, in {share} of trials (95% Monte Carlo "
        "interval {interval}). {verdict}"
    ): "在“{scenario}”情景下，虽无任何差异，{share}的试验仍发现差异（95%蒙特卡罗区间{interval}）。{verdict}",
    "Under “{scenario}” no arm is declared better in {right} of trials, which is right.": (
        "在“{scenario}”情景下，{right}的试验未判定任何组更优，此即正确判定。"
    ),
    (
        "Under “{scenario}” shares and p as extreme as published come about in {share} of trials at most (95% "
        "Monte Carlo interval {interval}), by the definition “{definition}”."
    ): (
        "在“{scenario}”情景下，与已发表结果同样极端的比例和p值最多出现在{share}的试验中（95%蒙特卡罗区间"
        "{interval}），所用定义为“{definition}”。"
    ),
    (
        "Under “{scenario}” the analysis “{analysis}” finds an arm better than {control} in this share of "
        "trials (Monte Carlo error in percentage points): {list}."
    ): (
        "在“{scenario}”情景下，分析“{analysis}”判定优于{control}的试验比例（括号内为蒙特卡罗误差，百分点）："
        "{list}。"
    ),
    (
        "Under “{scenario}” the change of an arm from its own baseline at {visit} has p < {alpha} in {usual} of "
        "trials and p < 0.001 in {strict}."
    ): (
        "在“{scenario}”情景下，{visit}时某组相对自身基线的变化，{usual}的试验p < {alpha}，{strict}的试验p < "
        "0.001。"
    ),
    (
        "Under “{scenario}” the other analyses find at least one difference in {low} (“{least}”) to {high} "
        "(“{most}”); each is one more chance to find something where there is nothing."
    ): (
        "在“{scenario}”情景下，其他分析至少发现一项差异的比例为{low}（“{least}”）至{high}（“{most}”）；每多一项"
        "分析，就多一次无中生有的机会。"
    ),
    (
        "Under “{scenario}” the test of one arm against the control has p < {alpha} in {range} of trials, "
        "depending on the definition and the arm."
    ): "在“{scenario}”情景下，因定义和组别而异，{range}的试验中某一组与对照比较的检验p < {alpha}。",
    (
        "Under “{scenario}” the true difference of {who}, after all that happens to participants, is {truth}; "
        "the mean estimate is {mean}, a bias of {bias} (95% Monte Carlo interval {limits})."
    ): (
        "在“{scenario}”情景下，计入受试者所发生的各种事件后，{who}的真实差值为{truth}；平均估计值为{mean}，偏倚"
        "{bias}（95%蒙特卡罗区间{limits}）。"
    ),
    (
        "Under “{scenario}” {high} of the participants of {arm} respond by the definition “{most}” and {low} by "
        "“{least}”: by noise, drift and selection alone."
    ): (
        "在“{scenario}”情景下，按定义“{most}”{arm}有{high}的受试者应答，按“{least}”有{low}：完全出于测量误差、自"
        "然变化和选择。"
    ),
    "Unit: {unit}.": "单位：{unit}。",
    "Value": "取值",
    (
        "Virtual participants are drawn from the assumptions of the protocol and randomised by its scheme: "
        "course of the outcome, eligibility at screening, accrual, missed visits, dropout, intercurrent events, "
        "and the effect of the scenario."
    ): (
        "虚拟受试者按方案的假定抽取，并按方案的方法随机分组：结局的变化过程、筛选时的入选资格、入组速度、漏访、"
        "退出、伴发事件，以及该情景的疗效。"
    ),
    "What a change within an arm shows": "组内变化说明什么",
    "What does it conclude when nothing works?": "治疗无效时，试验会得出什么结论？",
    "What each definition of response measures": "各种应答定义衡量的是什么",
    "What the planned analysis concludes: {analysis}": "计划分析的结论：{analysis}",
    "What the test of each definition concludes": "各定义的检验得出什么结论",
    "What this design can find out": "本设计能够回答什么",
    "What was not simulated": "未模拟的内容",
    "Which arm would be chosen, and how often rightly?": "会选择哪一组，选择正确的频率如何？",
    "Who responds by each definition": "按各定义应答的受试者",
    "Why": "原因",
    "With a value at {visit}": "{visit}有数值",
    "With the planned looks": "计入计划的期中分析",
    "all": "全部",
    "all arms together": "所有组同时",
    "analysis of covariance": "协方差分析",
    "at least one arm": "至少一个组",
    "change within the arm": "组内变化",
    "chi-square test": "卡方检验",
    "each arm by itself": "各组分别",
    "every arm": "每一个组",
    "log hazard ratio": "对数风险比",
    "log-rank test": "log-rank检验",
    "mixed model for repeated measures": "重复测量混合模型",
    "p < 0.001 within the arm": "组内p < 0.001",
    "p < {alpha} within the arm": "组内p < {alpha}",
    "percentage points": "百分点",
    "simulation of the design": "试验设计的模拟",
    "that of the protocol": "方案规定的模型",
    "the method “{method}” is not simulated": "未模拟方法“{method}”",
    "{arm} against the control p = {p}": "{arm}与对照比较p = {p}",
    "{lower} to {upper}": "{lower}至{upper}",
    "{n} trials did not fit into the common calculation and were analysed one by one.": (
        "{n}次试验无法纳入成批计算，已逐一分析。"
    ),
    "{question} ({method})": "{question}（{method}）",
    "{scenario}, {who}: truth {truth}, bias {bias}": "{scenario}，{who}：真值{truth}，偏倚{bias}",
    "{share} in {arm}": "{arm} {share}",
    "{what}, {where}": "{what}，{where}",
    "{who} under “{scenario}” by {bias}": "{who}在“{scenario}”情景下为{bias}",
    "{who} under “{scenario}”: {share}": "{who}在“{scenario}”情景下：{share}",
    "{who} {share}": "{who} {share}",
    "{who}: at least {share} respond": "{who}：应答者至少{share}",
    "{who}: p < {level}": "{who}：p < {level}",
    "{who}: p ≤ {p}": "{who}：p ≤ {p}",
    "{who}: {what}": "{who}：{what}",
}
