"""Slips on screen, on paper and as data; and a check once more."""
