#include "model/safetensors.h"

#include <ATen/ops/empty.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "model/safetensors_header.h"

namespace r1::model {

static_assert(std::endian::native == std::endian::little, "the format is little-endian");

struct SafetensorsFile::Impl {
  std::string file;
  int fd = -1;
  uint64_t data_start = 0;
  SafetensorsHeader header;

  ~Impl() {
    if (fd >= 0) ::close(fd);
  }

  uint64_t open() {
    // Not blocking: a pipe under this name must be an error, not a wait.
    fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat status {};
    if (fd < 0 || ::fstat(fd, &status) != 0) {
      throw CheckpointError(
          fmt::format("{}: cannot open: {} [not_found]", file, std::strerror(errno)));
    }
    if (!S_ISREG(status.st_mode))
      throw CheckpointError(fmt::format("{}: not a regular file [not_regular_file]", file));
    return static_cast<uint64_t>(status.st_size);
  }

  void read(char* to, uint64_t bytes, uint64_t from) const {
    while (bytes > 0) {
      const ssize_t got = ::pread(fd, to, bytes, static_cast<off_t>(from));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0)
        refuse_safetensors(file, from, "read_failed",
                           std::string("cannot read: ") + std::strerror(errno));
      if (got == 0)
        refuse_safetensors(file, from, "shrunk",
                           "the file ends here; it has shrunk since it was opened");
      to += got;
      from += static_cast<uint64_t>(got);
      bytes -= static_cast<uint64_t>(got);
    }
  }

  const SafetensorsEntry* find(const std::string& name) const {
    auto it = std::lower_bound(
        header.entries.begin(), header.entries.end(), name,
        [](const SafetensorsEntry& entry, const std::string& key) { return entry.name < key; });
    return it != header.entries.end() && it->name == name ? &*it : nullptr;
  }

  const SafetensorsEntry& at(const std::string& name) const {
    const SafetensorsEntry* entry = find(name);
    if (!entry) {
      throw CheckpointError(fmt::format("{}: has no tensor {} among its {} [no_such_tensor]", file,
                                        printable_tensor_name(name), header.entries.size()));
    }
    return *entry;
  }
};

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path)
    : impl_(std::make_unique<Impl>()) {
  impl_->file = path.string();
  const uint64_t size = impl_->open();
  if (size < 8) {
    refuse_safetensors(impl_->file, size, "too_small",
                       "too small for a safetensors file, which starts with 8 bytes "
                       "that give the header's length (truncated?)");
  }
  uint64_t length = 0;
  impl_->read(reinterpret_cast<char*>(&length), sizeof length, 0);
  if (length > kSafetensorsMaxHeaderBytes) {
    refuse_safetensors(
        impl_->file, 0, "header_too_large",
        fmt::format("header length {} is above the limit of {}; not a safetensors file?", length,
                    kSafetensorsMaxHeaderBytes));
  }
  if (length > size - 8) {
    refuse_safetensors(
        impl_->file, 0, "header_truncated",
        fmt::format("header length {} but only {} bytes follow (truncated?)", length, size - 8));
  }
  std::string text(length, '\0');
  impl_->read(text.data(), length, 8);
  impl_->data_start = 8 + length;
  impl_->header = parse_safetensors_header(text, size - impl_->data_start, impl_->file);
}

SafetensorsFile::~SafetensorsFile() = default;

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> names;
  for (const SafetensorsEntry& entry : impl_->header.entries) names.push_back(entry.name);
  return names;
}

bool SafetensorsFile::contains(const std::string& name) const {
  return impl_->find(name) != nullptr;
}

std::vector<int64_t> SafetensorsFile::shape(const std::string& name) const {
  return impl_->at(name).shape;
}

at::ScalarType SafetensorsFile::dtype(const std::string& name) const {
  return impl_->at(name).dtype->type;
}

const std::map<std::string, std::string>& SafetensorsFile::metadata() const {
  return impl_->header.metadata;
}

const std::string& SafetensorsFile::path() const { return impl_->file; }

uint64_t SafetensorsFile::byte_offset(const std::string& name) const {
  return impl_->data_start + impl_->at(name).begin;
}

uint64_t SafetensorsFile::data_bytes() const {
  uint64_t bytes = 0;
  for (const SafetensorsEntry& entry : impl_->header.entries) bytes += entry.end - entry.begin;
  return bytes;
}

void SafetensorsFile::read(const std::string& name, int64_t first, int64_t count, void* to) const {
  const SafetensorsEntry& entry = impl_->at(name);
  const uint64_t size = entry.dtype->bytes, from = static_cast<uint64_t>(first) * size,
                 bytes = static_cast<uint64_t>(count) * size;
  R1_CHECK(first >= 0 && count >= 0 && from + bytes <= entry.end - entry.begin,
           "elements outside of the tensor");
  impl_->read(static_cast<char*>(to), bytes, impl_->data_start + entry.begin + from);
}

at::Tensor SafetensorsFile::tensor(const std::string& name) const {
  const SafetensorsEntry& entry = impl_->at(name);
  at::Tensor tensor = at::empty(entry.shape, at::TensorOptions().dtype(entry.dtype->type));
  char* data = static_cast<char*>(tensor.data_ptr());
  const uint64_t bytes = entry.end - entry.begin;
  const uint64_t from = impl_->data_start + entry.begin;
  impl_->read(data, bytes, from);
  if (entry.dtype->type == at::kBool) {
    // Any other byte would be undefined behaviour as a bool.
    const char* bad =
        std::find_if(data, data + bytes, [](char byte) { return byte != 0 && byte != 1; });
    if (bad != data + bytes) {
      refuse_safetensors(
          impl_->file, from + static_cast<uint64_t>(bad - data), "bad_bool",
          fmt::format("tensor {}: a BOOL is 0 or 1, found {}", printable_tensor_name(name),
                      static_cast<unsigned char>(*bad)));
    }
  }
  return tensor;
}

namespace {

struct Item {
  const std::string* name;
  const at::Tensor* tensor;
  size_t dtype;  // index into safetensors_dtypes()
};

std::vector<Item> in_file_order(const std::vector<std::pair<std::string, at::Tensor>>& tensors) {
  std::vector<Item> items;
  std::set<std::string> names;
  for (const auto& [name, tensor] : tensors) {
    R1_CHECK(tensor.defined(), "cannot write an undefined tensor: " + name);
    R1_CHECK(!name.empty() && name.size() <= kSafetensorsMaxNameBytes && name != "__metadata__",
             "not a tensor name: " + name);
    R1_CHECK(tensor.dim() <= static_cast<int64_t>(kSafetensorsMaxRank),
             "too many dimensions: " + name);
    R1_CHECK(names.insert(name).second, "two tensors are named " + name);
    const auto& dtypes = safetensors_dtypes();
    const auto dtype = std::find_if(dtypes.begin(), dtypes.end(),
                                    [type = tensor.scalar_type()](const SafetensorsDtype& known) {
                                      return known.type == type;
                                    });
    R1_CHECK(dtype != dtypes.end(), "the format has no dtype for tensor " + name);
    items.push_back({&name, &tensor, static_cast<size_t>(dtype - dtypes.begin())});
  }
  std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) {
    return a.dtype != b.dtype ? a.dtype > b.dtype : *a.name < *b.name;
  });
  return items;
}

std::string header_text(const std::vector<Item>& items,
                        const std::map<std::string, std::string>& metadata) {
  std::map<std::string, std::string> all = metadata;
  all.emplace("format", "pt");  // transformers refuses files without it
  std::string text = "{\"__metadata__\":" + dump_json(Json(all));
  uint64_t offset = 0;
  for (const Item& item : items) {
    const SafetensorsDtype& dtype = safetensors_dtypes()[item.dtype];
    const uint64_t end = offset + static_cast<uint64_t>(item.tensor->numel()) * dtype.bytes;
    const Json entry = {{"dtype", dtype.name},
                        {"shape", item.tensor->sizes().vec()},
                        {"data_offsets", {offset, end}}};
    text += "," + dump_json(Json(*item.name)) + ":" + dump_json(entry);
    offset = end;
  }
  text += "}";
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path,
                       const std::vector<std::pair<std::string, at::Tensor>>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  const std::vector<Item> items = in_file_order(tensors);
  const std::string text = header_text(items, metadata);
  R1_CHECK(text.size() <= kSafetensorsMaxHeaderBytes, "too many tensors for one safetensors file");
  std::error_code ignored;  // what matters shows when the file is opened
  std::filesystem::remove(path, ignored);
  AppendFile file(path);
  const uint64_t length = text.size();
  file.write(std::string_view(reinterpret_cast<const char*>(&length), sizeof length));
  file.write(text);
  for (const Item& item : items) {
    const at::Tensor copy = item.tensor->detach().to(at::kCPU).contiguous();
    file.write(std::string_view(static_cast<const char*>(copy.data_ptr()), copy.nbytes()));
  }
}

}  // namespace r1::model
