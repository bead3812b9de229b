# Generalised estimating equations by geepack, and with moments divided as SAS does, and small-sample sandwiches, by
# sums written out. Run in this folder: Rscript gee.R; writes gee.out.json (with the data it was run on).
suppressPackageStartupMessages({ library(geepack); library(clubSandwich); library(sandwich); library(jsonlite) })
data(respiratory, package = "geepack")
resp <- transform(respiratory, subject = paste(center, id), treat = relevel(factor(treat), "P"), sex = relevel(factor(sex), "M"),
  center = factor(center))
epil <- MASS::epil
set.seed(11)
gaps <- epil[sort(sample(nrow(epil), 190)), ]   # visits missing
gaps <- gaps[order(gaps$subject, gaps$period), ]
gaps$w <- round(runif(nrow(gaps), 0.5, 2), 2)
control <- geese.control(epsilon = 1e-13, maxit = 500)
of <- function(fit) list(estimate = unname(coef(fit)), se = coef(summary(fit))[, 2], naive = sqrt(diag(fit$geese$vbeta.naiv)),
  alpha = unname(fit$geese$alpha), scale = unname(fit$geese$gamma), qic = unname(QIC(fit)[c("QIC", "QICu")]))

# the equations solved afresh: divide = "sas" or "geepack"
solve_gee <- function(formula, data, id, wave, family, kind, divide, weights = rep(1, nrow(data))) {
  x <- model.matrix(formula, data); y <- data[[all.vars(formula)[1]]]; n <- length(y); p <- ncol(x)
  b <- coef(suppressWarnings(glm.fit(x, y, weights, family = family))); v <- sort(unique(wave)); pos <- match(wave, v); m <- length(v)
  groups <- split(seq_len(n), id); take <- if (divide == "sas") p else 0
  corr <- diag(m)
  for (round in 1:300) {
    mu <- family$linkinv(drop(x %*% b)); dm <- family$mu.eta(drop(x %*% b)); vv <- family$variance(mu) / weights
    e <- (y - mu) / sqrt(vv); phi <- sum(e^2) / (n - take); s <- k <- matrix(0, m, m)
    for (g in groups) { s[pos[g], pos[g]] <- s[pos[g], pos[g]] + e[g] %o% e[g] / phi; k[pos[g], pos[g]] <- k[pos[g], pos[g]] + 1 }
    up <- upper.tri(s); near <- col(s) - row(s) == 1
    corr <- switch(kind, independence = diag(m), exchangeable = { a <- sum(s[up]) / (sum(k[up]) - take); a + diag(1 - a, m) },
      ar1 = (sum(s[near]) / (sum(k[near]) - take))^abs(row(s) - col(s)), unstructured = { r <- s / (k - take); diag(r) <- 1; r })
    h <- matrix(0, p, p); u <- rep(0, p)
    for (g in groups) { d <- dm[g] * x[g, , drop = FALSE]; vi <- solve(outer(sqrt(vv[g]), sqrt(vv[g])) * corr[pos[g], pos[g]])
      h <- h + t(d) %*% vi %*% d; u <- u + t(d) %*% vi %*% (y - mu)[g] }
    step <- solve(h, u); b <- b + drop(step); if (max(abs(step)) < 1e-13) break
  }
  bread <- solve(h); power <- function(a, q) { s <- eigen(a); s$vectors %*% diag(s$values^q, nrow(a)) %*% solve(s$vectors) }
  meats <- list(robust = 0, md = 0, kc = 0, fg = 0)
  for (g in groups) { d <- dm[g] * x[g, , drop = FALSE]; vi <- solve(outer(sqrt(vv[g]), sqrt(vv[g])) * corr[pos[g], pos[g]])
    hat <- d %*% bread %*% t(d) %*% vi; r <- (y - mu)[g]; id_m <- diag(length(g)); half <- Re(power(id_m - hat, -0.5))
    score <- function(r) { s <- t(d) %*% vi %*% r; s %*% t(s) }
    w <- diag(1 / sqrt(1 - pmin(0.75, diag(t(d) %*% vi %*% d %*% bread))))
    meats$robust <- meats$robust + score(r); meats$md <- meats$md + score(solve(id_m - hat, r)); meats$kc <- meats$kc + score(half %*% r)
    meats$fg <- meats$fg + w %*% score(r) %*% w }
  se <- lapply(meats, function(q) sqrt(diag(bread %*% q %*% bread)))
  list(estimate = unname(b), scale = phi, correlation = corr, naive = sqrt(diag(phi * bread)), se = se)
}
out <- list(R = R.version.string, geepack = as.character(packageVersion("geepack")))
out$respiratory <- list(data = resp[, c("subject", "center", "treat", "sex", "age", "baseline", "visit", "outcome")])
names(out$respiratory$data)[2] <- "site"
f1 <- outcome ~ treat + center + sex + age + baseline
f2 <- y ~ trt * V4 + lbase + lage
out$epil <- list(data = gaps)
for (k in c("independence", "exchangeable", "ar1", "unstructured")) {
  out$respiratory[[k]] <- of(geeglm(f1, binomial, resp, id = factor(resp$subject, unique(resp$subject)), waves = visit, corstr = k, control = control))
  out$respiratory[[paste0(k, "_sas")]] <- solve_gee(f1, resp, resp$subject, resp$visit, binomial(), k, "sas")
  if (k != "unstructured") out$epil[[k]] <- of(geeglm(f2, poisson, gaps, id = subject, waves = period, corstr = k, control = control))
  if (k != "unstructured") out$epil[[paste0(k, "_geepack_weighted")]] <- of(geeglm(f2, poisson, gaps, id = subject, waves = period, corstr = k,
    weights = w, control = control))
  out$epil[[paste0(k, "_sas")]] <- solve_gee(f2, gaps, gaps$subject, gaps$period, poisson(), k, "sas")
  out$epil[[paste0(k, "_weighted")]] <- solve_gee(f2, gaps, gaps$subject, gaps$period, poisson(), k, "sas", gaps$w)
}
long <- read.csv("../trial72_long.csv"); long <- long[!is.na(long$CHG), ]; long <- long[order(long$USUBJID, long$WEEK), ]
long$ARM <- factor(long$ARM, c("Placebo", "Low", "High"))
f3 <- CHG ~ BASE + STRATUM + ARM * VISIT
for (k in c("independence", "exchangeable", "ar1")) {
  if (k != "ar1") out$trial72[[k]] <- of(geeglm(f3, gaussian, long, id = factor(long$USUBJID), waves = match(long$WEEK, sort(unique(long$WEEK))),
    corstr = k, control = control))
  out$trial72[[paste0(k, "_sas")]] <- solve_gee(f3, long, long$USUBJID, long$WEEK, gaussian(), k, "sas")
}
# independence and normal outcomes: the cluster sandwiches of least squares
fit <- lm(f3, long)
out$trial72$cr0 <- sqrt(diag(as.matrix(vcovCR(fit, long$USUBJID, "CR0")))); out$trial72$cr3 <- sqrt(diag(as.matrix(vcovCR(fit, long$USUBJID, "CR3"))))
writeLines(toJSON(out, digits = 13, auto_unbox = TRUE, dataframe = "columns", matrix = "rowmajor"), "gee.out.json")
