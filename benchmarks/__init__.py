"""How fast `kata` is, as ratios against the plain tools; see README.md."""
