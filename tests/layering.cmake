# Who may include what (docs/architecture.md). Usage: cmake -DROOT=DIR -P layering.cmake, where DIR has src/ and include/.

# Every include of a file, without the brackets or quotes.
function(includes_of file result)
  file(STRINGS "${file}" lines REGEX "^[ \t]*#[ \t]*include[ \t]*[<\"]")
  list(TRANSFORM lines REPLACE "^[ \t]*#[ \t]*include[ \t]*[<\"]([^>\"]*)[>\"].*" "\\1")
  set(${result} "${lines}" PARENT_SCOPE)
endfunction()

# forbid(FILES GLOB... [EXCEPT FILE...] INCLUDES REGEX [ALLOWED REGEX] WHY TEXT): no file may include what matches, unless it is allowed.
function(forbid)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "INCLUDES;ALLOWED;WHY" "FILES;EXCEPT")
  list(TRANSFORM arg_FILES PREPEND "${ROOT}/")
  file(GLOB_RECURSE files RELATIVE "${ROOT}" ${arg_FILES})
  if(arg_EXCEPT)
    list(REMOVE_ITEM files ${arg_EXCEPT})
  endif()
  foreach(file IN LISTS files)
    includes_of("${ROOT}/${file}" includes)
    foreach(include IN LISTS includes)
      if(include MATCHES "${arg_INCLUDES}" AND NOT (arg_ALLOWED AND include MATCHES "${arg_ALLOWED}"))
        message(SEND_ERROR "${file} includes ${include}: ${arg_WHY}")
      endif()
    endforeach()
  endforeach()
endfunction()

file(GLOB_RECURSE sources "${ROOT}/src/*.[ch]pp")
file(GLOB headers "${ROOT}/include/juju/*.hpp")
if(NOT sources OR NOT headers)
  message(FATAL_ERROR "no sources under ${ROOT}")
endif()

forbid(FILES src/operations/* INCLUDES "^blocking/" WHY "operations/ is below blocking/")
forbid(FILES src/wire/* INCLUDES "^(connection|transport|login|macaroons|store|secrets|operations|blocking)/|^(log|strand)\\.hpp"
  WHY "wire/ is below all others")
forbid(FILES src/secrets/* INCLUDES "^(connection|transport|login|macaroons|store|operations|blocking)/|^(log|strand)\\.hpp"
  WHY "secrets/ is beside connection/")
forbid(FILES src/store/* INCLUDES "^(connection|transport|login|macaroons|secrets|operations|blocking)/|^strand\\.hpp"
  WHY "store/ is above wire/ only")
forbid(FILES src/macaroons/* INCLUDES "^(connection|transport|login|store|secrets|operations|blocking)/|^(log|strand)\\.hpp"
  ALLOWED "^store/cookie_time\\.hpp$"
  WHY "macaroons/ is above wire/ only, but for the times of cookies")
forbid(FILES src/wire/* src/secrets/* src/store/* src/macaroons/* INCLUDES "^boost/(asio|beast)"
  WHY "wire/, secrets/, store/ and macaroons/ know no sockets")
forbid(FILES src/transport/* INCLUDES "^(connection|login|macaroons|store|secrets|operations|blocking)/"
  WHY "transport/ is above wire/ only")
forbid(FILES src/login/* INCLUDES "^(secrets|operations|blocking)/|^connection/connection\\.hpp" WHY "login/ is below a connection in use")
forbid(FILES src/connection/* INCLUDES "^(secrets|operations|blocking)/" WHY "connection/ is beside secrets/, and below the rest")
forbid(FILES src/mock/* INCLUDES "^(wire|secrets|connection|transport|login|macaroons|store|operations|blocking)/|^(local_error|log|reworded|strand|wipe_traces|wiping_allocator|yaml_input|yaml_mask)\\.hpp"
  WHY "the mock shares no code with the client")
forbid(FILES src/wire/* src/secrets/* src/store/* src/macaroons/* src/transport/* src/login/* src/connection/* INCLUDES "^mock/" WHY "the client knows nothing of the mock")
file(GLOB transport RELATIVE "${ROOT}" "${ROOT}/src/transport/*")
forbid(FILES src/*.hpp src/*.cpp include/*.hpp INCLUDES "^boost/(beast|asio/ssl)"
  EXCEPT ${transport} src/mock/session.cpp
  WHY "Beast and TLS streams stay in transport/ and in one place of the mock")
forbid(FILES src/*.hpp src/*.cpp INCLUDES "^transport/gathering_stream\\.hpp" EXCEPT src/transport/tls_websocket.cpp
  WHY "Beast is instantiated in one place")
forbid(FILES src/*.hpp src/*.cpp include/*.hpp INCLUDES "^spdlog/" EXCEPT src/log.hpp src/log.cpp include/juju/spdlog.hpp
  WHY "spdlog stands behind log.hpp")
forbid(FILES include/*.hpp EXCEPT include/juju/spdlog.hpp INCLUDES "[/.]"
  ALLOWED "^juju/[a-z_]+\\.hpp$|^boost/system/|^boost/asio/(awaitable|any_io_executor)\\.hpp$"
  WHY "public headers include the standard library, Boost.System and two headers of Asio")
forbid(FILES include/*.hpp INCLUDES "^juju/spdlog\\.hpp$" WHY "programs without spdlog must not need it")
