"""How fast `kata` is, as ratios against the plain tools it stands beside; see README.md."""
