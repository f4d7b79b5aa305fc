"""The keyless renderer: draws pictures from words by rules, with no model and no network."""
