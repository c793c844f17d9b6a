#include "hygiene/memory_scan.hpp"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace hygiene {
namespace {

constexpr std::size_t chunk = 1024 * 1024;
constexpr std::size_t shortest_base64 = 6;

struct Needle {
    const char* form;
    Hidden text;
};

char base64_character(unsigned value)
{
    return "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[value & 63U];
}

/// What stands in the base64 of any text that has `skipped` of the secret's bytes before a multiple of three.
Hidden base64_middle(const Hidden& secret, std::size_t skipped)
{
    Hidden middle;
    for (std::size_t i = skipped; i + 3 <= secret.size(); i += 3) {
        const unsigned bits = (static_cast<unsigned>(secret.plain(i)) << 16U) | (static_cast<unsigned>(secret.plain(i + 1)) << 8U) |
                              static_cast<unsigned>(secret.plain(i + 2));
        for (unsigned shift = 24; shift > 0; shift -= 6)
            middle.append(static_cast<unsigned char>(base64_character(bits >> (shift - 6))));
    }
    return middle;
}

std::vector<Needle> forms_of(const Hidden& secret)
{
    std::vector<Needle> needles;
    needles.push_back(Needle{"plain", secret});
    for (std::size_t skipped = 0; skipped < 3; ++skipped) {
        auto middle = base64_middle(secret, skipped);
        if (middle.size() >= shortest_base64)
            needles.push_back(Needle{"base64", std::move(middle)});
    }
    return needles;
}

struct Mapping {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string name;
};

std::vector<Mapping> writable_mappings()
{
    std::vector<Mapping> mappings;
    std::ifstream file("/proc/self/maps");
    for (std::string line; std::getline(file, line);) {
        std::istringstream fields(line);
        std::string range;
        std::string access;
        std::string offset;
        std::string device;
        std::string inode;
        Mapping mapping;
        fields >> range >> access >> offset >> device >> inode >> mapping.name;
        if (access.size() < 2 || access[0] != 'r' || access[1] != 'w')
            continue;
        const auto dash = range.find('-');
        mapping.begin = std::stoull(range.substr(0, dash), nullptr, 16);
        mapping.end = std::stoull(range.substr(dash + 1), nullptr, 16);
        if (mapping.name.empty())
            mapping.name = "anonymous";
        mappings.push_back(std::move(mapping));
    }
    if (mappings.empty())
        throw std::runtime_error("no writable memory");
    return mappings;
}

bool stands_at(const unsigned char* memory, const Hidden& needle)
{
    for (std::size_t i = 0; i < needle.size(); ++i) {
        if ((memory[i] ^ Hidden::mask) != needle.hidden(i))
            return false;
    }
    return true;
}

/// Memory of the scan's own, outside of what it looks at.
class Window {
public:
    Window() : memory_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    {
        if (memory_ == MAP_FAILED)
            throw std::runtime_error("no memory for the scan");
    }
    ~Window()
    {
        overwrite(memory_, size);
        ::munmap(memory_, size);
    }
    Window(const Window&) = delete;
    Window& operator=(const Window&) = delete;

    unsigned char* bytes() const noexcept { return static_cast<unsigned char*>(memory_); }
    std::size_t address() const noexcept { return reinterpret_cast<std::size_t>(memory_); }

    static constexpr std::size_t size = chunk + 4096;

private:
    void* memory_;
};

class Scan {
public:
    explicit Scan(const Hidden& secret) : needles_(forms_of(secret)), memory_(::open("/proc/self/mem", O_RDONLY | O_CLOEXEC))
    {
        if (memory_ < 0)
            throw std::runtime_error("/proc/self/mem cannot be read");
        for (const auto& needle : needles_)
            longest_ = std::max(longest_, needle.text.size());
    }
    ~Scan() { ::close(memory_); }
    Scan(const Scan&) = delete;
    Scan& operator=(const Scan&) = delete;

    std::vector<Copy> run()
    {
        for (const auto& mapping : writable_mappings()) {
            // The kernel joins neighbours to one mapping: the window is left out by its address.
            const auto before = std::min(std::max(window_.address(), mapping.begin), mapping.end);
            const auto behind = std::max(std::min(window_.address() + Window::size, mapping.end), mapping.begin);
            if (before >= behind) {
                look_at(mapping, mapping.begin, mapping.end);
            } else {
                look_at(mapping, mapping.begin, before);
                look_at(mapping, behind, mapping.end);
            }
        }
        return std::move(found_);
    }

private:
    /// In pieces that overlap by the longest needle.
    void look_at(const Mapping& mapping, std::size_t begin, std::size_t end)
    {
        for (std::size_t at = begin; at < end; at += chunk) {
            const auto wanted = std::min(end - at, chunk + longest_);
            const auto got = ::pread(memory_, window_.bytes(), wanted, static_cast<off_t>(at));
            if (got > 0)
                search(mapping, at, static_cast<std::size_t>(got));
        }
    }

    void search(const Mapping& mapping, std::size_t address, std::size_t size)
    {
        const auto* const bytes = window_.bytes();
        for (const auto& needle : needles_) {
            const auto length = needle.text.size();
            for (std::size_t i = 0; i < chunk && i + length <= size; ++i) {
                const auto* const next = static_cast<const unsigned char*>(std::memchr(bytes + i, needle.text.plain(0), size - i));
                if (next == nullptr)
                    break;
                i = static_cast<std::size_t>(next - bytes);
                if (i < chunk && i + length <= size && stands_at(next, needle.text))
                    found_.push_back(Copy{needle.form, mapping.name, address + i});
            }
        }
    }

    std::vector<Needle> needles_;
    int memory_;
    Window window_;
    std::size_t longest_ = 0;
    std::vector<Copy> found_;
};

} // namespace

void overwrite(void* memory, std::size_t size) noexcept
{
    auto* const bytes = static_cast<volatile unsigned char*>(memory);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = 0;
}

InTheClear::InTheClear(const Hidden& secret, std::string_view before, std::string_view behind)
    : memory_(new char[before.size() + secret.size() + behind.size()]), size_(before.size() + secret.size() + behind.size())
{
    std::copy(before.begin(), before.end(), memory_);
    for (std::size_t i = 0; i < secret.size(); ++i)
        memory_[before.size() + i] = static_cast<char>(secret.plain(i));
    std::copy(behind.begin(), behind.end(), memory_ + before.size() + secret.size());
}

InTheClear::~InTheClear()
{
    overwrite(memory_, size_);
    delete[] memory_;
}

std::vector<Copy> find_copies(const Hidden& secret)
{
    constexpr std::size_t longest_whole = 96;
    constexpr std::size_t piece_size = 48;
    constexpr std::size_t pieces = 16;
    if (secret.size() <= longest_whole)
        return Scan(secret).run();
    std::vector<Copy> most;
    for (std::size_t i = 0; i < pieces; ++i) {
        const auto begin = i * (secret.size() - piece_size) / (pieces - 1);
        Hidden piece;
        for (std::size_t at = begin; at < begin + piece_size; ++at)
            piece.append(secret.plain(at));
        auto copies = Scan(piece).run();
        if (copies.size() > most.size())
            most = std::move(copies);
    }
    return most;
}

} // namespace hygiene
