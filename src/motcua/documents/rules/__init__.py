"""What official documents are and how they go from office to office. Pure."""
