# Shows that layering.cmake and header_firewall.cmake can fail: each rule meets a small tree that breaks it.
# Usage: cmake -DCOMPILER=CXX -DWORK=DIR -P checks_selftest.cmake

function(new_tree)
  file(REMOVE_RECURSE "${WORK}/tree")
  foreach(directory wire secrets connection operations blocking mock)
    file(WRITE "${WORK}/tree/src/${directory}/fine.cpp" "#include \"${directory}/fine.hpp\"\n#include <vector>\n")
  endforeach()
  file(WRITE "${WORK}/tree/src/log.cpp" "#include <spdlog/logger.h>\n")
  file(WRITE "${WORK}/tree/src/transport/tls_websocket.cpp" "#include <boost/beast/websocket.hpp>\n#include <boost/asio/ssl.hpp>\n")
  file(WRITE "${WORK}/tree/src/mock/session.cpp" "#include <boost/beast/websocket.hpp>\n")
  file(WRITE "${WORK}/tree/include/juju/model.hpp"
    "#pragma once\n#include <juju/error.hpp>\n#include <boost/asio/awaitable.hpp>\n#include <vector>\n")
  file(WRITE "${WORK}/tree/include/juju/error.hpp" "#pragma once\n#include <boost/system/error_code.hpp>\n")
  file(WRITE "${WORK}/tree/include/juju/spdlog.hpp" "#pragma once\n#include <spdlog/logger.h>\n")
endfunction()

function(layering result)
  execute_process(COMMAND "${CMAKE_COMMAND}" "-DROOT=${WORK}/tree" -P "${CMAKE_CURRENT_LIST_DIR}/layering.cmake"
    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  set(${result} ${failed} PARENT_SCOPE)
endfunction()

function(firewall result)
  execute_process(COMMAND "${CMAKE_COMMAND}" "-DCOMPILER=${COMPILER}" "-DINCLUDE=${WORK}/tree/include" "-DWORK=${WORK}/firewall"
    -P "${CMAKE_CURRENT_LIST_DIR}/header_firewall.cmake" RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
  set(${result} ${failed} PARENT_SCOPE)
endfunction()

function(expect_refused check file line)
  new_tree()
  if(check STREQUAL "firewall") # a small tree compiles faster
    file(REMOVE "${WORK}/tree/include/juju/spdlog.hpp")
    file(WRITE "${WORK}/tree/include/juju/model.hpp" "#pragma once\n")
  endif()
  file(APPEND "${WORK}/tree/${file}" "${line}\n")
  cmake_language(CALL ${check} failed)
  if(NOT failed)
    message(SEND_ERROR "${check} does not notice: ${line} in ${file}")
  endif()
endfunction()

new_tree()
foreach(check layering firewall)
  cmake_language(CALL ${check} failed)
  if(failed)
    message(SEND_ERROR "${check} refuses a tree that keeps every rule")
  endif()
endforeach()

foreach(directory wire secrets)
  foreach(include boost/asio/post.hpp boost/beast/core.hpp connection/session.hpp operations/run.hpp blocking/thread.hpp mock/world.hpp log.hpp spdlog/logger.h)
    expect_refused(layering src/${directory}/new.hpp "#include <${include}>")
    expect_refused(layering src/${directory}/new.cpp "#include \"${include}\"")
  endforeach()
endforeach()
expect_refused(layering src/wire/new.cpp "#include \"secrets/secrets_codec.hpp\"")
foreach(directory store)
  foreach(include boost/asio/post.hpp boost/beast/core.hpp connection/session.hpp transport/endpoint.hpp login/login.hpp secrets/base64.hpp mock/world.hpp)
    expect_refused(layering src/${directory}/new.cpp "#include \"${include}\"")
  endforeach()
endforeach()
foreach(include connection/session.hpp login/login.hpp store/client_store.hpp secrets/base64.hpp mock/world.hpp)
  expect_refused(layering src/transport/new.cpp "#include \"${include}\"")
endforeach()
foreach(include connection/connection.hpp secrets/base64.hpp operations/run.hpp mock/world.hpp boost/beast/core.hpp)
  expect_refused(layering src/login/new.cpp "#include \"${include}\"")
endforeach()
expect_refused(layering src/operations/new.cpp "#include \"blocking/thread.hpp\"")
foreach(include secrets/secrets_codec.hpp operations/run.hpp blocking/thread.hpp mock/world.hpp boost/beast/core.hpp boost/asio/ssl/stream.hpp spdlog/logger.h
    transport/gathering_stream.hpp)
  expect_refused(layering src/connection/new.cpp "#include \"${include}\"")
endforeach()
foreach(include wire/json.hpp secrets/base64.hpp connection/session.hpp transport/endpoint.hpp login/login.hpp store/client_store.hpp
    operations/run.hpp local_error.hpp strand.hpp log.hpp wiping_allocator.hpp yaml_input.hpp boost/beast/core.hpp
    spdlog/logger.h)
  expect_refused(layering src/mock/new.cpp "  #  include \"${include}\" // a comment")
endforeach()
foreach(include boost/beast/core.hpp spdlog/logger.h)
  expect_refused(layering src/new.cpp "#include <${include}>")
endforeach()
foreach(include boost/asio.hpp boost/asio/io_context.hpp boost/json.hpp boost/beast/core.hpp openssl/ssl.h nlohmann/json.hpp simdjson.h
    yaml-cpp/yaml.h spdlog/logger.h wire/reply.hpp secret_data.hpp juju/spdlog.hpp unistd.h)
  expect_refused(layering include/juju/model.hpp "#include <${include}>")
endforeach()

foreach(include boost/beast/core/error.hpp boost/asio/ssl/error.hpp openssl/crypto.h nlohmann/json_fwd.hpp simdjson.h yaml-cpp/yaml.h
    spdlog/logger.h fmt/core.h)
  expect_refused(firewall include/juju/model.hpp "#include <${include}>")
endforeach()
expect_refused(firewall include/juju/error.hpp "std::forward_list<int> needs_an_include();")
file(REMOVE_RECURSE "${WORK}")
