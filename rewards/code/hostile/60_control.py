# Control: an honest program with many imports, a temporary file, threads and a child.

import argparse, array, ast, asyncio, base64, bisect, calendar, cmath, collections, copy, csv, dataclasses, datetime, decimal
import difflib, enum, fractions, functools, hashlib, heapq, inspect, itertools, json, logging, math, operator, pathlib, queue
import random, re, shutil, statistics, string, struct, subprocess, tempfile, textwrap, threading, typing, unittest, uuid, zlib

numbers = [int(word) for word in input().split()]
with tempfile.TemporaryDirectory() as folder:
    path = pathlib.Path(folder) / "numbers"
    path.write_text(json.dumps(sorted(numbers)))
    numbers = json.loads(path.read_text())
workers = [threading.Thread(target=numbers.append, args=(value,)) for value in (7, 8)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
if subprocess.run(["/bin/sh", "-c", "exit 3"]).returncode == 3:
    print(statistics.median(numbers), decimal.Decimal(sum(numbers)) / 4, fractions.Fraction(sum(numbers), 12))
