# Claims that memory ran out.

raise MemoryError
