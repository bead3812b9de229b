# Sample quantiles of types 2 (SAS) and 7 (R), mean, SD, t interval and geometric mean; trial72 and small samples.
library(jsonlite)
p <- c(0, 0.05, 0.1, 0.25, 1/3, 0.5, 0.6, 0.75, 0.9, 0.95, 1)
samples <- list(one = 7, two = c(3, 1), four = c(4, 1, 3, 2), five = c(2.5, -1, 0, 7, 7), tied = c(1, 1, 1, 2, 2, 9),
                hundred = (1:100)^1.5, tenths = (1:10) / 10)
quantiles <- lapply(samples, function(x) list(values = x, type2 = unname(quantile(x, p, type = 2)),
                                              type7 = unname(quantile(x, p, type = 7))))
d <- read.csv("../trial72_long.csv")
d <- d[d$VISIT == "W48", ]
by <- lapply(split(d, list(d$ARM, d$SEX)), function(g) {
  x <- g$CHG[!is.na(g$CHG)]
  ci <- t.test(x, conf.level = 0.9)$conf.int
  list(ARM = g$ARM[1], SEX = g$SEX[1], n = length(x), missing = sum(is.na(g$CHG)), mean = mean(x), sd = sd(x),
       se = sd(x) / sqrt(length(x)), median = median(x), q1 = unname(quantile(x, 0.25, type = 2)),
       q3 = unname(quantile(x, 0.75, type = 2)), min = min(x), max = max(x), lower90 = ci[1], upper90 = ci[2])
})
s <- read.csv("../trial72_subj.csv")
geometric <- lapply(split(s$ALT, s$ARM), function(x) {
  ci <- exp(t.test(log(x))$conf.int)
  list(mean = exp(mean(log(x))), cv = sqrt(exp(var(log(x))) - 1), lower = ci[1], upper = ci[2])
})
write_json(list(R = R.version.string, p = p, quantiles = quantiles, w48_by_arm_and_sex = unname(by),
                geometric_ALT = geometric), "descriptive.out.json", digits = I(16), auto_unbox = TRUE)
