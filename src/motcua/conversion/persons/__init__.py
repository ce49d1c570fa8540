"""The same person in several old systems: suggested with a probability and reasons, decided by a clerk, reversible."""
