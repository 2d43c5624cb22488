# fmt as a library, because every file that formats a string would compile two seconds of the header-only kind. r1_fmt is a folder
# with its headers, for targets to put in front of the other version's that LibTorch brings along.
find_package(fmt 9 REQUIRED)
get_target_property(r1_fmt_include fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
set(r1_fmt ${PROJECT_BINARY_DIR}/fmt)
file(MAKE_DIRECTORY ${r1_fmt})
file(CREATE_LINK ${r1_fmt_include}/fmt ${r1_fmt}/fmt SYMBOLIC)
