"""What the counter needs to know before it can take anything in: which procedure, whose commune, which fields."""
