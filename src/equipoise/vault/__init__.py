"""What sees arms: the sealed schedule, doses, code break, unblinding; the only part that can open anything."""
