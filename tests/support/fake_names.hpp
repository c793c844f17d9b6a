#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace support {

/// Host names of the test's own, for the whole program and as long as this lives: fake_names.cpp defines `getaddrinfo`, which answers for
/// them and passes on all other names. One may live at a time.
class FakeNames {
public:
    FakeNames();
    ~FakeNames();
    FakeNames(const FakeNames&) = delete;
    FakeNames& operator=(const FakeNames&) = delete;

    /// @param ips in the order in which they are given out; none: the name is not found
    void set(const std::string& name, std::vector<std::string> ips);

    /// How often a name was asked for.
    std::size_t questions(const std::string& name) const;
};

} // namespace support
