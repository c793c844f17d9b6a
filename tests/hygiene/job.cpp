#include "hygiene/job.hpp"

#include <array>
#include <cstdio>
#include <stdexcept>

#include <unistd.h>

namespace hygiene {
namespace {

constexpr std::size_t longest_line = 64 * 1024;

/// Reads lines byte by byte, so that nothing but its own buffer, which it overwrites, ever holds them.
class Lines {
public:
    Lines() = default;
    ~Lines() { overwrite(line_.data(), line_.size()); }
    Lines(const Lines&) = delete;
    Lines& operator=(const Lines&) = delete;

    std::string_view next()
    {
        overwrite(line_.data(), size_);
        for (size_ = 0; size_ < line_.size(); ++size_) {
            if (::read(STDIN_FILENO, line_.data() + size_, 1) != 1)
                throw std::runtime_error("the test says no more");
            if (line_[size_] == '\n')
                return {line_.data(), size_};
        }
        throw std::runtime_error("the test's line is too long");
    }

private:
    std::array<char, longest_line> line_{};
    std::size_t size_ = 0;
};

unsigned digit(char c)
{
    return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
}

Hidden from_hex(std::string_view text)
{
    Hidden result;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2)
        result.append(static_cast<unsigned char>(digit(text[i]) * 16 + digit(text[i + 1])));
    return result;
}

} // namespace

void Job::read_facts()
{
    Lines lines;
    for (auto line = lines.next(); line != "."; line = lines.next()) {
        const auto space = line.find(' ');
        if (line.starts_with('!'))
            secrets_.insert_or_assign(std::string(line.substr(1, space - 1)), from_hex(line.substr(space + 1)));
        else
            facts_.insert_or_assign(std::string(line.substr(0, space)), std::string(line.substr(space + 1)));
    }
}

void Job::ask(const std::string& what)
{
    std::printf("? %s\n", what.c_str());
    std::fflush(stdout);
    read_facts();
}

void Job::scan(const char* point) const
{
    for (const auto& [name, secret] : secrets_) {
        const auto copies = find_copies(secret);
        for (const auto& copy : copies)
            std::printf("copy %s %s: %s in %s at %zx\n", point, name.c_str(), copy.form, copy.mapping.c_str(), copy.address);
        std::printf("count %s %s %zu\n", point, name.c_str(), copies.size());
    }
    std::fflush(stdout);
}

void Job::tell(const std::string& text) const
{
    std::printf("told %s\n", text.c_str());
    std::fflush(stdout);
}

} // namespace hygiene
