#include "secrets/secret_file.hpp"

#include "local_error.hpp"
#include "secrets/in_quotes.hpp"
#include "secrets/yaml_mapping.hpp"
#include "wipe_traces.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace juju::detail {
namespace {

/// What reading one file needs to know for its messages.
struct Source {
    const std::filesystem::path& path;
    std::string_view context;

    [[noreturn]] void fail(std::string_view action, int error) const
    {
        throw local_error(errc::unreadable_file, std::string(context) + std::string(action) + ' ' + escaped(path.native()) + ": " +
                                                     std::generic_category().message(error));
    }

    [[noreturn]] void fail_too_large(const std::string& size) const
    {
        throw local_error(errc::content_too_large, "secret content in file " + in_quotes(path.native()) + " too large: " + size +
                                                       " bytes; the limit is " + std::to_string(max_file_bytes));
    }
};

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor()
    {
        if (number_ >= 0)
            ::close(number_);
    }

    int number() const { return number_; }

private:
    int number_;
};

int open_for_reading(const Source& source)
{
    if (source.path.native().find('\0') != std::string::npos)
        source.fail("open", EINVAL);
    int number = -1;
    do
        number = ::open(source.path.c_str(), O_RDONLY | O_CLOEXEC);
    while (number < 0 && errno == EINTR);
    if (number < 0)
        source.fail("open", errno);
    return number;
}

/// The home directory that the password database names; of this process's user when `user` is empty.
std::optional<std::string> home_of(const std::string& user)
{
    std::vector<char> buffer(1024);
    passwd entry{};
    passwd* found = nullptr;
    int error = ERANGE;
    while (error == ERANGE) {
        buffer.resize(buffer.size() * 2);
        error = user.empty() ? ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found)
                             : ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
    }
    if (error != 0 || found == nullptr)
        return std::nullopt;
    return found->pw_dir;
}

/// The unescaped text of a JSON string, in `scratch`.
std::optional<std::string_view> unescape(const simdjson::ondemand::parser& parser, simdjson::ondemand::raw_json_string raw,
                                         WipingString& scratch)
{
    auto* destination = reinterpret_cast<std::uint8_t*>(scratch.data());
    std::string_view text;
    if (parser.unescape(raw, destination).get(text) != simdjson::SUCCESS)
        return std::nullopt;
    return text;
}

/// Takes one `"key":"value"` or `"key":null` over; false when it is anything else.
bool take_field(const simdjson::ondemand::parser& parser, simdjson::ondemand::field field, WipingString& scratch, FileEntries& entries)
{
    const auto key = unescape(parser, field.key(), scratch);
    if (!key)
        return false;
    std::string owned_key(*key);
    simdjson::ondemand::raw_json_string raw;
    bool null = false;
    if (field.value().get_raw_json_string().get(raw) == simdjson::SUCCESS) {
        const auto text = unescape(parser, raw, scratch);
        if (text)
            entries.insert_or_assign(std::move(owned_key), SecretValue(*text));
        return text.has_value();
    }
    if (field.value().is_null().get(null) != simdjson::SUCCESS || !null)
        return false;
    entries.insert_or_assign(std::move(owned_key), SecretValue());
    return true;
}

/// Empty when `text` is not a JSON object of strings (and nulls). simdjson writes the strings into memory of ours, which is wiped.
std::optional<FileEntries> parse_json(std::string_view text)
{
    const std::size_t start = text.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos || text[start] != '{')
        return std::nullopt;
    WipingString padded;
    padded.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    padded = text;
    WipingString scratch(text.size() + simdjson::SIMDJSON_PADDING, '\0');
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    if (parser.iterate(padded.data(), padded.size(), padded.capacity()).get(document) != simdjson::SUCCESS ||
        document.get_object().get(object) != simdjson::SUCCESS)
        return std::nullopt;
    FileEntries entries;
    for (auto result : object) {
        simdjson::ondemand::field field;
        if (std::move(result).get(field) != simdjson::SUCCESS || !take_field(parser, field, scratch, entries))
            return std::nullopt;
    }
    const bool anything_left = document.current_location().error() != simdjson::OUT_OF_BOUNDS;
    return anything_left ? std::nullopt : std::optional(std::move(entries));
}

} // namespace

WipingString read_file(const std::filesystem::path& path, std::string_view context)
{
    const Source source{path, context};
    const Descriptor file(open_for_reading(source));
    struct stat status {};
    if (::fstat(file.number(), &status) != 0)
        source.fail("stat", errno);
    const bool regular = S_ISREG(status.st_mode);
    if (regular && status.st_size > static_cast<off_t>(max_file_bytes))
        source.fail_too_large(std::to_string(status.st_size));

    // One byte more than expected, to see the end of the file; never so little that the text would live inside the object.
    constexpr std::size_t smallest = 4096;
    WipingString text(regular ? std::max(static_cast<std::size_t>(status.st_size) + 1, smallest) : smallest, '\0');
    std::size_t size = 0;
    for (;;) {
        if (size == text.size())
            text.resize(std::min(2 * size, max_file_bytes + 1));
        const ssize_t count = ::read(file.number(), text.data() + size, text.size() - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            source.fail("read", errno);
        if (count == 0)
            break;
        size += static_cast<std::size_t>(count);
        if (size > max_file_bytes)
            source.fail_too_large("more than " + std::to_string(max_file_bytes));
    }
    text.resize(size);
    return text;
}

std::filesystem::path normalize_path(const std::filesystem::path& path)
{
    const std::string& text = path.native();
    if (!text.starts_with('~'))
        return path.lexically_normal();
    const std::size_t end = std::min(text.find('/'), text.size());
    const std::string user = text.substr(1, end - 1);
    const char* home_variable = user.empty() ? ::secure_getenv("HOME") : nullptr;
    const auto home = home_variable != nullptr ? std::optional<std::string>(home_variable) : home_of(user);
    if (!home)
        throw local_error(errc::unreadable_file, "no such user: unknown user " + in_quotes(user));
    return std::filesystem::path(*home + text.substr(end)).lexically_normal();
}

FileEntries parse_secret_file(std::string_view text)
{
    if (text.size() > max_file_bytes)
        throw local_error(errc::content_too_large, "secret content too large: " + std::to_string(text.size()) + " bytes; the limit is " +
                                                       std::to_string(max_file_bytes));
    auto entries = parse_json(text);
    wipe_traces(); // the parser reads the end of the text from there
    if (entries)
        return *std::move(entries);
    return yaml::parse(text);
}

} // namespace juju::detail
