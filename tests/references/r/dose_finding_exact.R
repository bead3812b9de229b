# Joint probabilities without random numbers: Miwa's algorithm (mvtnorm), for t integrated over chi by integrate(),
# and the permutation distribution of Jonckheere's statistic by listing all arrangements. Rscript dose_finding_exact.R
suppressMessages({library(DoseFinding); library(mvtnorm); library(jsonlite)})
out <- list(versions = list(R = R.version.string, DoseFinding = as.character(packageVersion("DoseFinding")), mvtnorm = as.character(packageVersion("mvtnorm"))))
doses <- c(0, 10, 25, 50, 100)
pm <- Mods(linear = NULL, emax = 10, exponential = 20, doses = doses, placEff = 0, maxEff = 0.5)
n <- c(30, 20, 20, 20, 25)
C <- optContr(pm, w = n)$contMat
V <- t(C) %*% diag(1 / n) %*% C; R <- cov2cor(V)
below <- function(upper, df, delta = rep(0, 3)) {
  inside <- function(s) as.numeric(pmvnorm(upper = s * upper - delta, corr = R, algorithm = Miwa(steps = 4097)))
  if (is.infinite(df)) return(inside(1))
  integrate(function(s) sapply(s, inside) * 2 * df * s * dchisq(df * s^2, df), 0, Inf, rel.tol = 1e-11, subdivisions = 1000)$value
}
out$n <- n
out$t <- c(1.2, 2.1, 3)
for (df in c(Inf, 110, 9)) {
  name <- if (is.infinite(df)) "Inf" else as.character(df)
  critical <- uniroot(function(x) 1 - below(rep(x, 3), df) - 0.025, c(1.9, 4), tol = 1e-11)$root
  delta <- t(getResp(pm, doses)) %*% C / rep(sqrt(diag(V)), each = 3)
  out[[paste0("df_", name)]] <- list(p = sapply(out$t, function(x) 1 - below(rep(x, 3), df)), critical = critical,
    power = sapply(1:3, function(i) 1 - below(rep(critical, 3), df, delta[i, ])))
}
J <- function(v, g) { s <- 0; k <- max(g); for (i in 1:(k - 1)) for (j in (i + 1):k) s <- s + sum(outer(v[g == i], v[g == j], function(a, b) (b > a) + (b == a) / 2)); s }
arrangements <- function(sizes) {
  if (length(sizes) == 1) return(list(rep(1, sizes)))
  total <- sum(sizes); last <- length(sizes); found <- list()
  for (rest in arrangements(sizes[-last])) { places <- combn(total, sizes[last])
    for (i in seq_len(ncol(places))) { g <- rep(last, total); g[-places[, i]] <- rest; found[[length(found) + 1]] <- g } }
  found
}
list_all <- function(v, sizes) {
  g <- rep(seq_along(sizes), sizes); observed <- J(v, g)
  all <- sapply(arrangements(sizes), function(a) J(v, a)); m <- mean(all)
  list(values = v, sizes = sizes, j = observed, mean = m, variance = mean((all - m)^2), increasing = mean(all >= observed), decreasing = mean(all <= observed),
    two_sided = mean(abs(all - m) >= abs(observed - m) - 1e-9))
}
out$jonckheere <- list(
  ties = list_all(c(3, 1, 2, 2, 3, 4, 2, 4, 5), c(3, 3, 3)),
  no_ties = list_all(c(2.1, 0.4, 1.7, 3.3, 2.5, 0.9, 4.1, 2.8), c(3, 3, 2)),
  four = list_all(c(1, 1, 2, 1, 3, 2, 3, 3), c(2, 2, 2, 2)),
  heavy = list_all(c(0, 0, 1, 0, 1, 1, 0, 1, 1, 1), c(4, 3, 3)))
writeLines(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null"), "dose_finding_exact.out.json")
