#pragma once

#include "support/client.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace juju::test {

/// Who is called: a model and a controller, both connected to the same mock, and a model that has never been connected.
class Called : public Client {
public:
    Called() : controller(context.get_executor()), unconnected(context.get_executor())
    {
        connect();
        run(controller.connect(mock.connect_options()));
    }

    Controller controller;
    Model unconnected;
};

/// A call with an input that cannot be used. Where a value is part of the input, it has `value_marker` in it.
struct BadInput {
    std::string input; ///< for the name of the test and its messages
    errc code;
    std::string text; ///< of the error, complete
    std::function<void(Called&)> call;
};

inline constexpr std::string_view value_marker = "MARKER";

std::vector<BadInput> bad_contents();
std::vector<BadInput> bad_files();
std::vector<BadInput> bad_references();
std::vector<BadInput> bad_texts();
std::vector<BadInput> bad_requests();
std::vector<BadInput> bad_options();
std::vector<BadInput> bad_backends();

} // namespace juju::test
