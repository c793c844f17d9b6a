#include "fuzz/directory.hpp"

#include "fuzz/fuzz.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace fuzz {
namespace {

std::filesystem::path make_directory()
{
    const std::filesystem::path memory = "/dev/shm";
    std::error_code none;
    const auto parent = std::filesystem::is_directory(memory, none) ? memory : std::filesystem::temp_directory_path();
    std::string name = (parent / "juju-fuzz-XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr, "a directory can be made");
    return name;
}

void remove_directory()
{
    std::error_code ignored;
    std::filesystem::remove_all(directory(), ignored);
}

} // namespace

const std::filesystem::path& directory()
{
    static const auto path = make_directory();
    static const int at_exit = std::atexit(remove_directory);
    require(at_exit == 0, "the directory can be removed");
    return path;
}

void write_file(const std::filesystem::path& path, std::string_view text)
{
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(text.data(), static_cast<std::streamsize>(text.size()));
    file.flush();
    require(file.good(), "a file can be written");
}

std::string read_file(const std::filesystem::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace fuzz
