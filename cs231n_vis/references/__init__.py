"""The right answers to assignments 1 to 3, which neither students nor graded kernels have."""
