"""The dashboard: what its server answers, made of models that were just run, and the page that shows it."""
