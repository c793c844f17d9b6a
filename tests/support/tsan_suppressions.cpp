// Linked into every test program of a ThreadSanitizer build.

/// The reference count of an exception lives in libstdc++.so, which is not instrumented: an exception that is handed to another thread
/// looks as if it were freed while it is read. What an executor of Asio's counts is freed behind a fence, which ThreadSanitizer does not
/// see (GCC warns of that, -Wtsan).
extern "C" const char* __tsan_default_suppressions();

extern "C" const char* __tsan_default_suppressions()
{
    return "race:std::__exception_ptr::exception_ptr::_M_release\n"
           "race:boost::asio::execution::detail::shared_target_executor::~shared_target_executor\n";
}
