"""What templates ask about the role of who looks."""
