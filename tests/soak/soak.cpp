// Many calls of many coroutines on one Model, while the controller ends the connection again and again. Every write that was told to have
// succeeded must be found in the model, none may have been made twice, and memory must not grow.
//
//   soak CALLS     connects as the examples do (examples/environment.hpp)

#include "environment.hpp"

#include <juju/juju.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace asio = boost::asio;
using Count = std::uint64_t;

constexpr int coroutines = 16;

/// What resident memory may grow by after the first tenth: pages that the allocator keeps, and no more with more calls. What sanitizers
/// keep of freed memory looks like growth.
#ifdef JUJU_SOAK_IGNORES_MEMORY
constexpr std::size_t allowed_growth = std::size_t{1024} * 1024 * 1024;
#else
constexpr std::size_t allowed_growth = std::size_t{2} * 1024 * 1024;
#endif

/// Far longer than any call may take.
constexpr std::chrono::minutes longest_stall{2};

/// After so many calls in vain the controller is gone.
constexpr int most_attempts = 100;

std::size_t resident_memory()
{
    std::ifstream file("/proc/self/statm");
    std::size_t size = 0;
    std::size_t resident = 0;
    file >> size >> resident;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Requests that change something, as they went out.
class WriteCounter : public juju::RequestObserver {
public:
    juju::TraceContext start(const juju::ObservedRequest& request) override
    {
        if (request.facade() == "Secrets" && request.method() != "ListSecrets")
            ++sent[request.method()];
        return {};
    }

    std::map<std::string, Count> sent;
};

struct Tally {
    Count limit = 0;
    std::atomic<Count> calls = 0;
    Count lost = 0;
    Count doubled = 0;
    std::map<std::string, Count> writes; ///< calls, by the request they make
    std::map<std::string, Count> errors;
    std::size_t memory_at_a_tenth = 0;
};

class Worker {
public:
    Worker(juju::Model& model, Tally& tally, int number) : model_(model), tally_(tally), number_(number) {}

    asio::awaitable<void> run()
    {
        for (Count i = 0; tally_.calls < tally_.limit; ++i) {
            auto living = live(i);
            co_await std::move(living);
        }
    }

private:
    /// A secret from its addition to its removal. Every other one has no name, so that nothing but the client keeps it from being added
    /// twice.
    asio::awaitable<void> live(Count i)
    {
        mark_ = std::to_string(number_) + '-' + std::to_string(i);
        const std::string name = i % 2 == 0 ? "secret-" + mark_ : std::string();
        auto add = [&]() -> asio::awaitable<void> {
            juju::SecretContent content("value=old-" + mark_);
            co_await model_.add_secret(name, std::move(content), mark_);
        };
        auto adding = write("CreateSecrets", add);
        const bool added = co_await std::move(adding);
        auto looking = mine();
        const auto found = co_await std::move(looking);
        tally_.lost += added && found.empty() ? 1 : 0;
        tally_.doubled += found.size() > 1 ? found.size() - 1 : 0;
        for (const auto& uri : found) {
            auto changing = change(uri);
            co_await std::move(changing);
            auto removing = remove(uri);
            co_await std::move(removing);
        }
    }

    asio::awaitable<void> change(juju::SecretUri uri)
    {
        auto grant = [&] { return model_.grant_secret(uri, "ubuntu"); };
        auto granting = write("GrantSecret", grant);
        const bool granted = co_await std::move(granting);
        auto get = [&] { return model_.get_secret(uri); };
        auto seeing = read(get);
        const juju::Secret seen = co_await std::move(seeing);
        tally_.lost += granted && seen.access().size() != 1 ? 1 : 0;

        auto update = [&] {
            juju::SecretContent content("value=new-" + mark_);
            return model_.update_secret(uri, juju::SecretUpdate().data(std::move(content)));
        };
        auto updating = write("UpdateSecrets", update);
        const bool updated = co_await std::move(updating);
        auto reveal = [&] { return model_.reveal_secret(uri); };
        auto revealing = read(reveal);
        const juju::Secret revealed = co_await std::move(revealing);
        const auto value = revealed.content().at("value").text();
        const bool is_new = value == "new-" + mark_ && revealed.latest_revision() == 2;
        const bool is_old = value == "old-" + mark_ && revealed.latest_revision() == 1;
        tally_.lost += is_new || (is_old && !updated) ? 0 : 1;

        auto revoke = [&] { return model_.revoke_secret(uri, "ubuntu"); };
        auto revoking = write("RevokeSecret", revoke);
        const bool revoked = co_await std::move(revoking);
        auto seeing_again = read(get);
        const juju::Secret after = co_await std::move(seeing_again);
        tally_.lost += revoked && !after.access().empty() ? 1 : 0;
    }

    asio::awaitable<void> remove(juju::SecretUri uri)
    {
        auto remove = [&] { return model_.remove_secret(uri); };
        bool is_there = true;
        while (is_there) {
            auto removing = write("RemoveSecrets", remove);
            const bool removed = co_await std::move(removing);
            auto looking = mine();
            const auto left = co_await std::move(looking);
            is_there = !left.empty();
            if (!removed || !is_there)
                continue;
            ++tally_.lost;
            co_return;
        }
    }

    /// Those of the model that this worker has made for this time, by their description.
    asio::awaitable<std::vector<juju::SecretUri>> mine()
    {
        auto list = [&] { return model_.list_secrets(); };
        auto listing = read(list);
        const auto all = co_await std::move(listing);
        std::vector<juju::SecretUri> found;
        for (const auto& secret : all) {
            if (secret.info() == mark_)
                found.push_back(secret.uri());
        }
        co_return found;
    }

    /// @return whether it was told to have succeeded; false when it is not known.
    template <class Call>
    asio::awaitable<bool> write(const char* request, Call& call)
    {
        for (int attempt = 0; attempt < most_attempts; ++attempt) {
            count_call();
            ++tally_.writes[request];
            std::optional<juju::Error> failure;
            try {
                auto calling = call();
                co_await std::move(calling);
            } catch (const juju::Error& error) {
                failure = error;
            }
            if (!failure)
                co_return true;
            note(*failure);
            if (failure->outcome() == juju::Outcome::unknown)
                co_return false;
            if (failure->outcome() == juju::Outcome::rejected) { // none of them can be, unless it was sent twice
                std::cerr << failure->what() << '\n';
                ++tally_.doubled;
                co_return false;
            }
        }
        throw std::runtime_error(std::string(request) + " could not be sent");
    }

    template <class Call>
    auto read(Call& call) -> decltype(call())
    {
        for (int attempt = 0; attempt < most_attempts; ++attempt) {
            count_call();
            std::optional<juju::Error> failure;
            try {
                auto calling = call();
                co_return co_await std::move(calling);
            } catch (const juju::Error& error) {
                failure = error;
            }
            note(*failure);
            if (failure->outcome() == juju::Outcome::rejected)
                throw *failure;
        }
        throw std::runtime_error("nothing could be read");
    }

    void count_call()
    {
        if (++tally_.calls == tally_.limit / 10)
            tally_.memory_at_a_tenth = resident_memory();
    }

    void note(const juju::Error& error) { ++tally_.errors[error.code().message()]; }

    juju::Model& model_;
    Tally& tally_;
    int number_;
    std::string mark_;
};

/// Writes that went out more often than they were asked for.
Count count_doubled(const Tally& tally, const WriteCounter& counter)
{
    Count doubled = tally.doubled;
    for (const auto& [request, sent] : counter.sent) {
        const auto asked = tally.writes.find(request);
        const Count calls = asked == tally.writes.end() ? 0 : asked->second;
        doubled += sent > calls ? sent - calls : 0;
    }
    return doubled;
}

std::string mib(std::size_t bytes)
{
    const auto tenths = bytes * 10 / (std::size_t{1024} * 1024);
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " MiB";
}

/// @return whether all was well.
bool report(const Tally& tally, const WriteCounter& counter, const juju::Model& model, std::chrono::duration<double> time, std::size_t left)
{
    const auto memory = resident_memory();
    const auto diagnostics = nlohmann::json::parse(model.diagnostics());
    const Count lost = tally.lost + left;
    const Count doubled = count_doubled(tally, counter);
    const auto seconds = time.count();
    std::cout << "calls " << tally.calls << ", seconds " << static_cast<Count>(seconds) << ", calls/s "
              << static_cast<Count>(static_cast<double>(tally.calls) / seconds) << ", coroutines " << coroutines << '\n'
              << "losses " << diagnostics["connections"]["losses"] << ", reconnects " << diagnostics["connections"]["reconnects"]
              << ", reads sent again " << diagnostics["requests"]["repeated"] << '\n';
    std::cout << "errors:";
    for (const auto& [error, count] : tally.errors)
        std::cout << ' ' << error << ' ' << count << ';';
    std::cout << "\nresident memory " << mib(tally.memory_at_a_tenth) << " after a tenth, " << mib(memory) << " at the end\n"
              << "lost " << lost << ", doubled " << doubled << std::endl;
    const bool is_flat = memory <= tally.memory_at_a_tenth + allowed_growth;
    if (!is_flat)
        std::cerr << "memory has grown by more than " << mib(allowed_growth) << '\n';
    return is_flat && lost == 0 && doubled == 0;
}

asio::awaitable<void> prepare(juju::Model& model, std::shared_ptr<WriteCounter> counter)
{
    auto options = examples::options_from_environment();
    options.request_observer(std::move(counter));
    co_await model.connect(std::move(options));
}

asio::awaitable<void> count_left(juju::Model& model, std::size_t& left)
{
    const auto secrets = co_await model.list_secrets();
    left = secrets.size();
    co_await model.disconnect();
}

/// Runs coroutines to their ends, in this thread. The connection goes on.
void run_all(asio::io_context& context, std::vector<asio::awaitable<void>> all)
{
    std::exception_ptr failure;
    std::size_t running = all.size();
    const auto finish = [&](std::exception_ptr error) {
        --running;
        if (error)
            failure = error;
    };
    for (auto& one : all)
        asio::co_spawn(context, std::move(one), finish);
    while (running != 0)
        context.run_one();
    if (failure)
        std::rethrow_exception(failure);
}

void run_one(asio::io_context& context, asio::awaitable<void> one)
{
    std::vector<asio::awaitable<void>> all;
    all.push_back(std::move(one));
    run_all(context, std::move(all));
}

/// Ends the program when no call has begun for too long, and shows what was going on.
class Watchdog {
public:
    Watchdog(const juju::Model& model, const Tally& tally)
        : thread_([this, &model, &tally](const std::stop_token& stop) { watch(model, tally, stop); })
    {
    }

private:
    void watch(const juju::Model& model, const Tally& tally, const std::stop_token& stop)
    {
        std::unique_lock lock(mutex_);
        Count before = 0;
        while (!wake_.wait_for(lock, stop, longest_stall, [&stop] { return stop.stop_requested(); })) {
            if (tally.calls == before) {
                std::cerr << "nothing goes on\n" << model.diagnostics() << std::endl;
                std::_Exit(1);
            }
            before = tally.calls;
        }
    }

    std::mutex mutex_;
    std::condition_variable_any wake_;
    std::jthread thread_;
};

bool soak(Count calls)
{
    asio::io_context context(1);
    juju::Model model(context.get_executor());
    const auto counter = std::make_shared<WriteCounter>();
    Tally tally;
    tally.limit = calls;
    run_one(context, prepare(model, counter));

    std::vector<std::unique_ptr<Worker>> workers;
    std::vector<asio::awaitable<void>> all;
    for (int i = 0; i < coroutines; ++i) {
        workers.push_back(std::make_unique<Worker>(model, tally, i));
        all.push_back(workers.back()->run());
    }
    const Watchdog watchdog(model, tally);
    const auto start = std::chrono::steady_clock::now();
    run_all(context, std::move(all));
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;

    std::size_t left = 0;
    run_one(context, count_left(model, left));
    return report(tally, *counter, model, time, left);
}

} // namespace

int main(int argc, char** argv)
{
    Count calls = 0;
    const char* const text = argc == 2 ? argv[1] : "";
    const char* const end = text + std::strlen(text);
    if (std::from_chars(text, end, calls).ptr != end || calls < 10) {
        std::cerr << "usage: soak CALLS\n";
        return 2;
    }
    try {
        return soak(calls) ? 0 : 1;
    } catch (const std::exception& error) {
        std::cerr << "error: " << error.what() << '\n';
        return 1;
    }
}
