"""What is measured, side by side with the limit of the machine (`make bench`)."""
