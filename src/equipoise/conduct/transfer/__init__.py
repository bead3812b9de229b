"""Data that come from another system, through the same judgement as what people type."""
