# Everything comes from installed packages; nothing is downloaded. Each option adds only what it needs.

find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers)
find_package(OpenSSL 3.0 REQUIRED)
find_package(simdjson 3.0 CONFIG REQUIRED)
find_package(nlohmann_json 3.11 CONFIG REQUIRED)
find_package(yaml-cpp 0.7 CONFIG REQUIRED)
find_package(spdlog 1.10 CONFIG REQUIRED)

if(JUJU_BUILD_MOCK_CONTROLLER)
  find_package(CLI11 2.1 CONFIG REQUIRED)
endif()
if(JUJU_BUILD_TESTS)
  find_package(GTest 1.12 CONFIG REQUIRED)
endif()
if(JUJU_BUILD_BENCHMARKS)
  find_package(benchmark 1.7 CONFIG REQUIRED)
endif()
