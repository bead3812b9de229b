# Group sequential designs, their analysis and adaptation: R rpact and mvtnorm. Run in this folder.
suppressMessages({library(rpact); library(mvtnorm); library(jsonlite)})
set.seed(1)
out <- list(about = list(R = R.version.string, rpact = as.character(packageVersion("rpact")),
  mvtnorm = as.character(packageVersion("mvtnorm"))))

# Designs
designs <- list(
  k10_asOF = list(kMax = 10, typeOfDesign = "asOF"),
  k5_OF_uneven = list(informationRates = c(0.1, 0.25, 0.4, 0.8, 1), typeOfDesign = "OF", alpha = 0.01),
  k4_WT_m02 = list(kMax = 4, typeOfDesign = "WT", deltaWT = -0.2, alpha = 0.05),
  k4_WT_04_two = list(kMax = 4, typeOfDesign = "WT", deltaWT = 0.4, alpha = 0.1, sided = 2),
  k3_optimum = list(kMax = 3, typeOfDesign = "WToptimum", alpha = 0.025, beta = 0.1),
  k3_user = list(informationRates = c(0.3, 0.8, 1), typeOfDesign = "asUser", userAlphaSpending = c(0.002, 0.01, 0.025)),
  k4_P_uneven = list(informationRates = c(0.2, 0.5, 0.9, 1), typeOfDesign = "P", alpha = 0.025),
  k3_HP_25 = list(informationRates = c(0.4, 0.7, 1), typeOfDesign = "HP", constantBoundsHP = 2.5),
  k3_none = list(kMax = 3, typeOfDesign = "noEarlyEfficacy", futilityBounds = c(0, 0.5)),
  k3_z_binding = list(kMax = 3, typeOfDesign = "asOF", futilityBounds = c(0, 0.5), bindingFutility = TRUE),
  k3_z_binding_P = list(informationRates = c(0.3, 0.6, 1), typeOfDesign = "P", futilityBounds = c(0.3, 0.8),
    bindingFutility = TRUE),
  k4_kd_bind = list(informationRates = c(0.2, 0.5, 0.75, 1), typeOfDesign = "asKD", gammaA = 2,
    typeBetaSpending = "bsKD", gammaB = 1.5, bindingFutility = TRUE, beta = 0.2),
  k3_p_bind = list(kMax = 3, typeOfDesign = "asP", typeBetaSpending = "bsP", bindingFutility = TRUE, beta = 0.1),
  k3_hsd = list(kMax = 3, typeOfDesign = "asHSD", gammaA = -2, typeBetaSpending = "bsHSD", gammaB = -3, beta = 0.15),
  k3_under = list(informationRates = c(0.4, 0.7, 0.9) / 0.9, typeOfDesign = "asUser",
    userAlphaSpending = c(2 - 2 * pnorm(qnorm(0.9875) / sqrt(c(0.4, 0.7))), 0.025)),
  k3_over = list(informationRates = c(0.4, 0.7, 1.2) / 1.2, typeOfDesign = "asUser",
    userAlphaSpending = c(2 - 2 * pnorm(qnorm(0.9875) / sqrt(c(0.4, 0.7))), 0.025)),
  k3_user_beta = list(kMax = 3, typeOfDesign = "asUser", userAlphaSpending = c(0.001, 0.01, 0.025),
    typeBetaSpending = "bsUser", userBetaSpending = c(0.02, 0.05, 0.2), beta = 0.2))
out$designs <- lapply(designs, function(a) {
  d <- do.call(getDesignGroupSequential, a)
  ch <- getDesignCharacteristics(d)
  p <- getPowerAndAverageSampleNumber(d, theta = c(-0.2, 0, 0.1, 0.3), nMax = 100)
  list(arguments = a, information_rates = d$informationRates, z = d$criticalValues, alpha_spent = d$alphaSpent,
    futility = d$futilityBounds, inflation = ch$inflationFactor, shift = ch$shift, delta_wt = d$deltaWT,
    asn = c(ch$averageSampleNumber0, ch$averageSampleNumber01, ch$averageSampleNumber1),
    power = p$overallReject, early = p$overallEarlyStop, asn_100 = p$averageSampleNumber)
})

# Constants of two-sided shapes and their inflation factors at power 0.9: 2, 3, 4, 5 and 10 equal looks
shapes <- list(OF = list(typeOfDesign = "OF"), P = list(typeOfDesign = "P"), WT_0.1 = list(typeOfDesign = "WT", deltaWT = 0.1),
  WT_0.25 = list(typeOfDesign = "WT", deltaWT = 0.25), WT_0.4 = list(typeOfDesign = "WT", deltaWT = 0.4))
out$constants <- lapply(shapes, function(shape) lapply(list("0.01" = 0.01, "0.05" = 0.05, "0.1" = 0.1), function(alpha) {
  found <- lapply(c(2, 3, 4, 5, 10), function(looks) {
    d <- do.call(getDesignGroupSequential, c(shape, list(kMax = looks, alpha = alpha, sided = 2, beta = 0.1)))
    c(d$criticalValues[looks], getDesignCharacteristics(d)$inflationFactor)
  })
  list(constant = sapply(found, `[`, 1), inflation = sapply(found, `[`, 2))
}))

# Crossing probabilities by mvtnorm
information <- c(0.25, 0.6, 0.7, 1); lower <- c(-0.5, 0, 0.3, 1.8); upper <- c(3, 2.4, 2.3, 2.1)
exits <- function(theta) {
  r <- outer(information, information, function(a, b) sqrt(pmin(a, b) / pmax(a, b)))
  m <- theta * sqrt(information)
  p <- function(k, from, to) as.numeric(pmvnorm(c(lower[seq_len(k - 1)], from), c(upper[seq_len(k - 1)], to),
    mean = m[1:k], sigma = r[1:k, 1:k, drop = FALSE], algorithm = Miwa(4097)))
  list(theta = theta, below = sapply(1:4, function(k) p(k, -Inf, lower[k])),
    above = sapply(1:4, function(k) p(k, upper[k], Inf)))
}
out$exits <- list(information = information, lower = lower, upper = upper, at = lapply(c(-1, 0, 2.5, 5), exits))

# Analysis at a look: one sample of normal data with known-variance tests, then a t test; three looks
analyse <- function(design, data, ...) {
  n <- length(data$means) / length(unique(data$groups))
  one <- getStageResults(design, data, stage = n, normalApproximation = TRUE)
  ci <- getRepeatedConfidenceIntervals(design, data, stage = n, normalApproximation = TRUE)
  final <- tryCatch(getFinalConfidenceInterval(design, data, stage = n, normalApproximation = TRUE), error = function(e) NULL)
  list(overall_z = one$overallTestStatistics, overall_p = one$overallPValues, stage_p = one$pValues,
    effect = one$effectSizes, repeated_ci = ci, repeated_p = getRepeatedPValues(one),
    final_p = getFinalPValue(one), final_ci = final[c("medianUnbiased", "finalConfidenceInterval",
      "medianUnbiasedGeneral", "finalConfidenceIntervalGeneral")],
    crp = getConditionalRejectionProbabilities(one),
    combination = one$combInverseNormal, weights = one$weightsInverseNormal)
}
normal <- function(n, mean) getDataset(n1 = n, n2 = n, means1 = mean, means2 = 0 * mean,
  stDevs1 = rep(10, length(n)), stDevs2 = rep(10, length(n)))
sets <- list(two_looks = list(n = c(30, 30), mean = c(4, 6)), three_looks = list(n = c(30, 30, 30), mean = c(3, 4, 5)),
  first = list(n = 30, mean = 10), uneven = list(n = c(30, 45, 20), mean = c(2, 5, 4.4)))
pairs <- list(asOF = list(kMax = 3, typeOfDesign = "asOF"), P = list(kMax = 3, typeOfDesign = "P"),
  two_sided = list(kMax = 3, typeOfDesign = "asP", sided = 2, alpha = 0.05))
out$analysis <- list()
for (d in names(pairs)) for (s in names(sets)) {
  if (s == "uneven") next
  design <- do.call(getDesignGroupSequential, pairs[[d]])
  out$analysis[[paste(d, s)]] <- c(list(design = pairs[[d]], data = sets[[s]]),
    analyse(design, normal(sets[[s]]$n, sets[[s]]$mean)))
}
out$inverse_normal <- list()
for (s in names(sets)) {
  design <- do.call(getDesignInverseNormal, pairs$asOF)
  out$inverse_normal[[s]] <- c(list(data = sets[[s]]), analyse(design, normal(sets[[s]]$n, sets[[s]]$mean)))
}

# Conditional power of the remaining looks
design <- getDesignGroupSequential(kMax = 3, typeOfDesign = "asOF")
stage <- getStageResults(design, normal(30, 4), stage = 1, normalApproximation = TRUE)
out$conditional_power <- lapply(c(0, 0.3, 0.4, 0.6), function(theta) {
  cp <- getConditionalPower(stage, nPlanned = c(60, 60), thetaH1 = theta * 10, assumedStDev = 10)
  list(effect = theta * 10, z = stage$overallTestStatistics[1], conditional_power = cp$conditionalPower)
})

# Fisher's combination
out$fisher <- lapply(list(equal = list(kMax = 2, alpha = 0.025, method = "equalAlpha"),
  half = list(kMax = 2, alpha = 0.025, method = "userDefinedAlpha", userAlphaSpending = c(0.01, 0.025)),
  full = list(kMax = 2, alpha = 0.025, method = "fullAlpha"),
  futility = list(kMax = 2, alpha = 0.025, method = "userDefinedAlpha", userAlphaSpending = c(0.01, 0.025),
    alpha0Vec = 0.5, bindingFutility = TRUE),
  three = list(kMax = 3, alpha = 0.025, method = "equalAlpha")), function(a) {
  d <- do.call(getDesignFisher, a)
  list(arguments = a, critical = d$criticalValues, stage_levels = d$stageLevels, alpha_spent = d$alphaSpent)
})

# Where the promising zone begins: Mehta and Pocock's b against the last critical value, from the largest z downwards
zone <- function(share, largest, power, critical = qnorm(0.975)) { # planned total 1
  missing <- function(z) (critical - z * sqrt(share)) / sqrt(1 - share)
  cp <- function(z) pnorm(z * sqrt((1 - share) / share) - missing(z))
  total <- function(z) min(largest, share + share * ((missing(z) + qnorm(power)) / z)^2)
  b <- function(z) (sqrt(total(z) - share) * missing(z) + z * sqrt(share)) / sqrt(total(z))
  top <- uniroot(function(z) cp(z) - power, c(0, 10), tol = 1e-13)$root
  z <- top * (1 - 1e-6); while (b(z) <= critical) z <- z - 1e-4
  cp(uniroot(function(z) b(z) - critical, c(z, z + 1e-4), tol = 1e-13)$root)
}
grid <- expand.grid(share = c(0.25, 0.5, 0.75), largest = c(1.5, 2, 3), power = c(0.8, 0.9))
out$promising_zone <- cbind(grid, start = mapply(zone, grid$share, grid$largest, grid$power))

# Two doses against one control; the better goes on
arms <- getDataset(n1 = c(40, 40), n2 = c(40, NA), n3 = c(40, 40), means1 = c(5, 4.5), means2 = c(3.1, NA),
  means3 = c(0, 0), stDevs1 = c(10, 10), stDevs2 = c(10, NA), stDevs3 = c(10, 10))
both <- getDataset(n1 = c(40, 30), n2 = c(40, 50), n3 = c(30, 40), means1 = c(5, 4.5), means2 = c(3.1, 6),
  means3 = c(0, 0), stDevs1 = c(10, 10), stDevs2 = c(10, 10), stDevs3 = c(10, 10))
combination <- getDesignInverseNormal(kMax = 2, typeOfDesign = "asOF")
out$closed <- list()
for (set in c("arms", "both")) for (method in c("Dunnett", "Bonferroni", "Simes", "Sidak")) {
  results <- getStageResults(combination, get(set), stage = 2, normalApproximation = TRUE, intersectionTest = method,
    varianceOption = "overallPooled", directionUpper = TRUE)
  closed <- getClosedCombinationTestResults(results)
  out$closed[[paste(set, method)]] <- list(indices = closed$indices, adjusted = closed$adjustedStageWisePValues,
    combined = closed$overallAdjustedTestStatistics, rejected = closed$rejected,
    separate = closed$separatePValues, statistics = results$testStatistics)
}

# Three doses of which one crosses its bound at the first look and stays; repeated p
three <- getDataset(n1 = c(20, 25), n2 = c(40, 20), n3 = c(30, 30), n4 = c(25, 26), means1 = c(7, 4), means2 = c(2, 5.5),
  means3 = c(4.4, 7), means4 = c(0.3, 1), stDevs1 = c(8, 9), stDevs2 = c(7.5, 8.4), stDevs3 = c(9, 8), stDevs4 = c(8, 8))
pocock <- getDesignInverseNormal(informationRates = c(0.4, 1), typeOfDesign = "P", alpha = 0.025)
out$closed_repeated <- lapply(setNames(nm = c("Bonferroni", "Sidak", "Simes")), function(method) {
  results <- getStageResults(pocock, three, stage = 2, normalApproximation = TRUE, intersectionTest = method,
    varianceOption = "overallPooled", directionUpper = TRUE)
  list(statistics = results$testStatistics, repeated_p = getRepeatedPValues(results),
    rejected = getClosedCombinationTestResults(results)$rejected)
})

# Sample sizes and power
gs <- getDesignGroupSequential(informationRates = c(0.4, 0.7, 1), typeOfDesign = "asHSD", gammaA = -3, beta = 0.2)
two <- getDesignGroupSequential(kMax = 2, typeOfDesign = "P", beta = 0.2, sided = 2, alpha = 0.05)
keep <- function(x, names) lapply(setNames(names, names), function(n) x[[n]])
size <- c("nFixed", "maxNumberOfSubjects", "numberOfSubjects", "expectedNumberOfSubjectsH0", "expectedNumberOfSubjectsH01",
  "expectedNumberOfSubjectsH1", "criticalValuesEffectScale", "criticalValuesEffectScaleLower",
  "criticalValuesEffectScaleUpper", "rejectPerStage", "earlyStop")
out$sizes <- list(
  means = keep(getSampleSizeMeans(gs, alternative = 4, stDev = 10, allocationRatioPlanned = 2), size),
  means_two = keep(getSampleSizeMeans(two, alternative = 4, stDev = 10), size),
  means_z = keep(getSampleSizeMeans(gs, alternative = 4, stDev = 10, normalApproximation = TRUE), size),
  rates = keep(getSampleSizeRates(gs, pi1 = 0.45, pi2 = 0.3), size),
  rates_ratio2 = keep(getSampleSizeRates(gs, pi1 = 0.45, pi2 = 0.3, allocationRatioPlanned = 2), size),
  rates_two = keep(getSampleSizeRates(two, pi1 = 0.2, pi2 = 0.35), size),
  rates_fewer = keep(getSampleSizeRates(gs, pi1 = 0.12, pi2 = 0.25, allocationRatioPlanned = 0.6), size),
  means_margin = keep(getSampleSizeMeans(gs, alternative = 1, thetaH0 = -4, stDev = 12, allocationRatioPlanned = 0.5), size))
power <- c("numberOfSubjects", "overallReject", "rejectPerStage", "earlyStop", "expectedNumberOfSubjects",
  "criticalValuesEffectScale")
out$power <- list(
  means = keep(getPowerMeans(gs, alternative = c(0, 2, 4), stDev = 10, maxNumberOfSubjects = 150), power),
  means_z = keep(getPowerMeans(gs, alternative = c(0, 2, 4), stDev = 10, maxNumberOfSubjects = 150,
    normalApproximation = TRUE), power),
  means_two = keep(getPowerMeans(two, alternative = c(0, 2, 4), stDev = 10, maxNumberOfSubjects = 150), power),
  means_fewer = keep(getPowerMeans(gs, alternative = c(0, -2, -4), stDev = 10, maxNumberOfSubjects = 150,
    directionUpper = FALSE), power),
  rates = keep(getPowerRates(gs, pi1 = c(0.3, 0.4, 0.5), pi2 = 0.3, maxNumberOfSubjects = 200), power),
  rates_ratio2 = keep(getPowerRates(gs, pi1 = c(0.3, 0.4, 0.5), pi2 = 0.3, maxNumberOfSubjects = 200,
    allocationRatioPlanned = 2), power))
events <- c("eventsFixed", "nFixed", "maxNumberOfSubjects", "numberOfSubjects", "cumulativeEventsPerStage", "eventsPerStage",
  "analysisTime", "studyDuration", "expectedEventsH0", "expectedEventsH01", "expectedEventsH1",
  "expectedNumberOfSubjectsH1", "criticalValuesEffectScale", "rejectPerStage", "earlyStop")
out$survival <- list(
  follow_up = keep(getSampleSizeSurvival(gs, lambda2 = log(2) / 12, hazardRatio = 0.7, accrualTime = c(0, 18),
    followUpTime = 12, dropoutRate1 = 0.05, dropoutRate2 = 0.05, dropoutTime = 12), events),
  ratio2 = keep(getSampleSizeSurvival(gs, lambda2 = log(2) / 12, hazardRatio = 0.7, accrualTime = c(0, 12),
    followUpTime = 18, allocationRatioPlanned = 2), events))
out$survival_power <- list(keep(getPowerSurvival(gs, lambda2 = log(2) / 12, hazardRatio = c(0.7, 0.8, 1),
  maxNumberOfEvents = 200, maxNumberOfSubjects = 400, accrualTime = c(0, 18), directionUpper = FALSE),
  c("overallReject", "rejectPerStage", "earlyStop", "expectedNumberOfEvents", "analysisTime", "numberOfSubjects",
  "studyDuration", "expectedNumberOfSubjects", "criticalValuesEffectScale")))
write_json(out, "sequential.out.json", digits = 12, auto_unbox = TRUE, null = "null", na = "null", force = TRUE)
