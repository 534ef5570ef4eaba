"""What runs on the far side: a nursery of processes, each of which holds one program nobody has reviewed.

Only the standard library and numpy are imported here.
"""
