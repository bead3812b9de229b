# Three simulated trials, analysed one by one: lm, survdiff, coxph, survfit, fisher.test, chisq.test, mantelhaen.test, t.test,
# wilcox.test, and Dunnett's test by multcomp. R stats, survival, multcomp.
suppressMessages({library(jsonlite); library(survival); library(multcomp)})
set.seed(20261129)
n <- 60
draw <- function(k) {
  d <- data.frame(arm = sample(rep(0:2, n / 3)), site = sample(0:3, n, TRUE), x = round(rnorm(n, 150, 40), 1))
  d$y <- round(0.5 * d$x + c(0, 15, 25)[d$arm + 1] * (k - 1) + rnorm(n, 0, 30), 1)
  d$y[sample(n, 5)] <- NA
  d$time <- ceiling(rexp(n, exp(0.4 * (k - 1) * (d$arm == 2)) / 20)) # days: many tie
  d$event <- as.integer(runif(n) < 0.7)
  d$response <- as.integer(runif(n) < c(0.2, 0.35, 0.55)[d$arm + 1])
  d
}
against <- function(d, arm) d[d$arm %in% c(0, arm), ]
analyse <- function(d) {
  d$ARM <- factor(d$arm); d$SITE <- factor(d$site)
  fit <- lm(y ~ x + SITE + ARM, d)
  co <- summary(fit)$coefficients[c("ARM1", "ARM2"), ]
  ci <- confint(fit)[c("ARM1", "ARM2"), ]
  g <- glht(fit, linfct = mcp(ARM = "Dunnett"))
  s <- summary(g, test = adjusted("single-step", maxpts = 2e5, abseps = 1e-9))$test
  down <- summary(g, test = adjusted("free", maxpts = 2e5, abseps = 1e-9))$test
  critical <- attr(confint(g, maxpts = 2e5, abseps = 1e-9)$confint, "calpha")
  chi <- function(test) c(chi2 = test$chisq, p = pchisq(test$chisq, length(test$n[test$n > 0]) - 1, lower.tail = FALSE))
  stratified <- function(test, df) c(chi2 = test$chisq, p = pchisq(test$chisq, df, lower.tail = FALSE))
  pairs <- lapply(1:2, function(a) {
    p <- against(d, a); p$A <- as.integer(p$arm == a); tab <- table(p$arm, p$response)
    cmh <- mantelhaen.test(table(p$A, p$response, p$site), correct = FALSE)
    cx <- summary(coxph(Surv(time, event) ~ A, p, ties = "efron"))$coefficients
    tw <- t.test(p$y[p$A == 1], p$y[p$A == 0]); tp <- t.test(p$y[p$A == 1], p$y[p$A == 0], var.equal = TRUE)
    list(log_rank = chi(survdiff(Surv(time, event) ~ A, p)),
         stratified = stratified(survdiff(Surv(time, event) ~ A + strata(site), p), 1),
         fisher = fisher.test(tab)$p.value, chi_square = chisq.test(tab, correct = FALSE)$p.value,
         cmh = c(chi2 = unname(cmh$statistic), p = cmh$p.value),
         cox = unname(cx[1, c("coef", "se(coef)", "z", "Pr(>|z|)")]),
         welch = c(tw$statistic, tw$parameter, tw$p.value), pooled = c(tp$statistic, tp$parameter, tp$p.value),
         wilcoxon = suppressWarnings(wilcox.test(p$y[p$A == 1], p$y[p$A == 0], exact = FALSE))$p.value)
  })
  all <- table(d$arm, d$response)
  cmh <- mantelhaen.test(table(d$arm, d$response, d$site))
  cox3 <- summary(coxph(Surv(time, event) ~ ARM + strata(SITE), d, ties = "efron"))$coefficients
  km <- summary(survfit(Surv(time, event) ~ ARM, d), times = c(5, 15))
  within <- lapply(0:2, function(a) { t <- t.test(d$y[d$arm == a] - 70); c(t$estimate, t$stderr, t$parameter, t$statistic, t$p.value) })
  list(data = lapply(d[c("arm", "site", "x", "y", "time", "event", "response")], I),
    ancova = list(estimate = unname(co[, 1]), se = unname(co[, 2]), t = unname(co[, 3]), p = unname(co[, 4]), df = fit$df.residual,
                  lower = unname(ci[, 1]), upper = unname(ci[, 2]), sigma = summary(fit)$sigma,
                  f = drop1(fit, test = "F")["ARM", "F value"], f_p = drop1(fit, test = "F")["ARM", "Pr(>F)"]),
    dunnett = list(adjusted = as.numeric(s$pvalues), step_down = as.numeric(down$pvalues), critical = critical),
    log_rank = chi(survdiff(Surv(time, event) ~ ARM, d)),
    stratified = stratified(survdiff(Surv(time, event) ~ ARM + strata(SITE), d), 2),
    cox_stratified = list(estimate = unname(cox3[, "coef"]), se = unname(cox3[, "se(coef)"])),
    survival = list(survival = km$surv, se = km$std.err),
    fisher = fisher.test(all)$p.value, chi_square = chisq.test(all, correct = FALSE)$p.value,
    cmh = c(chi2 = unname(cmh$statistic), p = cmh$p.value), pairs = pairs, within = within)
}
out <- list(R = R.version.string, survival = as.character(packageVersion("survival")), multcomp = as.character(packageVersion("multcomp")),
            trials = lapply(1:3, function(k) analyse(draw(k))))
write_json(out, "replicates.out.json", digits = I(16), auto_unbox = TRUE, na = "null")
