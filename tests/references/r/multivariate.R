# Rectangle probabilities and critical values of multivariate normal and t distributions. R mvtnorm, and integrals of R.
# TVPACK (Genz 2004) is exact for up to three variables; `one_factor` integrates in one dimension; Miwa is deterministic;
# what only GenzBretz can do carries the error that it states as `tol`.
suppressMessages({library(jsonlite); library(mvtnorm)})
set.seed(20261123)
matrix_of <- function(...) { r <- diag((1 + sqrt(1 + 8 * length(c(...)))) / 2); r[upper.tri(r)] <- c(...); r + t(r) - diag(nrow(r)) }
r3 <- matrix_of(0.3, -0.5, 0.45)
r3_near <- matrix_of(0.95, 0.9, 0.97)
r4 <- matrix_of(0.2, 0.5, 0.1, -0.3, 0.25, 0.6)
loadings <- c(0.4, 0.55, 0.7, 0.85, 0.5); rf <- outer(loadings, loadings); diag(rf) <- 1
m <- rbind(c(-0.74, -0.23, 0.1, 0.34, 0.53), c(-0.46, -0.34, -0.15, 0.16, 0.79), c(-0.49, -0.45, -0.08, 0.43, 0.6),
           c(-0.32, -0.29, -0.22, -0.05, 0.88), c(-0.67, -0.33, 0.08, 0.51, 0.42), c(-0.38, -0.35, -0.26, 0.21, 0.79))
m <- m - rowMeans(m); singular <- cov2cor(m %*% t(m))
outside_one_factor <- function(u, l, df) {
  inner <- function(s) sapply(s, function(one) integrate(function(y) dnorm(y) * sapply(y, function(v)
    1 - prod(pnorm((one * u - loadings * v) / sqrt(1 - loadings^2)) - pnorm((one * l - loadings * v) / sqrt(1 - loadings^2)))),
    -9, 9, rel.tol = 1e-12, subdivisions = 500)$value)
  if (is.infinite(df)) return(inner(1))
  density <- function(s) 2 * df * s * dchisq(df * s^2, df)
  integrate(function(s) density(s) * inner(s), 0, Inf, rel.tol = 1e-10, subdivisions = 500)$value
}
case <- function(r, lower, upper, df, delta, algorithm, tol = NULL) {
  p <- if (df == 0) pmvnorm(lower, upper, mean = delta, corr = r, algorithm = algorithm)
       else pmvt(lower, upper, delta = delta, df = df, corr = r, algorithm = algorithm, type = "Kshirsagar")
  list(correlation = r, lower = lower, upper = upper, df = if (df == 0) "Inf" else df, mean = delta, p = as.numeric(p),
       tol = if (is.null(tol)) max(4 * attr(p, "error"), 1e-8) else tol)
}
big <- GenzBretz(maxpts = 5e6, abseps = 1e-8)
none <- function(k) rep(-Inf, k)
out <- list(
  R = R.version.string, mvtnorm = as.character(packageVersion("mvtnorm")),
  rectangles = list(
    case(r3, none(3), c(0.5, 1.2, 2), 0, c(0, 0, 0), TVPACK(1e-14), 1e-12),
    case(r3, none(3), c(0, 0, 0), 0, c(0, 0, 0), TVPACK(1e-14), 1e-12),
    case(r3_near, none(3), c(1, 1.1, 0.9), 0, c(0, 0, 0), TVPACK(1e-14), 1e-12),
    case(r3, none(3), c(0.5, 1.2, 2), 5, c(0, 0, 0), TVPACK(1e-14), 1e-11),
    case(r3, none(3), c(-0.5, 1.2, 2), 11, c(0, 0, 0), TVPACK(1e-14), 1e-11),
    case(r3_near, none(3), c(2, 2, 2), 30, c(0, 0, 0), TVPACK(1e-14), 1e-11),
    case(matrix_of(-0.7), none(2), c(1, 0.3), 1, c(0, 0), TVPACK(1e-14), 1e-11),
    case(r4, none(4), c(1, 0.5, 2, 1.5), 0, c(0, 0, 0, 0), Miwa(steps = 4097), 1e-8),
    case(r4, c(-1, -2, -1.5, -0.2), c(1, 0.5, 2, 1.5), 0, c(0.3, -0.2, 0.5, 0), Miwa(steps = 4097), 1e-8),
    case(rf, none(5), rep(1.5, 5), 0, c(0, 0.2, 0.4, 0.1, -0.3), Miwa(steps = 4097), 1e-8),
    case(r3, c(-1, -2, -1.5), c(1, 1.5, 2), 8, c(0.3, -0.2, 0.5), big),
    case(r4, c(-1, -2, -1.5, -2), c(1, 1.5, 2, 1.5), 8, c(0.3, -0.2, 0.5, 1), big),
    case(rf, rep(-2, 5), rep(2.2, 5), 15, c(0.5, 1, 0, 0, 2), big),
    case(singular, none(6), rep(2.1, 6), 95, rep(0, 6), big),
    case(singular, none(6), rep(1.5, 6), 95, c(1, 1.2, 1.1, 1, 0.9, 1.2), big),
    case(singular, rep(-2, 6), rep(2, 6), 0, rep(0, 6), big)),
  one_factor = list(loadings = loadings, cases = lapply(list(c(2, Inf), c(2, 7), c(3.5, 20), c(0.5, 3)), function(g)
    list(limit = g[1], df = if (is.infinite(g[2])) "Inf" else g[2],
         one_sided = outside_one_factor(rep(g[1], 5), none(5), g[2]), two_sided = outside_one_factor(rep(g[1], 5), rep(-g[1], 5), g[2])))),
  tukey = lapply(list(c(3, 10), c(4, 20), c(5, 60)), function(g)
    list(groups = g[1], df = g[2], critical = qtukey(0.95, g[1], g[2]) / sqrt(2), p_of_3 = ptukey(3 * sqrt(2), g[1], g[2], lower.tail = FALSE)))
)
write_json(out, "multivariate.out.json", digits = I(16), auto_unbox = TRUE)
