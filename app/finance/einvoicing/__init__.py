"""Invoices in the terms of EN 16931: what they hold, how they add up, and the files they become."""
