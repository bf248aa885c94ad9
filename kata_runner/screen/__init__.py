"""Pure: records in, Rich renderables out; nothing here prints."""
