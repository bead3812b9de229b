# Exact probabilities of all allocations of small trials, by other algorithms than those of the package: balls are put into
# urns and taken out, blocks are listed, sequences are filtered, minimisation is followed participant by participant.
# Writes randomisation.out.json in this folder. A sequence is a string of positions of arms, 0 the first.
suppressPackageStartupMessages(library(jsonlite))

# probabilities of every sequence of n participants, from a function that gives those of the next arm after `past`
follow <- function(n, arms, following) {
  found <- c()
  go <- function(past, p) {
    if (length(past) == n) { found[paste(past, collapse = "")] <<- p; return(invisible()) }
    chance <- following(past)
    for (arm in seq_len(arms)) if (chance[arm] > 0) go(c(past, arm - 1), p * chance[arm])
  }
  go(c(), 1)
  as.list(found[order(names(found))])
}
numbers <- function(past, arms) sapply(seq_len(arms) - 1, function(arm) sum(past == arm))
add_up <- function(keys, p) { s <- tapply(p, keys, sum); as.list(s[order(names(s))]) }

# distinct arrangements of a block
arrangements <- function(block) {
  if (length(block) == 1) return(list(block))
  unlist(lapply(unique(block), function(first) {
    rest <- block[-match(first, block)]
    lapply(arrangements(rest), function(a) c(first, a))
  }), recursive = FALSE)
}

# blocks listed one after the other until n participants are in, every size as likely as any other
blocks <- function(n, ratio, sizes) {
  keys <- c(); p <- c()
  lists <- lapply(sizes, function(size) arrangements(rep(seq_along(ratio) - 1, ratio * size / sum(ratio))))
  go <- function(past, chance) {
    if (length(past) >= n) { keys <<- c(keys, paste(past[1:n], collapse = "")); p <<- c(p, chance); return(invisible()) }
    for (l in lists) for (a in l) go(c(past, a), chance / length(sizes) / length(l))
  }
  go(c(), 1)
  add_up(keys, p)
}

# Wei's urn with balls; `groups` says which arm each kind of ball stands for
wei <- function(n, groups, initial, same, other) {
  keys <- c(); p <- c()
  go <- function(past, urn, chance) {
    if (length(past) == n) {
      keys <<- c(keys, paste(groups[past], collapse = "")); p <<- c(p, chance); return(invisible())
    }
    for (kind in seq_along(groups)) {
      put <- rep(other, length(groups)); put[kind] <- same
      go(c(past, kind), urn + put, chance * urn[kind] / sum(urn))
    }
  }
  go(c(), rep(initial, length(groups)), 1)
  add_up(keys, p)
}

# block urn with an active and an inactive urn
block_urn <- function(n, ratio, size) {
  keys <- c(); p <- c()
  go <- function(past, active, inactive, chance) {
    if (length(past) == n) { keys <<- c(keys, paste(past, collapse = "")); p <<- c(p, chance); return(invisible()) }
    for (arm in which(active > 0)) {
      a <- active; i <- inactive
      a[arm] <- a[arm] - 1; i[arm] <- i[arm] + 1
      while (all(i >= ratio)) { i <- i - ratio; a <- a + ratio }
      go(c(past, arm - 1), a, i, chance * active[arm] / sum(active))
    }
  }
  go(c(), ratio * size / sum(ratio), rep(0, length(ratio)), 1)
  add_up(keys, p)
}

# the maximal procedure: all sequences of coins, those kept that stay within the limit and end in balance
maximal <- function(size, limit) {
  coins <- as.matrix(expand.grid(rep(list(0:1), size)))
  walk <- apply(1 - 2 * coins, 1, cumsum)
  coins[apply(abs(walk), 2, max) <= limit & walk[size, ] == 0, , drop = FALSE]
}
as_keys <- function(m) { k <- sort(apply(m, 1, paste, collapse = "")); as.list(setNames(rep(1 / length(k), length(k)), k)) }

# Efron's coin, written by cases for two arms
efron <- function(p) function(past) {
  d <- sum(past == 0) - sum(past == 1)
  if (d == 0) c(0.5, 0.5) else if (d < 0) c(p, 1 - p) else c(1 - p, p)
}
# a coin for any ratio: the preferred arm is picked among those that are behind, by its share among them; then
# Han et al.: p_high of the preferred arm, low probabilities of the others in their ratio
han <- function(ratio, p) {
  smallest <- which.min(ratio)
  high <- sapply(seq_along(ratio), function(i) 1 - sum(ratio[-i]) / sum(ratio[-smallest]) * (1 - p))
  function(preferred) {
    low <- ratio / sum(ratio[-preferred]) * (1 - high[preferred])
    low[preferred] <- high[preferred]
    low
  }
}
mixed <- function(candidates, share, given) {
  total <- 0
  for (i in candidates) total <- total + share[i] / sum(share[candidates]) * given(i)
  total
}
coin <- function(ratio, p) function(past) {
  scaled <- numbers(past, length(ratio)) / ratio
  mixed(which(scaled <= min(scaled) + 1e-9), ratio, han(ratio, p))
}
stick <- function(limit) function(past) {
  d <- sum(past == 0) - sum(past == 1)
  if (d >= limit) c(0, 1) else if (d <= -limit) c(1, 0) else c(0.5, 0.5)
}

# minimisation: participants one after the other; `levels` has a row a participant
minimise <- function(ratio, p, measure, weights, levels, way) function(past) {
  arms <- length(ratio); own <- levels[length(past) + 1, ]
  total <- sapply(seq_len(arms), function(candidate) {
    sum(sapply(seq_along(own), function(f) {
      who <- which(levels[seq_along(past), f] == own[f])
      x <- numbers(past[who], arms); x[candidate] <- x[candidate] + 1
      x <- x / ratio
      weights[f] * (if (measure == "range") diff(range(x)) else var(x))
    }))
  })
  best <- which(total <= min(total) + 1e-9)
  if (way == "biased coin") return(mixed(best, ratio, han(ratio, p)))
  mixed(best, rep(1, arms), function(i) { q <- rep((1 - p) / (arms - 1), arms); q[i] <- p; q })
}
levels <- rbind(c(0, 0), c(0, 1), c(1, 1), c(0, 1), c(1, 0), c(0, 0))

# moments of the difference under Wei's urn with 1 ball each at the start and 1 of the other arm: Markov chain over the difference
wei_variance <- function(n) {
  p <- c("0" = 1)
  for (i in seq_len(n) - 1) {
    nxt <- c()
    for (k in names(p)) {
      d <- as.numeric(k); b <- (i - d) / 2; up <- (1 + b) / (2 + i)
      for (s in c(1, -1)) {
        key <- as.character(d + s); add <- p[[k]] * (if (s == 1) up else 1 - up)
        nxt[key] <- (if (key %in% names(nxt)) nxt[[key]] else 0) + add
      }
    }
    p <- nxt
  }
  sum(as.numeric(names(p))^2 * p)
}

out <- list(
  R = R.version.string,
  sequences = list(
    allocation_rule = as_keys(do.call(rbind, arrangements(c(0, 0, 0, 1, 1, 1)))),
    allocation_rule_1_2 = as_keys(do.call(rbind, arrangements(c(0, 0, 1, 1, 1, 1)))),
    blocks_4 = blocks(6, c(1, 1), 4),
    blocks_2_4 = blocks(7, c(1, 1), c(2, 4)),
    blocks_3_6_three_arms = blocks(6, c(1, 1, 1), c(3, 6)),
    blocks_3_6_ratio_1_2 = blocks(8, c(1, 2), c(3, 6)),
    efron = follow(7, 2, efron(2 / 3)),
    coin_three_arms = follow(5, 3, coin(c(1, 1, 1), 0.6)),
    coin_1_2 = follow(6, 2, coin(c(1, 2), 0.8)),
    coin_3_1_2 = follow(5, 3, coin(c(3, 1, 2), 0.7)),
    stick_2 = follow(8, 2, stick(2)),
    wei = wei(6, c(0, 1), 1, 0, 1),
    wei_three_arms = wei(5, c(0, 1, 2), 2, 1, 3),
    wei_1_2 = wei(5, c(0, 1, 1), 1, 0, 1),
    block_urn_6 = block_urn(8, c(1, 1), 6),
    block_urn_1_2 = block_urn(7, c(1, 2), 6),
    block_urn_three_arms = block_urn(5, c(1, 1, 1), 6),
    maximal_8_2 = as_keys(maximal(8, 2)),
    minimise_range = follow(6, 2, minimise(c(1, 1), 0.75, "range", c(1, 1), levels, "biased coin")),
    minimise_variance = follow(6, 3, minimise(c(1, 1, 1), 0.7, "variance", c(1, 2), levels, "biased coin")),
    minimise_range_three_arms = follow(6, 3, minimise(c(1, 1, 1), 0.7, "range", c(3, 1), levels, "biased coin")),
    minimise_1_2 = follow(6, 2, minimise(c(1, 2), 0.8, "range", c(1, 1), levels, "biased coin")),
    minimise_1_2_scaled = follow(6, 2, minimise(c(1, 2), 0.8, "variance", c(1, 1), levels, "scaled counts")),
    minimise_1_2_1 = follow(5, 3, minimise(c(1, 2, 1), 0.8, "variance", c(1, 1), levels, "biased coin"))
  ),
  maximal_counts = lapply(c(4, 6, 8, 10, 12, 14), function(size) list(
    size = size, counts = sapply(1:5, function(limit) nrow(maximal(size, limit)))
  )),
  wei_variance = lapply(c(1, 2, 5, 10, 30, 60), function(n) list(n = n, variance = wei_variance(n))),
  levels = levels
)
write_json(out, "randomisation.out.json", digits = NA, auto_unbox = TRUE)
