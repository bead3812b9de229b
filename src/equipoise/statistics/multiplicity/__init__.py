"""Many comparisons: adjusted p-values, Dunnett's tests, closed tests, graphs of hypotheses."""

from equipoise.statistics.multiplicity.adjusted_p import adjust_p as adjust_p
from equipoise.statistics.multiplicity.closed_test import closed_test as closed_test
from equipoise.statistics.multiplicity.closure import ClosedTest as ClosedTest
from equipoise.statistics.multiplicity.dunnett import MaximumTest as MaximumTest
from equipoise.statistics.multiplicity.dunnett import dunnett as dunnett
from equipoise.statistics.multiplicity.dunnett import dunnett_contrasts as dunnett_contrasts
from equipoise.statistics.multiplicity.dunnett import dunnett_test as dunnett_test
from equipoise.statistics.multiplicity.graph import MultiplicityGraph as MultiplicityGraph
from equipoise.statistics.multiplicity.graph import fallback_graph as fallback_graph
from equipoise.statistics.multiplicity.graph import fixed_sequence_graph as fixed_sequence_graph
from equipoise.statistics.multiplicity.graph import holm_graph as holm_graph
from equipoise.statistics.multiplicity.graph import multiplicity_graph as multiplicity_graph
from equipoise.statistics.multiplicity.graph_closure import graph_closed_test as graph_closed_test
from equipoise.statistics.multiplicity.graph_plot import plot_graph as plot_graph
from equipoise.statistics.multiplicity.graph_test import GraphTest as GraphTest
from equipoise.statistics.multiplicity.graph_test import graph_test as graph_test
