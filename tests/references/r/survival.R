# Survival methods on heavily tied times with strata, late entry and clusters, by R survival; weighted log-rank
# tests and restricted means by sums written out. The data are drawn here and kept in the output.
# Rscript survival.R > survival.out.json
suppressMessages({library(survival); library(jsonlite)})
set.seed(20261123)
n <- 150
d <- data.frame(
  arm = factor(sample(c("Placebo", "Low", "High"), n, TRUE), levels = c("Placebo", "Low", "High")),
  site = sample(c("S1", "S2", "S3"), n, TRUE),
  age = round(rnorm(n, 50, 10)),
  marker = round(rnorm(n), 3),
  id = rep(seq_len(n / 3), each = 3))
hazard <- 0.06 * exp(0.4 * (d$arm == "Low") + 0.8 * (d$arm == "High") + 0.02 * (d$age - 50) - 0.3 * d$marker)
d$time <- pmin(ceiling(rexp(n, hazard)), sample(8:30, n, TRUE))
d$event <- as.integer(runif(n) < 0.8)
d$entry <- pmin(sample(0:6, n, TRUE), d$time - 1)

fit <- function(formula, ties, ...) {
  m <- coxph(formula, d, ties = ties, control = coxph.control(eps = 1e-11, iter.max = 50), ...)
  out <- list(coef = unname(coef(m)), vcov = unname(vcov(m)), loglik = m$loglik,
              score = if (is.null(m$naive.var)) m$score, wald = unname(m$wald.test))
  if (!is.null(m$naive.var)) out$naive <- unname(m$naive.var)
  out
}
cox <- list()
for (ties in c("efron", "breslow", "exact")) cox[[ties]] <- list(
  plain = fit(Surv(time, event) ~ arm + age + marker, ties),
  strata = fit(Surv(time, event) ~ arm + age + marker + strata(site), ties),
  interaction = fit(Surv(time, event) ~ arm * age, ties))
# late entry with exact ties: each risk set written out as a stratum of a conditional logistic regression
expand <- function(d, within) {
  d$within <- within
  do.call(rbind, lapply(split(d, within), function(s) do.call(rbind, lapply(
    sort(unique(s$time[s$event == 1])), function(t) {
      at <- s[s$entry < t & s$time >= t, ]
      cbind(at[c("arm", "age", "marker")], case = as.integer(at$time == t & at$event == 1),
            set = paste(s$within[1], t), one = 1)
    }))))
}
all_rows <- d
d <- expand(all_rows, rep("all", n)); d$set <- as.integer(factor(d$set))
cox$exact$entry <- fit(Surv(one, case) ~ arm + age + marker + strata(set), "exact")
d <- expand(all_rows, all_rows$site); d$set <- as.integer(factor(d$set))
cox$exact$entry_strata <- fit(Surv(one, case) ~ arm + age + marker + strata(set), "exact")
d <- all_rows
for (ties in c("efron", "breslow")) {
  cox[[ties]]$entry <- fit(Surv(entry, time, event) ~ arm + age + marker, ties)
  cox[[ties]]$entry_strata <- fit(Surv(entry, time, event) ~ arm + age + marker + strata(site), ties)
  cox[[ties]]$robust <- fit(Surv(time, event) ~ arm + age + marker, ties, robust = TRUE)
  cox[[ties]]$cluster <- fit(Surv(time, event) ~ arm + age + marker + cluster(id), ties)
  cox[[ties]]$cluster_entry_strata <- fit(Surv(entry, time, event) ~ arm + age + marker + strata(site) + cluster(id), ties)
}

weighted <- function(d, weight, strata) {
  arms <- levels(d$arm); O <- E <- rep(0, 3); V <- matrix(0, 3, 3)
  for (s in split(d, strata)) {
    km <- 1; peto <- 1
    for (t in sort(unique(s$time[s$event == 1]))) {
      at <- s$time >= t; nk <- as.numeric(table(s$arm[at])); n <- sum(nk)
      dk <- as.numeric(table(s$arm[s$time == t & s$event == 1])); dd <- sum(dk)
      peto <- peto * (1 - dd / (n + 1))
      w <- weight(n, km, peto); km <- km * (1 - dd / n)
      O <- O + w * dk; E <- E + w * dd * nk / n
      if (n > 1) V <- V + w^2 * dd * (n - dd) / (n - 1) * (diag(nk / n) - outer(nk, nk) / n^2)
    }
  }
  U <- (O - E)[1:2]
  list(chisq = drop(t(U) %*% solve(V[1:2, 1:2], U)), observed = O, expected = E, variance = V)
}
kinds <- list(
  "gehan-breslow" = function(n, km, peto) n, "tarone-ware" = function(n, km, peto) sqrt(n),
  "peto-peto" = function(n, km, peto) peto, "modified-peto-peto" = function(n, km, peto) peto * n / (n + 1),
  "fh_0_1" = function(n, km, peto) 1 - km, "fh_1_1" = function(n, km, peto) km * (1 - km),
  "fh_0.5_2" = function(n, km, peto) km^0.5 * (1 - km)^2)
one <- rep(1, n)
tests <- list(plain = lapply(kinds, function(w) weighted(d, w, one)),
              strata = lapply(kinds, function(w) weighted(d, w, d$site)))
survdiffs <- lapply(list(
  plain = survdiff(Surv(time, event) ~ arm, d), strata = survdiff(Surv(time, event) ~ arm + strata(site), d),
  rho = survdiff(Surv(time, event) ~ arm, d, rho = 1),
  rho_strata = survdiff(Surv(time, event) ~ arm + strata(site), d, rho = 0.7)),
  function(t) list(chisq = t$chisq, variance = unname(t$var)))

curve <- function(type) {
  f <- survfit(Surv(time, event) ~ arm, d, conf.type = type)
  q <- quantile(f, c(0.1, 0.25, 0.4, 0.5, 0.75))
  list(time = f$time, n = f$n.risk, surv = f$surv, se = f$surv * f$std.err, lower = f$lower, upper = f$upper,
       cumhaz = f$cumhaz, se_cumhaz = f$std.chaz, quantile = lapply(q, unname))
}
curves <- lapply(list("log-log" = "log-log", log = "log", plain = "plain", arcsine = "arcsin"), curve)

flat <- function(time, event, type = "log-log", p = 0.5) {
  q <- quantile(survfit(Surv(time, event) ~ 1, conf.type = type), p)
  list(time = time, event = event, interval = type, p = p, estimate = unname(q$quantile),
       lower = unname(q$lower), upper = unname(q$upper))
}
flats <- list(
  flat(1:4, c(1, 1, 0, 0)), flat(1:4, c(1, 1, 0, 1)), flat(1:5, c(1, 0, 1, 0, 0)), flat(1:4, c(1, 1, 1, 1)),
  flat(1:4, c(1, 1, 1, 1), "plain", 0.25), flat(1:4, c(1, 1, 1, 1), "plain", 0.75),
  flat(c(1, 2, 3, 4, 5, 6), c(1, 1, 1, 0, 0, 1), "log"), flat(1:4, c(0, 0, 0, 1)),
  flat(1:6, c(0, 1, 1, 1, 0, 1), "log-log", 0.2), flat(c(2, 2, 2, 5, 7, 9, 9, 12), c(1, 1, 0, 1, 0, 1, 1, 1)))

rmst <- sapply(split(d, d$arm), function(s) {
  tau <- 20; times <- sort(unique(s$time[s$event == 1 & s$time <= tau])); surv <- 1; S <- c(); k <- c(); m <- c()
  for (t in times) {
    r <- sum(s$time >= t); e <- sum(s$time == t & s$event == 1)
    surv <- surv * (1 - e / r); S <- c(S, surv); k <- c(k, r); m <- c(m, e)
  }
  edges <- c(0, times, tau); steps <- c(1, S)
  area <- function(from) { v <- 0; for (i in seq_along(steps)) if (edges[i] >= from) v <- v + steps[i] * (edges[i + 1] - edges[i]); v }
  A <- sapply(times, area)
  c(area(0), sqrt(sum(ifelse(k > m, A^2 * m / (k * (k - m)), 0))))
})
cat(toJSON(list(r = R.version.string, survival = as.character(packageVersion("survival")), data = d, cox = cox,
                tests = tests, survdiff = survdiffs, curves = curves, flats = flats, rmst_20 = rmst),
           digits = NA, auto_unbox = TRUE, na = "null", null = "null", matrix = "rowmajor"))
