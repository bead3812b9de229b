# Tables of counts, by base R, vcdExtra and sums written out; roots by uniroot with a tolerance of 1e-13.
# Rscript categorical.R > categorical.out.json
suppressMessages({library(vcdExtra); library(jsonlite)})
options(digits = 15)
solve_root <- function(f, low, high) uniroot(f, c(low, high), tol = 1e-14, maxiter = 10000)$root

# constrained estimates by maximising the likelihood along the curve, not by their closed forms
constrained <- function(curve, x1, n1, x0, n0, low, high) {
  score <- function(p0) {
    p1 <- curve(p0); h <- 1e-7 * pmin(p0, 1 - p0)
    slope <- (curve(p0 + h) - curve(p0 - h)) / (2 * h)
    (x1 / p1 - (n1 - x1) / (1 - p1)) * slope + x0 / p0 - (n0 - x0) / (1 - p0)
  }
  uniroot(score, c(low, high), tol = 1e-15, maxiter = 10000)$root
}
mn <- function(x1, n1, x0, n0, level = 0.95) {
  z <- qnorm(0.5 + level / 2); N <- n1 + n0; widen <- N / (N - 1); e <- 1e-9
  difference <- function(d) {
    p0 <- constrained(function(p) p + d, x1, n1, x0, n0, max(0, -d) + e, min(1, 1 - d) - e); p1 <- p0 + d
    (x1 / n1 - x0 / n0 - d) / sqrt((p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * widen)
  }
  ratio <- function(r) {
    p0 <- constrained(function(p) p * r, x1, n1, x0, n0, e, min(1, 1 / r) - e); p1 <- p0 * r
    (x1 / n1 - r * x0 / n0) / sqrt((p1 * (1 - p1) / n1 + r^2 * p0 * (1 - p0) / n0) * widen)
  }
  odds <- function(o) {
    f <- function(p) { w <- p / (1 - p) * o; w / (1 + w) }
    p0 <- constrained(f, x1, n1, x0, n0, e, 1 - e); p1 <- f(p0)
    n1 * (x1 / n1 - p1) * sqrt((1 / (n1 * p1 * (1 - p1)) + 1 / (n0 * p0 * (1 - p0))) / widen)
  }
  d <- x1 / n1 - x0 / n0; r <- x1 / n1 / (x0 / n0); o <- x1 * (n0 - x0) / (x0 * (n1 - x1))
  list(counts = c(x1, n1, x0, n0), level = level,
       difference = c(solve_root(function(v) difference(v) - z, -0.99, d), solve_root(function(v) difference(v) + z, d, 0.99)),
       ratio = exp(c(solve_root(function(v) ratio(exp(v)) - z, log(r) - 6, log(r)), solve_root(function(v) ratio(exp(v)) + z, log(r), log(r) + 6))),
       odds = exp(c(solve_root(function(v) odds(exp(v)) - z, log(o) - 8, log(o)), solve_root(function(v) odds(exp(v)) + z, log(o), log(o) + 8))))
}
score <- list(mn(19, 24, 12, 24), mn(5, 24, 1, 24), mn(3, 40, 11, 35), mn(30, 61, 22, 70, 0.9), mn(120, 400, 90, 410))

conditional <- function(x1, n1, x0, n0, level = 0.95) {
  m <- x1 + x0; s <- max(0, m - n0):min(m, n1); w <- dhyper(s, n1, n0, m, log = TRUE)
  p <- function(l) { v <- w + l * s; v <- exp(v - max(v)); v / sum(v) }
  a <- (1 - level) / 2
  list(counts = c(x1, n1, x0, n0), p = fisher.test(matrix(c(x1, x0, n1 - x1, n0 - x0), 2))$p.value,
       estimate = exp(solve_root(function(l) sum(p(l) * s) - x1, -20, 20)),
       lower = exp(solve_root(function(l) sum(p(l)[s >= x1]) - a, -20, 20)),
       upper = exp(solve_root(function(l) a - sum(p(l)[s <= x1]), -20, 20)))
}
odds <- list(conditional(19, 24, 12, 24), conditional(5, 24, 1, 24), conditional(3, 40, 11, 35), conditional(30, 61, 22, 70))

tables <- list(
  matrix(c(10, 20, 5, 3, 12, 14, 8, 8, 20), 3, byrow = TRUE),
  matrix(c(30, 20, 15, 9, 13, 12, 14, 8, 8, 8, 20, 20), 3, byrow = TRUE),
  matrix(c(5, 3, 0, 2, 4, 1, 6, 3, 2, 2, 0, 2, 5, 1, 3, 2, 2, 2, 2, 6), 4, byrow = TRUE),
  matrix(c(40, 30, 25, 20, 60, 14), 2, byrow = TRUE), matrix(c(3, 5, 9, 5, 2, 2, 6, 3, 8, 5, 1, 1, 9, 3, 10), 3, byrow = TRUE),
  matrix(c(2, 1, 0, 3, 0, 4), 3, byrow = TRUE), matrix(c(65, 21, 77, 7, 76, 8), 3, byrow = TRUE),
  matrix(c(0, 12, 11, 1, 3, 0, 9, 2), 4, byrow = TRUE), matrix(c(1, 0, 0, 0, 6, 1, 0, 0, 5), 3))
independence <- lapply(tables, function(t) suppressWarnings({
  E <- outer(rowSums(t), colSums(t)) / sum(t)
  list(table = t, fisher = fisher.test(t, workspace = 2e8)$p.value, pearson = unname(chisq.test(t)$statistic),
       df = unname(chisq.test(t)$parameter), likelihood = 2 * sum(ifelse(t > 0, t * log(t / E), 0)))
}))

set.seed(5)
K <- 4
full <- array(rpois(3 * 4 * K, 4) + 1, c(3, 4, K))
sparse <- full; sparse[2, , 3] <- 0; sparse[, 4, 2] <- 0
cmh <- lapply(c(table = "table", rank = "midrank"), function(kind) {
  scores <- if (kind == "midrank") "midrank" else 1:4
  r <- if (kind == "midrank") "midrank" else 1:3
  t <- as.table(full); names(dimnames(t)) <- c("arm", "level", "stratum")
  f <- CMHtest(t, strata = "stratum", rscores = r, cscores = scores, overall = TRUE)$ALL$table
  list(general = unlist(f["general", ]), row_means = unlist(f["rmeans", ]), correlation = unlist(f["cor", ]))
})
# sums written out, for scores within strata (ridit, modified ridit, ranks) and as a second source
by_hand <- function(kind, array3) {
  G <- 0; V <- 0; C <- 0; W <- 0
  for (h in 1:K) {
    t <- array3[, , h]; n <- sum(t); r <- rowSums(t); c <- colSums(t)
    mid <- function(m) cumsum(m) - m + (m + 1) / 2
    scale <- switch(kind, rank = 1, ridit = n, modified = n + 1)
    a <- mid(c) / scale; b <- mid(r) / scale
    mu <- sum(a * c) / n; v <- sum((a - mu)^2 * c) / n
    G <- G + (t %*% a - r * mu); V <- V + v * (diag(r) * n - outer(r, r)) / (n - 1)
    nu <- sum(b * r) / n
    C <- C + sum(outer(b, a) * t) - n * nu * mu; W <- W + v * sum((b - nu)^2 * r) * n / (n - 1)
  }
  list(row_means = drop(t(G[1:2]) %*% solve(V[1:2, 1:2], G[1:2])), correlation = C^2 / W)
}
kinds <- c(rank = "rank", ridit = "ridit", "modified-ridit" = "modified")
cmh_hand <- list(full = lapply(kinds, by_hand, full), sparse = lapply(kinds, by_hand, sparse))
general <- sapply(list(full = full, sparse = sparse), function(a) unname(mantelhaen.test(a)$statistic))

two <- array(c(12, 5, 9, 14, 8, 3, 11, 15, 4, 6, 2, 7), c(2, 2, 3))
x1 <- two[1, 1, ]; x0 <- two[2, 1, ]; n1 <- x1 + two[1, 2, ]; n0 <- x0 + two[2, 2, ]; N <- n1 + n0
w <- n1 * n0 / N; rd <- sum(w * (x1 / n1 - x0 / n0)) / sum(w)
P <- (n1^2 * x0 - n0^2 * x1 + n1 * n0 * (n0 - n1) / 2) / N^2; Q <- (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * N)
rr <- sum(x1 * n0 / N) / sum(x0 * n1 / N)
v_rr <- sum((n1 * n0 * (x1 + x0) - x1 * x0 * N) / N^2) / (sum(x1 * n0 / N) * sum(x0 * n1 / N))
log_weight <- 1
for (k in 1:3) { s <- max(0, x1[k] + x0[k] - n0[k]):min(n1[k], x1[k] + x0[k]); p <- dhyper(s, n1[k], n0[k], x1[k] + x0[k])
  log_weight <- if (k == 1) p else convolve(log_weight, rev(p), type = "open") }
pick <- function(t) list(chi2 = unname(t$statistic), p = t$p.value, odds = unname(t$estimate), limits = as.numeric(t$conf.int))
strata <- list(table = aperm(two, c(3, 1, 2)), plain = pick(mantelhaen.test(two, correct = FALSE)),
  corrected = pick(mantelhaen.test(two, correct = TRUE)), exact = pick(mantelhaen.test(two, exact = TRUE)),
  difference = c(rd, sqrt((rd * sum(P) + sum(Q)) / sum(w)^2)), ratio = c(rr, sqrt(v_rr)))

trend <- lapply(list(list(c(2, 7, 8), c(86, 84, 84), 0:2), list(c(1, 4, 9, 12), c(20, 21, 22, 20), c(0, 1, 2.5, 10))),
  function(a) list(x = a[[1]], n = a[[2]], scores = a[[3]], chi2 = unname(prop.trend.test(a[[1]], a[[2]], a[[3]])$statistic)))
pairs <- lapply(list(c(30, 12, 5, 40), c(10, 1, 9, 3)), function(a) { m <- matrix(a, 2, byrow = TRUE)
  list(table = m, plain = unname(mcnemar.test(m, correct = FALSE)$statistic), corrected = unname(mcnemar.test(m)$statistic),
       exact = binom.test(m[1, 2], m[1, 2] + m[2, 1])$p.value) })
single <- lapply(list(c(0, 10), c(3, 24), c(10, 10), c(81, 263)), function(a) list(counts = a,
  exact = as.numeric(binom.test(a[1], a[2], conf.level = 0.9)$conf.int),
  wilson = as.numeric(suppressWarnings(prop.test(a[1], a[2], conf.level = 0.9, correct = FALSE))$conf.int)))
yates <- unname(suppressWarnings(chisq.test(matrix(c(3, 9, 11, 4), 2)))$statistic)
cat(toJSON(list(r = R.version.string, vcdExtra = as.character(packageVersion("vcdExtra")), score = score, odds = odds,
  independence = independence, full = aperm(full, c(3, 1, 2)), sparse = aperm(sparse, c(3, 1, 2)), cmh = cmh, cmh_hand = cmh_hand,
  general = as.list(general), strata = strata, trend = trend, pairs = pairs, single = single, yates = yates),
  digits = NA, auto_unbox = TRUE, matrix = "rowmajor"))
