"""What the catalogue decides: pure functions over frozen values, no database and no clock.

Other modules' rules are imported by name, not through their front doors, which bring the database with them.
"""
