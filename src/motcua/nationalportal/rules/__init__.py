"""What is told to the national portal, what its answers mean, and how two books are compared."""
