"""Motion in pictures: people and their joints, optical flow, and numbers that describe them. Networks come in as functions."""
