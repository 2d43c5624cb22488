// The Python programs that run beside a program under test.
#pragma once

namespace r1::rewards::code {

const char* driver_source();  // driver.py: inside a box
const char* remote_source();  // remote.py: on a remote service, with driver.py in it

}  // namespace r1::rewards::code
