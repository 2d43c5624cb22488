// The generated tables of unicode_tables.cc; unicode.h is the way to read them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace r1::model {

extern const char* const kCategoryNames[];
extern const size_t kCategoryNamesSize;
extern const uint32_t kCategoryRanges[];
extern const size_t kCategoryRangesSize;
extern const uint32_t kCombiningClasses[];
extern const size_t kCombiningClassesSize;
extern const uint32_t kCanonical[];
extern const size_t kCanonicalSize;
extern const uint32_t kCompatibility[];
extern const size_t kCompatibilitySize;
extern const uint32_t kNotComposed[];
extern const size_t kNotComposedSize;
extern const uint32_t kNumeric[];
extern const size_t kNumericSize;
extern const uint32_t kPunctuation[];
extern const size_t kPunctuationSize;
extern const uint32_t kLowerCase[];
extern const size_t kLowerCaseSize;

}  // namespace r1::model
