"""For authors: prove katas, lay out new ones."""
