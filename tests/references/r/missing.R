# Rubin's rules by mice, permutation tests by coin; writes missing.out.json in this folder.
suppressPackageStartupMessages({library(mice); library(coin); library(survival); library(jsonlite)})

pools <- list(
  list(q = c(1.2, 0.7, 1.9, 1.4, 0.3), se = c(0.5, 0.6, 0.55, 0.48, 0.62), n = 40, k = 3),
  list(q = c(48.2, 51.9, 44.7), se = c(14.1, 13.8, 14.6), n = 240, k = 6),
  list(q = c(-3, -1, 2, 5, 9, 4, 0.5, 1), se = rep(1, 8), n = 1000, k = 4),
  list(q = c(0.11, 0.12, 0.115, 0.109), se = c(0.2, 0.21, 0.19, 0.2), n = Inf, k = 1)
)
pooled <- lapply(pools, function(x) {
  p <- pool.scalar(x$q, x$se^2, n = x$n, k = x$k)
  m <- length(x$q)
  lambda <- (1 + 1 / m) * p$b / p$t
  list(estimates = x$q, standard_errors = x$se, df_complete = if (is.finite(x$n)) x$n - x$k else NULL,
       estimate = p$qbar, within = p$ubar, between = p$b, total = p$t, df = p$df, increase = p$r, fmi = p$fmi,
       df_rubin = (m - 1) / lambda^2)
})

# Li, Raghunathan and Rubin 1991, written out
q <- rbind(c(1.1, 0.4, -0.2), c(1.5, 0.1, 0.3), c(0.7, 0.6, 0.1), c(1.3, 0.2, -0.4), c(0.9, 0.5, 0.0))
u <- lapply(1:5, function(i) diag(c(0.2, 0.3, 0.25)) * (1 + i / 20) + 0.05)
ubar <- Reduce(`+`, u) / 5
b <- cov(q)
k <- 3; m <- 5
r <- (1 + 1 / m) * sum(diag(b %*% solve(ubar))) / k
f <- drop(colMeans(q) %*% solve(ubar) %*% colMeans(q)) / (k * (1 + r))
v <- k * (m - 1)
df <- 4 + (v - 4) * (1 + (1 - 2 / v) / r)^2
d1 <- list(estimates = q, covariances = u, f = f, increase = r, df = df, p = pf(f, k, df, lower.tail = FALSE))

# eighteen participants in three blocks of six, or in one; exact tests of two arms
y <- c(5.1, 3.2, 6.6, 4.4, 7.9, 2.8, 5.7, 8.3, 3.9, 6.1, 9.4, 4.9, 5.5, 7.2, 3.3, 8.8, 6.9, 4.1)
x <- c(4.0, 3.5, 5.9, 4.2, 6.5, 3.1, 5.2, 7.0, 4.4, 5.0, 8.1, 4.6, 5.9, 6.0, 3.0, 7.7, 6.2, 4.8)
time <- c(12, 30, 7, 25, 18, 40, 9, 3, 33, 21, 5, 28, 16, 11, 37, 2, 14, 26)
event <- c(1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1)
arm <- factor(c("A", "B", "B", "A", "B", "A", "A", "B", "A", "B", "B", "A", "A", "B", "A", "B", "B", "A"))
block <- factor(rep(1:3, each = 6))
two <- function(test) as.numeric(pvalue(test))
residual <- resid(lm(y ~ x))
permutation <- list(
  y = y, x = x, time = time, event = event, arm = as.character(arm), block = as.integer(block),
  means = two(oneway_test(y ~ arm, distribution = exact(algorithm = "split-up"))),
  means_greater = two(oneway_test(y ~ arm, distribution = exact(algorithm = "split-up"), alternative = "greater")),
  ranks = two(wilcox_test(y ~ arm, distribution = "exact")),
  ranks_in_blocks = two(wilcox_test(y ~ arm | block, distribution = exact(algorithm = "shift"))),
  residuals = two(oneway_test(residual ~ arm, distribution = exact(algorithm = "split-up"))),
  log_rank = two(logrank_test(Surv(time, event) ~ arm, distribution = exact(algorithm = "split-up")))
)

# three arms: every assignment of nine participants, three an arm, the sum of n (mean - overall mean)^2
z <- c(2.2, 3.1, 4.7, 3.9, 5.8, 6.1, 4.4, 7.5, 8.0)
three <- c("A", "A", "B", "A", "B", "C", "B", "C", "C")
between <- function(g) sum(tapply(z, g, function(v) length(v) * (mean(v) - mean(z))^2))
values <- c()
for (first in combn(9, 3, simplify = FALSE)) {
  rest <- setdiff(1:9, first)
  for (second in combn(rest, 3, simplify = FALSE)) {
    g <- rep("C", 9); g[first] <- "A"; g[second] <- "B"
    values <- c(values, between(g))
  }
}
arms3 <- list(z = z, arm = three, statistic = between(three), count = length(values),
              p = mean(values >= between(three) - 1e-9))

out <- list(
  versions = list(R = as.character(getRversion()), mice = as.character(packageVersion("mice")),
                  coin = as.character(packageVersion("coin"))),
  pooled = pooled, d1 = d1, permutation = permutation, three_arms = arms3
)
write_json(out, "missing.out.json", auto_unbox = TRUE, digits = 15, pretty = TRUE)
