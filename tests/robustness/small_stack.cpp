#include "robustness/small_stack.hpp"

#include <pthread.h>

#include <cstddef>
#include <stdexcept>

namespace juju::test {

void on_small_stack(const std::function<void()>& work)
{
#ifdef JUJU_TEST_SANITIZED
    constexpr std::size_t size = std::size_t{1024} * 1024;
#else
    constexpr std::size_t size = std::size_t{256} * 1024;
#endif
    pthread_attr_t attributes;
    pthread_t thread{};
    const auto run = [](void* argument) -> void* {
        (*static_cast<const std::function<void()>*>(argument))();
        return nullptr;
    };
    pthread_attr_init(&attributes);
    const bool is_small = pthread_attr_setstacksize(&attributes, size) == 0;
    const bool has_started = is_small && pthread_create(&thread, &attributes, run, const_cast<std::function<void()>*>(&work)) == 0;
    pthread_attr_destroy(&attributes);
    if (!has_started)
        throw std::runtime_error("no thread with a small stack");
    pthread_join(thread, nullptr);
}

} // namespace juju::test
