# Repeated measures of ADAS-Cog (11) in the CDISC pilot study by nlme's gls and emmeans.
# Rscript pilot_mmrm.R CSV > pilot_mmrm.out.json, the CSV being the public dataset adqsadas (not in this repository).
suppressMessages({ library(jsonlite); library(nlme); library(emmeans) })
d <- read.csv(commandArgs(TRUE)[1], stringsAsFactors = FALSE)
d <- subset(d, PARAMCD == "ACTOT" & EFFFL == "Y" & ANL01FL == "Y" & DTYPE == "" & AVISIT != "Baseline" & !is.na(CHG))
d$VISIT <- factor(d$AVISIT, c("Week 8", "Week 16", "Week 24"))
d$ARM <- factor(d$TRTP, c("Placebo", "Xanomeline Low Dose", "Xanomeline High Dose"))
d$SITEGR1 <- factor(d$SITEGR1)
d <- d[order(d$USUBJID, d$VISIT), ]
d$TIME <- as.integer(d$VISIT)
fit <- function(correlation) gls(CHG ~ BASE * VISIT + SITEGR1 + ARM * VISIT, d, correlation = correlation,
  weights = varIdent(form = ~ 1 | VISIT), method = "REML",
  control = glsControl(msTol = 1e-14, tolerance = 1e-12, maxIter = 500, msMaxIter = 1000, opt = "optim",
                       optimMethod = "BFGS"))
describe <- function(m) {
  # the mean of the covariate over the measurements used, factors with equal weights
  grid <- emmeans(m, ~ ARM | VISIT, at = list(BASE = mean(d$BASE)), mode = "df.error", data = d)
  over <- emmeans(m, ~ ARM, at = list(BASE = mean(d$BASE)), mode = "df.error", data = d)
  pick <- function(x, names) { x <- as.data.frame(x); x[, intersect(names, names(x))] }
  s <- getVarCov(m, individual = names(which(table(d$USUBJID) == 3))[1])
  list(log_likelihood = as.numeric(logLik(m)), covariance = unname(matrix(s, nrow(s))),
       means = pick(summary(grid), c("ARM", "VISIT", "emmean", "SE")),
       contrasts = pick(summary(contrast(grid, "revpairwise")), c("contrast", "VISIT", "estimate", "SE")),
       average = pick(summary(contrast(over, "revpairwise")), c("contrast", "estimate", "SE")))
}
out <- list(versions = c(R = as.character(getRversion()), nlme = as.character(packageVersion("nlme")),
                         emmeans = as.character(packageVersion("emmeans"))),
            rows = nrow(d), participants = length(unique(d$USUBJID)),
            us = describe(fit(corSymm(form = ~ TIME | USUBJID))),
            csh = describe(fit(corCompSymm(form = ~ TIME | USUBJID))))
cat(toJSON(out, digits = 12, auto_unbox = TRUE, pretty = TRUE), "\n")
