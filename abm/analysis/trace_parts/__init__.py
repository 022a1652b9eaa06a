"""What a trace is made of: decisions worked out again, two worlds side by side, sources of differences, frames, one decision in words."""
