"""How a person becomes a participant: identity, screening, consent, eligibility, allocation."""
