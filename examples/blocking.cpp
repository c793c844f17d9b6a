// The calls without coroutines: each returns when it has ended.
#include "environment.hpp"

#include <juju/juju.hpp>

#include <chrono>
#include <iostream>
#include <string_view>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

void share_secrets(juju::ConnectOptions options)
{
    juju::BlockingModel plain;
    plain.connect(options);
    juju::SecretUri uri = plain.add_secret("my-apitoken", {"token=34ae35facd4"});

    std::thread other([&] { plain.grant_secret(uri, {"ubuntu", "postgresql"}); });
    plain.add_secret("db", {"user=root", "password=s3cret"}, "my database password");
    other.join();

    auto token_works = [&](const juju::SecretUri& rotated) {
        const juju::Secret secret = plain.reveal_secret(rotated);
        return secret.content().at("token").text() == "n3w"; // in truth: log in with it
    };
    juju::RotateResult rotation = plain.rotate_secret("my-apitoken", {"token=n3w"}, token_works);
    std::cout << "rotated: " << std::boolalpha << rotation.ok() << '\n';

    auto job = [&](const juju::SecretUri& job_token) { std::cout << "a job runs with " << job_token.str() << '\n'; };
    juju::with_secret(plain, "job-token", {"token=0nce"}, "ubuntu", job);

    auto list = [](juju::Model& model) { return juju::with_timeout(20s, model.list_secrets()); };
    for (const juju::Secret& secret : plain.run(list))
        std::cout << secret.name() << ": revision " << secret.latest_revision() << '\n';

    juju::BlockingSecretWatcher watcher = plain.watch_secrets(juju::WatchOptions().filter(juju::SecretFilter().name("db")));
    for (const juju::SecretChange& change : watcher.next(20s))
        std::cout << change.secret().name() << (change.kind() == juju::SecretChangeKind::added ? " was added\n" : " changed\n");

    plain.disconnect();
}

int main()
{
    try {
        share_secrets(examples::options_from_environment());
    } catch (const std::exception& error) {
        std::cerr << "error: " << error.what() << '\n';
        return 1;
    }
    return 0;
}
