# Dose finding: DoseFinding, multcomp, mvtnorm. Run in this folder: Rscript dose_finding.R
suppressMessages({library(DoseFinding); library(multcomp); library(mvtnorm); library(jsonlite)})
out <- list(versions = list(R = R.version.string, DoseFinding = as.character(packageVersion("DoseFinding")),
  multcomp = as.character(packageVersion("multcomp")), mvtnorm = as.character(packageVersion("mvtnorm"))))
tight <- list(optimizetol = 1e-14, nlminbcontrol = list(rel.tol = 1e-15, x.tol = 1e-14, eval.max = 5000, iter.max = 5000),
  gridSize = list(dim1 = 200, dim2 = 3000))
fine <- mvtnorm.control(maxpts = 4e5, abseps = 1e-6)
doses <- c(0, 10, 25, 50, 100)

# guesses
G <- function(...) as.list(unname(guesst(...)))
out$guess <- list(
  emax = G(20, .5, "emax"), emax_local = G(20, .5, "emax", local = TRUE, Maxd = 100),
  emax_two = G(c(10, 30), c(.4, .7), "emax"),
  exponential = G(50, .2, "exponential", Maxd = 100), exponential_two = G(c(30, 60), c(.1, .3), "exponential", Maxd = 100),
  logistic = G(c(30, 60), c(.2, .9), "logistic"), logistic_three = G(c(20, 50, 80), c(.2, .4, .9), "logistic"),
  logistic_local = G(c(30, 60), c(.2, .9), "logistic", local = TRUE, Maxd = 100),
  sigEmax = G(c(10, 50), c(.2, .8), "sigEmax"), sigEmax_three = G(c(10, 30, 60), c(.2, .5, .9), "sigEmax"),
  sigEmax_local = G(c(10, 50), c(.2, .8), "sigEmax", local = TRUE, Maxd = 100),
  quadratic = G(30, .7, "quadratic"), quadratic_above = G(90, .8, "quadratic", less = FALSE),
  betaMod = G(40, .8, "betaMod", dMax = 80, scal = 120, Maxd = 100))

# candidates: all models, upwards and downwards
up <- Mods(linear = NULL, linlog = NULL, emax = c(10, 40), sigEmax = rbind(c(30, 3), c(60, 5)), exponential = 40,
  quadratic = -0.007, logistic = c(50, 12), betaMod = c(0.6, 1.2), doses = doses, placEff = 8, maxEff = 80)
down <- Mods(linear = NULL, emax = 20, quadratic = -0.008, exponential = 60, betaMod = c(1, .5), doses = doses,
  placEff = 100, maxEff = -30, addArgs = list(scal = 150, off = 5))
S <- outer(1:5, 1:5, function(i, j) 0.6^abs(i - j)) * outer(c(3, 2, 2, 3, 4), c(3, 2, 2, 3, 4))
adjust <- cbind(-1, diag(4))
# constrained contrasts (quadprog, which DoseFinding uses, was not there): the best over all sets of doses left out
constrained <- function(m, S) {
  mu <- as.matrix(getResp(m, doses))
  unname(apply(mu, 2, function(x) {
    best <- NULL; highest <- -Inf
    for (code in 1:(2^4 - 1)) {
      keep <- c(1, 1 + which(bitwAnd(code, 2^(0:3)) > 0))
      A <- diag(5)[, keep]
      Si <- solve(t(A) %*% S %*% A); v <- x[keep]
      u <- Si %*% (v - sum(Si %*% v) / sum(Si))
      if (all(u[-1] >= 0) || all(u[-1] <= 0)) {
        full <- as.numeric(A %*% u); value <- sum(full * x) / sqrt(sum(full * (S %*% full)))
        if (value > highest) { highest <- value; best <- full / sqrt(sum(full^2)) }
      }
    }
    best
  }))
}
describe <- function(m) list(labels = colnames(getResp(m, doses)), means = unname(as.matrix(getResp(m, doses))[,]),
  TD = as.list(unname(TD(m, Delta = 20, direction = if (identical(m, down)) "decreasing" else "increasing"))),
  ED = as.list(unname(ED(m, p = .7))),
  contrasts_S = unname(optContr(m, S = S)$contMat),
  contrasts_w = unname(optContr(m, w = c(3, 1, 1, 2, 2))$contMat),
  constrained_S = constrained(m, S),
  constrained_w = constrained(m, diag(1 / c(3, 1, 1, 2, 2))),
  adjusted = unname(optContr(m, doses = doses[-1], S = adjust %*% S %*% t(adjust), placAdj = TRUE)$contMat))
out$S <- S
out$up <- describe(up); out$down <- describe(down)

# participants: unequal groups, a covariate, a factor, a falling response
set.seed(20240611)
n <- c(30, 15, 20, 15, 25)
dose <- rep(doses, n)
base <- round(rnorm(length(dose), 50, 8), 2)
site <- sample(c("A", "B", "C"), length(dose), TRUE, c(.5, .3, .2))
resp <- round(20 + 0.4 * base + c(A = 0, B = 2, C = -1)[site] - 12 * dose / (30 + dose) + rnorm(length(dose), 0, 5), 3)
trial <- data.frame(dose, base, site = factor(site), resp)
out$trial <- trial
falling <- Mods(linear = NULL, emax = 30, sigEmax = c(40, 3), quadratic = -0.007, exponential = 50, logistic = c(40, 10),
  doses = doses, maxEff = -10)
test <- function(m, ...) list(t = as.list(unname(m$tStat)), p = as.list(unname(attr(m$tStat, "pVal"))),
  critical = as.numeric(m$critVal), df = m$df, contrasts = unname(m$contMat))
set.seed(1); out$test_one <- test(MCTtest(dose, resp, trial, falling, addCovars = ~ base + site, critV = TRUE, mvtcontrol = fine))
set.seed(1); out$test_two <- test(MCTtest(dose, resp, trial, falling, addCovars = ~ base + site, critV = TRUE, alpha = .05,
  alternative = "two.sided", mvtcontrol = fine))
# a weaker effect, so that p lies where mvtnorm is exact to six digits
weak <- transform(trial, resp = resp + 0.09 * dose)
out$weak_resp <- weak$resp
set.seed(1); out$test_weak <- test(MCTtest(dose, resp, weak, falling, addCovars = ~ base + site, critV = TRUE, mvtcontrol = fine))

bounds <- list(emax = c(1, 400), sigEmax = rbind(c(1, 300), c(.5, 12)), exponential = c(10, 300),
  logistic = rbind(c(-50, 200), c(1, 80)), betaMod = rbind(c(.05, 4), c(.05, 4)))
fitted <- function(f, at, delta, direction) {
  ls <- predict(f, predType = "ls-means", doseSeq = at, se.fit = TRUE)
  effect <- predict(f, predType = "effect-curve", doseSeq = at, se.fit = TRUE)
  list(coef = as.list(coef(f)), rss = f$RSS, vcov = unname(vcov(f)), means = ls$fit, means_se = ls$se.fit, effects = effect$fit,
    effects_se = effect$se.fit, TD = unname(TD(f, Delta = delta, direction = direction)), ED = unname(ED(f, p = .5)))
}
models <- c("linear", "linlog", "quadratic", "emax", "sigEmax", "exponential", "logistic", "betaMod")
at <- c(0, 5, 20, 70, 100)
out$fits <- list()
for (m in models) {
  b <- bounds[[m]]
  f <- if (is.null(b)) fitMod(dose, resp, trial, model = m, addCovars = ~ base + site, addArgs = list(scal = 120, off = 1)) else
    fitMod(dose, resp, trial, model = m, addCovars = ~ base + site, bnds = b, control = tight, addArgs = list(scal = 120, off = 1))
  out$fits[[m]] <- c(fitted(f, at, 5, "decreasing"), list(aic = AIC(f), bic = AIC(f, k = log(nrow(trial)))))
}
# an interior solution by nls, polished
polish <- nls.control(maxiter = 500, tol = 1e-10, minFactor = 1e-12, warnOnly = TRUE)
s <- lapply(out$fits, function(f) f$coef)
start <- function(f, names) setNames(f[seq_along(names)], names)
nl <- function(formula, f, names) {
  fit <- nls(formula, trial, start = start(f, names), control = polish)
  list(coef = as.list(unname(coef(fit))), se = as.list(unname(sqrt(diag(vcov(fit))))), rss = deviance(fit))
}
out$nls <- list(
  emax = nl(resp ~ e0 + emax * dose / (ed50 + dose) + g1 * base + g2 * (site == "B") + g3 * (site == "C"), s$emax,
    c("e0", "emax", "ed50", "g1", "g2", "g3")))

# estimates with a covariance: log odds of a response
counts <- data.frame(dose = c(0, 2.5, 5, 10, 20, 50, 100, 200), n = c(130, 30, 44, 60, 65, 66, 60, 55),
  events = c(14, 4, 5, 14, 17, 22, 24, 21))
gl <- glm(cbind(events, n - events) ~ factor(dose) - 1, binomial, counts)
out$binary <- list(dose = counts$dose, estimate = unname(coef(gl)), covariance = unname(vcov(gl)))
gm <- Mods(emax = 10, quadratic = -0.003, exponential = 80, linear = NULL, sigEmax = c(30, 2), doses = counts$dose)
set.seed(1); out$binary$test <- test(MCTtest(counts$dose, coef(gl), S = vcov(gl), models = gm, type = "general", critV = TRUE, mvtcontrol = fine))
gb <- list(emax = c(0.1, 500), sigEmax = rbind(c(.1, 400), c(.3, 10)), exponential = c(30, 600))
out$binary$fits <- list()
for (m in c("linear", "quadratic", "emax", "sigEmax", "exponential")) {
  f <- if (is.null(gb[[m]])) fitMod(counts$dose, coef(gl), S = vcov(gl), model = m, type = "general") else
    fitMod(counts$dose, coef(gl), S = vcov(gl), model = m, type = "general", bnds = gb[[m]], control = tight)
  out$binary$fits[[m]] <- c(fitted(f, c(0, 7, 30, 150), 0.6, "increasing"), list(gaic = gAIC(f)))
}
A <- cbind(-1, diag(7)); d0 <- as.numeric(A %*% coef(gl)); S0 <- A %*% vcov(gl) %*% t(A)
f <- fitMod(counts$dose[-1], d0, S = S0, model = "emax", type = "general", placAdj = TRUE, bnds = gb$emax, control = tight)
out$adjusted <- list(coef = as.list(coef(f)), vcov = unname(vcov(f)), gaic = gAIC(f),
  TD = unname(TD(f, Delta = .6)))
set.seed(1); out$adjusted$test <- test(MCTtest(counts$dose[-1], d0, S = S0, models = gm, type = "general", placAdj = TRUE, mvtcontrol = fine))

# the whole procedure
run <- function(sel) { set.seed(1); m <- MCPMod(dose, resp, trial, falling, addCovars = ~ base + site, selModel = sel, Delta = 5,
  doseType = "TD", bnds = bounds, control = tight, alternative = "one.sided")
  list(selected = if (sel == "aveAIC") as.list(m$selMod) else unname(m$selMod), doses = as.list(m$doseEst)) }
out$mcpmod <- list(AIC = run("AIC"), maxT = run("maxT"), aveAIC = run("aveAIC"))

# power and sample size
pm <- Mods(linear = NULL, emax = 20, sigEmax = c(30, 3), exponential = 40, quadratic = -0.007, doses = doses, placEff = 0, maxEff = 0.5)
power <- function(n, sigma = 1, contrasts = optContr(pm, w = n), ...) { set.seed(1); as.list(unname(as.numeric(powMCT(contrasts, altModels = pm, n = n, sigma = sigma, control = fine, ...)))) }
out$power <- list(equal_20 = power(rep(20, 5)), equal_60 = power(rep(60, 5)), unequal = power(c(40, 20, 20, 20, 30)),
  two_sided = power(rep(30, 5), alternative = "two.sided", alpha = .05))
set.seed(1); out$power$covariance <- as.list(unname(as.numeric(powMCT(optContr(pm, S = S), altModels = pm, S = S / 200, alpha = .05, df = Inf, control = fine))))
set.seed(1); ss <- sampSizeMCT(upperN = 120, contMat = optContr(pm, w = 1), sigma = 1, altModels = pm, power = .8, alRatio = rep(1, 5), tol = 1e-3, control = mvtnorm.control(maxpts = 2e4))
out$power$sample_size <- as.list(unname(ss$samp.size))
set.seed(1); ss <- sampSizeMCT(upperN = 120, contMat = optContr(pm, w = c(2, 1, 1, 1, 2)), sigma = 1, altModels = pm, power = .8, sumFct = min, alRatio = c(2, 1, 1, 1, 2), tol = 1e-3, control = mvtnorm.control(maxpts = 2e4))
out$power$sample_size_min <- as.list(unname(ss$samp.size))

# contrasts of Williams type
w <- contrMat(n, "Williams")
a <- aov(resp ~ factor(dose), weak)
set.seed(1); g <- summary(glht(a, linfct = mcp(`factor(dose)` = w), alternative = "less"), test = adjusted(abseps = 1e-7, maxpts = 1e6))
out$williams_contrasts <- list(matrix = unname(unclass(w)), t = unname(g$test$tstat), p = as.numeric(g$test$pvalues))

# Williams' t-bar as a rectangle of differences that are not standardised: Miwa's algorithm, and integration over chi
tbar_p <- function(t, n, df) {
  k <- length(n) - 1
  C <- t(sapply(1:k, function(u) c(-1, ifelse(1:k >= u, n[-1], 0) / sum(n[-1][u:k]))))
  V <- C %*% diag(1 / n) %*% t(C)
  limit <- t * sqrt(1 / n[1] + 1 / n[k + 1])
  inside <- function(s) if (k == 1) pnorm(s * limit / sqrt(V[1, 1])) else
    as.numeric(pmvnorm(upper = rep(s * limit, k), sigma = V, algorithm = Miwa(steps = 2048)))
  if (is.infinite(df)) return(1 - inside(1))
  density <- function(s) 2 * df * s * dchisq(df * s^2, df)
  1 - integrate(function(s) sapply(s, inside) * density(s), 0, Inf, rel.tol = 1e-10, subdivisions = 500)$value
}
cases <- list(list(t = 2, n = c(1, 1, 1), df = Inf), list(t = 2.2, n = c(10, 10, 10, 10), df = Inf), list(t = 1.5, n = c(20, 10, 5, 8), df = Inf),
  list(t = 2.5, n = c(6, 6, 6), df = 5), list(t = 2, n = c(12, 6, 9, 4), df = 20), list(t = 3.5, n = c(9, 5, 5), df = 12), list(t = 2, n = c(5, 7), df = 8))
out$williams <- lapply(cases, function(x) list(t = x$t, n = x$n, df = if (is.infinite(x$df)) "Inf" else x$df, p = tbar_p(x$t, x$n, x$df)))

writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, pretty = FALSE, na = "null"), "dose_finding.out.json")
