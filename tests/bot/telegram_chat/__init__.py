"""The studio in Telegram, through the real client and the emulated service."""
