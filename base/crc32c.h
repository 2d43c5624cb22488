// CRC-32C (Castagnoli, RFC 3720): the checksum of TFRecord framing.
#pragma once

#include <cstdint>
#include <string_view>

namespace r1 {

uint32_t crc32c(std::string_view bytes);

}  // namespace r1
