#pragma once

#include <juju/error.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace juju::test {

/// What a call threw: an Error's code and text. `errc` 0 and "nothing" when it threw nothing.
struct Thrown {
    boost::system::error_code code;
    std::string text;
};

template <class Call>
Thrown thrown_by(Call&& call)
{
    try {
        std::forward<Call>(call)();
    } catch (const Error& error) {
        return {error.code(), error.what()};
    }
    return {{}, "nothing"};
}

/// A directory that is gone with the object.
class TemporaryDirectory {
public:
    TemporaryDirectory()
    {
        std::string name = (std::filesystem::temp_directory_path() / "juju-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            throw std::runtime_error("mkdtemp failed");
        path_ = name;
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory() { std::filesystem::remove_all(path_); }

    const std::filesystem::path& path() const { return path_; }

    std::filesystem::path write(const std::string& name, std::string_view bytes) const
    {
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

} // namespace juju::test
