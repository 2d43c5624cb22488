# Control: a pool of processes with its queues and semaphores.

import multiprocessing


def square(value):
    return value * value


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(3) as pool:
        print(sum(pool.map(square, range(100))))
