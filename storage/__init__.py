"""The database and the pictures behind the ports of the core."""
