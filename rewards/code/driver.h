// The Python program that runs inside a box.
#pragma once

namespace r1::rewards::code {

const char* driver_source();  // driver.py

}  // namespace r1::rewards::code
