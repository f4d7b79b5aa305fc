"""Those who make pictures."""
