# Hazard ratio of death, didanosine against zalcitabine, in the public data of Abrams et al. 1994.
# Rscript aids_ddi_ddc.R aids_long.csv > aids_ddi_ddc.out.json
suppressPackageStartupMessages(library(survival))
library(jsonlite)
rows <- read.csv(commandArgs(trailingOnly = TRUE)[1])
one <- rows[rows$obstime == 0, ]
fits <- lapply(c(efron = "efron", breslow = "breslow"), function(ties) {
  found <- summary(coxph(Surv(Time, death) ~ drug, one, ties = ties))
  list(
    hazard_ratio = found$conf.int[1], lower = found$conf.int[3], upper = found$conf.int[4],
    p = found$coefficients[5]
  )
})
cat(toJSON(fits, auto_unbox = TRUE, digits = 10, pretty = TRUE), "\n")
