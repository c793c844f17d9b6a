#include "store/file.hpp"

#include "local_error.hpp"
#include "wire/printable.hpp"

#include <cerrno>
#include <random>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace juju::store {
namespace {

[[noreturn]] void fail(std::string_view action, const std::string& path, int error)
{
    throw detail::local_error(errc::unreadable_file, std::string(action) + ' ' + wire::printable(path) + ": " + reason(error));
}

/// Removes a temporary file, unless it has become the real one.
class Temporary {
public:
    explicit Temporary(std::string path) : path_(std::move(path)) {}
    Temporary(const Temporary&) = delete;
    Temporary& operator=(const Temporary&) = delete;
    ~Temporary()
    {
        if (!done_)
            ::unlink(path_.c_str());
    }

    void done() noexcept { done_ = true; }

private:
    std::string path_;
    bool done_ = false;
};

} // namespace

Descriptor::Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}

Descriptor::~Descriptor()
{
    if (number_ >= 0)
        ::close(number_);
}

Descriptor open_file(const std::string& path, int flags) noexcept
{
    int number = -1;
    do
        number = ::open(path.c_str(), flags | O_CLOEXEC, S_IRUSR | S_IWUSR);
    while (number < 0 && errno == EINTR);
    return Descriptor(number);
}

std::string reason(int error)
{
    std::string text = std::generic_category().message(error);
    if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z')
        text[0] = static_cast<char>(text[0] - 'A' + 'a');
    return text;
}

std::optional<WipingString> read_all(const Descriptor& file, const std::string& path)
{
    WipingString text(4096, '\0');
    std::size_t size = 0;
    for (;;) {
        if (size == text.size())
            text.resize(2 * size);
        const ssize_t count = ::read(file.number(), text.data() + size, text.size() - size);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            fail("read", path, errno);
        size += static_cast<std::size_t>(count);
        if (size > max_file_size)
            return std::nullopt;
        if (count == 0)
            break;
    }
    text.resize(size);
    return text;
}

void write_all(const Descriptor& file, std::string_view text, const std::string& path)
{
    while (!text.empty()) {
        const ssize_t count = ::write(file.number(), text.data(), text.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            fail("write", path, errno);
        text.remove_prefix(static_cast<std::size_t>(count));
    }
}

void replace_file(const std::string& path, std::string_view text)
{
    const std::string name = path + std::to_string(std::random_device()());
    const auto file = open_file(name, O_WRONLY | O_CREAT | O_EXCL);
    if (!file)
        fail("open", name, errno);
    Temporary temporary(name);
    write_all(file, text, name);
    if (::fsync(file.number()) != 0 || ::fchmod(file.number(), S_IRUSR | S_IWUSR) != 0)
        fail("write", name, errno);
    if (::rename(name.c_str(), path.c_str()) != 0)
        fail("rename", path, errno);
    temporary.done();
}

} // namespace juju::store
