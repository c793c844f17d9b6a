# What the public headers cost a user. Usage: cmake -DCOMPILER=CXX -DINCLUDE=DIR -DWORK=DIR -P header_firewall.cmake, where INCLUDE has
# juju/*.hpp and WORK is a directory to write to. Every header must compile alone, and only juju/spdlog.hpp may pull in a heavy one.

file(GLOB headers RELATIVE "${INCLUDE}" "${INCLUDE}/juju/*.hpp")
if(NOT headers)
  message(FATAL_ERROR "no headers under ${INCLUDE}/juju")
endif()
file(MAKE_DIRECTORY "${WORK}")
foreach(header IN LISTS headers)
  file(WRITE "${WORK}/alone.cpp" "#include <${header}>\n#include <${header}>\n")
  execute_process(COMMAND "${COMPILER}" -std=c++20 -Wall -Wextra -Wpedantic -Werror "-I${INCLUDE}" -fsyntax-only -MD -MF "${WORK}/alone.d"
    "${WORK}/alone.cpp" RESULT_VARIABLE failed ERROR_VARIABLE text)
  if(failed)
    message(SEND_ERROR "${header} does not compile alone:\n${text}")
    continue()
  endif()
  file(READ "${WORK}/alone.d" dependencies)
  string(REGEX MATCHALL "[^ \n]*/(boost/beast|boost/asio/ssl|openssl|nlohmann|simdjson|yaml-cpp|spdlog|fmt)[./][^ \n]*" heavy "${dependencies}")
  if(heavy AND NOT header STREQUAL "juju/spdlog.hpp")
    list(GET heavy 0 first)
    list(LENGTH heavy count)
    message(SEND_ERROR "${header} pulls in ${first} (${count} such headers)")
  endif()
endforeach()
