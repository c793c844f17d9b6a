#include "lookup.hpp"

#include <dlfcn.h>
#include <netdb.h>

#include <string_view>

/// The C library's, with a few names of its own.
extern "C" int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** results)
{
    using Lookup = int (*)(const char*, const char*, const addrinfo*, addrinfo**);
    static const auto of_system = reinterpret_cast<Lookup>(::dlsym(RTLD_NEXT, "getaddrinfo"));
    const std::string_view name(host == nullptr ? "" : host);
    if (name == juju::test::unknown_name)
        return EAI_NONAME;
    if (name == juju::test::loopback_name)
        return of_system("127.0.0.1", service, hints, results);
    if (name != juju::test::first_refuses)
        return of_system(host, service, hints, results);
    const int failed = of_system("127.0.0.2", service, hints, results);
    if (failed != 0)
        return failed;
    addrinfo* last = *results;
    while (last->ai_next != nullptr)
        last = last->ai_next;
    return of_system("127.0.0.1", service, hints, &last->ai_next);
}
