# Rank tests, exact and asymptotic, and Hodges-Lehmann intervals. R stats, coin.
suppressMessages({library(jsonlite); library(coin)})
keep <- function(w) list(statistic = unname(w$statistic), p = w$p.value, interval = as.numeric(w$conf.int), estimate = unname(w$estimate))
x <- c(0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46)  # Hollander and Wolfe 1973, page 69
y <- c(1.15, 0.88, 0.90, 0.74, 1.21)
before <- c(1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30)     # Hollander and Wolfe 1973, page 29
after <- c(0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29)
tied_x <- c(3, 5, 5, 6, 8, 8, 8, 12)
tied_y <- c(1, 2, 3, 3, 5, 5, 6, 7, 8)
pairs <- c(3, -1, 0, 4, 2, 2, -2, 5, 0, 1, 7, -3, 2)                   # differences with zeros and ties
paired <- data.frame(one = pairs + 20, other = 20)
both <- function(...) list(cc = keep(wilcox.test(..., exact = FALSE, correct = TRUE, conf.int = TRUE)),
                           no_cc = keep(wilcox.test(..., exact = FALSE, correct = FALSE, conf.int = TRUE)))
coin_p <- function(t) list(z = as.numeric(statistic(t, "standardized")), p = as.numeric(pvalue(t)))
tied <- data.frame(v = c(tied_x, tied_y), g = factor(rep(c("x", "y"), c(8, 9))))
d <- read.csv("../trial72_long.csv"); d <- d[d$VISIT == "W48" & !is.na(d$CHG), ]
out <- list(
  R = R.version.string, coin = as.character(packageVersion("coin")),
  samples = list(x = x, y = y, before = before, after = after, tied_x = tied_x, tied_y = tied_y, pairs = pairs),
  two_sample = c(list(exact = keep(wilcox.test(x, y, conf.int = TRUE)),
                      exact_90 = keep(wilcox.test(x, y, conf.int = TRUE, conf.level = 0.9))), both(x, y)),
  two_sample_tied = c(both(tied_x, tied_y), list(coin_exact = coin_p(wilcox_test(v ~ g, tied, distribution = "exact")),
                      coin_asymptotic = coin_p(wilcox_test(v ~ g, tied)))),
  signed = c(list(exact = keep(wilcox.test(before, after, paired = TRUE, conf.int = TRUE))), both(before, after, paired = TRUE)),
  signed_trial72 = c(both(d$CHG[d$ARM == "High"])),
  signed_zeros = list(cc = { w <- suppressWarnings(wilcox.test(pairs, exact = FALSE)); list(statistic = unname(w$statistic), p = w$p.value) },
                      drop_exact = coin_p(wilcoxsign_test(one ~ other, paired, zero.method = "Wilcoxon", distribution = "exact")),
                      drop_asymptotic = coin_p(wilcoxsign_test(one ~ other, paired, zero.method = "Wilcoxon")),
                      pratt_exact = coin_p(wilcoxsign_test(one ~ other, paired, zero.method = "Pratt", distribution = "exact")),
                      pratt_asymptotic = coin_p(wilcoxsign_test(one ~ other, paired, zero.method = "Pratt"))),
  kruskal_chg = unclass(kruskal.test(CHG ~ ARM, d))[c("statistic", "parameter", "p.value")],
  stratified_pooled_rank_site = coin_p(wilcox_test(CHG ~ factor(ARM) | factor(SITE), d[d$ARM != "Low", ])),
  wilcox_cdf = list(m = 7, n = 5, p = pwilcox(0:35, 7, 5)),
  signrank_cdf = list(n = 9, p = psignrank(0:45, 9)),
  far_tail = list(m = 30, n = 30, p = 2 * pwilcox(0:20, 30, 30))
)
write_json(out, "ranks.out.json", digits = I(16), auto_unbox = TRUE)
