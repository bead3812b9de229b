"""From an estimand to the frame that its analyses use, with every intercurrent event handled as it says."""

from .frame import EstimandFrame, build_estimand_frame
from .intercurrent import Occurrence

__all__ = ["EstimandFrame", "Occurrence", "build_estimand_frame"]
