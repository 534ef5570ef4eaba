"""Inserting a peg: each hand to its part, both parts to the middle in the air and level, the peg's end into the socket.

The task is of Zhao et al. 2023, "Learning Fine-Grained Bimanual Manipulation with Low-Cost Hardware"; the world and
the stages of its reward are of Zakka et al. 2025, "MuJoCo Playground", SinglePegInsertion.
"""


def falling(distance, margin):
    return np.clip(1 - distance / margin, 0, 1)


def reward(s, a, n):
    socket = np.linalg.norm(n.socket_middle - np.array([-0.05, 0, 0.15]), axis=1)
    peg = np.linalg.norm(n.peg_middle - np.array([0.05, 0, 0.15]), axis=1)
    return {
        "left_to_socket": falling(n.left_hand_to_socket, 0.3),
        "right_to_peg": falling(n.right_hand_to_peg, 0.3),
        "socket_to_middle": 4 * falling(socket, 0.15),
        "peg_to_middle": 4 * falling(peg, 0.15),
        "socket_level": 0.5 * falling(socket, 0.15) * falling(1 - n.socket_up[:, 2], 0.04),
        "peg_level": 0.5 * falling(peg, 0.15) * falling(1 - n.peg_up[:, 2], 0.04),
        "insert": 8 * falling(n.peg_end_to_socket, 0.1) * falling(socket, 0.15),
    }
