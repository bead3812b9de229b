"""One protocol file carries a randomised clinical trial from its design to its report."""
