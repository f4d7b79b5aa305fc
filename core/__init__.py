"""What the studio does. It knows no chat platform, no web framework and no database."""
