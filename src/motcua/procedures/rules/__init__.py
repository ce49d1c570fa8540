"""What the catalogue decides: pure functions over frozen values, no database and no clock."""
