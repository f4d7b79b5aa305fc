"""Everything that talks to people or to the operating system."""
