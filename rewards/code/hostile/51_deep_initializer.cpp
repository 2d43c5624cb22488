// A table of a gigabyte for the compiler to fill.
#include <cstddef>

template <size_t N>
struct Table {
  int values[N];
  constexpr Table() : values() {
    for (size_t i = 0; i < N; ++i) values[i] = static_cast<int>(i);
  }
};

constexpr Table<1 << 28> kTable;

int main() { return kTable.values[5]; }
