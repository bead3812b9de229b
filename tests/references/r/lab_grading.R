# Grades of laboratory results by the conditions of pharmaverse admiral, evaluated by R itself.
# Usage: Rscript lab_grading.R FOLDER > lab_grading.out.json
# FOLDER holds DAIDS_lab_grading.json and ncictcaev5_lab_grading.json of admiral (Apache-2.0).
# For each term: 40 results, at and around every limit that its conditions name, drawn with a fixed seed.
library(jsonlite)
folder <- commandArgs(trailingOnly = TRUE)[1]
set.seed(20260331)
signif_dig <- 15
high_indicator <- "HIGH"

compute_duration <- function(start_date, end_date, out_unit, ...) {
  if (out_unit == "days") return(as.numeric(end_date - start_date))
  a <- as.POSIXlt(start_date); b <- as.POSIXlt(end_date)
  months <- 12 * (b$year - a$year) + (b$mon - a$mon) - (b$mday < a$mday)
  if (out_unit == "months") months else months %/% 12
}
code_of <- function(row) {
  parts <- unlist(row[c("GRADE_NA_CODE", "GRADE_4_CODE", "GRADE_3_CODE", "GRADE_2_CODE", "GRADE_1_CODE")])
  parts <- parts[!is.na(parts)]
  if (length(parts) == 0) NULL else paste0("list(", paste(parts, collapse = ", "), ")")
}
case_when <- function(clauses, record) {
  for (clause in clauses) {
    holds <- eval(clause[[2]], record, globalenv())
    if (isTRUE(holds)) return(eval(clause[[3]]))
  }
  "0"
}
grade <- function(rows, record) {
  for (i in seq_len(nrow(rows))) {
    row <- rows[i, ]
    chosen <- is.null(row$FILTER) || is.na(row$FILTER) || isTRUE(eval(parse(text = row$FILTER), record, globalenv()))
    if (!chosen) next
    code <- code_of(row)
    if (is.null(code)) return(NA_character_)
    return(case_when(eval(parse(text = code)), record))
  }
  NA_character_
}
limits <- function(rows) {
  code <- paste(unlist(lapply(seq_len(nrow(rows)), function(i) code_of(rows[i, ]))), collapse = " ")
  code <- gsub("~ *\"[0-9]\"", "", code)
  found <- as.numeric(regmatches(code, gregexpr("[0-9]+\\.?[0-9]*", code))[[1]])
  unique(found[found > 0])
}
pick <- function(from, n) from[sample.int(length(from), n, replace = TRUE)]
examples <- function(term, rows, n = 40) {
  numbers <- limits(rows)
  low <- pick(c(NA, 0.9, 3.3, 7.35, 11), n); high <- pick(c(NA, 1.1, 4.7, 7.45, 40), n)
  base <- pick(c(NA, 0.7, 2.3, 20), n)
  scale <- ifelse(runif(n) < 0.5, 1, ifelse(runif(n) < 0.4, high, ifelse(runif(n) < 0.5, low, base)))
  scale[is.na(scale)] <- 1
  value <- pick(c(1, numbers), n) * scale * pick(c(1, 1, 1.001, 0.999, 1.2, 0.8), n)
  value[sample.int(n, 1)] <- NA
  day <- as.Date("2026-01-15")
  birth <- day - pick(c(3, 7, 8, 20, 28, 29, 31, 40, 60, 200, 365, 731, 1500, 2000, 4000, 5000, 6000, 15000), n)
  birth[sample.int(n, 1)] <- NA
  pchg <- pick(c(NA, -80, -75, -50, -25, -10, 5), n)
  data <- data.frame(
    term = term, AVAL = value, ANRLO = low, ANRHI = high, BASE = base, PCHG = pchg,
    BNRIND = pick(c("NORMAL", "HIGH", NA), n), SEX = pick(c("M", "F", "F", "M", NA), n),
    ADT = day, BRTHDT = birth, stringsAsFactors = FALSE
  )
  data$grade <- vapply(seq_len(n), function(i) grade(rows, as.list(data[i, ])), "")
  data
}
standard <- function(file) {
  criteria <- fromJSON(file.path(folder, file))
  do.call(rbind, lapply(unique(criteria$TERM), function(term) examples(term, criteria[criteria$TERM == term, ])))
}
answer <- list("DAIDS 2.1" = standard("DAIDS_lab_grading.json"), "CTCAE 5.0" = standard("ncictcaev5_lab_grading.json"))
cat(toJSON(answer, dataframe = "columns", digits = I(17), na = "null"), "\n")
