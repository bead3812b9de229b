"""Sample size and power for several doses: Dunnett's test, contrasts, trend of proportions."""

from equipoise.statistics.sample_size.doses.contrast import power_dose_contrast
from equipoise.statistics.sample_size.doses.dunnett import DunnettSize, power_dunnett
from equipoise.statistics.sample_size.doses.trend import power_cochran_armitage

__all__ = ["DunnettSize", "power_cochran_armitage", "power_dose_contrast", "power_dunnett"]
