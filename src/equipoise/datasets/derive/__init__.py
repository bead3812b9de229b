"""From SDTM to ADaM: pure functions, dataset in, dataset out."""
