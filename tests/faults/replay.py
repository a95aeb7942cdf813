"""Cut the power after every operation of a trace, three ways each, and check the store afterwards."""

import hashlib
import multiprocessing
import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.disk import VARIANTS, Content, Disk, write_out
from tests.faults.trace import Operation, read

# Gets the folder after the cut and what had been acknowledged; returns the problem, or None.
# It opens the store, which may put the folder in order.
Check = Callable[[Path, Sequence[Operation]], str | None]


@dataclass
class Found:
    """`images` counts every disk there may have been; of equal ones each process checks one."""

    images: int = 0
    looked_at: int = 0
    problems: list[str] = field(default_factory=list)

    def __add__(self, other: "Found") -> "Found":
        return Found(
            self.images + other.images, self.looked_at + other.looked_at, self.problems + other.problems
        )


def replay(
    trace: Path, check: Check, scratch: Path, *, every: int = 1, seed: int = 1, workers: int = 2
) -> Found:
    """`every`: only each n-th operation, for a quick check. `scratch` is best on a disk in memory."""
    jobs = [(trace, check, scratch / str(part), every, seed, part, workers) for part in range(workers)]
    if workers == 1:
        return _part(jobs[0])
    # Not by "fork": a lock that a thread of this process holds just then would be held for ever in the child.
    with multiprocessing.get_context("forkserver").Pool(workers) as pool:
        found = sum(pool.map(_part, jobs), Found())
        pool.close()
        pool.join()  # they end by themselves: a process that inherits an ignored SIGTERM does not end by it
    return found


def _part(job: tuple[Path, Check, Path, int, int, int, int]) -> Found:
    trace, check, scratch, every, seed, part, parts = job
    found, seen = Found(), set[bytes]()
    for number, (where, content, acknowledged) in enumerate(_images(read(trace), every, seed, parts, part)):
        found.images += 1
        digest = _digest(content, acknowledged)
        if digest in seen:
            continue
        seen.add(digest)
        found.looked_at += 1
        folder = scratch / str(number)
        try:
            write_out(content, folder)
            problem = check(folder, acknowledged)
        except Exception as error:  # the store must open anything that the power cut left
            problem = f"{type(error).__name__}: {error}"
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if problem is not None:
            found.problems.append(f"{where}: {problem}")
    return found


def _images(
    operations: Iterator[Operation], every: int, seed: int, parts: int, part: int
) -> Iterator[tuple[str, Content, list[Operation]]]:
    disk, acknowledged, count = Disk(), list[Operation](), 0
    for operation in operations:
        if operation.kind == "A":
            acknowledged.append(operation)
        disk.apply(operation)
        count += 1
        if count % every:
            continue
        for place, variant in enumerate(VARIANTS):
            if (count // every + place) % parts == part:
                content = disk.after_cut(variant, random.Random(f"{seed} {count} {variant}"))
                yield (
                    f"{variant} after operation {count} ({operation.kind} {operation.path})",
                    content,
                    list(acknowledged),
                )


def _digest(content: Content, acknowledged: Sequence[Operation]) -> bytes:
    digest = hashlib.sha256(str(len(acknowledged)).encode())
    for path, data in sorted(content.items()):
        digest.update(f"{path} {len(data)} ".encode() + data)
    return digest.digest()
