"""What the law lets happen to a dossier, and what each act does to its clock."""
