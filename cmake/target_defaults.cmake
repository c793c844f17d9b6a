# What every target of this project compiles with. Warnings become errors, and sanitizers are switched on, in the presets
# (CMakePresets.json), so that a user's build never fails on a warning of a newer compiler.

set(JUJU_SANITIZE "" CACHE STRING "Sanitizers for every target, as for -fsanitize= (used by the presets)")

function(juju_target_defaults target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 takes the concatenation of strings for overlapping copies when it optimises (GCC bug 105651).
    target_compile_options(${target} PRIVATE $<$<NOT:$<CONFIG:Debug>>:-Wno-restrict>)
  endif()
  if(JUJU_BUILD_FUZZERS)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link)
    # Without sanitizers it is the number of executions that counts: what is compared is not looked at, which doubles it.
    if(NOT JUJU_SANITIZE)
      target_compile_options(${target} PRIVATE -fno-sanitize-coverage=trace-cmp)
    endif()
  endif()
  if(JUJU_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${JUJU_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    # Programs at a fixed address: a third of their size is else the relocations of what UBSan knows of each place.
    target_link_options(${target} PRIVATE -fsanitize=${JUJU_SANITIZE} $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
    if(JUJU_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(${target} PRIVATE -Wno-tsan) # Asio's fences, which GCC says it does not see
    endif()
  endif()
endfunction()
