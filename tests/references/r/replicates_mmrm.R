# Three trials of 45 participants at 4 visits, with dropout and gaps, by nlme::gls: unstructured, REML and ML.
# Rscript replicates_mmrm.R > replicates_mmrm.out.json
suppressMessages(library(nlme))
set.seed(20261129)
visits <- 4; n <- 45
sd <- c(10, 12, 15, 17)
sigma <- outer(sd, sd) * 0.75^abs(outer(1:visits, 1:visits, "-"))
number <- function(x) paste0("[", paste(ifelse(is.na(x), "null", sprintf("%.15g", x)), collapse = ", "), "]")
trials <- character(0)
for (trial in 1:3) {
  base <- round(rnorm(n, 50, 8), 3); arm <- (seq_len(n) - 1) %% 3; site <- sample(rep(0:2, length.out = n))
  y <- matrix(rnorm(n * visits), n) %*% chol(sigma) + 0.4 * base + outer(arm, 1:visits) + 2 * site
  last <- ifelse(runif(n) < 0.25, sample(1:3, n, replace = TRUE), visits)
  y[col(y) > last] <- NA
  y[matrix(runif(n * visits) < 0.06, n)] <- NA
  y <- round(y, 4)
  d <- data.frame(id = factor(rep(seq_len(n), visits)), visit = rep(1:visits, each = n), y = as.vector(y),
                  base = rep(base, visits), arm = factor(rep(arm, visits)), site = factor(rep(site, visits)))
  d <- d[!is.na(d$y), ]; d <- d[order(d$id, d$visit), ]; d$when <- factor(d$visit)
  fits <- character(0)
  for (method in c("REML", "ML")) {
    fit <- gls(y ~ 0 + when + when:base + when:arm + site, d, method = method, na.action = na.omit,
               correlation = corSymm(form = ~ visit | id), weights = varIdent(form = ~ 1 | visit),
               control = glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-12, msTol = 1e-14,
                                    returnObject = TRUE, opt = "optim", sigma = NULL))
    found <- coef(fit); se <- sqrt(diag(vcov(fit)))
    # under full likelihood gls takes the residual variance with N - p
    if (method == "ML") se <- se * sqrt(1 - length(found) / nrow(d))
    fits <- c(fits, sprintf('"%s": {"log_likelihood": %.12g, "terms": [%s], "estimate": %s, "se": %s}', method,
              as.numeric(logLik(fit)), paste0('"', names(found), '"', collapse = ", "), number(found), number(se)))
  }
  trials <- c(trials, sprintf('{"y": [%s], "base": %s, "arm": %s, "site": %s, %s}',
              paste(apply(y, 1, number), collapse = ", "), number(base), number(arm), number(site),
              paste(fits, collapse = ", ")))
}
cat("[", paste(trials, collapse = ",\n"), "]\n")
