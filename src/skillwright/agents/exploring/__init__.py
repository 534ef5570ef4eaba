"""Open-ended learning in one world: a curriculum sets the next task, a run learns it, the library grows."""
