"""The fixed words of a report in Simplified Chinese, by their English."""

from collections.abc import Mapping

CHINESE: Mapping[str, str] = {
    "25%": "25%",
    "75%": "75%",
    "; adjusted {p}": "；校正后{p}",
    "A later event is better.": "事件发生越晚越好。",
    "A strategy holds from the first visit after the last one at which the participant was seen.": (
        "策略自受试者末次有数值的访视之后的首个访视起适用。"
    ),
    "Account": "说明",
    (
        "Adjusted for {number} comparisons with {versus} by the method {method}; other p-values and "
        "intervals are not adjusted."
    ): "按与{versus}的{number}次比较校正（{method}）；其他p值和区间未校正。",
    "Adjusted p-value": "校正p值",
    "Adverse event": "不良事件",
    "Adverse event of special interest": "特别关注的不良事件",
    "Adverse events": "不良事件",
    "All participants": "全部受试者",
    "All participants with an arm": "已分组的全部受试者",
    "All results": "全部结果",
    "Allocated": "分配至该组",
    "Allocation": "分组",
    "An earlier event is better.": "事件发生越早越好。",
    "Analysis": "分析",
    "Analysis of covariance": "协方差分析",
    "Analysis set": "分析集",
    "Analysis sets": "分析集",
    "Any adverse event": "任何不良事件",
    "Any deviation": "任何方案偏离",
    "Arm": "组别",
    "Arm not part of the estimand": "该组不属于此估计目标",
    "Arms": "组别",
    "As observed; n is the number of participants with a value at the visit.": (
        "按实际观察值；n为该访视有数值的受试者人数。"
    ),
    "Assessed for eligibility": "接受入选资格评估",
    "At risk": "风险人数",
    "At {visit}, {what}": "{visit}，{what}",
    "Average of the visits": "各访视平均",
    "Band: interval at the level of the comparison. Dotted: the delta at which the conclusion changes.": (
        "色带：按比较检验水准的区间。点线：结论改变处的delta。"
    ),
    "Bars: 95% intervals of the difference (Newcombe); not adjusted for the number of terms.": (
        "横线：差值的95%置信区间（Newcombe法）；未对条目数作校正。"
    ),
    "Baseline": "基线",
    "Baseline characteristics": "基线特征",
    "Blinded": "设盲对象",
    "Bonferroni": "Bonferroni法",
    "Category": "类别",
    "Cause": "原因",
    "Cause of death": "死亡原因",
    "Censored": "删失",
    "Censoring is taken to tell nothing about the time to the event, which cannot be checked.": (
        "假定删失与事件时间无关，此假定无法检验。"
    ),
    "Change from baseline": "较基线变化",
    "Change within arms": "组内变化",
    "Characteristic": "特征",
    "Chi-square, all arms (df)": "卡方值，各组之间（自由度）",
    "Circles: hypotheses with their weight. Arrows: the share of it passed on when one is rejected.": (
        "圆：假设及其权重。箭头：拒绝后传递的权重份额。"
    ),
    "Cochran-Mantel-Haenszel test": "Cochran-Mantel-Haenszel检验",
    "Columns: category at baseline. Percentages are of those with the same category at baseline.": (
        "各列：基线类别。百分比的分母为基线类别相同者。"
    ),
    "Compared with {versus}": "与{versus}比较",
    "Comparison": "比较",
    "Conclusion": "结论",
    "Contents": "目录",
    "Course of the means by visit. {title}. {parts}.": "各访视均值变化图。{title}。{parts}。",
    "Covariance between visits: {structure}.": "访视间协方差：{structure}。",
    "Covariance that the data could not give: {structures}.": "数据无法估计的协方差：{structures}。",
    "Cox regression: {endpoint}": "Cox回归：{endpoint}",
    "Data and versions": "数据与版本",
    "Data fingerprint": "数据指纹",
    "Death": "死亡",
    "Deaths": "死亡",
    "Degrees of freedom": "自由度",
    "Degrees of freedom: {method}.": "自由度：{method}。",
    "Delta added to imputed values": "填补值所加delta",
    "Delta added to imputed values of the arm": "该组填补值所加delta",
    "Delta at which the conclusion changes": "结论改变处的delta",
    "Denominator degrees of freedom": "分母自由度",
    "Did not receive it": "未接受干预",
    "Died": "死亡",
    "Difference": "差值",
    "Difference (SE)": "差值（SE）",
    "Difference ({interval})": "差值（{interval}）",
    "Difference from {versus}": "与{versus}之差",
    "Difference from {versus} (SE)": "与{versus}之差（SE）",
    "Difference from {versus} (percentage points)": "与{versus}之差（百分点）",
    "Difference from {versus} ({interval})": "与{versus}之差（{interval}）",
    "Difference of least-squares means": "最小二乘均值之差",
    "Difference of least-squares means (SE)": "最小二乘均值之差（SE）",
    "Difference of means": "均值之差",
    "Difference of means (SE)": "均值之差（SE）",
    "Difference, percentage points ({interval})": "差值，百分点（{interval}）",
    "Difference, {what}": "差值，{what}",
    "Disposition of participants": "受试者去向",
    "Dose response": "剂量反应",
    "Dot plot of adverse events. {title}. On top: {parts}.": "不良事件点图。{title}。最上方：{parts}。",
    "Dunnett": "Dunnett法",
    "Ended early": "提前退出",
    "Enrolled": "入组",
    "Enrolment": "入组",
    "Estimate": "估计值",
    "Estimate (SE)": "估计值（SE）",
    "Estimate by arm": "各组估计值",
    "Events / participants": "事件数/人数",
    "Every number links to the account of its analysis and to its records.": (
        "每个数字都链接到其分析说明与原始记录。"
    ),
    "Excluded": "排除",
    "Exposure": "用药暴露",
    (
        "Familywise error rate {alpha}. A rejected hypothesis passes its weight on as the graph says; every "
        "intersection is tested by weighted Bonferroni."
    ): "总体I类错误率{alpha}。被拒绝的假设按图传递其权重；各交集以加权Bonferroni检验。",
    "Fatal": "致死",
    "Fatal adverse event": "致死性不良事件",
    "Figure {n}. {title}": "图{n}　{title}",
    "File": "文件",
    "Fisher's exact test": "Fisher精确检验",
    "Fleming-Harrington test": "Fleming-Harrington检验",
    "Flow of participants": "受试者流程",
    "Follow-up": "随访",
    "Forest plot. {title}. {parts}.": "森林图。{title}。{parts}。",
    "Gehan-Breslow test": "Gehan-Breslow检验",
    "Grade {grade}": "{grade}级",
    "Graph of hypotheses": "假设图",
    "Graph of hypotheses. {title}. {order}": "假设图。{title}。{order}",
    "Hazard ratio": "风险比",
    "Hazard ratio ({interval})": "风险比（{interval}）",
    "High": "高",
    "Higher values are better.": "数值越高越好。",
    "Hochberg": "Hochberg法",
    "Hodges-Lehmann shift": "Hodges-Lehmann位移",
    "Hodges-Lehmann shift (SE)": "Hodges-Lehmann位移（SE）",
    "Holm": "Holm法",
    "Hommel": "Hommel法",
    "How these numbers were made": "这些数字如何得出",
    "How this was estimated": "如何估计",
    "Hypothesis": "假设",
    "In the primary analysis": "纳入主要分析",
    "Intercurrent events": "伴发事件",
    "Intervals have the level at which the comparison is tested: they hold no difference where p is above it.": (
        "区间按比较的检验水准：p高于该水准时区间包含“无差别”。"
    ),
    "Kaplan-Meier curves. {title}. {parts}. {test}": "Kaplan-Meier曲线。{title}。{parts}。{test}",
    "Kaplan-Meier: {endpoint}": "Kaplan-Meier：{endpoint}",
    "Kenward-Roger (first order)": "Kenward-Roger（一阶）",
    "Kenward-Roger (second order)": "Kenward-Roger（二阶）",
    "Laboratory shifts from baseline": "实验室指标较基线的转归",
    "Lack of efficacy": "缺乏疗效",
    "Least-squares mean": "最小二乘均值",
    "Least-squares mean (SE)": "最小二乘均值（SE）",
    "Least-squares means": "最小二乘均值",
    "Least-squares means and differences from the model with {terms}.": (
        "最小二乘均值及其差值来自含{terms}的模型。"
    ),
    "Level of the comparison": "比较的检验水准",
    "Life-threatening": "危及生命",
    "Log-rank test": "对数秩检验",
    "Lost to follow-up": "失访",
    "Low": "低",
    "Low and high": "低和高",
    "Lower values are better.": "数值越低越好。",
    "Mean (SD)": "均值（SD）",
    "Mean ({interval})": "均值（{interval}）",
    "Means of the observed values": "观察值均值",
    "Median": "中位数",
    "Mild": "轻度",
    "Min, max": "最小值，最大值",
    "Missing": "缺失",
    "Missing values": "缺失值",
    (
        "Missing values are taken to be like those of participants with the same course until then; the data "
        "cannot tell whether that is so."
    ): "假定缺失值与此前病程相同的受试者相似；数据无法判断是否如此。",
    (
        "Missing values imputed {number} times by the model of {analysis} (seed {seed}); analysis of "
        "covariance of each completed data set, pooled by Rubin's rules."
    ): "缺失值按{analysis}的模型填补{number}次（种子{seed}）；对每个完整数据集作协方差分析，按Rubin法则合并。",
    (
        "Missing values were filled with the last one observed, as if nothing had changed since; the data "
        "cannot tell whether that is so."
    ): "缺失值以末次观察值填补，即假定此后无变化；数据无法验证。",
    (
        "Missing values were filled with the worst one observed; this is an assumption that the data cannot check."
    ): "缺失值以最差观察值填补；此假定数据无法验证。",
    "Mixed model for repeated measures": "重复测量混合模型",
    "Moderate": "中度",
    "NE: not estimable (not reached).": "NE：不可估计（未达到）。",
    "No": "否",
    "No baseline or undecided rule": "无基线或无法判定",
    "No delta": "不加delta",
    "No events": "无事件",
    "No value": "无数值",
    "None is rejected.": "均未拒绝。",
    "Normal": "正常",
    "Not done": "未完成的分析",
    "Not enrolled": "未入组",
    "Not in the primary analysis": "未纳入主要分析",
    "Not in: {set}": "不属于：{set}",
    "Not included": "未纳入",
    "Not treated": "未接受治疗",
    "Odds ratio ({interval})": "比值比（{interval}）",
    "One bar a participant. Light bars: values that were filled in, not observed at the visit.": (
        "每条代表一名受试者。浅色：填补值，非该访视的观察值。"
    ),
    (
        "One model for {observations} measurements of {n} participants at {visits}; missing values are left "
        "to it, as missing at random."
    ): "对{n}名受试者在{visits}的{observations}个测量值拟合一个模型；缺失值按随机缺失由模型处理。",
    "Other": "其他",
    "Other terms of the model": "模型其他项",
    "Outcome: {outcome}, {visits}.": "结局：{outcome}，{visits}。",
    "Page {n} of {all}": "第{n}页，共{all}页",
    "Parameter, worst after baseline": "指标，基线后最差",
    "Parameter, worst grade after baseline": "指标，基线后最高级别",
    "Participant": "受试者",
    "Participants": "受试者",
    "Participants (%)": "受试者（%）",
    "Participants were not randomised to arms: differences may have other causes than treatment.": (
        "受试者未经随机分组：差异可能另有原因。"
    ),
    (
        "Participants with a missing value are left out, as if they did not differ from the others; the data "
        "cannot tell whether that is so."
    ): "缺失者未纳入，即假定其与其他受试者无差别；数据无法验证。",
    (
        "Participants with a missing value count as without response; this is an assumption that the data "
        "cannot check."
    ): "缺失者按无应答计；此假定数据无法验证。",
    "Participants with at least one deviation, n (%), and number of deviations, [deviations].": (
        "至少有一次方案偏离的受试者，n (%)，及偏离次数，[次数]。"
    ),
    "Participants with at least one event, n (%), and number of events, [events].": (
        "至少发生一次事件的受试者，n (%)，及事件数，[事件数]。"
    ),
    "Participants, sorted by change": "受试者（按变化值排序）",
    "Pearson chi-square test": "Pearson卡方检验",
    "Percent change from baseline": "较基线变化百分比",
    "Percentages are of the participants enrolled in the arm.": "百分比的分母为该组入组人数。",
    "Percentages are of the participants of the analysis set in the column (N).": (
        "百分比的分母为该列分析集人数（N）。"
    ),
    "Percentages are of the participants randomised to the arm.": "百分比的分母为随机分配至该组的人数。",
    "Percentages are of the participants who have a value.": "百分比的分母为有数值的受试者。",
    "Period": "时间",
    "Phase": "分期",
    "Physician decision": "医生决定",
    "Population": "人群",
    "Pregnancy": "妊娠",
    "Primary analysis": "主要分析",
    "Primary question": "主要问题",
    "Protocol deviation": "方案偏离",
    "Protocol deviations": "方案偏离",
    "Protocol version": "方案版本",
    "Protocol violation": "违反方案",
    "Q1, Q3": "Q1，Q3",
    "Question": "问题",
    "Randomised": "随机分组",
    "Received intervention": "接受干预",
    "Records": "记录",
    "Reference-based imputation: {endpoint}": "基于参照组的填补：{endpoint}",
    "Registry": "注册号",
    "Rejected, in this order: {names}.": "依次拒绝：{names}。",
    "Report of the analysis": "分析报告",
    "Residual": "残差",
    "Residual SD": "残差SD",
    "Residual standard deviation: {sd}.": "残差标准差：{sd}。",
    "Restricted mean up to {time} {unit}": "{time}{unit}内的限制平均时间",
    "Right of the SD: correlations between the visits of a participant.": "SD右侧：同一受试者各访视间的相关系数。",
    "Same protocol and same data give the same report, byte for byte.": "方案与数据相同，则报告逐字节相同。",
    "Screen failure": "筛选失败",
    "Screened": "筛选",
    "Serious adverse event": "严重不良事件",
    "Several comparisons were made; p-values and intervals are not adjusted for that.": (
        "进行了多次比较；p值与区间未作多重性校正。"
    ),
    "Severe": "重度",
    "Shaded: pointwise confidence intervals. Ticks: censored participants.": (
        "阴影：逐点置信区间。短竖线：删失的受试者。"
    ),
    "Simultaneous {interval}": "联合{interval}",
    "Site": "中心",
    "Skip to the report": "跳至报告正文",
    "Slope per unit of dose (SE)": "每单位剂量的斜率（SE）",
    "Sponsor": "申办者",
    "Sponsor decision": "申办者决定",
    "Standard errors: empirical (sandwich, {kind}).": "标准误：经验（三明治，{kind}）。",
    "Stratified by {strata}.": "按{strata}分层。",
    "Study day of death": "死亡研究日",
    "Study terminated by sponsor": "申办者终止研究",
    "Subgroup": "亚组",
    "Subgroups are exploratory; p-values are not adjusted for their number.": (
        "亚组分析为探索性；p值未对亚组数作校正。"
    ),
    "Summary": "摘要",
    "Summary measure": "汇总指标",
    "System organ class / preferred term": "系统器官分类/首选术语",
    "Table {n}. {title}": "表{n}　{title}",
    "Term": "项",
    "Test": "检验",
    "Test of dose response over all arms: {p}.": "各组剂量反应检验：{p}。",
    "Test over all arms: {p}.": "各组总体检验：{p}。",
    "The adjusted p is below {alpha}, so that no difference hardly agrees with the data.": (
        "校正后p值小于{alpha}，“无差别”与数据难以相符。"
    ),
    "The adjusted p is not below {alpha}: no difference agrees with the data too.": (
        "校正后p值不小于{alpha}：“无差别”亦与数据相符。"
    ),
    "The estimate favours {side}, and the interval excludes no difference.": (
        "估计值有利于{side}，区间不包含“无差别”。"
    ),
    "The estimate favours {side}.": "估计值有利于{side}。",
    (
        "The estimate leans towards {side}, but the interval includes no difference: one in either direction, "
        "or none, agrees with the data."
    ): "估计值偏向{side}，但区间包含“无差别”：任一方向的差别或无差别均与数据相符。",
    "The interval could not be estimated.": "无法估计区间。",
    "The interval excludes no difference.": "区间不包含“无差别”。",
    "The interval includes no difference: one in either direction, or none, agrees with the data.": (
        "区间包含“无差别”：任一方向的差别或无差别均与数据相符。"
    ),
    "The primary analysis could not be done: {reason}": "主要分析未能完成：{reason}",
    "The primary analysis describes; it compares nothing.": "主要分析仅作描述，不作比较。",
    "The primary analysis was not asked for in this run.": "本次运行未要求主要分析。",
    "The protocol declares no primary analysis.": "方案未指定主要分析。",
    "The question is asked at {visits}; p-values at other visits are not adjusted for their number.": (
        "研究问题针对{visits}；其他访视的p值未按其个数校正。"
    ),
    "The {n} terms with the highest share in any arm.": "任一组中发生率最高的{n}个条目。",
    "There is no comparison group: a change cannot be put down to the treatment.": (
        "无对照组：变化不能归因于治疗。"
    ),
    (
        "These participants are invented, drawn from the protocol's assumptions: the numbers tell nothing of "
        "people."
    ): "本报告的受试者为按方案假设模拟生成，数字不代表任何真实受试者。",
    "Time ({unit})": "时间（{unit}）",
    "Time to event": "至事件时间",
    "Time to event ({unit})": "至事件时间（{unit}）",
    "Tipping point": "临界点",
    "Tipping point: {endpoint}": "临界点分析：{endpoint}",
    "Tipping points. {title}. {parts}": "临界点。{title}。{parts}",
    "Toeplitz": "Toeplitz",
    "Total": "合计",
    "Treated": "接受治疗",
    "Treatments": "治疗",
    "Trial": "试验",
    "Type III tests.": "III型检验。",
    "Value": "数值",
    "Values imputed": "填补值个数",
    "Values imputed in the arm": "该组填补值个数",
    "Values imputed in the arm compared with": "对照组填补值个数",
    "Variable": "变量",
    "Visit": "访视",
    "Visit, arm": "访视，组别",
    "Waterfall plot. {title}. {parts}.": "瀑布图。{title}。{parts}。",
    "Weight": "权重",
    "What": "内容",
    "What is compared with {versus} is adjusted for the number of comparisons ({method}); the rest is not.": (
        "与{versus}的比较已按比较次数校正（{method}）；其余未校正。"
    ),
    "What the data do not hold": "数据中没有的内容",
    "What to keep in mind": "解读时请注意",
    "Where the data came from": "数据来源",
    "Wilcoxon rank-sum test": "Wilcoxon秩和检验",
    "With event, n (%)": "发生事件，n (%)",
    "With response, n (%)": "有应答，n (%)",
    "Withdrawal by subject": "受试者撤回",
    "Without event (%)": "未发生事件（%）",
    "Without event, % ({interval}) [at risk]": "未发生事件，%（{interval}）[风险人数]",
    "Worst severity": "最重程度",
    "Yes": "是",
    "adjusted difference": "校正差值",
    "adverse event": "不良事件",
    "adverse events": "不良事件",
    "ancova": "协方差分析",
    "ante-dependence": "前依赖",
    "assessor": "评估者",
    "between-within": "组间-组内",
    "categorical": "分类数据分析",
    "change from baseline": "较基线变化",
    "compared with": "对照组",
    "composite, event": "复合策略（计为事件）",
    "composite, non-response": "复合策略（无应答）",
    "composite, worst value": "复合策略（最差值）",
    "compound symmetry": "复合对称",
    "continuous by visit": "各访视连续指标",
    "coordinator": "协调员",
    "copy increments in reference": "复制参照组增量",
    "copy reference": "复制参照组",
    "cox": "Cox回归",
    "data manager": "数据管理员",
    "days": "天",
    "deaths": "死亡",
    "demographics": "人口学与基线",
    "difference": "差值",
    "difference in means": "均值之差",
    "difference in medians": "中位数之差",
    "difference in proportions": "率差",
    "difference of proportions": "率差",
    "disposition": "受试者去向",
    "exposure": "用药暴露",
    "favours {arm} →": "有利于{arm} →",
    "first-order autoregressive": "一阶自回归",
    "fixed sequence": "固定顺序法",
    "hazard ratio": "风险比",
    "heterogeneous Toeplitz": "异质Toeplitz",
    "heterogeneous ante-dependence": "异质前依赖",
    "heterogeneous compound symmetry": "异质复合对称",
    "heterogeneous first-order autoregressive": "异质一阶自回归",
    "hours": "小时",
    "hypothetical": "假想策略",
    "imputed as missing at random, then changed by a delta": "按随机缺失填补，再加减一定数值",
    "imputed under each assumption": "按各假设填补",
    "interaction": "交互作用",
    "interval": "区间",
    "invented participants": "模拟受试者",
    "investigator": "研究者",
    "jump to reference": "跳转至参照组",
    "kaplan-meier": "Kaplan-Meier",
    "lab shifts": "实验室指标转归",
    "laboratory": "实验室",
    "last mean carried forward": "末次均值结转",
    "last observation carried forward": "末次观察值结转",
    "left to the model, as missing at random": "由模型处理（按随机缺失）",
    "mean": "均值",
    "missing at random": "随机缺失",
    "mmrm": "重复测量混合模型",
    "monitor": "监查员",
    "months": "月",
    "multiplicity graph": "假设图",
    "n, each arm": "各组n",
    "n: participants with a value at the visit.": "n：该访视有数值的受试者人数。",
    "non-response": "按无应答处理",
    "none declared": "未声明",
    "none in the range": "范围内无",
    "not done or not declared": "未做或未声明",
    "not randomised": "未随机",
    "not recorded": "未记录",
    "not rejected": "未拒绝",
    "number and reasons not in the data": "数据中无人数与原因",
    "number not in the data": "数据中无人数",
    "nurse": "护士",
    "observed only": "仅用观察值",
    "odds ratio": "比值比",
    "of the arm": "本组",
    "open": "开放",
    "p-value": "p值",
    "p-value against {versus}": "与{versus}比较的p值",
    "p-value of the interaction": "交互作用p值",
    "p-value, all arms": "p值，各组之间",
    "p-value: Fisher's exact test of participants; not adjusted for the number of tests.": (
        "p值：按受试者的Fisher精确检验；未对检验次数作校正。"
    ),
    "p-value: one-way analysis of variance for numbers, Pearson chi-square for categories.": (
        "p值：数值变量用单因素方差分析，分类变量用Pearson卡方检验。"
    ),
    "participant": "受试者",
    "percent change from baseline": "较基线变化百分比",
    "pharmacist": "药师",
    "points": "分",
    "principal stratum": "主层策略",
    "protocol deviations": "方案偏离",
    "randomised": "随机",
    "rank-sum": "秩和检验",
    "reasons not in the data": "数据中无原因",
    "received intervention: not in the data": "数据中无接受干预的信息",
    "reference-based imputation": "基于参照组的填补",
    "rejected, step {step}": "拒绝，第{step}步",
    "report": "报告",
    "residual": "残差",
    "safety board": "安全委员会",
    "safety board statistician": "安全委员会统计师",
    "shift (Hodges-Lehmann)": "位移（Hodges-Lehmann）",
    "sponsor": "申办者",
    "step-down Dunnett": "逐步递减Dunnett法",
    "t test": "t检验",
    "time to the first event{rule} ({parameter})": "至首次事件的时间{rule}（{parameter}）",
    "tipping point": "临界点分析",
    "treatment": "治疗",
    "treatment policy": "治疗策略",
    "trial statistician": "试验统计师",
    "unstructured": "无结构",
    "value": "数值",
    "weeks": "周",
    "while on treatment": "在治策略",
    "within-arm change": "组内变化",
    "worst observation carried forward": "最差观察值结转",
    "years": "年",
    "{analysed} of {total} participants are in this analysis; it does not tell about the others.": (
        "{total}名受试者中{analysed}名纳入该分析；对其余者无从说明。"
    ),
    "{arms} against {versus}": "{arms}对{versus}",
    "{arm} against {versus}": "{arm}对{versus}",
    "{arm}, {visit}: {value}; there are too few participants for a {interval} confidence interval.": (
        "{arm}，{visit}：{value}；受试者过少，无法给出{interval}置信区间。"
    ),
    "{arm}, {visit}: {value} ({interval} confidence interval {lower} to {upper}).": (
        "{arm}，{visit}：{value}（{interval}置信区间{lower}至{upper}）。"
    ),
    "{arm}: median not reached.": "{arm}：未达到中位时间。",
    "{arm}: median {median}.": "{arm}：中位时间{median}。",
    "{arm}: {events} events among {n}": "{arm}：{n}人中{events}例事件",
    "{arm}: {n} participants, from {low} to {high}": "{arm}：{n}名受试者，{low}至{high}",
    "{arm}: {value} at {visit}": "{arm}：{visit} {value}",
    "{event}: {strategy}": "{event}：{strategy}",
    "{item} at {visits}: response if {rule}": "{visits}的{item}：满足{rule}为应答",
    "{item} at {visits}: {summary}": "{visits}的{item}：{summary}",
    "{item} by visit": "各访视{item}",
    "{item}: response": "{item}：应答",
    "{item}: {summary}": "{item}：{summary}",
    "{title}: covariance between visits": "{title}：访视间协方差",
    "{title}: every visit": "{title}：各访视",
    "{what}, {visit}": "{what}，{visit}",
    "{kind} with {level}; n is the number of participants at the visit.": "{kind}及{level}；n为该访视受试者人数。",
    "{level}% CI": "{level}% CI",
    "{n} allocated": "分配{n}人",
    "{n} assessed for eligibility": "接受评估{n}人",
    "{n} ended early": "提前退出{n}人",
    "{n} enrolled": "入组{n}人",
    "{n} excluded": "排除{n}人",
    "{n} in the primary analysis": "纳入主要分析{n}人",
    "{n} randomised": "随机分组{n}人",
    "{n} records behind these numbers": "这些数字所依据的{n}条记录",
    "{title}: differences within subgroups": "{title}：亚组内差值",
    "{title}: listing": "{title}：清单",
    "{title}: tests of the model's terms": "{title}：模型各项检验",
    (
        "{who}: with missing values imputed as missing at random, p is below {level}; it would no longer be if "
        "{delta} were added to the imputed values of the arm."
    ): "{who}：缺失值按随机缺失填补时p小于{level}；若该组填补值加{delta}，则不再如此。",
    (
        "{who}: with missing values imputed as missing at random, p is below {level}, and stays so whatever "
        "amount from {low} to {high} is added to the imputed values of the arm."
    ): "{who}：缺失值按随机缺失填补时p小于{level}；该组填补值加{low}至{high}之间任何值均如此。",
    (
        "{who}: with missing values imputed as missing at random, p is not below {level}; it would be if "
        "{delta} were added to the imputed values of the arm."
    ): "{who}：缺失值按随机缺失填补时p不小于{level}；若该组填补值加{delta}，则小于。",
    (
        "{who}: with missing values imputed as missing at random, p is not below {level}, and no amount from "
        "{low} to {high} added to the imputed values of the arm would bring it there."
    ): "{who}：缺失值按随机缺失填补时p不小于{level}；该组填补值加{low}至{high}之间任何值均不能使其小于。",
    "{who}: the {name} could not be estimated.": "{who}：无法估计{name}。",
    "{who}: {name} {value} ({interval} confidence interval {lower} to {upper}{p}).": (
        "{who}：{name}{value}（{interval}置信区间{lower}至{upper}{p}）。"
    ),
    "{who}: {name} {value} ({interval} simultaneous confidence interval {lower} to {upper}{p}).": (
        "{who}：{name}{value}（{interval}联合置信区间{lower}至{upper}{p}）。"
    ),
    "← favours {arm}": "← 有利于{arm}",
}
