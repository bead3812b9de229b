# Generalised linear models: Poisson, negative binomial, logistic, standardised risks, proportional odds.
# Run in this folder: Rscript generalised.R; writes generalised.out.json (with the data it was run on).
suppressPackageStartupMessages({
  library(MASS); library(sandwich); library(emmeans); library(ordinal); library(jsonlite)
})
tight <- glm.control(epsilon = 1e-14, maxit = 200)
table_of <- function(fit) { s <- coef(summary(fit)); list(estimate = s[, 1], se = s[, 2]) }
set.seed(20261)

# a simulated trial: over-dispersed counts with exposure, a binary outcome, strata of the randomisation
n <- 240
trial <- data.frame(
  arm = factor(rep(c("Placebo", "Low", "High"), n / 3), levels = c("Placebo", "Low", "High")),
  site = factor(sample(c("A", "B", "C"), n, TRUE)), base = round(rnorm(n, 50, 10), 1),
  time = round(runif(n, 0.3, 2), 2))
eta <- 0.4 + 0.02 * (trial$base - 50) - 0.4 * (trial$arm == "High") - 0.2 * (trial$arm == "Low")
trial$events <- rnbinom(n, size = 1.3, mu = trial$time * exp(eta))
trial$response <- rbinom(n, 1, plogis(-1 + 0.05 * (trial$base - 50) + 0.7 * (trial$arm == "High") + 0.5 * (trial$site == "B")))
trial$freq <- sample(1:4, n, TRUE)
out <- list(R = R.version.string, packages = sapply(c("MASS", "sandwich", "emmeans", "ordinal"), function(p)
  as.character(packageVersion(p))), trial = trial)

# Poisson
fit <- glm(events ~ arm + site + base + offset(log(time)), poisson, trial, control = tight)
out$poisson <- c(table_of(fit), list(
  log_likelihood = as.numeric(logLik(fit)), aic = AIC(fit), bic = BIC(fit), deviance = deviance(fit),
  pearson = sum(residuals(fit, "pearson")^2),
  hc = lapply(c(HC0 = "HC0", HC1 = "HC1", HC2 = "HC2", HC3 = "HC3"), function(k) sqrt(diag(vcovHC(fit, type = k)))),
  quasi_se = coef(summary(update(fit, family = quasipoisson)))[, 2],
  lrt = drop1(fit, test = "LRT")[-1, "LRT"],
  rates = as.data.frame(emmeans(fit, "arm", offset = 0)), rates_observed = as.data.frame(emmeans(fit, "arm", offset = 0,
    weights = "proportional")), ratios = as.data.frame(contrast(emmeans(fit, "arm", offset = 0), "trt.vs.ctrl", adjust = "none"))))
weighted <- glm(events ~ arm * site + offset(log(time)), poisson, trial, weights = freq, control = tight)
out$poisson_weighted <- c(table_of(weighted), list(log_likelihood = as.numeric(logLik(weighted)),
  deviance = deviance(weighted), by_site = as.data.frame(emmeans(weighted, ~ arm | site, offset = 0))))

# negative binomial: glm.nb, and the observed information of (coefficients, k) by differences of the score
negbin <- function(formula, data, maker = NULL) {
  fit <- glm.nb(formula, data, control = glm.control(epsilon = 1e-14, maxit = 500))
  x <- model.matrix(fit); y <- fit$y; off <- if (is.null(fit$offset)) 0 else fit$offset
  score <- function(par) {
    k <- par[length(par)]; mu <- exp(drop(x %*% par[-length(par)]) + off)
    c(crossprod(x, (y - mu) / (1 + k * mu)), sum((log1p(k * mu) - digamma(y + 1 / k) + digamma(1 / k)) / k^2 + (y - mu) / (k * (1 + k * mu))))
  }
  par <- c(coef(fit), 1 / fit$theta)
  hessian <- function(par) sapply(seq_along(par), function(j) {   # central differences, Richardson
    h <- 1e-3 * max(abs(par[j]), 0.05); d <- replace(numeric(length(par)), j, 1)
    one <- function(h) (score(par + h * d) - score(par - h * d)) / (2 * h)
    (64 * one(h / 4) - 20 * one(h / 2) + one(h)) / 45
  })
  for (i in 1:6) { scale <- pmax(abs(par), 0.05); par <- par - solve(hessian(par), score(par)) }
  vc <- solve(-(hessian(par) + t(hessian(par))) / 2); p <- length(par)
  mu <- exp(drop(x %*% par[-p]) + off); th <- 1 / par[p]   # the information of theta at given means
  info <- sum(trigamma(th) - trigamma(y + th) - 1 / th + 2 / (mu + th) - (y + th) / (mu + th)^2)
  list(estimate = par[-p], dispersion = par[p], observed_se = sqrt(diag(vc))[-p], dispersion_se = sqrt(vc[p, p]), theta_se = 1 / sqrt(info),
    glm_nb = c(table_of(fit), list(theta = fit$theta, theta_se = fit$SE.theta, log_likelihood = as.numeric(logLik(fit)),
      aic = AIC(fit), deviance = deviance(fit))), hc0 = sqrt(diag(vcovHC(fit, type = "HC0"))))
}
out$negative_binomial <- negbin(events ~ arm + site + base + offset(log(time)), trial)
out$quine <- c(negbin(Days ~ Sex + Eth + Age, quine), list(data = quine))
out$epil <- c(negbin(y ~ trt + lbase + lage + V4, transform(epil, lbase = log(base / 4), lage = log(age))), list(data = epil[, c("subject",
  "period", "y", "trt", "base", "age", "V4")]))

# logistic
form <- response ~ arm + site + base
fit <- glm(form, binomial, trial, control = tight)
x <- model.matrix(fit); y <- trial$response
profile_one <- function(j, side, loglik, best) {
  target <- loglik(best, NULL)$value - qchisq(0.95, 1) / 2
  se <- best$se[j]
  uniroot(function(v) loglik(best, list(j, v))$value - target, best$estimate[j] + side * c(0.2, 4) * se, tol = 1e-12)$root
}
plain <- function(best, fixed) {
  if (is.null(fixed)) return(list(value = as.numeric(logLik(fit))))
  g <- glm.fit(x[, -fixed[[1]], drop = FALSE], y, family = binomial(), offset = x[, fixed[[1]]] * fixed[[2]], control = tight)
  list(value = sum(y * log(g$fitted.values) + (1 - y) * log1p(-g$fitted.values)))
}
limits <- function(best, f) t(sapply(seq_along(best$estimate), function(j)
  c(profile_one(j, -1, f, best), profile_one(j, 1, f, best))))
out$logistic <- c(table_of(fit), list(log_likelihood = as.numeric(logLik(fit)), deviance = deviance(fit),
  hc = lapply(c(HC0 = "HC0", HC1 = "HC1", HC2 = "HC2", HC3 = "HC3"), function(k) sqrt(diag(vcovHC(fit, type = k)))),
  lrt = drop1(fit, test = "LRT")[-1, "LRT"], profile = limits(table_of(fit), plain),
  means = as.data.frame(emmeans(fit, "arm")), contrasts = as.data.frame(pairs(emmeans(fit, "arm"), reverse = TRUE))))

# Firth: the penalised likelihood, maximised by Newton on its differenced score
firth <- function(x, y) {
  penalised <- function(b) { e <- drop(x %*% b); w <- plogis(e) * plogis(-e)
    sum(y * plogis(e, log.p = TRUE) + (1 - y) * plogis(-e, log.p = TRUE)) + 0.5 * as.numeric(determinant(crossprod(x, w * x))$modulus) }
  score <- function(b) { p <- plogis(drop(x %*% b)); w <- p * (1 - p); h <- w * rowSums((x %*% solve(crossprod(x, w * x))) * x)
    drop(crossprod(x, y - p + h * (0.5 - p))) }
  climb <- function(b, free) {
    for (i in 1:200) { p <- plogis(drop(x %*% b)); w <- p * (1 - p)
      d <- numeric(length(b)); d[free] <- solve(crossprod(x[, free, drop = FALSE], w * x[, free, drop = FALSE]), score(b)[free])
      while (penalised(b + d) < penalised(b) - 1e-12) d <- d / 2
      b <- b + d; if (max(abs(d)) < 1e-13) break }
    b }
  b <- climb(rep(0, ncol(x)), seq_len(ncol(x))); p <- plogis(drop(x %*% b))
  best <- list(estimate = b, se = sqrt(diag(solve(crossprod(x, p * (1 - p) * x)))))
  f <- function(best, fixed) { if (is.null(fixed)) return(list(value = penalised(best$estimate)))
    start <- replace(best$estimate, fixed[[1]], fixed[[2]]); list(value = penalised(climb(start, setdiff(seq_along(start), fixed[[1]])))) }
  without <- function(j) { start <- replace(b, j, 0); 2 * (penalised(b) - penalised(climb(start, setdiff(seq_along(b), j)))) }
  c(best, list(penalised = penalised(b), profile = limits(best, f), lrt_arm = without(2:3)))
}
out$firth <- firth(x, y)
small <- data.frame(arm = rep(c("a", "b"), c(12, 14)), x = round(rnorm(26), 2), y = c(rep(0, 12), rep(c(0, 1), 7)))
out$firth_separated <- c(firth(cbind(1, small$arm == "b", small$x), small$y), list(data = small))

# standardised risks: Ge et al. 2011, Ye et al. 2023, the sandwich of stacked estimating equations
standardise <- function(fit, data, strata = NULL) {
  arms <- levels(data$arm); n <- nrow(data); b <- coef(fit); y <- data$response
  xs <- lapply(arms, function(a) model.matrix(delete.response(terms(fit)), transform(data, arm = factor(a, arms)), xlev = fit$xlevels))
  m <- sapply(xs, function(x) plogis(drop(x %*% b))); est <- colMeans(m)
  jac <- t(sapply(xs, function(x) { p <- plogis(drop(x %*% b)); colMeans(p * (1 - p) * x) }))
  pi <- as.numeric(table(data$arm)) / n; v <- v2 <- matrix(0, 3, 3); s <- cov(m)
  for (i in 1:3) for (j in 1:3) {
    ai <- data$arm == arms[i]; aj <- data$arm == arms[j]
    v[i, j] <- cov(y[ai], m[ai, j]) + cov(y[aj], m[aj, i]) - s[i, j]
    v2[i, j] <- v[i, j]
    if (i == j) { v[i, i] <- v[i, i] + (var(y[ai]) - 2 * cov(y[ai], m[ai, i]) + s[i, i]) / pi[i]
      v2[i, i] <- v2[i, i] + var(y[ai] - m[ai, i]) / pi[i] } }
  adjust <- matrix(0, 3, 3); res <- y - m[cbind(1:n, as.integer(data$arm))]
  for (z in unique(data$site)) { iz <- data$site == z
    r <- diag(sapply(1:3, function(a) mean(res[iz & data$arm == arms[a]]) / pi[a]))
    adjust <- adjust + mean(iz) * r %*% (diag(pi) - pi %*% t(pi)) %*% r }
  x <- model.matrix(fit); p <- fitted(fit); bread <- solve(crossprod(x, p * (1 - p) * x))
  psi <- sweep(m, 2, est) + n * (x * (y - p)) %*% bread %*% t(jac)
  list(estimate = est, ge = jac %*% vcov(fit) %*% t(jac), ge_hc0 = jac %*% vcovHC(fit, type = "HC0") %*% t(jac),
    ye = v / n, ye_residual = v2 / n, ye_strata = (v - adjust) / n, sandwich = crossprod(psi) / n^2)
}
out$standardised <- standardise(fit, trial)
out$standardised_interaction <- standardise(glm(response ~ arm * base + site, binomial, trial, control = tight), trial)
out$standardised_without_site <- standardise(glm(response ~ arm + base, binomial, trial, control = tight), trial)

# proportional odds: wine (Randall 1989), housing (Madsen 1976), cheese (McCullagh and Nelder 1989, section 5.6.1)
cheese <- data.frame(additive = factor(rep(1:4, each = 9)), score = rep(1:9, 4), freq = c(
  0, 0, 1, 7, 8, 8, 19, 8, 1, 6, 9, 12, 11, 7, 6, 1, 0, 0, 1, 1, 6, 8, 23, 7, 5, 1, 0, 0, 0, 0, 1, 3, 7, 14, 16, 11))
polytomous <- function(formula, data, freq = NULL) {
  data$w <- if (is.null(freq)) 1 else data[[freq]]
  fit <- clm(formula, data = data[data$w > 0, ], weights = w, control = clm.control(gradTol = 1e-12, maxIter = 200))
  mod <- polr(formula, data = data[data$w > 0, ], weights = w, Hess = TRUE, control = list(reltol = 1e-15, maxit = 1000))
  s <- coef(summary(fit))
  list(names = rownames(s), estimate = s[, 1], se = s[, 2], log_likelihood = as.numeric(logLik(fit)),
    polr = list(estimate = coef(summary(mod))[, 1], se = coef(summary(mod))[, 2]))
}
# score tests of proportional odds with the observed information (17.287 for the cheese data)
# and with the expected one, standard errors of the latter, and Brant's test
tests <- function(x, y, w, start) {
  j <- length(unique(y)); p <- ncol(x)
  cells <- function(th, b) { e <- sapply(seq_len(j - 1), function(l) th[l] - drop(x %*% b[[l]])); cbind(0, plogis(e), 1) }
  pieces <- function(th, b) {
    g <- cells(th, b); q <- g[, -1] - g[, -(j + 1)]; d <- g[, 2:j, drop = FALSE] * (1 - g[, 2:j, drop = FALSE]); k <- j - 1
    grad <- numeric(k + k * p); info <- matrix(0, k + k * p, k + k * p)
    for (i in seq_along(y)) {
      dq <- matrix(0, j, k); for (l in 1:k) { dq[l, l] <- d[i, l]; dq[l + 1, l] <- -d[i, l] }
      z <- matrix(0, k, k + k * p); for (l in 1:k) { z[l, l] <- 1; z[l, k + (l - 1) * p + 1:p] <- -x[i, ] }
      a <- dq %*% z; grad <- grad + w[i] * a[y[i], ] / q[i, y[i]]; info <- info + w[i] * crossprod(a, a / q[i, ]) }
    list(grad = grad, info = info, ll = sum(w * log(q[cbind(seq_along(y), y)]))) }
  k <- j - 1; fold <- rbind(cbind(diag(k), matrix(0, k, p)), cbind(matrix(0, k * p, k), do.call(rbind, rep(list(diag(p)), k))))
  th <- start[1:k]; b <- start[k + 1:p]
  for (i in 1:100) { s <- pieces(th, rep(list(b), k)); step <- solve(t(fold) %*% s$info %*% fold, t(fold) %*% s$grad)
    th <- th + step[1:k]; b <- b + step[k + 1:p]; if (max(abs(step)) < 1e-12) break }
  s <- pieces(th, rep(list(b), k)); expected <- solve(t(fold) %*% s$info %*% fold)
  all <- c(th, rep(b, k)); at <- function(v) pieces(v[1:k], split(v[-(1:k)], rep(1:k, each = p)))$grad
  hessian <- sapply(seq_along(all), function(q) { d <- replace(numeric(length(all)), q, 1)
    one <- function(h) (at(all + h * d) - at(all - h * d)) / (2 * h)
    (64 * one(0.0025) - 20 * one(0.005) + one(0.01)) / 45 })
  observed <- -(hessian + t(hessian)) / 2
  out <- list(thresholds = th, estimate = b, expected_se = sqrt(diag(expected)), score_df = (k - 1) * p,
    score = drop(s$grad %*% ginv(observed, tol = 1e-8) %*% s$grad), score_expected = drop(s$grad %*% solve(s$info, s$grad)))
  if (any(table(y, interaction(as.data.frame(x), drop = TRUE)) == 0)) return(out)
  fits <- lapply(1:k, function(l) glm.fit(cbind(1, x), as.numeric(y > l), weights = w, family = binomial(), control = tight))
  full <- cbind(1, x); breads <- lapply(fits, function(f) solve(crossprod(full, w * f$fitted.values * (1 - f$fitted.values) * full)))
  beta <- unlist(lapply(fits, function(f) f$coefficients[-1])); v <- matrix(0, k * p, k * p)
  for (a in 1:k) for (c in 1:k) { pa <- fits[[a]]$fitted.values; pc <- fits[[c]]$fitted.values
    m <- breads[[a]] %*% crossprod(full, w * (pmin(pa, pc) * 0 + (if (a >= c) pa * (1 - pc) else pc * (1 - pa))) * full) %*% breads[[c]]
    v[(a - 1) * p + 1:p, (c - 1) * p + 1:p] <- m[-1, -1] }
  wald <- function(cols) { d <- matrix(0, 0, k * p)
    for (l in 2:k) for (cc in cols) { r <- numeric(k * p); r[cc] <- 1; r[(l - 1) * p + cc] <- -1; d <- rbind(d, r) }
    drop(t(d %*% beta) %*% solve(d %*% v %*% t(d), d %*% beta)) }
  c(out, list(brant = wald(1:p), brant_each = sapply(1:p, wald)))
}
w <- transform(wine, y = as.integer(rating))
out$wine <- c(polytomous(rating ~ temp + contact, wine), list(data = wine[, c("rating", "temp", "contact")]))
out$housing <- c(polytomous(Sat ~ Infl + Type + Cont, housing, "Freq"), list(data = housing,
  tests = NULL))
out$housing$tests <- tests(model.matrix(~ Infl + Type + Cont, housing)[, -1], as.integer(housing$Sat), housing$Freq, out$housing$estimate)
used <- cheese[cheese$freq > 0, ]
out$cheese <- c(polytomous(factor(score) ~ relevel(additive, "4"), cheese, "freq"), list(data = cheese))
out$cheese$tests <- tests(model.matrix(~ relevel(additive, "4"), used)[, -1], used$score, used$freq, out$cheese$estimate)
writeLines(toJSON(out, digits = 13, auto_unbox = TRUE, dataframe = "columns", matrix = "rowmajor", pretty = FALSE), "generalised.out.json")
