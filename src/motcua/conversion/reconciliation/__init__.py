"""Source, staging and target set side by side, and the signed record of hand-over that comes of it."""
