"""What network figures and maps are put together from: a scene, where it stands, its looks, its labels, its page."""
