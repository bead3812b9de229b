# What each intercurrent-event strategy gives on the 14 participants of ../strategies, from the rules in docs/methods/estimands.md.
suppressMessages({library(jsonlite); library(survival)})
sl <- read.csv("../strategies/adsl.csv"); lb <- read.csv("../strategies/lb.csv")
lb$day <- as.integer(as.Date(lb$LBDTC) - as.Date(sl$TRTSDT[match(lb$USUBJID, sl$USUBJID)])) + 1
LAST <- 92 # week 12 is aimed at day 85, its window reaches to day 92
one <- function(id) {
  r <- lb[lb$USUBJID == id, ]; s <- sl[sl$USUBJID == id, ]
  list(id = id, arm = s$TRT01P, base = r$LBSTRESN[r$day == 1], stop = s$STOPDY, rescue = s$RESCUEDY, death = s$DTHDY, r = r[r$day > 1, ])
}
people <- lapply(sl$USUBJID, one)
before <- function(p, day) if (is.na(day)) p$r else p$r[p$r$day < day, ]      # hypothetical
until <- function(p, day) if (is.na(day)) p$r else p$r[p$r$day <= day, ]      # while on treatment
at12 <- function(r) { v <- r$LBSTRESN[r$VISIT == "Week 12"]; if (length(v)) v else NA }
fill <- function(r, how) {
  v <- at12(r); r <- r[r$day <= LAST, ]
  if (!is.na(v) || nrow(r) == 0) return(v)
  if (how == "last") r$LBSTRESN[which.max(r$day)] else min(r$LBSTRESN)
}
day12 <- function(p) { d <- p$r$day[p$r$VISIT == "Week 12"]; if (length(d)) d else LAST }
hit <- function(p, day) !is.na(day) && day <= day12(p)
change <- function(f) sapply(people, function(p) f(p) - p$base)
worst <- function(x, days) { # the worst change that anyone has at week 12
  w <- min(x, na.rm = TRUE); for (i in seq_along(people)) if (hit(people[[i]], people[[i]][[days]])) x[i] <- w; x
}
outcomes <- list(
  policy = change(function(p) at12(p$r)),
  hypothetical = change(function(p) at12(before(p, p$stop))),
  hypothetical_last = change(function(p) fill(before(p, p$stop), "last")),
  hypothetical_worst = change(function(p) fill(before(p, p$stop), "worst")),
  on_treatment = change(function(p) { v <- at12(until(p, p$stop)); if (is.na(v) && hit(p, p$stop)) fill(until(p, p$stop), "last") else v }),
  composite = worst(change(function(p) at12(p$r)), "death"),
  stratum = { x <- change(function(p) at12(p$r)); x[!is.na(sl$RESCUEDY)] <- NA; x },
  mixed = worst(change(function(p) fill(before(p, min(p$stop, p$rescue, Inf, na.rm = TRUE)), "last")), "death")
)
arm <- sl$TRT01P
compare <- function(x) {
  t <- t.test(x[arm == "Low dose"], x[arm == "Placebo"])
  list(outcomes = as.list(setNames(x, sl$USUBJID)), n = c(sum(!is.na(x[arm == "Low dose"])), sum(!is.na(x[arm == "Placebo"]))),
       mean = unname(t$estimate), estimate = -diff(unname(t$estimate)), lower = t$conf.int[1], upper = t$conf.int[2],
       df = unname(t$parameter), t = unname(t$statistic), p = t$p.value)
}
# response: a rise of 10 at week 12; none after death or rescue on or before it; missing is none
responds <- sapply(people, function(p) { v <- at12(p$r); !is.na(v) && v >= p$base + 10 && !hit(p, p$death) && !hit(p, p$rescue) })
count <- c(sum(responds[arm == "Low dose"]), sum(responds[arm == "Placebo"])); n <- c(sum(arm == "Low dose"), sum(arm == "Placebo"))
# relapse, in weeks: what the events in `days` do to a time, first for the composite, then for the others
tte <- read.csv("../strategies/adtte.csv"); tte <- tte[match(sl$USUBJID, tte$USUBJID), ]
ended <- function(t, e, at, own) { hit <- !is.na(at) & (at < t | (at == t & e & !own)); list(t = ifelse(hit, at, t), e = e & !hit) }
counted <- function(t, e, at) { hit <- !is.na(at) & (at < t | (at == t & !e)); list(t = ifelse(hit, at, t), e = e | hit) }
t0 <- tte$AVAL; e0 <- tte$CNSR == 0
died <- counted(t0, e0, sl$DTHDY)
times <- list(
  policy = list(t = t0, e = e0), hypothetical = ended(t0, e0, sl$STOPDY, FALSE), on_treatment = ended(t0, e0, sl$STOPDY, TRUE),
  composite = died, mixed = ended(died$t, died$e, sl$RESCUEDY, FALSE),
  stratum = list(t = ifelse(is.na(sl$RESCUEDY), t0, NA), e = e0)
)
survive <- function(x) {
  d <- data.frame(w = x$t / 7, e = x$e, arm = factor(arm, levels = c("Placebo", "Low dose")), id = sl$USUBJID); d <- d[!is.na(d$w), ]
  lr <- survdiff(Surv(w, e) ~ arm, d); cx <- summary(coxph(Surv(w, e) ~ arm, d)); k <- d$arm == "Low dose"
  list(time = as.list(setNames(d$w, d$id)), event = as.list(setNames(d$e, d$id)), n = c(sum(k), sum(!k)), events = c(sum(d$e[k]), sum(d$e[!k])),
       chi2 = lr$chisq, hazard_ratio = cx$conf.int[1], lower = cx$conf.int[3], upper = cx$conf.int[4])
}
out <- list(R = R.version.string, survival = as.character(packageVersion("survival")), changes = lapply(outcomes, compare),
            times = lapply(times, survive),
            response = list(responds = as.list(setNames(responds, sl$USUBJID)), count = count, n = n, p = fisher.test(rbind(count, n - count))$p.value))
write_json(out, "strategies.out.json", digits = I(16), auto_unbox = TRUE, na = "null")
