"""Make words and people really gone: tombstones, the stand-in, the journal, and what the disk still holds."""
