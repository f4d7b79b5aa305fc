"""The shapes of everything the sketch renderer can draw, as data."""
