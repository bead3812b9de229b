# Linear models on trial72 week 48: interaction, weights, margins, trend, type III with sum-to-zero coding, robust
# covariance with weights; t tests and one-way analysis of variance. R stats, emmeans, sandwich.
suppressMessages({library(jsonlite); library(emmeans); library(sandwich)})
d <- read.csv("../trial72_long.csv")
d <- d[d$VISIT == "W48", ]
d$ARM <- factor(d$ARM, c("Placebo", "Low", "High"))
d$STRATUM <- factor(d$STRATUM, c("VL<100k", "VL>=100k"))
d$SEX <- factor(d$SEX)
d$W <- 1 / (1 + d$AGE / 50)
frame <- function(x) { x <- as.data.frame(x); x[sapply(x, is.factor)] <- lapply(x[sapply(x, is.factor)], as.character); x }
table <- function(fit) { s <- summary(fit)$coefficients; data.frame(term = rownames(s), unname(s)) |>
  setNames(c("term", "estimate", "se", "t", "p")) }
type3 <- function(formula, w = NULL) {
  old <- options(contrasts = c("contr.sum", "contr.poly")); on.exit(options(old))
  a <- as.data.frame(drop1(do.call(lm, list(formula, data = d, weights = w)), . ~ ., test = "F"))[-1, ]
  data.frame(term = rownames(a), df = a$Df, sum_sq = a$`Sum of Sq`, f = a$`F value`, p = a$`Pr(>F)`)
}
both <- function(em) list(means = frame(summary(em)), versus = frame(summary(contrast(em, "trt.vs.ctrl1", adjust = "none"), infer = TRUE)),
                          pairs = frame(summary(contrast(em, "revpairwise", adjust = "none"), infer = TRUE)))

inter <- lm(CHG ~ BASE + SEX + ARM * STRATUM, d)
slopes <- lm(CHG ~ BASE * ARM + SEX, d)
weighted <- lm(CHG ~ BASE + STRATUM + ARM, d, weights = W)
logged <- lm(log(AVAL) ~ log(BASE) + ARM, d)
dose <- c(Placebo = 0, Low = 54, High = 81)
centred <- dose - mean(dose)
em <- emmeans(lm(CHG ~ BASE + STRATUM + ARM, d), "ARM")
out <- list(
  R = R.version.string, emmeans = as.character(packageVersion("emmeans")), sandwich = as.character(packageVersion("sandwich")),
  interaction = list(coefficients = table(inter), by_stratum = both(emmeans(inter, "ARM", by = "STRATUM")),
                     equal = both(suppressMessages(emmeans(inter, "ARM"))),
                     observed = both(suppressMessages(emmeans(inter, "ARM", weights = "proportional"))),
                     type3 = type3(CHG ~ BASE + SEX + ARM * STRATUM)),
  slopes = list(at_200 = both(suppressMessages(emmeans(slopes, "ARM", at = list(BASE = 200)))),
                male = both(suppressMessages(emmeans(slopes, "ARM", at = list(SEX = "M")))),
                type3 = type3(CHG ~ BASE * ARM + SEX)),
  weighted = list(coefficients = table(weighted), sigma = sigma(weighted), r_squared = summary(weighted)$r.squared,
                  equal = both(emmeans(weighted, "ARM")),
                  observed = both(emmeans(weighted, "ARM", weights = "proportional")),
                  type3 = type3(CHG ~ BASE + STRATUM + ARM, d$W),
                  hc_se = lapply(c(HC0 = "HC0", HC1 = "HC1", HC2 = "HC2", HC3 = "HC3"),
                                 function(k) unname(sqrt(diag(vcovHC(weighted, type = k)))))),
  logged = list(coefficients = table(logged), means = both(suppressMessages(emmeans(logged, "ARM", tran = "none")))$means),
  trend = list(contrast = frame(summary(contrast(em, list(c = centred)), infer = TRUE)),
               slope = frame(summary(contrast(em, list(s = centred / sum(centred^2))), infer = TRUE)),
               dose_as_number = table(lm(CHG ~ BASE + STRATUM + D, transform(d, D = dose[as.character(ARM)])))),
  cell_means = table(lm(CHG ~ 0 + ARM + BASE, d)),
  curved = list(fitted = unname(fitted(lm(CHG ~ poly(BASE, 2) + ARM, d)))),
  t = list(welch_90 = unclass(t.test(CHG ~ ARM, d[d$ARM != "High", ] |> droplevels(), conf.level = 0.9))[c("statistic", "parameter", "p.value", "conf.int", "stderr")],
           paired = unclass(t.test(d$AVAL, d$BASE, paired = TRUE))[c("statistic", "parameter", "p.value", "conf.int", "stderr", "estimate")],
           one_sample_mu_50 = unclass(t.test(d$CHG, mu = 50))[c("statistic", "parameter", "p.value", "conf.int", "stderr", "estimate")]),
  one_way = unclass(oneway.test(CHG ~ ARM, d, var.equal = TRUE))[c("statistic", "parameter", "p.value")]
)
write_json(out, "linear.out.json", digits = I(16), auto_unbox = TRUE)
