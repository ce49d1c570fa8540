"""What a replay sends, decided before anything is sent: the same for the same seed, without clock or network."""
