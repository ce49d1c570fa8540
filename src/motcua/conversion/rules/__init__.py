"""What a mapping says and what is wrong with a row. Pure."""
