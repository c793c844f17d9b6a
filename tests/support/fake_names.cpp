#include "support/fake_names.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace support {
namespace {

using Lookup = int (*)(const char*, const char*, const addrinfo*, addrinfo**);

struct Name {
    std::vector<std::string> ips;
    std::size_t questions = 0;
};

struct State {
    std::mutex mutex;
    std::map<std::string, Name> names;
};

State& state()
{
    static State instance;
    return instance;
}

/// The addresses of a name that a test has set.
std::optional<std::vector<std::string>> ask(const char* name)
{
    auto& [mutex, names] = state();
    const std::lock_guard lock(mutex);
    const auto found = name == nullptr ? names.end() : names.find(name);
    if (found == names.end())
        return std::nullopt;
    ++found->second.questions;
    return found->second.ips;
}

int system_lookup(const char* name, const char* service, const addrinfo* hints, addrinfo** result)
{
    static const auto next = reinterpret_cast<Lookup>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    return next(name, service, hints, result);
}

/// The system makes an answer for each address; they are chained, which `freeaddrinfo` takes apart again.
int answer(const std::vector<std::string>& ips, const char* service, const addrinfo* hints, addrinfo** result)
{
    addrinfo* first = nullptr;
    addrinfo** end = &first;
    for (const auto& ip : ips) {
        if (const int error = system_lookup(ip.c_str(), service, hints, end); error != 0) {
            *end = nullptr;
            if (first != nullptr)
                ::freeaddrinfo(first);
            return error;
        }
        while (*end != nullptr)
            end = &(*end)->ai_next;
    }
    *result = first;
    return first == nullptr ? EAI_NONAME : 0;
}

} // namespace

FakeNames::FakeNames() = default;

FakeNames::~FakeNames()
{
    auto& [mutex, names] = state();
    const std::lock_guard lock(mutex);
    names.clear();
}

void FakeNames::set(const std::string& name, std::vector<std::string> ips)
{
    auto& [mutex, names] = state();
    const std::lock_guard lock(mutex);
    names[name].ips = std::move(ips);
}

std::size_t FakeNames::questions(const std::string& name) const
{
    auto& [mutex, names] = state();
    const std::lock_guard lock(mutex);
    const auto found = names.find(name);
    return found == names.end() ? 0 : found->second.questions;
}

} // namespace support

extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints, addrinfo** result)
{
    if (const auto ips = support::ask(name))
        return support::answer(*ips, service, hints, result);
    return support::system_lookup(name, service, hints, result);
}
