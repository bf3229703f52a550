"""The right answers to assignments 1 to 3 and 6, which neither students nor graded kernels have."""
