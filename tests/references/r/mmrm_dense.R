# Mixed models for repeated measures by brute force: covariance and projection as dense N x N matrices, the likelihood
# maximised by optim from two starts and Newton steps; Satterthwaite, Kenward-Roger (first and second order, the latter in
# the parameters of the mmrm package's covariance vignette) and empirical covariances CR0 to CR3 by their textbook formulas.
# Derivatives of the covariance matrix by the complex step. The same models by nlme::gls, clubSandwich, lme4 with pbkrtest and
# lmerTest where these can. Writes mmrm_dense.out.json (a few minutes).
suppressMessages({library(jsonlite); library(numDeriv); library(nlme); library(clubSandwich); library(emmeans)
  library(lme4); library(pbkrtest); library(lmerTest)})
set.seed(20240611)

# ---- data: 40 participants, two arms, four visits, dropout and gaps, own times
weeks <- c(2, 4, 8, 13)
people <- 40
arm <- rep(c("Active", "Placebo"), length.out = people)
sex <- sample(c("F", "M"), people, TRUE)
base <- round(rnorm(people, 50, 8), 1)
root <- list(Placebo = chol(outer(c(4, 5, 6, 7), c(4, 5, 6, 7)) * 0.7^abs(outer(1:4, 1:4, "-"))),
             Active = chol(outer(c(5, 5, 8, 9), c(5, 5, 8, 9)) * 0.5^abs(outer(1:4, 1:4, "-"))))
rows <- do.call(rbind, lapply(seq_len(people), function(i) {
  dose <- round(cumsum(runif(4, 0, 2)), 1)
  y <- -2 - 0.2 * (base[i] - 50) + 1.5 * (sex[i] == "M") + 0.8 * dose + (arm[i] == "Active") * c(1, 2, 3, 3) +
    c(rnorm(4) %*% root[[arm[i]]])
  data.frame(ID = sprintf("P%02d", i), ARM = arm[i], SEX = sex[i], BASE = base[i], VISIT = paste0("V", 1:4), WEEK = weeks,
             DAY = 7 * weeks + sample(-3:3, 4, TRUE), DOSE = dose, W = round(runif(4, 0.4, 2.5), 2), Y = round(y, 2))
}))
last <- sample(c(2, 3, 4, 4, 4, 4), people, TRUE)
seen <- rep(1:4, people) <= rep(last, each = 4) & runif(4 * people) > 0.08
rows <- rows[seen, ]
rows[] <- lapply(rows, function(x) if (is.character(x)) factor(x) else x)
rows$ARM <- relevel(rows$ARM, "Placebo")
rows$PLACE <- as.integer(rows$VISIT)

# ---- covariance of the four visits (or of all pairs of own times), theta as in the vignette of mmrm
to_rho <- function(t) t / sqrt(1 + t^2)
logistic <- function(t) 1 / (1 + exp(-t))  # takes complex numbers, for derivatives
correlate <- function(name, t, V) {
  lag <- abs(outer(1:V, 1:V, "-"))
  if (name %in% c("ar1", "ar1h")) return(to_rho(t)^lag)
  if (name %in% c("cs", "csh")) { low <- -1 / (V - 1); r <- low + (1 - low) * logistic(t); return(r + (1 - r) * diag(V)) }
  if (name %in% c("toep", "toeph")) return(matrix(c(1, to_rho(t))[lag + 1], V))
  r <- to_rho(t); R <- diag(V)  # ad, adh
  for (i in 1:(V - 1)) for (j in (i + 1):V) R[i, j] <- R[j, i] <- prod(r[i:(j - 1)])
  R
}
sizes <- function(name, V = 4) switch(name, us = V * (V + 1) / 2, toep = V, toeph = 2 * V - 1, ar1 = 2, ar1h = V + 1, ad = V,
                                      adh = 2 * V - 1, cs = 2, csh = V + 1, sp_exp = 2)
entries <- function(name, t, distance, V = 4) {
  if (name == "us") {
    U <- diag(V); k <- V
    for (i in 2:V) for (j in 1:(i - 1)) { k <- k + 1; U[i, j] <- t[k] }
    L <- diag(exp(t[1:V])) %*% U
    return(c(L %*% t(L)))
  }
  if (name == "sp_exp") return(exp(t[1]) * logistic(t[2])^distance)
  scales <- if (grepl("h$", name)) V else 1
  s <- exp(rep_len(t[1:scales], V))
  c(outer(s, s) * correlate(name, t[-(1:scales)], V))
}

fit_dense <- function(case) {
  d <- rows; N <- nrow(d)
  X <- model.matrix(case$formula, d); y <- d$Y; p <- ncol(X)
  group <- if (is.null(case$group)) rep(1, N) else as.integer(d[[case$group]])
  w <- if (is.null(case$weights)) rep(1, N) else d[[case$weights]]
  same <- outer(d$ID, d$ID, "==")
  if (case$structure == "sp_exp") {
    place <- matrix(0L, N, N); place[same] <- seq_len(sum(same))
    gap <- abs(outer(d[[case$time]], d[[case$time]], "-"))[same]
    of <- outer(group, group, pmax)[same]
    sigma_entries <- function(t) {
      v <- numeric(length(gap))
      for (g in unique(group)) { k <- of == g; v[k] <- entries("sp_exp", t[2 * g - 1:0], gap[k]) }
      v
    }
  } else {
    place <- outer(d$PLACE, d$PLACE, function(a, b) a + 4L * (b - 1L)) + 16L * (group - 1L)
    place[!same] <- 0L
    size <- sizes(case$structure)
    sigma_entries <- function(t) unlist(lapply(seq_len(max(group)), function(g) entries(case$structure, t[(g - 1) * size + 1:size])))
  }
  q <- max(group) * sizes(case$structure)
  rootw <- outer(1 / sqrt(w), 1 / sqrt(w))
  full <- function(v) { S <- matrix(0, N, N); S[place > 0] <- v[place[place > 0]]; S * rootw }

  pieces <- function(t) {
    S <- full(sigma_entries(t))
    R <- if (all(is.finite(S))) tryCatch(chol(S), error = function(e) NULL)
    if (is.null(R)) return(NULL)
    W <- chol2inv(R); WX <- W %*% X; info <- crossprod(X, WX)
    C <- tryCatch(chol2inv(chol(info)), error = function(e) NULL)
    if (is.null(C)) return(NULL)
    beta <- c(C %*% crossprod(WX, y)); r <- y - X %*% beta
    dev <- 2 * sum(log(diag(R))) + c(crossprod(r, W %*% r)) + N * log(2 * pi)
    if (case$reml) dev <- dev + c(determinant(info)$modulus) - p * log(2 * pi)
    list(S = S, W = W, WX = WX, C = C, beta = beta, r = r, dev = dev)
  }
  deviance <- function(t) { a <- pieces(t); if (is.null(a)) 1e10 else a$dev }
  slopes_of <- function(t) jacobian(sigma_entries, t, method = "complex")
  gradient <- function(t) {
    a <- pieces(t); P <- a$W - a$WX %*% a$C %*% t(a$WX); Wr <- a$W %*% a$r
    M <- (if (case$reml) P else a$W) - tcrossprod(Wr)
    J <- slopes_of(t)
    sums <- numeric(nrow(J)); hit <- place > 0
    add <- tapply((M * rootw)[hit], place[hit], sum); sums[as.integer(names(add))] <- add
    c(crossprod(J, sums))
  }
  ols <- log(sd(lm.fit(X, y)$residuals))
  blank <- lapply(seq_len(max(group)), function(g) {
    s <- if (case$structure == "us") 4 else if (grepl("h$", case$structure)) 4 else 1
    if (case$structure == "sp_exp") c(2 * ols, 2) else c(rep(ols, s), rep(0, sizes(case$structure) - s))
  })
  start <- unlist(blank)
  set.seed(7)
  starts <- list(start, start + runif(q, -0.3, 0.3))
  ends <- lapply(starts, function(s) {
    o <- optim(s, deviance, gradient, method = "BFGS", control = list(reltol = 1e-14, maxit = 500))$par
    for (i in 1:6) { h <- jacobian(gradient, o); g <- gradient(o); o <- o - solve(h, g); if (max(abs(g)) < 1e-9) break }
    o
  })
  devs <- sapply(ends, deviance)
  t <- ends[[1]]
  a <- pieces(t); H <- jacobian(gradient, t); H <- (H + t(H)) / 2
  stopifnot(abs(diff(devs)) < 1e-7, min(eigen(H)$values) > 0, max(abs(grad(deviance, t) - gradient(t))) < 1e-4)
  A <- 2 * solve(H)

  # second derivatives of the entries, for the second order of Kenward and Roger
  G <- slopes_of(t); rows_of_G <- nrow(G); B2 <- jacobian(function(u) c(slopes_of(u)), t)
  D1 <- lapply(1:q, function(k) full(G[, k])); D2 <- function(k, l) full(B2[(k - 1) * rows_of_G + seq_len(rows_of_G), l])
  C <- a$C; WX <- a$WX
  P <- lapply(D1, function(D) -t(WX) %*% D %*% WX)
  DWX <- lapply(D1, function(D) D %*% WX)
  first <- second <- matrix(0, p, p)
  for (k in 1:q) for (l in 1:q) {
    first <- first + A[k, l] * (t(DWX[[k]]) %*% a$W %*% DWX[[l]] - P[[k]] %*% C %*% P[[l]])
    second <- second + A[k, l] * (t(WX) %*% D2(k, l) %*% WX)
  }
  linear <- C + 2 * C %*% first %*% C
  # the same with the expected information, which pbkrtest takes
  project <- a$W - WX %*% C %*% t(WX); PD <- lapply(D1, function(D) project %*% D)
  B <- 2 * solve(outer(1:q, 1:q, Vectorize(function(k, l) sum(PD[[k]] * t(PD[[l]])))))
  by_expected <- matrix(0, p, p)
  for (k in 1:q) for (l in 1:q) by_expected <- by_expected + B[k, l] * (t(DWX[[k]]) %*% a$W %*% DWX[[l]] - P[[k]] %*% C %*% P[[l]])
  expected_kr <- C + 2 * C %*% by_expected %*% C
  full_kr <- C + 2 * C %*% (first - second / 4) %*% C
  slopes <- lapply(P, function(Pk) -C %*% Pk %*% C)
  satt <- function(L) apply(L, 1, function(l) {
    g <- sapply(slopes, function(s) c(t(l) %*% s %*% l)); 2 * c(t(l) %*% C %*% l)^2 / c(t(g) %*% A %*% g) })
  lines <- function(L, V) list(estimate = c(L %*% a$beta), se = sqrt(diag(L %*% V %*% t(L))), df = satt(L))
  satt_f <- function(L) {
    V <- L %*% C %*% t(L); e <- eigen(V, symmetric = TRUE); f <- c(t(L %*% a$beta) %*% solve(V, L %*% a$beta)) / nrow(L)
    if (nrow(L) == 1) return(c(1, f, satt(L)))
    nu <- satt(t(e$vectors) %*% L); E <- sum(nu / (nu - 2)); c(nrow(L), f, 2 * E / (E - nrow(L)))
  }
  kr_f <- function(L, V) {
    r <- nrow(L); Theta <- t(L) %*% solve(L %*% C %*% t(L)) %*% L
    m <- lapply(P, function(Pk) Theta %*% C %*% Pk %*% C)
    A1 <- A2 <- 0
    for (k in 1:q) for (l in 1:q) { A1 <- A1 + A[k, l] * sum(diag(m[[k]])) * sum(diag(m[[l]])); A2 <- A2 + A[k, l] * sum(m[[k]] * t(m[[l]])) }
    B <- (A1 + 6 * A2) / (2 * r); g <- ((r + 1) * A1 - (r + 4) * A2) / ((r + 2) * A2)
    den <- 3 * r + 2 * (1 - g); c1 <- g / den; c2 <- (r - g) / den; c3 <- (r + 2 - g) / den
    E <- 1 / (1 - A2 / r); Var <- 2 / r * (1 + c1 * B) / ((1 - c2 * B)^2 * (1 - c3 * B)); rho <- Var / (2 * E^2)
    m2 <- 4 + (r + 2) / (r * rho - 1); lambda <- m2 / (E * (m2 - 2))
    c(r, lambda * c(t(L %*% a$beta) %*% solve(L %*% V %*% t(L), L %*% a$beta)) / r, m2)
  }
  I <- diag(p)
  flat <- lm(case$formula, d)
  grid <- suppressMessages(emmeans(flat, ~ ARM | VISIT)); mean_rows <- grid@linfct
  # type III: the coefficients of deviation coding
  Xs <- model.matrix(case$formula, d, contrasts.arg = setNames(rep(list("contr.sum"), length(attr(X, "contrasts"))), names(attr(X, "contrasts"))))
  change <- solve(crossprod(Xs), crossprod(Xs, X)); of <- attr(Xs, "assign"); labels <- attr(terms(case$formula), "term.labels")
  # rows as in the Anova method of mmrm: each level against the first, which matters for Satterthwaite's joined df
  type3 <- lapply(seq_along(labels), function(j) { L <- change[of == j, , drop = FALSE]; L <- solve(L[, attr(X, "assign") == j], L); list(satterthwaite = satt_f(L), kr = kr_f(L, linear)) })
  names(type3) <- labels

  # empirical covariances: participants' blocks of I - H, H = X C X'W
  IH <- diag(N) - X %*% C %*% t(WX); block <- split(seq_len(N), d$ID)
  power <- function(M, e) { s <- eigen(M); Re(s$vectors %*% diag(s$values^e, nrow(M)) %*% solve(s$vectors)) }
  empirical <- lapply(c(CR0 = 0, CR1 = 0, CR2 = -0.5, CR3 = -1), function(e) {
    adjust <- lapply(block, function(b) if (e == 0) diag(length(b)) else power(IH[b, b, drop = FALSE], e))
    scores <- sapply(seq_along(block), function(i) { b <- block[[i]]; t(WX[b, , drop = FALSE]) %*% adjust[[i]] %*% a$r[b] })
    V <- C %*% tcrossprod(scores) %*% C
    df <- sapply(1:p, function(j) {
      leaning <- sapply(seq_along(block), function(i) { b <- block[[i]]; c(t(IH[b, , drop = FALSE]) %*% t(adjust[[i]]) %*% WX[b, , drop = FALSE] %*% C[, j]) })
      M <- t(leaning) %*% a$S %*% leaning; sum(diag(M))^2 / sum(M^2) })
    list(se = sqrt(diag(V)), df = df)
  })
  empirical$CR1$se <- empirical$CR1$se * sqrt(people_used / (people_used - 1))
  list(structure = case$structure, formula = case$text, reml = case$reml, group = case$group, weights = case$weights,
       time = if (case$structure == "sp_exp") case$time else "VISIT", log_likelihood = -a$dev / 2, parameters = q,
       terms = colnames(X), estimate = a$beta, covariance = sigma_entries(t)[seq_len(min(32, if (case$structure == "sp_exp") 0 else length(sigma_entries(t))))],
       theta = t,
       satterthwaite = lines(I, C)[2:3], kenward_roger = list(se = sqrt(diag(linear))), second_order = list(se = sqrt(diag(full_kr))),
       expected_information = list(se = sqrt(diag(expected_kr))),
       means = c(list(ARM = as.character(grid@grid$ARM), VISIT = as.character(grid@grid$VISIT)), lines(mean_rows, linear)),
       type3 = type3, empirical = empirical)
}
people_used <- length(unique(rows$ID))

plain <- "Y ~ BASE + SEX + ARM * VISIT"; dosed <- "Y ~ BASE + DOSE + ARM * VISIT"; sloped <- "Y ~ BASE * VISIT + ARM * VISIT"
case <- function(structure, text = plain, reml = TRUE, group = NULL, weights = NULL, time = "WEEK")
  list(structure = structure, text = text, formula = as.formula(text), reml = reml, group = group, weights = weights, time = time)
all <- c("us", "toep", "toeph", "ar1", "ar1h", "ad", "adh", "cs", "csh", "sp_exp")
cases <- c(lapply(all, case), lapply(all, case, reml = FALSE),
           lapply(c("us", "toep", "ar1h", "adh", "csh", "sp_exp"), case, group = "ARM"),
           lapply(c("us", "toeph", "ar1", "ad", "cs", "sp_exp"), case, weights = "W"),
           lapply(c("us", "toep", "ar1h", "csh", "sp_exp"), case, text = dosed),
           lapply(c("us", "ar1", "adh"), case, text = sloped),
           list(case("sp_exp", time = "DAY"), case("sp_exp", time = "DAY", reml = FALSE), case("sp_exp", time = "DAY", group = "ARM"),
                case("sp_exp", dosed, time = "DAY", weights = "W"), case("csh", dosed, group = "ARM", weights = "W"),
                case("us", dosed, weights = "W"), case("cs", "Y ~ ARM * VISIT"), case("ar1", sloped, FALSE, "ARM", "W")))
dense <- lapply(cases, function(c) { out <- fit_dense(c); cat(c$structure, c$text, out$log_likelihood, "\n"); out })

# ---- nlme
by_gls <- function(structure, correlation, weights = NULL) lapply(c(REML = "REML", ML = "ML"), function(method) {
  f <- gls(as.formula(plain), rows, correlation = correlation, weights = weights, method = method,
           control = glsControl(tolerance = 1e-10, msTol = 1e-12, maxIter = 500, msMaxIter = 500))
  list(structure = structure, reml = method == "REML", log_likelihood = c(logLik(f)), estimate = unname(coef(f)),
       se = unname(sqrt(diag(vcov(f) * if (method == "ML") (f$dims$N - f$dims$p) / f$dims$N else 1))))
})
free <- varIdent(form = ~ 1 | VISIT)
gls_fits <- c(by_gls("us", corSymm(form = ~ PLACE | ID), free), by_gls("toep", corARMA(c(0.4, 0.1, 0.05), form = ~ PLACE | ID, p = 3, q = 0)),
              by_gls("toeph", corARMA(c(0.4, 0.1, 0.05), form = ~ PLACE | ID, p = 3, q = 0), free),
              by_gls("ar1", corAR1(form = ~ PLACE | ID)), by_gls("ar1h", corAR1(form = ~ PLACE | ID), free),
              by_gls("cs", corCompSymm(form = ~ 1 | ID)), by_gls("csh", corCompSymm(form = ~ 1 | ID), free),
              by_gls("sp_exp", corExp(form = ~ WEEK | ID)))

# ---- clubSandwich on gls, which has its own form of CR2
club <- lapply(list(cs = corCompSymm(form = ~ 1 | ID), ar1 = corAR1(form = ~ PLACE | ID)), function(cor) {
  f <- gls(as.formula(plain), rows, correlation = cor, control = glsControl(tolerance = 1e-10, msTol = 1e-12))
  lapply(c(CR0 = "CR0", CR1 = "CR1", CR2 = "CR2", CR3 = "CR3"), function(type) {
    test <- coef_test(f, vcov = vcovCR(f, cluster = rows$ID, type = type), test = "Satterthwaite")
    list(se = test$SE, df = test$df_Satt) })
})

# ---- a random intercept: pbkrtest takes the expected information; on complete data it equals the observed one
whole <- rows[rows$ID %in% names(which(table(rows$ID) == 4)), ]
kept <- lapply(levels(rows$ARM), function(a) unique(as.character(whole$ID[whole$ARM == a])))
whole <- droplevels(whole[whole$ID %in% unlist(lapply(kept, head, min(lengths(kept)))), ])
by_lmer <- function(d) {
  m <- lme4::lmer(Y ~ ARM * VISIT + (1 | ID), d, REML = TRUE, control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10)))
  smaller <- lme4::lmer(Y ~ ARM + VISIT + (1 | ID), d)
  kr <- KRmodcomp(m, smaller)$test["Ftest", ]
  t <- lmerTest::as_lmerModLmerTest(m)
  lt <- anova(t, ddf = "Satterthwaite", type = 3)["ARM:VISIT", ]
  list(participants = unique(as.character(d$ID)), log_likelihood = c(logLik(m)), terms = names(fixef(m)), estimate = unname(fixef(m)),
       se = unname(sqrt(diag(as.matrix(vcovAdj(m))))), satterthwaite = unname(summary(t)$coefficients[, c("Std. Error", "df")]),
       kr_test = list(df = kr$ndf, df_residual = kr$ddf, f = kr$stat, p = kr$p.value),
       satterthwaite_test = list(df = lt$NumDF, df_residual = lt$DenDF, f = lt$`F value`, p = lt$`Pr(>F)`))
}
frame <- rows; frame[] <- lapply(frame, function(x) if (is.factor(x)) as.character(x) else x)
lmer_fits <- list(complete = by_lmer(whole), gaps = by_lmer(rows))
same <- Filter(function(x) x$formula == "Y ~ ARM * VISIT", dense)[[1]]
stopifnot(max(abs(same$expected_information$se / lmer_fits$gaps$se - 1)) < 1e-5)
out <- list(R = R.version.string, packages = sapply(c("nlme", "clubSandwich", "emmeans", "lme4", "pbkrtest", "lmerTest", "numDeriv"),
                                                    function(x) as.character(packageVersion(x))) |> as.list(),
            data = frame, dense = dense, gls = unname(gls_fits), club_sandwich = club, lmer = lmer_fits)
write_json(out, "mmrm_dense.out.json", digits = 14, auto_unbox = TRUE, pretty = FALSE, null = "null")
