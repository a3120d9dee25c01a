"""Levels made comparable: what pupils' background leads one to expect, and schools that resemble each other. Desk side only."""
