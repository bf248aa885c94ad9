"""`kata watch`: judges at every save."""
