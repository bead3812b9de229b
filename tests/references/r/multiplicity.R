# Dunnett's tests, step-down tests and adjusted p-values. R multcomp, stats.
# multcomp integrates by a randomised lattice: run here with 2e5 points; two comparisons are exact to about 1e-8.
suppressMessages({library(jsonlite); library(multcomp)})
set.seed(20261123)
tight <- list(maxpts = 2e5, abseps = 1e-8)
both <- function(fit, linfct) {
  one <- function(alternative) {
    g <- do.call(glht, list(fit, linfct = linfct, alternative = alternative))
    s <- summary(g, test = do.call(adjusted, c("single-step", tight)))$test
    f <- summary(g, test = do.call(adjusted, c("free", tight)))$test
    ci <- confint(g, maxpts = 2e5, abseps = 1e-8)$confint
    list(name = names(s$coefficients), estimate = unname(s$coefficients), se = unname(s$sigma), t = unname(s$tstat),
         single_step = as.numeric(s$pvalues), step_down = as.numeric(f$pvalues), critical = attr(ci, "calpha"),
         lower = unname(ci[, "lwr"]), upper = unname(ci[, "upr"]), covariance = unname(vcov(g)), df = g$df)
  }
  list(`two-sided` = one("two.sided"), greater = one("greater"), less = one("less"))
}
d5 <- read.csv("../dose5.csv"); d5$dose <- factor(d5$dose)
uneven <- d5[-c(1:7, 25:28, 90:99), ]
w48 <- read.csv("../trial72_long.csv"); w48 <- w48[w48$VISIT == "W48" & !is.na(w48$CHG), ]
w48$ARM <- factor(w48$ARM, c("Placebo", "Low", "High")); w48$STRATUM <- factor(w48$STRATUM)
p <- list(c(0.01, 0.02, 0.03, 0.04), c(0.04, 0.001, 0.2, 0.03, 0.03, 0.6), c(0.5), c(0.012, 0.012), c(1, 0, 0.9, 0.049, 0.051))
adjust <- function(x) sapply(c("bonferroni", "holm", "hochberg", "hommel", "BH", "BY"), function(how) I(p.adjust(x, how)), simplify = FALSE)
out <- list(
  R = R.version.string, multcomp = as.character(packageVersion("multcomp")), mvtnorm = as.character(packageVersion("mvtnorm")),
  dose5_uneven_rows_left_out = c(1:7, 25:28, 90:99),
  one_way = both(aov(chg ~ dose, d5), mcp(dose = "Dunnett")),
  one_way_uneven = both(aov(chg ~ dose, uneven), mcp(dose = "Dunnett")),
  covariate_uneven = both(aov(chg ~ base + dose, uneven), mcp(dose = "Dunnett")),
  all_pairs = both(aov(chg ~ dose, uneven), mcp(dose = "Tukey")),
  trial72 = both(lm(CHG ~ BASE + STRATUM + ARM, w48), mcp(ARM = "Dunnett")),
  adjusted = lapply(p, function(x) c(list(p = I(x)), adjust(x)))
)
write_json(out, "multiplicity.out.json", digits = I(16), auto_unbox = TRUE)
