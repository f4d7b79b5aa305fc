"""Image files: reading them safely, writing them, and marking where they come from."""
