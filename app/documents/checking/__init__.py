"""Whether a file keeps the rules of a standard: published rule sets, run as they are, and a slip of
what each of them said. What didn't run is never taken for passed."""
