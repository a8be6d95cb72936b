"""Stage quality: is this sample what it is said to be, and how much of it could be read."""
