// Decoding the reply to a reveal of 10,000 secrets, beside two floors: copying the text, and nlohmann's tree.

#include "secrets/secrets_codec.hpp"

#include <nlohmann/json.hpp>

#include <benchmark/benchmark.h>

#include <string>

namespace {

constexpr int secrets = 10'000;

std::string reveal_reply()
{
    std::string text = R"({"request-id":1,"response":{"results":[)";
    const std::string value(684, 'A');
    for (int i = 0; i < secrets; ++i) {
        if (i != 0)
            text += ',';
        const std::string number = std::to_string(10'000 + i);
        text += R"({"uri":"secret:9m4e2mr0ui3e8a)" + number +
                R"(0","version":1,"owner-tag":"model-deadbeef-0bad-400d-8000-4b1d0d06f00d",)" +
                R"("description":"a description","label":"secret-)" + number + R"(","latest-revision":1,"latest-revision-checksum":)" +
                R"("f6b8e492d8a1b4518581584094560cd4888c12719a86f490f81d5a63c3142465","create-time":"2026-03-02T10:15:30Z",)" +
                R"("update-time":"2026-03-02T10:15:30Z","revisions":[{"revision":1,"backend-name":"internal","create-time":)" +
                R"("2026-03-02T10:15:30Z","update-time":"2026-03-02T10:15:30Z"}],"value":{"data":{"token":")" + value + R"("}}})";
    }
    return text + "]}}\n";
}

void set_bytes(benchmark::State& state, const std::string& text)
{
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}

void floor_copy(benchmark::State& state)
{
    const auto text = reveal_reply();
    for (auto _ : state) {
        juju::WipingString copy(text);
        benchmark::DoNotOptimize(copy.data());
    }
    set_bytes(state, text);
}
BENCHMARK(floor_copy);

void peer_nlohmann_tree(benchmark::State& state)
{
    const auto text = reveal_reply();
    for (auto _ : state) {
        auto tree = nlohmann::json::parse(text);
        benchmark::DoNotOptimize(tree["response"]["results"].size());
    }
    set_bytes(state, text);
}
BENCHMARK(peer_nlohmann_tree);

void decode_list(benchmark::State& state)
{
    const auto text = reveal_reply();
    for (auto _ : state) {
        juju::wire::Reply reply{juju::WipingString(text)};
        auto list = juju::secrets::decode_list(reply, "Secrets.ListSecrets");
        benchmark::DoNotOptimize(list.size());
    }
    set_bytes(state, text);
}
BENCHMARK(decode_list);

} // namespace
