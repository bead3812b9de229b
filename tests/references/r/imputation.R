# Conditional means under five strategies, participant by participant, and their ANCOVA; writes imputation.out.json.
# Models CHG ~ ARM + VISIT + BASE + STRATUM (main) and CHG ~ ARM * VISIT + BASE + STRATUM (crossed) on ../trial72_long.csv: REML
# with an unstructured covariance, from nlme's gls on by Newton steps with numerical derivatives (numDeriv).
suppressPackageStartupMessages({library(nlme); library(numDeriv); library(jsonlite)})
long <- read.csv("../trial72_long.csv"); subj <- read.csv("../trial72_subj.csv")
visits <- unique(long$VISIT[order(long$WEEK)]); V <- length(visits)
long$ARM <- factor(long$ARM, c("Placebo", "Low", "High")); long$STRATUM <- factor(long$STRATUM, c("VL<100k", "VL>=100k"))
long$VISIT <- factor(long$VISIT, visits); long <- long[order(long$USUBJID, long$VISIT), ]
used <- long[!is.na(long$CHG), ]; used$t <- as.integer(used$VISIT)
y <- used$CHG; id <- split(seq_along(y), used$USUBJID); at <- used$t

unpack <- function(theta) { L <- matrix(0, V, V); L[lower.tri(L, TRUE)] <- theta; diag(L) <- exp(diag(L)); 100^2 * L %*% t(L) }
parts <- function(sigma) {
  A <- 0; b <- 0; ld <- 0; yy <- 0
  for (i in id) {
    W <- chol2inv(chol(sigma[at[i], at[i], drop = FALSE])); Xi <- X[i, , drop = FALSE]
    A <- A + t(Xi) %*% W %*% Xi; b <- b + t(Xi) %*% W %*% y[i]; yy <- yy + sum(y[i] * (W %*% y[i]))
    ld <- ld - as.numeric(determinant(W)$modulus)
  }
  beta <- solve(A, b)
  list(beta = drop(beta), deviance = ld + as.numeric(determinant(A)$modulus) + yy - sum(b * beta))
}
objective <- function(theta) parts(unpack(theta))$deviance
estimate <- function(rhs) {
  X <<- model.matrix(rhs, used)
  start <- gls(update(rhs, CHG ~ .), used, correlation = corSymm(form = ~ t | USUBJID),
               weights = varIdent(form = ~ 1 | t), method = "REML", control = glsControl(maxIter = 500, msMaxIter = 500))
  low <- diag(V); low[lower.tri(low)] <- coef(start$modelStruct$corStruct, unconstrained = FALSE); R <- low + t(low) - diag(V)
  sds <- start$sigma * coef(start$modelStruct$varStruct, unconstrained = FALSE, allCoef = TRUE)[as.character(1:V)]
  L <- t(chol(R * outer(sds, sds) / 100^2)); diag(L) <- log(diag(L)); theta <- L[lower.tri(L, TRUE)]
  for (step in 1:8) theta <- theta - solve(hessian(objective, theta), grad(objective, theta))
  sigma <- unpack(theta)
  list(rhs = rhs, beta = parts(sigma)$beta, sigma = sigma, gradient = max(abs(grad(objective, theta))))
}

people <- long[!duplicated(long$USUBJID), ]
last <- subj$LASTVIS[match(people$USUBJID, subj$USUBJID)]
ancova <- function(Y) do.call(rbind, lapply(1:V, function(v) {
  m <- lm(Y[, v] ~ ARM + BASE + STRATUM, people); coef(m)[c("ARMLow", "ARMHigh")]
}))
complete <- function(strategy, fit, own, ref) {
  rhs <- fit$rhs; beta <- fit$beta
  Y <- matrix(NA, nrow(people), V)
  for (p in seq_len(nrow(people))) {
    d <- long[long$USUBJID == people$USUBJID[p], ]
    Y[p, ] <- d$CHG[match(visits, d$VISIT)]
    grid <- data.frame(ARM = d$ARM[1], VISIT = factor(visits, visits), BASE = d$BASE[1], STRATUM = d$STRATUM[1])
    mu <- drop(model.matrix(rhs, grid) %*% beta); grid$ARM[] <- "Placebo"; mr <- drop(model.matrix(rhs, grid) %*% beta)
    k <- last[p]; S <- if (d$ARM[1] == "Placebo") ref else own
    if (k < V && strategy != "MAR") {
      a <- (k + 1):V; b <- seq_len(k)
      joint <- function() {
        K <- ref[a, b, drop = FALSE] %*% solve(ref[b, b])
        J <- S; J[a, b] <- K %*% S[b, b]; J[b, a] <- t(J[a, b])
        J[a, a] <- ref[a, a] - K %*% (ref[b, b] - S[b, b]) %*% t(K); J
      }
      if (strategy == "J2R") { mu[a] <- mr[a]; S <- joint() }
      if (strategy == "CIR") { mu[a] <- mu[k] + mr[a] - mr[k]; S <- joint() }
      if (strategy == "CR") { mu <- mr; S <- ref }
      if (strategy == "LMCF") mu[a] <- mu[k]
    }
    o <- !is.na(Y[p, ]); m <- !o
    if (any(m)) Y[p, m] <- mu[m] + S[m, o, drop = FALSE] %*% solve(S[o, o, drop = FALSE], Y[p, o] - mu[o])
  }
  Y
}
observed <- t(sapply(people$USUBJID, function(u) { d <- long[long$USUBJID == u, ]; d$CHG[match(visits, d$VISIT)] }))
impute <- function(strategy, fit, own, ref) {
  Y <- complete(strategy, fit, own, ref)
  list(values = t(Y)[t(is.na(observed))], contrasts = ancova(Y))
}
strategies <- setNames(nm = c("MAR", "J2R", "CR", "CIR", "LMCF"))
main <- estimate(~ ARM + VISIT + BASE + STRATUM); crossed <- estimate(~ ARM * VISIT + BASE + STRATUM)
# another covariance for the active arms: the same correlations shrunk, larger variances later
own <- 0.8 * crossed$sigma + 0.2 * diag(diag(crossed$sigma)); scale <- seq(1, 1.35, length.out = V); own <- own * outer(scale, scale)
parameters <- function(fit) fit[c("beta", "sigma", "gradient")]
write_json(list(R = R.version.string, nlme = as.character(packageVersion("nlme")),
                main = c(parameters(main), list(MAR = impute("MAR", main, main$sigma, main$sigma))),
                crossed = c(parameters(crossed), lapply(strategies, impute, crossed, crossed$sigma, crossed$sigma)),
                by_arm = c(list(own = own), lapply(strategies, impute, crossed, own, crossed$sigma))),
           "imputation.out.json", auto_unbox = TRUE, digits = 15)
