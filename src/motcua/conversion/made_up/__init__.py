"""Makes up the old systems of three provinces, with their faults, and keeps the truth beside them."""
