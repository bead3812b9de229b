# Sample size and power by R: stats, pwr, rpact, and formulas and integrals written out.
# Rscript sample_size.R > sample_size.out.json
suppressMessages({ library(jsonlite); library(pwr); library(rpact); library(mvtnorm) })
out <- list()
root <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-12, maxiter = 10000)$root
both <- list(c("two", 2), c("one", 1))

# noncentral t: P(T > t)
g <- expand.grid(t = c(0.5, 1.96, 3, 8), df = c(1, 3, 10, 58, 500), ncp = c(0, 0.5, 2, 5, 10))
out$noncentral_t <- data.frame(g, upper = mapply(function(t, df, ncp) pt(t, df, ncp, lower.tail = FALSE), g$t, g$df, g$ncp))

# means -----------------------------------------------------------------------------------------------------
tt <- function(...) power.t.test(..., tol = 1e-13)
out$t_test <- list(
  power_two = tt(n = 64, delta = 0.5)$power, power_two_strict = tt(n = 20, delta = 0.5, strict = TRUE)$power,
  power_one = tt(n = 30, delta = 0.4, sd = 1.3, sig.level = 0.025, alternative = "one.sided")$power,
  n = tt(delta = 0.5, power = 0.9)$n, n_small = tt(delta = 3, power = 0.9)$n,
  delta = tt(n = 45, power = 0.8, sd = 2)$delta,
  one_sample_n = tt(delta = 0.3, sd = 1.1, power = 0.85, type = "one.sample")$n,
  one_sample_power = tt(n = 12, delta = 0.9, type = "one.sample", strict = TRUE)$power,
  paired_n = tt(delta = 0.5, sd = sqrt(1 + 1.44 - 2 * 0.6 * 1.2), power = 0.9, type = "paired")$n)
means <- function(...) getSampleSizeMeans(..., alpha = 0.025)$nFixed
out$rpact_means <- list(
  ratio3 = means(alternative = 0.4, stDev = 1, beta = 0.15, allocationRatioPlanned = 3),
  noninferiority = means(alternative = 2, thetaH0 = -5, stDev = 14, beta = 0.1, allocationRatioPlanned = 0.5),
  one_group_z = means(groups = 1, normalApproximation = TRUE, alternative = 0.4, stDev = 1, beta = 0.2),
  mean_ratio = means(meanRatio = TRUE, thetaH0 = 0.8, alternative = 1, stDev = 0.4, beta = 0.1),
  mean_ratio_z2 = means(meanRatio = TRUE, normalApproximation = TRUE, thetaH0 = 1, alternative = 1.25, stDev = 0.5,
                        beta = 0.2, allocationRatioPlanned = 2))
# Welch: double integral over the two variances, nodes for each chi-square by quantiles and Gauss-Legendre
gauss <- function(n) { k <- seq_len(n - 1); b <- k / sqrt(4 * k^2 - 1); J <- matrix(0, n, n)
  J[cbind(k, k + 1)] <- b; J[cbind(k + 1, k)] <- b; e <- eigen(J, symmetric = TRUE)
  list(x = e$values, w = 2 * e$vectors[1, ]^2) }
variances <- function(df, sigma, n, m = 400) { q <- gauss(m)
  low <- log(qchisq(1e-16, df)); high <- log(qchisq(1e-16, df, lower.tail = FALSE))
  x <- exp((low + high) / 2 + (high - low) / 2 * q$x)
  list(v = sigma^2 * x / df / n, w = q$w * (high - low) / 2 * dchisq(x, df) * x) }
welch <- function(delta, s1, s2, n1, n2, level, both) {
  a <- variances(n1 - 1, s1, n1); b <- variances(n2 - 1, s2, n2)
  v <- outer(a$v, b$v, "+"); df <- v^2 / outer(a$v^2 / (n1 - 1), b$v^2 / (n2 - 1), "+")
  true <- sqrt(s1^2 / n1 + s2^2 / n2); c <- qt(1 - level, df) * sqrt(v)
  p <- pnorm((delta - c) / true); if (both) p <- p + pnorm((-delta - c) / true)
  sum(outer(a$w, b$w) * p) }
out$welch <- list(a = welch(1, 1, 2, 8, 20, 0.025, FALSE), b = welch(1, 1, 2, 12, 12, 0.025, TRUE),
                  c = welch(0.5, 1, 1, 85, 85, 0.025, FALSE), d = welch(4, 6, 3, 30, 15, 0.05, FALSE))
approximate <- function(delta, s1, s2, n1, n2, level) { a <- s1^2 / n1; b <- s2^2 / n2
  df <- (a + b)^2 / (a^2 / (n1 - 1) + b^2 / (n2 - 1)); pt(qt(1 - level, df), df, delta / sqrt(a + b), lower.tail = FALSE) }
out$welch_approximate <- approximate(1, 1, 2, 8, 20, 0.025)
out$ancova <- list(
  power = { n1 <- 40; n2 <- 20; pt(qt(0.975, 57), 57, 0.6 / (sqrt(1 - 0.49) * sqrt(1 / n1 + 1 / n2)), lower.tail = FALSE) },
  n = root(function(n) pt(qt(0.975, n - 4), n - 4, 5 / (12 * sqrt(1 - 0.25) * sqrt(4 / n)), lower.tail = FALSE) - 0.9, 10, 1000))
tost <- function(d, se, df, lower, upper, alpha) { c <- qt(1 - alpha, df); most <- (upper - lower) / (2 * c * se)
  f <- function(s) (pnorm((upper - d) / se - c * s) - pnorm((lower - d) / se + c * s)) * 2 * df * s * dchisq(df * s^2, df)
  integrate(f, 0, most, rel.tol = 1e-12, subdivisions = 2000)$value }
cv <- function(x) sqrt(log(1 + x^2))
out$equivalence <- list(
  crossover_28 = tost(log(0.95), cv(0.25) * sqrt(2 / 28), 26, log(0.8), log(1.25), 0.05),
  parallel = tost(2, 20 * sqrt(1 / 60 + 1 / 90), 148, -10, 10, 0.05),
  small = tost(0, cv(0.4) * sqrt(2 / 12), 10, log(0.8), log(1.25), 0.05),
  paired = tost(0.1, 1.2 / sqrt(25), 24, -1, 0.8, 0.025))

# proportions -----------------------------------------------------------------------------------------------
pp <- function(...) power.prop.test(..., tol = 1e-13)
out$prop_test <- list(n = pp(p1 = 0.5, p2 = 0.75, power = 0.9)$n, power = pp(n = 50, p1 = 0.5, p2 = 0.75)$power,
  one = pp(p1 = 0.15, p2 = 0.3, power = 0.8, sig.level = 0.025, alternative = "one.sided")$n,
  strict = pp(n = 20, p1 = 0.5, p2 = 0.6, strict = TRUE)$power, p2 = pp(n = 150, p1 = 0.2, power = 0.9, p2 = NULL)$p2)
out$pwr <- list(arcsine_n = pwr.2p.test(h = ES.h(0.75, 0.5), power = 0.9)$n,
  arcsine_unequal = pwr.2p2n.test(h = ES.h(0.4, 0.25), n1 = 120, n2 = 80)$power,
  one_arcsine = pwr.p.test(h = ES.h(0.6, 0.45), n = 70, alternative = "greater")$power,
  correlation_n = root(function(n) pwr.r.test(n = n, r = 0.3)$power - 0.8, 10, 500),
  correlation_power = pwr.r.test(n = 40, r = -0.35, sig.level = 0.01)$power)
rates <- function(...) getSampleSizeRates(..., alpha = 0.025)$nFixed
out$rpact_rates <- list(
  ratio2 = rates(pi1 = 0.5, pi2 = 0.75, beta = 0.1, allocationRatioPlanned = 2),
  noninferiority = rates(pi1 = 0.3, pi2 = 0.3, thetaH0 = -0.1, beta = 0.1),
  noninferiority_ratio = rates(pi1 = 0.55, pi2 = 0.5, thetaH0 = -0.08, beta = 0.2, allocationRatioPlanned = 1.5),
  risk_ratio = rates(pi1 = 0.3, pi2 = 0.3, thetaH0 = 0.8, riskRatio = TRUE, beta = 0.1),
  risk_ratio_ratio = rates(pi1 = 0.2, pi2 = 0.3, thetaH0 = 1.1, riskRatio = TRUE, beta = 0.2, allocationRatioPlanned = 2),
  one_group = rates(groups = 1, pi1 = 0.4, thetaH0 = 0.2, beta = 0.1))
za <- qnorm(0.975); zb <- qnorm(0.9)
fleiss <- function(p1, p2, r) { p <- (p1 + r * p2) / (1 + r); d <- abs(p1 - p2)
  n <- (za * sqrt((r + 1) * p * (1 - p)) + zb * sqrt(r * p1 * (1 - p1) + p2 * (1 - p2)))^2 / (r * d^2)
  n / 4 * (1 + sqrt(1 + 2 * (r + 1) / (n * r * d)))^2 }
out$fleiss <- list(equal = fleiss(0.75, 0.5, 1), ratio2 = fleiss(0.25, 0.4, 2))
out$odds <- list(wald_n = (za + zb)^2 / log((0.5 / 0.5) / (0.3 / 0.7))^2 * (1 / 0.25 + 1 / 0.21),
                 ratio_wald_n = (za + zb)^2 / log(0.5 / 0.3)^2 * (0.5 / 0.5 + 0.7 / 0.3))
fisher_p <- function(n1, n2, sides) outer(0:n1, 0:n2, Vectorize(function(a, b) {
  m <- matrix(c(a, n1 - a, b, n2 - b), 2)
  if (sides == 2) fisher.test(m)$p.value else phyper(a - 1, n1, n2, a + b, lower.tail = FALSE) }))
region <- function(p, n1, n2, p1, p2, limit) sum(outer(dbinom(0:n1, n1, p1), dbinom(0:n2, n2, p2)) * (p <= limit))
f30 <- fisher_p(30, 30, 2); f1 <- fisher_p(25, 40, 1)
out$fisher <- list(two = region(f30, 30, 30, 0.75, 0.4, 0.05), one = region(f1, 25, 40, 0.6, 0.3, 0.025))
first <- NA
for (n in 30:60) { if (region(fisher_p(n, n, 2), n, n, 0.8, 0.5, 0.05) >= 0.8) { first <- n; break } }
out$fisher$first <- first
boschloo <- function(n1, n2, sides, alpha) { p <- fisher_p(n1, n2, sides); grid <- (1:999) / 1000; limit <- -1
  for (c in sort(unique(as.vector(round(p, 13))))) {
    size <- max(sapply(grid, function(q) region(p, n1, n2, q, q, c + 1e-12))); if (size > alpha) break; limit <- c + 1e-12 }
  function(p1, p2) region(p, n1, n2, p1, p2, limit) }
out$boschloo <- list(one = boschloo(15, 12, 1, 0.025)(0.7, 0.2), two = boschloo(14, 14, 2, 0.05)(0.8, 0.3))
exact_one <- function(n, p, p0, level, sides) { x <- 0:n; up <- sapply(x, function(k) pbinom(k - 1, n, p0, lower.tail = FALSE))
  down <- pbinom(x, n, p0); reject <- up <= level; if (sides == 2) reject <- reject | down <= level; sum(dbinom(x, n, p)[reject]) }
first <- NA
for (n in 10:100) if (exact_one(n, 0.4, 0.2, 0.05, 1) >= 0.9) { first <- n; break }
out$one_exact <- list(power = exact_one(40, 0.4, 0.2, 0.05, 1), two = exact_one(60, 0.3, 0.5, 0.025, 2), first = first)
out$mcnemar <- list(n = (za * sqrt(0.3) + zb * sqrt(0.3 - 0.04))^2 / 0.04)

# survival --------------------------------------------------------------------------------------------------
surv <- function(...) { x <- getSampleSizeSurvival(..., alpha = 0.025); list(n = x$nFixed[1], events = x$eventsFixed[1], duration = as.numeric(x$analysisTime)[1]) }
out$rpact_survival <- list(
  noninferiority = surv(lambda2 = 0.02, hazardRatio = 1, thetaH0 = 1.3, accrualTime = c(0, 24), followUpTime = 12, beta = 0.2),
  dropout = surv(lambda2 = log(2) / 10, hazardRatio = 0.6, accrualTime = c(0, 12), followUpTime = 9, beta = 0.1,
                 dropoutRate1 = 0.1, dropoutRate2 = 0.2, dropoutTime = 12, allocationRatioPlanned = 2),
  piecewise = surv(piecewiseSurvivalTime = c(0, 5, 10), lambda2 = c(0.03, 0.06, 0.02), hazardRatio = 0.7,
                   accrualTime = c(0, 4, 15), accrualIntensity = c(0.1, 0.3), followUpTime = 10, beta = 0.2),
  duration = surv(lambda2 = 0.05, hazardRatio = 0.7, accrualTime = c(0, 10), maxNumberOfSubjects = 500, beta = 0.2,
                  dropoutRate1 = 0.05, dropoutRate2 = 0.05, dropoutTime = 12))
p <- getEventProbabilities(time = c(4, 12, 20, 40), accrualTime = c(0, 6, 18), accrualIntensity = c(5, 20),
  piecewiseSurvivalTime = c(0, 6, 12), lambda2 = c(0.04, 0.03, 0.02), hazardRatio = 0.65, dropoutRate1 = 0.1,
  dropoutRate2 = 0.05, dropoutTime = 12)
out$event_probabilities <- list(time = c(4, 12, 20, 40), treatment = p$eventProbabilities1, control = p$eventProbabilities2,
                                overall = p$cumulativeEventProbabilities)
had <- function(l, eta, t, accrual, longest) integrate(function(a) { u <- pmin(t - a, longest); h <- l + eta
  ifelse(u > 0, l / h * (1 - exp(-h * u)), 0) }, 0, min(accrual, t), rel.tol = 1e-13)$value / accrual
out$fixed_follow_up <- list(p = had(0.03, 0.01, 30, 24, 12), early = had(0.03, 0.01, 14, 24, 12))
foulkes <- function(hr, hr0, l, eta, accrual, t, r) { q <- c(r, 1) / (1 + r); l0 <- l * (1 + r * hr) / (1 + r * hr0)
  v1 <- 1 / (q[1] * had(hr * l, eta, t, accrual, Inf)) + 1 / (q[2] * had(l, eta, t, accrual, Inf))
  v0 <- 1 / (q[1] * had(hr0 * l0, eta, t, accrual, Inf)) + 1 / (q[2] * had(l0, eta, t, accrual, Inf))
  ((za * sqrt(v0) + zb * sqrt(v1)) / log(hr / hr0))^2 }
out$lachin_foulkes <- list(ratio2 = foulkes(0.7, 1, 0.05, 0.01, 12, 30, 2), noninferiority = foulkes(0.9, 1.25, 0.04, 0.005, 18, 36, 0.5))

# repeated measures -----------------------------------------------------------------------------------------
phi <- function(S, r, l) { info <- matrix(0, nrow(S), nrow(S)); r <- c(r, 0)
  for (j in seq_len(nrow(S))) { A <- matrix(0, nrow(S), nrow(S)); A[1:j, 1:j] <- solve(S[1:j, 1:j]); info <- info + (r[j] - r[j + 1]) * A }
  drop(t(l) %*% solve(info) %*% l) }
sd <- c(10, 12, 13, 15, 16); R <- 0.75^abs(outer(1:5, 1:5, "-")); S <- outer(sd, sd) * R
given <- S[-1, -1] - outer(S[-1, 1], S[1, -1]) / S[1, 1]
ra <- c(0.98, 0.93, 0.88, 0.8); rb <- c(1, 0.9, 0.85, 0.7); w <- c(0, 0, 0.5, 0.5)
out$mmrm <- list(sd = sd, correlation = 0.75, retention = ra, retention_control = rb, weights = w,
  phi = c(phi(given, ra, w), phi(given, rb, w)),
  n = (phi(given, ra, w) / (2 / 3) + phi(given, rb, w) / (1 / 3)) * (za + zb)^2 / 25,
  symmetric = 2 * phi(0.25 + 0.75 * diag(4), c(1, 0.9, 0.8, 0.7), c(0, 0, 0, 1)) * (za + qnorm(0.8))^2 / 0.5^2)

# ranks -----------------------------------------------------------------------------------------------------
castelloe <- function(p1, p2, w1, n) { # O'Brien and Castelloe: odds of concordance, Agresti's standard error
  w <- c(w1, 1 - w1); P <- rbind(p1 * w[1], p2 * w[2]); C <- ncol(P)
  odds <- function(P) { Rc <- Rd <- matrix(0, 2, C)
    for (j in 1:C) { hi <- if (j < C) (j + 1):C else integer(0); lo <- if (j > 1) 1:(j - 1) else integer(0)
      Rc[1, j] <- sum(P[2, lo]) + P[2, j] / 2; Rd[1, j] <- sum(P[2, hi]) + P[2, j] / 2
      Rc[2, j] <- sum(P[1, hi]) + P[1, j] / 2; Rd[2, j] <- sum(P[1, lo]) + P[1, j] / 2 }
    Pc <- sum(P * Rc); Pd <- sum(P * Rd)
    list(odds = Pc / Pd, sd = 2 / Pd^2 * sqrt(sum(P * (Pd * Rc - Pc * Rd)^2))) }
  H1 <- odds(P); pooled <- colSums(P); H0 <- odds(outer(w, pooled))
  pnorm((sqrt(n) * abs(log(H1$odds)) - za * H0$sd) / (H1$sd / H1$odds)) }
a <- c(0.1, 0.2, 0.3, 0.4); b <- c(0.25, 0.3, 0.25, 0.2)
zhao <- function(p, q, t) { eff <- sum(sapply(seq_along(p), function(i) p[i] * (sum(q[seq_len(i - 1)]) + q[i] / 2)))
  (za + zb)^2 * (1 - sum((t * p + (1 - t) * q)^3)) / (12 * t * (1 - t) * (eff - 0.5)^2) }
out$ranks <- list(a = a, b = b, castelloe = castelloe(a, b, 0.5, 120), castelloe_2 = castelloe(a, b, 2 / 3, 90),
  zhao = zhao(a, b, 0.5), zhao_2 = zhao(a, b, 2 / 3), noether = (za + zb)^2 / (12 * 0.25 * (0.65 - 0.5)^2))
above <- function(d, dens, cdf) integrate(function(x) dens(x) * cdf(x + d), -Inf, Inf, rel.tol = 1e-12)$value
s <- sqrt(3) / pi
out$shift <- list(normal = pnorm(0.7 / sqrt(2)), logistic = above(0.7, function(x) dlogis(x, scale = s), function(x) plogis(x, scale = s)))

# doses -----------------------------------------------------------------------------------------------------
dunnett <- function(shift, n, sides, alpha) { k <- length(n) - 1; df <- sum(n) - k - 1; l <- sqrt(n[-1] / (n[-1] + n[1]))
  ncp <- shift / sqrt(1 / n[-1] + 1 / n[1])
  over_y <- function(f, s) integrate(function(y) sapply(y, function(one) f(one, s)) * dnorm(y), -9, 9, rel.tol = 1e-11)$value
  dens <- function(s) 2 * df * s * dchisq(df * s * s, df)
  ends <- sqrt(c(qchisq(1e-14, df), qchisq(1e-14, df, lower.tail = FALSE)) / df)
  box <- function(lo, hi, nc) integrate(function(s) sapply(s, function(one) over_y(function(y, s)
    prod(pnorm((hi * s - nc - l * y) / sqrt(1 - l^2)) - pnorm((lo * s - nc - l * y) / sqrt(1 - l^2))), one)) * dens(s),
    ends[1], ends[2], rel.tol = 1e-10, subdivisions = 300)$value
  c1 <- qt(1 - alpha / sides, df)
  c2 <- root(function(c) box(rep(if (sides == 2) -c else -Inf, k), rep(c, k), 0 * ncp) - (1 - alpha), c1, 4)
  up <- rep(Inf, k)
  list(critical = c2, any = 1 - box(-up, rep(c2, k), ncp), all = box(rep(c2, k), up, ncp),
       down_all = if (k == 2) box(c(c1, c1), up, ncp) - box(c(c1, c1), c(c2, c2), ncp) else NULL) }
out$dunnett <- list(equal = dunnett(c(1, 1), c(24, 24, 24), 2, 0.05), unequal = dunnett(c(0.25, 0.5), c(40, 20, 30), 2, 0.05),
                    one_sided = dunnett(c(0.5, 0.9), c(20, 20, 20), 1, 0.025))
# three doses, known variance, one-sided step-down: all patterns of the ordered statistics
R3 <- matrix(0.5, 3, 3); diag(R3) <- 1; nc <- c(1.5, 2.5, 3) ; alg <- Miwa(steps = 2048)
lim <- c(qnorm(0.975), sapply(2:3, function(k) root(function(c) pmvnorm(upper = rep(c, k), corr = R3[1:k, 1:k], algorithm = alg) - 0.975, 1.9, 3)))
cell <- function(v) { lo <- c(-Inf, lim)[v]; hi <- c(lim, Inf)[v]; pmvnorm(lower = lo - nc, upper = hi - nc, corr = R3, algorithm = alg) }
g <- as.matrix(expand.grid(1:4, 1:4, 1:4)); pr <- apply(g, 1, cell)
shown <- t(apply(g, 1, function(v) { o <- order(-v); hit <- rep(FALSE, 3)
  for (i in 1:3) { if (v[o[i]] > 4 - i) hit[o[i]] <- TRUE else break }; hit }))
out$dunnett_3 <- list(limits = lim, any = sum(pr[apply(shown, 1, any)]), all = sum(pr[apply(shown, 1, all)]), each = colSums(pr * shown))
out$contrast <- list(power = { d <- c(0, 1, 3); c <- d - mean(d); n <- c(20, 25, 30); mu <- c(0, 0.4, 0.9)
  pt(qt(0.975, 72), 72, sum(c * mu) / (1.3 * sqrt(sum(c^2 / n))), lower.tail = FALSE) })
nam <- function(p, d, r, level, beta, gap) { D <- d - sum(r * d) / sum(r); A <- sum(r * p * D); q <- sum(r * p) / sum(r)
  n <- ((qnorm(1 - level) * sqrt(q * (1 - q) * sum(r * D^2)) + qnorm(1 - beta) * sqrt(sum(r * p * (1 - p) * D^2))) / A)^2
  if (gap > 0) n <- n / 4 * (1 + sqrt(1 + 2 * gap / (abs(A) * n)))^2; n }
out$nam <- list(plain = nam(c(0.4, 0.3, 0.2, 0.1), 1:4, c(3, 2, 1, 2) / 3, 0.025, 0.2, 0),
                corrected = nam(c(0.1, 0.3, 0.5, 0.7), 1:4, rep(1, 4), 0.05, 0.2, 1))

# counts, precision -----------------------------------------------------------------------------------------
zhu <- function(r0, rr, k, t, th, approach) { r1 <- r0 * rr; v1 <- 1 / t * (1 / r0 + 1 / (th * r1)) + (1 + th) * k / th
  v0 <- c((1 + th) / (t * th * r0) + (1 + th) * k / th, v1, (1 + th)^2 / (t * th * (r0 + th * r1)) + (1 + th) * k / th)[approach]
  (za * sqrt(v0) + qnorm(0.8) * sqrt(v1))^2 / log(rr)^2 }
out$zhu <- list(a = sapply(1:3, function(i) zhu(0.8, 0.85, 0.4, 0.75, 1, i)), b = sapply(1:3, function(i) zhu(10, 1.5, 5, 1, 1.5, i)))
out$fisher_z <- list(power = pnorm(abs(atanh(0.5) - atanh(0.2)) * sqrt(77) - za))
out$precision <- list(mean = root(function(n) qt(0.975, n - 1) / sqrt(n) - 0.2, 3, 1000),
  two = root(function(n) qt(0.95, n - 2) * 3 * sqrt(1 / (2 * n / 3) + 1 / (n / 3)) - 1, 5, 5000),
  wald = za^2 * 0.21 / 0.0025, wilson = root(function(n) za / (1 + za^2 / n) * sqrt(0.21 / n + za^2 / (4 * n^2)) - 0.05, 5, 5000))
out$about <- list(R = R.version.string, pwr = as.character(packageVersion("pwr")), rpact = as.character(packageVersion("rpact")),
                  mvtnorm = as.character(packageVersion("mvtnorm")))
cat(toJSON(out, digits = 15, auto_unbox = TRUE, pretty = TRUE))
