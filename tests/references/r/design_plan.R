# Power of designs as equipoise.design plans them: noncentral t, analysis of covariance with a random covariate,
# Dunnett's test with several doses, two proportions. Needs mvtnorm and jsonlite.
library(mvtnorm)

# analysis of covariance, the covariate normal: given the imbalance F of the covariate between the arms,
# F(1, N - 2) distributed, the variance of the difference is larger by 1 + F / (N - 2)
ancova <- function(n1, n0, delta, sd, rho, alpha = 0.05) {
  N <- n1 + n0
  ncp <- delta / (sd * sqrt((1 - rho^2) * (1 / n1 + 1 / n0)))
  crit <- qt(1 - alpha / 2, N - 3)
  given <- function(f) sapply(f, function(x) pt(crit, N - 3, ncp / sqrt(1 + x / (N - 2)), lower.tail = FALSE))
  # by the quantile function, as the density of F(1, .) is infinite at 0
  integrate(function(u) given(qf(u, 1, N - 2)), 0, 1, rel.tol = 1e-9)$value
}

dunnett <- function(n, effects, sd, alpha = 0.05) {
  m <- length(effects)
  n0 <- n[1]; ni <- n[-1]
  df <- sum(n) - m - 1
  l <- sqrt(ni / (ni + n0))
  R <- outer(l, l); diag(R) <- 1
  set.seed(1)
  alg <- GenzBretz(maxpts = 2e6, abseps = 1e-7)
  inside <- function(x) pmvt(rep(-x, m), rep(x, m), df = df, corr = R, algorithm = alg) - (1 - alpha)
  crit <- uniroot(inside, c(1.9, 3), tol = 1e-9)$root
  ncp <- effects / (sd * sqrt(1 / ni + 1 / n0))
  below <- pmvt(upper = rep(crit, m), delta = ncp, df = df, corr = R, algorithm = alg, type = "Kshirsagar")
  above <- pmvt(lower = rep(crit, m), upper = rep(Inf, m), delta = ncp, df = df, corr = R, algorithm = alg,
                type = "Kshirsagar")
  list(critical = crit, each = 1 - pt(crit, df, ncp), any = 1 - as.numeric(below), all = as.numeric(above))
}

out <- list(
  about = R.version.string,
  ancova = list(small = ancova(12, 12, 0.9, 1, 0.6), unequal = ancova(40, 20, 0.5, 1.2, 0.7),
                large = ancova(170, 170, 0.3, 1, 0.5)),
  dunnett = list(two = dunnett(c(24, 24, 24), c(0.8, 0.5), 1), three = dunnett(c(40, 20, 20, 20), c(0.9, 0.6, 0.3), 1.1)),
  proportions = list(power = power.prop.test(n = 60, p1 = 0.5, p2 = 0.75)$power,
                     n = power.prop.test(power = 0.9, p1 = 0.5, p2 = 0.65)$n),
  welch = list(power = {
    v <- c(1.5^2 / 30, 1 / 20); df <- sum(v)^2 / sum(v^2 / c(29, 19))
    pt(qt(0.975, df), df, 0.9 / sqrt(sum(v)), lower.tail = FALSE)
  })
)
cat(jsonlite::toJSON(out, auto_unbox = TRUE, digits = 12, pretty = TRUE))
