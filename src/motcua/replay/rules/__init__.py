"""What a replay sends, decided before anything is sent: pure, and the same for the same seed."""
