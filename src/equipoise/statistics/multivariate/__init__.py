"""Rectangle probabilities and equicoordinate quantiles of the multivariate normal and t distributions."""

from equipoise.statistics.multivariate.rectangle import (
    normal_equicoordinate_quantile as normal_equicoordinate_quantile,
)
from equipoise.statistics.multivariate.rectangle import normal_rectangle as normal_rectangle
from equipoise.statistics.multivariate.rectangle import normal_rectangles as normal_rectangles
from equipoise.statistics.multivariate.rectangle import t_equicoordinate_quantile as t_equicoordinate_quantile
from equipoise.statistics.multivariate.rectangle import t_maximum_p as t_maximum_p
from equipoise.statistics.multivariate.rectangle import t_rectangle as t_rectangle
from equipoise.statistics.multivariate.rectangle import t_rectangles as t_rectangles
