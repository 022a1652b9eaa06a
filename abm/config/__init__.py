"""Configs: what a file may say (`schema`), how files combine (`load`), and what is said when one is wrong (`errors`)."""
