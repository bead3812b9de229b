"""What the trial is planned by: assumptions on participants and effects, and the size that follows from them."""
